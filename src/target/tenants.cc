#include "target/tenants.h"

#include <fmt/format.h>

namespace gend::target {

Tenants::Tenants(const demo::Sizes& sizes, const TenantLimits& limits)
    : per_tier_{sizes.tenants_per_tier + 1U}, limits_{limits}, tenants_(demo::kTiers * per_tier_) {}

Grant Tenants::take(const demo::Account& account, TimePoint now) {
  Tenant& tenant = tenants_[index_of(account)];
  const auto limit = limits_.of_tier[static_cast<std::size_t>(account.tier)];
  const Grant grant = tenant.bucket.take(limit, limits_.window, now);
  (grant.granted ? tenant.granted : tenant.limited).fetch_add(1, std::memory_order_relaxed);
  return grant;
}

Tenants::Keyed Tenants::take_keyed(std::string_view key, std::uint32_t limit, Duration window,
                                   TimePoint now, Grant& grant) {
  const std::string name = fmt::format("{}/{}/{}", limit, window.count(), key);
  Bucket* bucket = nullptr;
  {
    const std::lock_guard lock{keys_mutex_};
    const auto found = keys_.find(name);
    if (found == keys_.end() && keys_.size() >= kMostKeys) return Keyed::kTooManyKeys;
    auto& slot = found == keys_.end() ? keys_[name] : found->second;
    if (!slot) slot = std::make_unique<Bucket>();
    bucket = slot.get();  // never removed
  }
  grant = bucket->take(limit, window, now);
  return Keyed::kTaken;
}

std::string Tenants::json() const {
  std::string text;
  for (std::size_t i = 0; i < tenants_.size(); ++i) {
    const auto granted = tenants_[i].granted.load(), limited = tenants_[i].limited.load();
    if (granted + limited == 0) continue;
    const auto id = demo::tenant_id(static_cast<demo::Tier>(i / per_tier_),
                                    static_cast<std::uint32_t>(i % per_tier_));
    text += fmt::format("{}\"{}\":{{\"granted\":{},\"limited\":{}}}", text.empty() ? "" : ",", id,
                        granted, limited);
  }
  return text;
}

void Tenants::clear_counts() {
  for (Tenant& tenant : tenants_) {
    tenant.granted.store(0);
    tenant.limited.store(0);
  }
}

void Tenants::refill() {
  for (Tenant& tenant : tenants_) tenant.bucket.refill();
  const std::lock_guard lock{keys_mutex_};
  for (auto& [name, bucket] : keys_) bucket->refill();
}

}  // namespace gend::target
