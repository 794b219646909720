// timers/fire_N: N timers; at each tick some are due, and are armed again at random.
// timers/timeout_N: N timers that never fire: each is cancelled and armed again when a quarter of
// its time is over, as the timeouts of requests are.
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "agree.h"
#include "base/rng.h"
#include "base/timer_queue.h"
#include "parts.h"

namespace {

using namespace gend;
using namespace gend::bench;

// Timers are numbers here; each contender says arm(i, at), cancel(i), expire(now, fire(i)).
class Ours {
 public:
  explicit Ours(std::size_t count) : timers_{new Numbered[count]}, count_{count} {
    for (std::size_t i = 0; i < count; ++i) timers_[i].number = i;
  }
  ~Ours() {
    for (std::size_t i = 0; i < count_; ++i) queue_.cancel(timers_[i]);
  }
  Ours(const Ours&) = delete;
  Ours& operator=(const Ours&) = delete;
  void arm(std::size_t i, TimePoint at) { queue_.arm(timers_[i], at); }
  void cancel(std::size_t i) { queue_.cancel(timers_[i]); }
  template <class Fire>
  void expire(TimePoint now, Fire&& fire) {
    queue_.expire(now, [&](Timer& timer) { fire(static_cast<Numbered&>(timer).number); });
  }

 private:
  struct Numbered : Timer {
    std::size_t number = 0;
  };
  TimerQueue queue_;
  std::unique_ptr<Numbered[]> timers_;
  std::size_t count_;
};

class Multimap {
 public:
  explicit Multimap(std::size_t count) : places_(count, queue_.end()) {}
  void arm(std::size_t i, TimePoint at) { places_[i] = queue_.emplace(at, i); }
  void cancel(std::size_t i) {
    if (places_[i] != queue_.end()) queue_.erase(places_[i]);
    places_[i] = queue_.end();
  }
  template <class Fire>
  void expire(TimePoint now, Fire&& fire) {
    while (!queue_.empty() && queue_.begin()->first <= now) {
      const std::size_t i = queue_.begin()->second;
      cancel(i);
      fire(i);
    }
  }

 private:
  std::multimap<TimePoint, std::size_t> queue_;
  std::vector<std::multimap<TimePoint, std::size_t>::iterator> places_;
};

// Knows no cancelling: what was cancelled is passed over when its time comes.
class PriorityQueue {
 public:
  explicit PriorityQueue(std::size_t count) : lives_(count) {}
  void arm(std::size_t i, TimePoint at) { queue_.push({at, i, lives_[i]}); }
  void cancel(std::size_t i) { ++lives_[i]; }
  template <class Fire>
  void expire(TimePoint now, Fire&& fire) {
    while (!queue_.empty() && queue_.top().at <= now) {
      const Entry entry = queue_.top();
      queue_.pop();
      if (entry.life != lives_[entry.timer]) continue;
      ++lives_[entry.timer];
      fire(entry.timer);
    }
  }

 private:
  struct Entry {
    TimePoint at;
    std::size_t timer;
    std::uint64_t life;
    bool operator>(const Entry& other) const { return at > other.at; }
  };
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue_;
  std::vector<std::uint64_t> lives_;
};

constexpr Duration kTick{std::chrono::microseconds{100}};

// About eight are due at each tick, whatever their number.
template <class Queue>
class Firing {
 public:
  explicit Firing(std::size_t count)
      : queue_{count}, longest_{static_cast<std::uint64_t>(kTick.count()) * count / 4} {
    for (std::size_t i = 0; i < count; ++i) arm(i);
  }
  void tick() {
    now_ += kTick;
    queue_.expire(now_, [&](std::size_t i) {
      ++fired_;
      sum_ += i;
      due_.push_back(i);
    });
    // In an order that is the same for all of them.
    for (const std::size_t i : due_) arm(i);
    due_.clear();
  }
  std::int64_t fired() const { return fired_; }
  std::uint64_t sum() const { return sum_; }

 private:
  void arm(std::size_t i) {
    Rng rng = Rng::for_stream(i, static_cast<std::uint64_t>(now_.time_since_epoch().count()));
    queue_.arm(i, now_ + Duration{static_cast<std::int64_t>(rng.below(longest_))});
  }
  Queue queue_;
  TimePoint now_{};
  std::uint64_t longest_;
  std::int64_t fired_ = 0;
  std::uint64_t sum_ = 0;
  std::vector<std::size_t> due_;
};

template <class Queue>
void firing(benchmark::State& state, std::size_t count) {
  Firing<Queue> timers{count};
  for (auto _ : state) timers.tick();
  state.SetItemsProcessed(timers.fired());
}

template <class Queue>
void timeouts(benchmark::State& state, std::size_t count) {
  Queue queue{count};
  TimePoint now{};
  const Duration timeout = std::chrono::microseconds{4 * count};
  for (std::size_t i = 0; i < count; ++i) queue.arm(i, now + timeout);
  std::size_t next = 0;
  long fired = 0;
  for (auto _ : state) {
    now += std::chrono::microseconds{1};
    queue.expire(now, [&](std::size_t) { ++fired; });
    queue.cancel(next);
    queue.arm(next, now + timeout);
    if (++next == count) next = 0;
  }
  agree(fired == 0, "what was cancelled");
  state.SetItemsProcessed(state.iterations());
}

template <class Other>
void check(const char* name) {
  Firing<Ours> ours{1000};
  Firing<Other> theirs{1000};
  for (int i = 0; i < 1000; ++i) {
    ours.tick();
    theirs.tick();
    agree(ours.fired() == theirs.fired() && ours.sum() == theirs.sum(), name);
  }
  agree(ours.fired() > 1000, name);
}

template <class Queue>
void add(const std::string& contender) {
  for (const auto& [words, count] : {std::pair{"1k", 1'000UL}, std::pair{"100k", 100'000UL}}) {
    const std::string of = std::string{words} + "/" + contender;
    benchmark::RegisterBenchmark(("timers/fire_" + of).c_str(), &firing<Queue>, count);
    benchmark::RegisterBenchmark(("timers/timeout_" + of).c_str(), &timeouts<Queue>, count);
  }
}

}  // namespace

void gend::bench::add_timers() {
  check<Multimap>("multimap");
  check<PriorityQueue>("priority_queue");
  add<Ours>("gend");
  add<Multimap>("multimap");
  add<PriorityQueue>("priority_queue");
}
