// Senders and receivers on threads of their own, joining, leaving and opening streams at any
// moment, while a third side reads the counts. The network loses nothing and doubles every seventh
// message for everybody, so every count follows; run it under TSan, too.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/rng.h"
#include "ledger/membership.h"
#include "ledger/sender.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::ledger;
using Kind = Delivery::Kind;

namespace {

constexpr unsigned kSending = 2, kReceiving = 2;  // threads; shards are numbered in this order
constexpr std::size_t kSenders = 3, kMembers = 6;
constexpr int kMessages = 20'000;  // of a sending thread
constexpr TimePoint kStart{std::chrono::hours{1}};

TimePoint at(std::uint64_t step) {
  return kStart + std::chrono::microseconds{step};
}

class Queue {
 public:
  void put(const Stamp& stamp) {
    const std::lock_guard lock{lock_};
    items_.push_back(stamp);
  }
  void end() { ended_.store(true, std::memory_order_release); }
  // Moves out what is there; false when nothing will ever come again.
  bool take(std::deque<Stamp>& into) {
    const bool last = ended_.load(std::memory_order_acquire);
    const std::lock_guard lock{lock_};
    into.swap(items_);
    return !into.empty() || !last;
  }

 private:
  std::mutex lock_;
  std::deque<Stamp> items_;
  std::atomic<bool> ended_{false};
};

struct World {
  Board board{{.run = 3, .epoch = kStart, .shards = kSending + kReceiving}};
  std::array<std::array<Queue, kReceiving>, kSending> wires;
};

struct Sum {
  std::uint64_t owed = 0, delivered = 0, lost = 0, duplicated = 0, other = 0, memberships = 0;
  bool incomplete = false;
};

void send_all(World& world, unsigned shard) {
  Rng rng = Rng::for_stream(test::seed(), shard);
  const RoomId room = *world.board.room("village");
  std::array<std::unique_ptr<Sender>, kSenders> senders;
  Sender::Spreads spreads;
  for (int i = 0; i < kMessages; ++i) {
    // Eight seconds in all: no sender goes on with the numbers of another thread's, whose messages
    // the receivers may not have taken yet. That a stream rests so long before is a case of its own.
    const TimePoint now = at(static_cast<std::uint64_t>(i) * 400);
    auto& sender = senders[rng.below(kSenders)];
    if (!sender) {
      sender = std::make_unique<Sender>();
      if (!sender->open(world.board, room, shard, now)) break;
    }
    const Stamp stamp = sender->next(now).stamp;
    for (Queue& wire : world.wires[shard]) {
      wire.put(stamp);
      if (stamp.number % 7 == 0) wire.put(stamp);
    }
    if (rng.below(500) == 0) {
      sender->close(now, spreads);
      sender.reset();
    }
    if (rng.below(1000) == 0) static_cast<void>(world.board.room(std::to_string(rng.below(50))));
  }
  for (Queue& wire : world.wires[shard]) wire.end();
}

class Receivers {
 public:
  Receivers(World& world, unsigned index)
      : world_{world}, index_{index}, rng_{Rng::for_stream(test::seed(), 100 + index)} {
    for (auto& member : members_) member = std::make_unique<Membership>();
  }

  Sum run() {
    const RoomId room = *world_.board.room("village");
    const unsigned shard = kSending + index_;
    for (bool more = true; more;) {
      more = false;
      for (auto& wires : world_.wires) {
        std::deque<Stamp> stamps;
        more |= wires[index_].take(stamps);
        for (const Stamp& stamp : stamps) {
          deliver(stamp);
          Membership& member = *members_[rng_.below(kMembers)];
          if (!member.joined()) {
            sum_.incomplete |= !member.join(world_.board, {.room = room, .shard = shard});
            ++sum_.memberships;
          } else if (rng_.below(100) == 0) {
            member.leave(at(0));
          }
        }
      }
    }
    for (auto& member : members_)
      if (member->joined()) settle(*member);
    return sum_;
  }

 private:
  void deliver(const Stamp& stamp) {
    for (auto& member : members_) {
      if (!member->joined()) continue;
      const Kind kind = member->deliver(stamp, kStart + stamp.at).kind;
      sum_.duplicated += kind == Kind::kDuplicate;
      sum_.other += kind == Kind::kUnclear || kind == Kind::kGarbled;
      if (member->complete()) settle(*member);
    }
  }
  void settle(Membership& member) {
    member.leave(at(0));
    sum_.incomplete |= !member.complete();
    const auto settled = member.settle(at(0));
    sum_.owed += settled.owed;
    sum_.delivered += settled.delivered;
    sum_.lost += settled.lost;
  }

