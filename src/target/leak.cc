#include "target/leak.h"

#include <algorithm>
#include <cstring>

namespace gend::target {
namespace {

constexpr std::size_t kBlock = 64 * 1024;

}  // namespace

void Leak::set(double mb_per_minute, TimePoint now) {
  grow(now);
  const std::lock_guard lock{mutex_};
  before_ = blocks_.size() * kBlock;
  mb_per_minute_ = mb_per_minute;
  since_ = now;
  if (mb_per_minute != 0) return;
  blocks_.clear();  // told to stop, it gives everything back
  before_ = 0;
}

void Leak::grow(TimePoint now) {
  const std::lock_guard lock{mutex_};
  if (mb_per_minute_ <= 0 || now <= since_) return;
  const double due = mb_per_minute_ * 1024 * 1024 * to_seconds(now - since_) / 60;
  const auto wanted = std::min(before_ + static_cast<std::uint64_t>(due), kMost);
  while ((blocks_.size() + 1) * kBlock <= wanted) {
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(kBlock));
    std::memset(blocks_.back().get(), 1, kBlock);  // resident, not only promised
  }
}

std::uint64_t Leak::bytes() const {
  const std::lock_guard lock{mutex_};
  return blocks_.size() * kBlock;
}

}  // namespace gend::target
