#include "cli/fixtures.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "demo/token.h"
#include "stats/words.h"

namespace gend::cli {

namespace {

using demo::Account;
using demo::Kind;

struct Column {
  std::string_view name;
  enum class Type : std::uint8_t { kText, kNumber } type = Type::kText;
};
constexpr Column number(std::string_view name) { return {name, Column::Type::kNumber}; }
constexpr Column words(std::string_view name) { return {name, Column::Type::kText}; }

struct Table {
  std::string name, about;
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
};

// RFC 4180: in quotes when it has to be.
std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::string csv_of(const Table& table) {
  std::string out;
  for (const Column& column : table.columns) out.append(column.name) += ',';
  out.back() = '\n';
  for (const auto& row : table.rows) {
    for (const std::string& cell : row) out.append(csv_cell(cell)) += ',';
    out.back() = '\n';
  }
  return out;
}

std::string json_of(const Table& table) {
  std::string out = "[";
  for (const auto& row : table.rows) {
    out += out.size() == 1 ? "\n{" : ",\n{";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool is_number = table.columns[i].type == Column::Type::kNumber;
      out += fmt::format("{}\"{}\":{}", i == 0 ? "" : ",", table.columns[i].name,
                         is_number ? row[i] : nlohmann::json(row[i]).dump());
    }
    out += '}';
  }
  return out + "\n]\n";
}

// What every account has, under the names that plans and scripts use. Tokens never expire.
struct Login {
  std::string email, password, token;
};
Login login_of(const Account& account, const FixtureOptions& options) {
  return {demo::email_of(account, options.sizes), demo::password_of(account),
          demo::sign_token(demo::claims_of(account, options.sizes, 0, 0), options.secret)};
}

std::string counted(std::uint64_t n, std::string_view noun) {
  return fmt::format("{} {}{}", stats::grouped(n), noun, n == 1 ? "" : "s");
}

std::vector<Table> village_tables(const FixtureOptions& options) {
  const demo::Sizes& sizes = options.sizes;
  Table users{"villagers",
              fmt::format("{} of {}", counted(sizes.users(), "user"),
                          counted(sizes.villages, "village")),
              {number("id"), number("user_id"), number("village_id"), words("email"),
               words("password"), words("token")},
              {}};
  for (std::uint32_t n = 1; n <= sizes.users(); ++n) {
    const Login login = login_of({.kind = Kind::kUser, .number = n}, options);
    const std::string id = std::to_string(n);
    users.rows.push_back({id, id, std::to_string(demo::village_of(n, sizes)), login.email,
                          login.password, login.token});
  }
  Table villages{"villages", counted(sizes.villages, "village"),
                 {number("village_id"), words("name"), number("users")}, {}};
  for (std::uint32_t n = 1; n <= sizes.villages; ++n) {
    villages.rows.push_back({std::to_string(n), fmt::format("Village {}", n),
                             std::to_string(sizes.users_per_village)});
  }
  return {std::move(users), std::move(villages)};
}

std::vector<Table> shop_tables(const FixtureOptions& options) {
  Table products{"products", counted(options.sizes.products, "product"),
                 {words("id"), words("name"), number("price_cents")}, {}};
  for (std::uint32_t n = 1; n <= options.sizes.products; ++n) {
    products.rows.push_back(
        {demo::product_id(n), demo::product_name(n), std::to_string(demo::product_cents(n))});
  }
  Table customers{"customers", counted(options.customers, "customer"),
                  {number("id"), number("user_id"), words("email"), words("password"),
                   words("token")}, {}};
  for (std::uint32_t n = 1; n <= options.customers; ++n) {
    const Login login = login_of({.kind = Kind::kUser, .number = n}, options);
    const std::string id = std::to_string(n);
    customers.rows.push_back({id, id, login.email, login.password, login.token});
  }
  return {std::move(products), std::move(customers)};
}

std::vector<Table> tenant_tables(const FixtureOptions& options) {
  const std::uint32_t each = options.sizes.tenants_per_tier;
  Table tenants{"tenants",
                fmt::format("{} of {} tiers", counted(each * demo::kTiers, "tenant"), demo::kTiers),
                {words("tenant_id"), words("tier"), number("limit"), words("api_key"),
                 words("email"), words("password"), words("token")}, {}};
  for (std::size_t tier = 0; tier < demo::kTiers; ++tier) {
    for (std::uint32_t n = 1; n <= each; ++n) {
      const Account account{
          .kind = Kind::kTenant, .number = n, .tier = static_cast<demo::Tier>(tier)};
      const Login login = login_of(account, options);
      const std::string id = demo::tenant_id(account.tier, n);
      tenants.rows.push_back({id, std::string{demo::name_of(account.tier)},
                              std::to_string(demo::default_limit(account.tier)),
                              demo::api_key(id), login.email, login.password, login.token});
    }
  }
  return {std::move(tenants)};
}

std::vector<Table> community_tables(const FixtureOptions& options) {
  const demo::Sizes& sizes = options.sizes;
  const std::string of = sizes.communities == 1 ? "1 community"
                                                : fmt::format("{} communities", sizes.communities);
  Table members{"members", fmt::format("{} of {}", counted(sizes.all_members(), "member"), of),
                {number("id"), number("user_id"), number("community_id"), words("email"),
                 words("password"), words("token")}, {}};
  for (std::uint32_t n = 1; n <= sizes.all_members(); ++n) {
    const Login login = login_of({.kind = Kind::kMember, .number = n}, options);
    const std::string id = std::to_string(n);
    members.rows.push_back({id, id, std::to_string(demo::community_of(n, sizes)), login.email,
                            login.password, login.token});
  }
  return {std::move(members)};
}

std::vector<Table> tables_of(const FixtureOptions& options) {
  switch (options.kind) {
    case FixtureKind::kVillages: return village_tables(options);
    case FixtureKind::kShop: return shop_tables(options);
    case FixtureKind::kTenants: return tenant_tables(options);
    case FixtureKind::kCommunity: return community_tables(options);
  }
  return {};
}

// Fisher-Yates.
void shuffle(Table& table, Rng rng) {
  for (std::size_t i = table.rows.size(); i > 1; --i)
    std::swap(table.rows[i - 1], table.rows[rng.below(i)]);
}

}  // namespace

std::string_view name_of(FixtureKind kind) {
  constexpr std::array<std::string_view, 4> kNames{"villages", "shop", "tenants", "community"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::vector<Fixture> fixtures(const FixtureOptions& options) {
  std::vector<Fixture> out;
  std::vector<Table> tables = tables_of(options);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    Table& table = tables[i];
    if (options.seed) shuffle(table, Rng::for_stream(*options.seed, i));
    out.push_back({table.name + ".csv", table.about, csv_of(table)});
    out.push_back({table.name + ".json", "the same rows", json_of(table)});
  }
  return out;
}

}  // namespace gend::cli