  World& world_;
  unsigned index_;
  Rng rng_;
  std::array<std::unique_ptr<Membership>, kMembers> members_;
  Sum sum_;
};

}  // namespace

TEST_CASE("senders and receivers on different threads agree to the unit") {
  World world;
  std::array<Sum, kReceiving> sums;
  std::atomic<bool> done{false};
  std::uint64_t reads = 0;
  bool fell = false;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kSending; ++i) threads.emplace_back([&, i] { send_all(world, i); });
  for (unsigned i = 0; i < kReceiving; ++i)
    threads.emplace_back([&, i] { sums[i] = Receivers{world, i}.run(); });
  std::thread reader{[&] {
    for (std::uint64_t before = 0; !done.load(std::memory_order_acquire); ++reads) {
      RoomTotals all;
      for (const RoomTotals& room : world.board.rooms()) all.add(room);
      fell |= all.delivered < before;
      before = all.delivered;
    }
  }};
  for (auto& thread : threads) thread.join();
  done.store(true, std::memory_order_release);
  reader.join();
  CHECK(reads > 0);
  CHECK_FALSE(fell);

  RoomTotals all;
  for (const RoomTotals& room : world.board.rooms()) all.add(room);
  Sum sum;
  for (const Sum& one : sums) {
    CHECK_FALSE(one.incomplete);
    CHECK(one.other == 0);
    CHECK(one.lost == 0);
    CHECK(one.owed == one.delivered);
    CHECK(one.memberships >= kMembers);
    sum.owed += one.owed;
    sum.duplicated += one.duplicated;
    sum.memberships += one.memberships;
  }
  CHECK(all.balanced());
  CHECK(all.sent == kSending * kMessages);
  CHECK(all.owed == sum.owed);
  CHECK(all.delivered == sum.owed);
  CHECK(all.duplicated == sum.duplicated);
  CHECK(all.joined == sum.memberships);
  CHECK(all.lost + all.unclear + all.garbled == 0);
  CHECK(all.reordered == 0);
}

TEST_CASE("spreads over receivers on several threads are those of their latencies") {
  Board board{{.run = 3, .epoch = kStart, .shards = 1 + kReceiving}};
  const RoomId room = *board.room("village");
  Sender sender;
  REQUIRE(sender.open(board, room, 0, kStart));
  std::atomic<std::uint64_t> sent{0};
  std::array<std::atomic<std::uint64_t>, kReceiving> got{};
  std::atomic<unsigned> joined{0};
  constexpr std::uint64_t kCount = 3000;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kReceiving; ++i)
    threads.emplace_back([&, i] {
      Membership member;
      REQUIRE(member.join(board, {.room = room, .shard = 1 + i}));
      joined.fetch_add(1);
      for (std::uint64_t n = 0; n < kCount;) {
        if (n == sent.load(std::memory_order_acquire)) {
          std::this_thread::yield();
          continue;
        }
        // The thread with the number i always gets it i milliseconds later than the first.
        const Stamp stamp{3, sender.id(), n, std::chrono::seconds{n}};
        member.deliver(stamp, kStart + stamp.at + std::chrono::milliseconds{1 + i});
        got[i].store(++n, std::memory_order_release);
      }
    });
  while (joined.load() < kReceiving) std::this_thread::yield();
  std::uint64_t spreads = 0;
  bool wrong = false;
  for (std::uint64_t n = 0; n < kCount; ++n) {
    for (const auto& count : got)  // never so far ahead that a slot is taken from its message
      while (count.load(std::memory_order_acquire) + 8 < n) std::this_thread::yield();
    const auto next = sender.next(kStart + std::chrono::seconds{n});
    if (next.spread) {
      ++spreads;
      wrong |= *next.spread != std::chrono::milliseconds{kReceiving - 1};
    }
    sent.store(n + 1, std::memory_order_release);
  }
  for (auto& thread : threads) thread.join();
  CHECK_FALSE(wrong);
  Sender::Spreads rest;
  spreads += sender.close(kStart, rest).size();
  CHECK(spreads == kCount);
}
