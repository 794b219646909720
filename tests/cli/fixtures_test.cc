#include "cli/fixture_folder.h"
#include "cli/fixtures.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "data/table.h"
#include "demo/token.h"
#include "control/temp_dir.h"

using namespace gend;
using cli::Fixture;
using cli::FixtureFolder;
using cli::FixtureKind;
using cli::FixtureOptions;
namespace fs = std::filesystem;

namespace {

const Fixture& file(const std::vector<Fixture>& all, const std::string& name) {
  const auto found = std::ranges::find(all, name, &Fixture::name);
  REQUIRE_MESSAGE(found != all.end(), name);
  return *found;
}

// The table as plans read it; both formats must say the same.
std::unique_ptr<const data::Table> table(const std::vector<Fixture>& all, const std::string& name) {
  auto csv = data::Table::load(file(all, name + ".csv").text, data::Format::kCsv);
  auto json = data::Table::load(file(all, name + ".json").text, data::Format::kJson);
  REQUIRE(csv.has_value());
  REQUIRE(json.has_value());
  REQUIRE((*csv)->rows() == (*json)->rows());
  REQUIRE((*csv)->columns() == (*json)->columns());
  char a[20], b[20];
  for (std::uint64_t row = 0; row < (*csv)->rows(); ++row)
    for (std::size_t column = 0; column < (*csv)->columns().size(); ++column)
      REQUIRE((*csv)->cell(row, column, a) == (*json)->cell(row, column, b));
  return *std::move(csv);
}

std::string cell(const data::Table& of, std::uint64_t row, std::string_view column) {
  char scratch[20];
  const int index = of.column(column);
  REQUIRE_MESSAGE(index >= 0, std::string{column});
  return std::string{of.cell(row, static_cast<std::size_t>(index), scratch)};
}

std::string text_of(const fs::path& path) {
  std::ifstream in{path};
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void put(const fs::path& path, const std::string& text) { std::ofstream{path} << text; }

// Every account logs in, and its token is one that the target takes.
void check_accounts(const data::Table& of, const FixtureOptions& options) {
  for (std::uint64_t row = 0; row < of.rows(); ++row) {
    const auto account = demo::parse_email(cell(of, row, "email"), options.sizes);
    REQUIRE(account.has_value());
    CHECK(demo::password_of(*account) == cell(of, row, "password"));
    const auto claims = demo::verified_claims(cell(of, row, "token"), options.secret);
    REQUIRE(claims.has_value());
    CHECK(nlohmann::json::parse(*claims)["sub"] == demo::subject_of(*account));
  }
}

}  // namespace

TEST_CASE("villagers are the demo's users, each in its village, with a token of the secret") {
  FixtureOptions options;
  options.sizes.villages = 3;
  options.sizes.users_per_village = 4;
  options.secret = "other";
  const auto all = cli::fixtures(options);
  const auto users = table(all, "villagers");
  CHECK(users->rows() == 12);
  check_accounts(*users, options);
  CHECK(cell(*users, 4, "id") == "5");
  CHECK(cell(*users, 4, "user_id") == "5");
  CHECK(cell(*users, 4, "village_id") == "2");
  CHECK(cell(*users, 4, "email") == "user5@village2.example");
  CHECK(file(all, "villagers.csv").about == "12 users of 3 villages");
  const auto villages = table(all, "villages");
  CHECK(villages->rows() == 3);
  CHECK(cell(*villages, 2, "name") == "Village 3");
  // Numbers are numbers in JSON, so that `json` bodies and other readers get them as such.
  const auto json = nlohmann::json::parse(file(all, "villagers.json").text);
  CHECK(json[0]["village_id"].is_number_integer());
}

TEST_CASE("the shop, the tenants and the community have the accounts of the demo") {
  FixtureOptions options;
  options.kind = FixtureKind::kShop;
  options.customers = 7;
  const auto shop = cli::fixtures(options);
  const auto products = table(shop, "products");
  CHECK(products->rows() == 1000);
  CHECK(cell(*products, 16, "id") == "product-17");
  CHECK(demo::parse_product(cell(*products, 999, "id"), options.sizes) == 1000);
  CHECK(table(shop, "customers")->rows() == 7);
  check_accounts(*table(shop, "customers"), options);

  options.kind = FixtureKind::kTenants;
  const auto tenants = table(cli::fixtures(options), "tenants");
  CHECK(tenants->rows() == 40);
  check_accounts(*tenants, options);
  for (std::uint64_t row = 0; row < tenants->rows(); ++row) {
    const auto account = demo::parse_api_key(cell(*tenants, row, "api_key"), options.sizes);
    REQUIRE(account.has_value());
    CHECK(demo::name_of(account->tier) == cell(*tenants, row, "tier"));
    CHECK(demo::tenant_id(account->tier, account->number) == cell(*tenants, row, "tenant_id"));
    CHECK(std::to_string(demo::default_limit(account->tier)) == cell(*tenants, row, "limit"));
  }

  options.kind = FixtureKind::kCommunity;
  const auto members = table(cli::fixtures(options), "members");
  CHECK(members->rows() == 360);
  check_accounts(*members, options);
  CHECK(cell(*members, 120, "community_id") == "2");
}

TEST_CASE("the same options give the same bytes; a seed changes the order of rows alone") {
  FixtureOptions options;
  const auto plain = cli::fixtures(options), again = cli::fixtures(options);
  options.seed = 7;
  const auto seeded = cli::fixtures(options), repeated = cli::fixtures(options);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    CHECK(plain[i].text == again[i].text);
    CHECK(seeded[i].text == repeated[i].text);
    CHECK(seeded[i].text != plain[i].text);
    CHECK(seeded[i].text.size() == plain[i].text.size());
  }
  const auto lines = [](const std::string& text) {
    std::istringstream in{text};
    std::multiset<std::string> out;
    for (std::string line; std::getline(in, line);) out.insert(line);
    return out;
  };
  CHECK(lines(seeded[0].text) == lines(plain[0].text));
}

