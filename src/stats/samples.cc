#include "stats/samples.h"

#include <tuple>

namespace gend::stats {
namespace {

constexpr std::size_t kAlike = limits::kFailedAlike;
constexpr std::size_t kMostFailed = limits::kFailedSamples;

// A total order, so that it never depends on the order of merging which ones are kept.
auto identity_of(const Sample& s) {
  return std::tuple{s.at, s.scenario, s.user, s.iteration, s.request, s.attempt};
}
bool comes_before(const Sample& a, const Sample& b) { return identity_of(a) < identity_of(b); }
bool is_slower(const Sample& a, const Sample& b) {
  if (a.slowness != b.slowness) return a.slowness > b.slowness;
  return comes_before(a, b);
}

bool is_like(const Sample& sample, std::uint32_t request, Outcome outcome, std::uint16_t status) {
  return sample.request == request && sample.outcome == outcome && sample.status == status;
}
bool are_alike(const Sample& a, const Sample& b) {
  return is_like(a, b.request, b.outcome, b.status);
}

struct Ranked {
  std::size_t rank = 0;  // how many of its kind come before it
  const Sample* sample = nullptr;
};

// The first kMostFailed of `ranked`, which are sorted by comes_before(): the first of every kind,
// then the second ones, then the third. Returns how many stay; they are sorted again.
std::size_t choose(Ranked* ranked, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t before = 0; before < i; ++before)
      if (are_alike(*ranked[before].sample, *ranked[i].sample)) ++ranked[i].rank;
  std::sort(ranked, ranked + n, [](const Ranked& a, const Ranked& b) {
    return a.rank != b.rank ? a.rank < b.rank : comes_before(*a.sample, *b.sample);
  });
  std::size_t kept = 0;
  while (kept < std::min(n, kMostFailed) && ranked[kept].rank < kAlike) ++kept;
  std::sort(ranked, ranked + kept, [](const Ranked& a, const Ranked& b) {
    return comes_before(*a.sample, *b.sample);
  });
  return kept;
}

}  // namespace

void Samples::offer_slow(const Sample& sample) noexcept {
  std::size_t place = slow_count_;
  while (place > 0 && is_slower(sample, slow_[place - 1])) --place;
  if (place == limits::kSlowSamples) return;
  slow_count_ = std::min(slow_count_ + 1, limits::kSlowSamples);
  std::copy_backward(slow_.begin() + static_cast<std::ptrdiff_t>(place),
                     slow_.begin() + static_cast<std::ptrdiff_t>(slow_count_ - 1),
                     slow_.begin() + static_cast<std::ptrdiff_t>(slow_count_));
  slow_[place] = sample;
}

bool Samples::wants_failed(std::uint32_t request, Outcome outcome, std::uint16_t status) noexcept {
  ++failed_seen_;
  std::size_t alike = 0, repeated = 0;
  for (std::size_t i = 0; i < failed_count_; ++i) {
    alike += is_like(failed_[i], request, outcome, status) ? 1 : 0;
    for (std::size_t before = 0; failed_count_ == kMostFailed && before < i; ++before)
      if (are_alike(failed_[before], failed_[i])) {
        ++repeated;
        break;
      }
  }
  if (alike >= kAlike) return false;
  // Of a full collection a repetition makes room for what is new.
  return failed_count_ < kMostFailed || (alike == 0 && repeated > 0);
}

void Samples::offer_failed(const Sample& sample) noexcept {
  const auto alike = std::count_if(failed_.begin(), failed_.begin() +
                                       static_cast<std::ptrdiff_t>(failed_count_),
                                   [&](const Sample& each) { return are_alike(each, sample); });
  const bool last = failed_count_ == 0 || comes_before(failed_[failed_count_ - 1], sample);
  if (last && failed_count_ < kMostFailed) {
    if (alike < static_cast<std::ptrdiff_t>(kAlike)) failed_[failed_count_++] = sample;
    return;
  }
  std::array<Ranked, kMostFailed + 1> ranked;
  std::size_t n = 0;
  const auto add = [&](const Sample& each) { ranked[n++] = {.rank = 0, .sample = &each}; };
  for (std::size_t i = 0; i < failed_count_; ++i) add(failed_[i]);
  add(sample);
  std::sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(n),
            [](const Ranked& a, const Ranked& b) { return comes_before(*a.sample, *b.sample); });
  const std::size_t kept = choose(ranked.data(), n);
  std::array<Sample, kMostFailed> chosen;
  for (std::size_t i = 0; i < kept; ++i) chosen[i] = *ranked[i].sample;
  std::copy_n(chosen.begin(), kept, failed_.begin());
  failed_count_ = kept;
}

void Samples::merge(const Samples& other) noexcept {
  for (std::size_t i = 0; i < other.slow_count_; ++i) offer_slow(other.slow_[i]);
  for (std::size_t i = 0; i < other.failed_count_; ++i) offer_failed(other.failed_[i]);
  failed_seen_ += other.failed_seen_;
}

void Samples::clear() noexcept { slow_count_ = failed_count_ = failed_seen_ = 0; }

}  // namespace gend::stats
