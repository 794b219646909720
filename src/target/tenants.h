#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "demo/population.h"
#include "target/bucket.h"

namespace gend::target {

struct TenantLimits {
  std::array<std::uint32_t, demo::kTiers> of_tier{};  // requests in a window
  Duration window{std::chrono::seconds{1}};
};

// The limits of all tenants, and of the keys of /api/limited. Any thread may ask.
class Tenants {
 public:
  Tenants(const demo::Sizes& sizes, const TenantLimits& limits);

  Grant take(const demo::Account& tenant, TimePoint now);
  // A bucket of its own for each key, limit and window; at most kMostKeys of them. False: full.
  enum class Keyed : std::uint8_t { kTaken, kTooManyKeys };
  Keyed take_keyed(std::string_view key, std::uint32_t limit, Duration window, TimePoint now,
                   Grant& grant);

  // "free-1":{"granted":20,"limited":5},… of those that were ever asked for.
  std::string json() const;
  void clear_counts();
  void refill();

  static constexpr std::size_t kMostKeys = 100'000;

 private:
  struct Tenant {
    Bucket bucket;
    std::atomic<std::uint64_t> granted{0}, limited{0};
  };
  std::size_t index_of(const demo::Account& tenant) const {
    return static_cast<std::size_t>(tenant.tier) * per_tier_ + tenant.number;
  }

  std::size_t per_tier_;  // with number 0, the tier itself
  TenantLimits limits_;
  std::vector<Tenant> tenants_;
  std::mutex keys_mutex_;
  std::unordered_map<std::string, std::unique_ptr<Bucket>> keys_;
};

}  // namespace gend::target
