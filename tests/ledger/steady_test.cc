// What a delivery must not do: allocate. Counts allocations, so it has a binary of its own.
#include <doctest/doctest.h>
#include <pthread.h>

#include <array>
#include <cstdint>
#include <thread>

#include "base/rng.h"
#include "ledger/membership.h"
#include "ledger/sender.h"
#include "support/allocations.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::ledger;

namespace {

constexpr TimePoint kStart{std::chrono::hours{1}};

// Five senders of 10 messages/s each and ten receivers, on a network that loses 1 %, doubles 0.5 %
// and delays 3 % by up to a second, for as long as it is told.
class Village {
 public:
  Village() : room_{*board_.room("village")}, rng_{test::seed()} {
    for (Sender& sender : senders_) REQUIRE(sender.open(board_, room_, 0, now_));
    for (Membership& member : members_) REQUIRE(member.join(board_, {.room = room_}));
  }

  void live(Duration time) {
    for (const TimePoint end = now_ + time; now_ < end; now_ += std::chrono::milliseconds{100})
      for (Sender& sender : senders_) {
        const Stamp stamp = sender.next(now_).stamp;
        for (std::size_t i = 0; i < members_.size(); ++i) deliver(i, stamp);
      }
  }

 private:
  void deliver(std::size_t i, const Stamp& stamp) {
    Delayed& delayed = delayed_[i];
    if (delayed.any && stamp.at - delayed.stamp.at > std::chrono::seconds{1}) {
      members_[i].deliver(delayed.stamp, now_);
      delayed.any = false;
    }
    const std::uint64_t fate = rng_.below(1000);
    if (fate < 10) return;
    if (fate < 40 && !delayed.any) {
      delayed = {true, stamp};
      return;
    }
    members_[i].deliver(stamp, now_);
    if (fate >= 995) members_[i].deliver(stamp, now_);
  }

  struct Delayed {
    bool any = false;
    Stamp stamp{};
  };
  Board board_{{.run = 1, .epoch = kStart, .shards = 1}};
  RoomId room_;
  Rng rng_;
  TimePoint now_ = kStart;
  std::array<Sender, 5> senders_;
  std::array<Membership, 10> members_;
  std::array<Delayed, 10> delayed_;
};

}  // namespace

TEST_CASE("a window whose gaps have closed grows no further") {
  std::uint64_t allocated = 0;
  std::thread shard{[&] {
    pthread_setname_np(pthread_self(), "gend-shard-0");
    const std::uint64_t before = test::shard_allocations();
    Window window;
    Missing missing;
    window.arrive(100, kStart, missing);
    for (std::uint64_t n = 0; n < 10'000; ++n) window.arrive(n, kStart, missing);
    allocated = test::shard_allocations() - before;
  }};
  shard.join();
  CHECK(allocated <= 2);  // the wide part and its first bits; AddressSanitizer has its own new[]
}

TEST_CASE("deliveries allocate nothing once the windows are as wide as the losses need") {
  std::uint64_t idle = 1, warm = 0, steady = 1;
  std::thread shard{[&] {
    pthread_setname_np(pthread_self(), "gend-shard-0");
    Board board{{.run = 1, .epoch = kStart, .shards = 1}};
    const RoomId room = *board.room("quiet");
    Membership first, second;
    REQUIRE(first.join(board, {.room = room}));
    std::uint64_t before = test::shard_allocations();
    REQUIRE(second.join(board, {.room = room}));
    idle = test::shard_allocations() - before;

    Village village;
    before = test::shard_allocations();
    village.live(std::chrono::minutes{5});
    warm = test::shard_allocations() - before;
    before = test::shard_allocations();
    village.live(std::chrono::minutes{60});
    steady = test::shard_allocations() - before;
  }};
  shard.join();
  CHECK(idle == 0);  // a member of a quiet room is its Membership, and nothing else
  CHECK(warm > 0);
  CHECK(steady == 0);
}
