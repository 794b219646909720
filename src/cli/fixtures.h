#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "demo/population.h"

// Test data for plans: the accounts that the demo application knows (demo/population.h), with the
// tokens that it takes.
namespace gend::cli {

enum class FixtureKind : std::uint8_t { kVillages, kShop, kTenants, kCommunity };
std::string_view name_of(FixtureKind kind);  // "villages"

struct FixtureOptions {
  FixtureKind kind = FixtureKind::kVillages;
  demo::Sizes sizes{};
  std::uint32_t customers = 1000;  // of the shop: the first users
  std::string secret{demo::kDefaultSecret};
  std::optional<std::uint64_t> seed{};  // rows in an order that it decides; else in order
};

// One file to write.
struct Fixture {
  std::string name;   // "villagers.csv"
  std::string about;  // "1,000 users of 100 villages"
  std::string text;
};

// Rows of one table at most.
inline constexpr std::uint32_t kFixtureRows = 1'000'000;

// Each table as CSV and as JSON; the same options give the same bytes.
std::vector<Fixture> fixtures(const FixtureOptions& options);

}  // namespace gend::cli
