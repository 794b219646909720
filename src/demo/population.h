#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Who and what the demo application knows: rules, not tables, so that gentarget and the fixtures of
// `genctl data` agree without a file between them.
namespace gend::demo {

inline constexpr std::string_view kDefaultSecret = "gend-demo";  // signs the demo's tokens
inline constexpr std::string_view kAdminEmail = "admin@gend.example";
inline constexpr std::string_view kFlashProduct = "flash-sale-product-001";

struct Sizes {
  std::uint32_t villages = 100;
  std::uint32_t users_per_village = 10;
  std::uint32_t communities = 3;
  std::uint32_t members = 120;  // of each community
  std::uint32_t products = 1000;
  std::uint32_t tenants_per_tier = 10;

  std::uint32_t users() const { return villages * users_per_village; }
  std::uint32_t all_members() const { return communities * members; }
};

enum class Tier : std::uint8_t { kFree, kStarter, kProfessional, kEnterprise };
inline constexpr std::size_t kTiers = 4;
std::string_view name_of(Tier tier);  // "free"
std::optional<Tier> parse_tier(std::string_view name);
std::uint32_t default_limit(Tier tier);  // requests a second: 20, 200, 2,000, 10,000

enum class Kind : std::uint8_t { kUser, kMember, kTenant, kAdmin };

// One account. Numbers begin at 1 and run through all villages (users) or communities (members);
// those of tenants through one tier, 0 being the tier itself.
struct Account {
  Kind kind = Kind::kUser;
  std::uint32_t number = 0;
  Tier tier = Tier::kFree;
};

std::uint32_t village_of(std::uint32_t user, const Sizes& sizes);
std::uint32_t community_of(std::uint32_t member, const Sizes& sizes);

// "user-17", "member-3", "tenant-free-2", "admin": the `sub` of a token.
std::string subject_of(const Account& account);
std::optional<Account> parse_subject(std::string_view subject, const Sizes& sizes);

// "user17@village2.example", "member3@guild1.example", "free-2@tenant.example".
std::string email_of(const Account& account, const Sizes& sizes);
std::optional<Account> parse_email(std::string_view email, const Sizes& sizes);
std::string password_of(const Account& account);  // "secret-17", "secret-free-2", "secret-admin"

// "free-2", and "free" for number 0.
std::string tenant_id(Tier tier, std::uint32_t number);
std::optional<Account> parse_tenant(std::string_view id, const Sizes& sizes);
std::string api_key(std::string_view tenant_id);
std::optional<Account> parse_api_key(std::string_view key, const Sizes& sizes);

// "product-17"; number 0 is the product of the flash sale.
std::string product_id(std::uint32_t number);
std::optional<std::uint32_t> parse_product(std::string_view id, const Sizes& sizes);
std::string product_name(std::uint32_t number);
std::uint32_t product_cents(std::uint32_t number);

// The claims of an account's token; times in seconds since 1970, 0: left out.
std::string claims_of(const Account& account, const Sizes& sizes, std::int64_t issued,
                      std::int64_t expires);

}  // namespace gend::demo