TEST_CASE("what was written is removed again, with the folder that was made for it") {
  const test::TempDir dir;
  const fs::path out = fs::path{dir.str()} / "made" / "data";
  FixtureFolder folder{out.string(), FixtureKind::kVillages};
  const std::vector<Fixture> files{{"a.csv", "", "x\n1\n"}, {"a.json", "", "[]"}};
  REQUIRE(folder.write(files, FixtureFolder::Existing::kKept).has_value());
  CHECK(text_of(out / "a.csv") == "x\n1\n");
  struct stat info {};
  REQUIRE(::stat((out / "a.csv").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  // Written again without a word: it is ours.
  REQUIRE(folder.write(files, FixtureFolder::Existing::kKept).has_value());
  const auto removed = folder.remove();
  REQUIRE(removed.has_value());
  CHECK(removed->removed.size() == 2);
  CHECK_FALSE(fs::exists(out));
}

TEST_CASE("a file that was changed since, and all others, stay") {
  const test::TempDir dir;
  FixtureFolder folder{dir.str(), FixtureKind::kShop};
  put(fs::path{dir.str()} / "mine.txt", "mine");
  REQUIRE(folder.write({{"a.csv", "", "1"}, {"b.csv", "", "2"}, {"c.csv", "", "3"}},
                       FixtureFolder::Existing::kKept)
              .has_value());
  put(fs::path{dir.str()} / "a.csv", "changed");
  fs::remove(fs::path{dir.str()} / "b.csv");
  const auto removed = folder.remove();
  REQUIRE(removed.has_value());
  using Paths = std::vector<std::string>;
  CHECK(removed->kept == Paths{(fs::path{dir.str()} / "a.csv").string()});
  CHECK(removed->gone == Paths{(fs::path{dir.str()} / "b.csv").string()});
  CHECK(removed->removed == Paths{(fs::path{dir.str()} / "c.csv").string()});
  CHECK(text_of(fs::path{dir.str()} / "a.csv") == "changed");
  CHECK(text_of(fs::path{dir.str()} / "mine.txt") == "mine");
  CHECK_FALSE(fs::exists(fs::path{dir.str()} / "shop.manifest.json"));
}

TEST_CASE("a file that somebody else wrote is replaced with --force only") {
  const test::TempDir dir;
  FixtureFolder folder{dir.str(), FixtureKind::kVillages};
  put(fs::path{dir.str()} / "a.csv", "theirs");
  fs::create_symlink("nowhere", fs::path{dir.str()} / "b.csv");
  const std::vector<Fixture> files{{"a.csv", "", "1"}, {"b.csv", "", "2"}};
  const auto refused = folder.write(files, FixtureFolder::Existing::kKept);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message.find("a.csv") != std::string::npos);
  CHECK(refused.error().message.find("b.csv") != std::string::npos);
  CHECK(refused.error().remedy == "add --force to replace it, or choose another --out");
  CHECK(text_of(fs::path{dir.str()} / "a.csv") == "theirs");
  CHECK_FALSE(fs::exists(fs::path{dir.str()} / "villages.manifest.json"));
  REQUIRE(folder.write(files, FixtureFolder::Existing::kReplaced).has_value());
  CHECK(text_of(fs::path{dir.str()} / "a.csv") == "1");
  CHECK_FALSE(fs::is_symlink(fs::path{dir.str()} / "b.csv"));
  CHECK_FALSE(fs::exists(fs::path{dir.str()} / "nowhere"));
}

TEST_CASE("a manifest that names other folders, or is none, removes nothing") {
  const test::TempDir dir;
  const fs::path inside = fs::path{dir.str()} / "in";
  fs::create_directory(inside);
  put(fs::path{dir.str()} / "victim", "1");
  FixtureFolder folder{inside.string(), FixtureKind::kVillages};
  for (const char* manifest :
       {R"({"kind":"villages","files":{"../victim":"x"}})", R"({"kind":"shop","files":{}})",
        R"({"kind":"villages","files":[]})", R"({"kind":"villages","files":{"a":1}})", "", "[]"}) {
    put(inside / "villages.manifest.json", manifest);
    const auto removed = folder.remove();
    REQUIRE_FALSE(removed.has_value());
    CHECK(removed.error().message.find("not written by genctl data") != std::string::npos);
    CHECK(fs::exists(fs::path{dir.str()} / "victim"));
  }
  fs::remove(inside / "villages.manifest.json");
  const auto nothing = folder.remove();
  REQUIRE_FALSE(nothing.has_value());
  CHECK(nothing.error().remedy == "--out says where the fixtures are");
}

TEST_CASE("a folder that cannot be made is named") {
  FixtureFolder folder{"/proc/none/data", FixtureKind::kVillages};
  const auto refused = folder.write({{"a.csv", "", "1"}}, FixtureFolder::Existing::kKept);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message.starts_with("/proc/none/data: "));
  CHECK(refused.error().remedy == "choose another --out");
}
