#include "demo/population.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/assert.h"
#include "base/rng.h"

namespace gend::demo {
namespace {

constexpr std::array<std::string_view, kTiers> kTierNames{"free", "starter", "professional",
                                                          "enterprise"};

// A number from 1 to `most`, without leading zeros: each account has one name only.
std::optional<std::uint32_t> number(std::string_view text, std::uint32_t most) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || text[0] == '0' || error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  if (value == 0 || value > most) return std::nullopt;
  return value;
}

std::uint64_t mixed(std::string_view text) {
  std::uint64_t state = 0xcbf29ce484222325ULL;  // FNV-1a
  for (const char c : text) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return splitmix64(state);
}

}  // namespace

std::string_view name_of(Tier tier) {
  return kTierNames[static_cast<std::size_t>(tier)];
}

std::optional<Tier> parse_tier(std::string_view name) {
  for (std::size_t i = 0; i < kTiers; ++i)
    if (kTierNames[i] == name) return static_cast<Tier>(i);
  return std::nullopt;
}

std::uint32_t default_limit(Tier tier) {
  constexpr std::array<std::uint32_t, kTiers> kLimits{20, 200, 2000, 10000};
  return kLimits[static_cast<std::size_t>(tier)];
}

std::uint32_t village_of(std::uint32_t user, const Sizes& sizes) {
  return (user - 1) / sizes.users_per_village + 1;
}

std::uint32_t community_of(std::uint32_t member, const Sizes& sizes) {
  return (member - 1) / sizes.members + 1;
}

std::string subject_of(const Account& account) {
  switch (account.kind) {
    case Kind::kUser: return fmt::format("user-{}", account.number);
    case Kind::kMember: return fmt::format("member-{}", account.number);
    case Kind::kTenant: return "tenant-" + tenant_id(account.tier, account.number);
    case Kind::kAdmin: return "admin";
  }
  GEND_ASSERT(!"a kind has a subject");
}

std::optional<Account> parse_subject(std::string_view subject, const Sizes& sizes) {
  if (subject == "admin") return Account{.kind = Kind::kAdmin};
  const auto numbered = [&](std::string_view prefix, Kind kind,
                            std::uint32_t most) -> std::optional<Account> {
    if (!subject.starts_with(prefix)) return std::nullopt;
    const auto found = number(subject.substr(prefix.size()), most);
    if (!found) return std::nullopt;
    return Account{.kind = kind, .number = *found};
  };
  if (const auto user = numbered("user-", Kind::kUser, sizes.users())) return user;
  if (const auto member = numbered("member-", Kind::kMember, sizes.all_members())) return member;
  if (subject.starts_with("tenant-")) return parse_tenant(subject.substr(7), sizes);
  return std::nullopt;
}

std::string email_of(const Account& account, const Sizes& sizes) {
  switch (account.kind) {
    case Kind::kUser:
      return fmt::format("user{}@village{}.example", account.number,
                         village_of(account.number, sizes));
    case Kind::kMember:
      return fmt::format("member{}@guild{}.example", account.number,
                         community_of(account.number, sizes));
    case Kind::kTenant: return tenant_id(account.tier, account.number) + "@tenant.example";
    case Kind::kAdmin: return std::string{kAdminEmail};
  }
  GEND_ASSERT(!"a kind has an email");
}

std::optional<Account> parse_email(std::string_view email, const Sizes& sizes) {
  if (email == kAdminEmail) return Account{.kind = Kind::kAdmin};
  const std::string_view local = email.substr(0, email.find('@'));
  std::optional<Account> account;
  if (local.starts_with("user"))
    account = parse_subject("user-" + std::string{local.substr(4)}, sizes);
  else if (local.starts_with("member"))
    account = parse_subject("member-" + std::string{local.substr(6)}, sizes);
  else
    account = parse_tenant(local, sizes);
  if (!account || email_of(*account, sizes) != email) return std::nullopt;
  return account;
}

std::string password_of(const Account& account) {
  switch (account.kind) {
    case Kind::kUser:
    case Kind::kMember: return fmt::format("secret-{}", account.number);
    case Kind::kTenant: return "secret-" + tenant_id(account.tier, account.number);
    case Kind::kAdmin: return "secret-admin";
  }
  GEND_ASSERT(!"a kind has a password");
}

std::string tenant_id(Tier tier, std::uint32_t n) {
  return n == 0 ? std::string{name_of(tier)} : fmt::format("{}-{}", name_of(tier), n);
}

std::optional<Account> parse_tenant(std::string_view id, const Sizes& sizes) {
  const std::size_t dash = id.find('-');
  const auto tier = parse_tier(id.substr(0, dash));
  if (!tier) return std::nullopt;
  if (dash == id.npos) return Account{.kind = Kind::kTenant, .tier = *tier};
  const auto found = number(id.substr(dash + 1), sizes.tenants_per_tier);
  if (!found) return std::nullopt;
  return Account{.kind = Kind::kTenant, .number = *found, .tier = *tier};
}

std::string api_key(std::string_view tenant_id) {
  return fmt::format("key-{}-{:016x}", tenant_id, mixed(tenant_id));
}

std::optional<Account> parse_api_key(std::string_view key, const Sizes& sizes) {
  const std::size_t dash = key.rfind('-');
  if (!key.starts_with("key-") || dash < 5) return std::nullopt;
  const std::string_view id = key.substr(4, dash - 4);
  const auto account = parse_tenant(id, sizes);
  if (!account || api_key(id) != key) return std::nullopt;
  return account;
}

std::string product_id(std::uint32_t n) {
  return n == 0 ? std::string{kFlashProduct} : fmt::format("product-{}", n);
}

std::optional<std::uint32_t> parse_product(std::string_view id, const Sizes& sizes) {
  if (id == kFlashProduct) return 0;
  if (id.starts_with("product-")) id.remove_prefix(8);
  return number(id, sizes.products);
}

std::string product_name(std::uint32_t n) {
  constexpr std::array<std::string_view, 10> kThings{
      "lamp", "chair", "kettle", "blanket", "basket", "mirror", "clock", "ladder", "bowl", "rope"};
  constexpr std::array<std::string_view, 7> kLooks{"red",  "oak",    "small", "blue",
                                                   "iron", "travel", "garden"};
  if (n == 0) return "flash sale bundle";
  return fmt::format("{} {} {}", kLooks[n % kLooks.size()], kThings[n % kThings.size()], n);
}

std::uint32_t product_cents(std::uint32_t n) {
  return 199 + n * 37 % 9800;
}

std::string claims_of(const Account& account, const Sizes& sizes, std::int64_t issued,
                      std::int64_t expires) {
  std::string claims = fmt::format(R"({{"sub":"{}")", subject_of(account));
  switch (account.kind) {
    case Kind::kUser:
      claims += fmt::format(R"(,"role":"user","village":{})", village_of(account.number, sizes));
      break;
    case Kind::kMember:
      claims += fmt::format(R"(,"role":"member","community":{},"scope":"communities:read")",
                            community_of(account.number, sizes));
      break;
    case Kind::kTenant:
      claims += fmt::format(R"(,"role":"tenant","tier":"{}")", name_of(account.tier));
      break;
    case Kind::kAdmin: claims += R"(,"role":"admin")"; break;
  }
  if (issued != 0) claims += fmt::format(R"(,"iat":{})", issued);
  if (expires != 0) claims += fmt::format(R"(,"exp":{})", expires);
  return claims + "}";
}

}  // namespace gend::demo
