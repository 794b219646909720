// Random histories of senders, receivers and a network that drops, doubles, delays and reorders,
// against a second implementation that keeps every number in a set and counts them one by one.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/rng.h"
#include "ledger/membership.h"
#include "ledger/sender.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::ledger;
using Kind = Delivery::Kind;

namespace {

constexpr TimePoint kStart{std::chrono::hours{1}};
constexpr Duration kLate = std::chrono::milliseconds{300};
using Sent = std::map<StreamId, std::uint64_t>;  // how many, by stream
using Set = std::set<std::uint64_t>;

// What a membership must say, kept the long way.
struct Oracle {
  Sent base, end;
  std::map<StreamId, Set> got, gone;  // arrived; sent while away
  bool away = false, left = false;
  std::uint64_t delivered = 0, duplicated = 0, not_owed = 0, reordered = 0, late = 0;

  explicit Oracle(const Sent& sent) : base{sent} {}

  std::uint64_t base_of(StreamId stream) const {
    const auto found = base.find(stream);
    return found == base.end() ? 0 : found->second;
  }
  bool owed(StreamId stream, std::uint64_t number) const {
    const auto ends = end.find(stream);
    const bool before_end = ends == end.end() ? !left : number < ends->second;
    return number >= base_of(stream) && before_end;
  }
  Delivery arrive(StreamId stream, std::uint64_t number, Duration latency) {
    if (!owed(stream, number)) {
      ++not_owed;
      return {.kind = Kind::kNotOwed};
    }
    Set& set = got[stream];
    const bool behind = !set.empty() && *set.rbegin() > number;
    if (!set.insert(number).second) {
      ++duplicated;
      return {.kind = Kind::kDuplicate, .latency = latency};
    }
    ++delivered;
    reordered += behind;
    late += latency > kLate;
    return {.kind = Kind::kFirst, .reordered = behind, .late = latency > kLate, .latency = latency};
  }
  void exclude(StreamId stream, const Sent& sent) {
    if (!end.contains(stream)) end[stream] = sent.at(stream);
  }
  void resume(const Sent& sent) {
    if (!away) return;
    away = false;
    for (const auto& [stream, count] : sent) {
      const Set& set = got[stream];
      const std::uint64_t from = set.empty() ? base_of(stream) : *set.rbegin() + 1;
      for (std::uint64_t n = from; n < count; ++n) gone[stream].insert(n);
    }
  }
  void leave(const Sent& sent) {
    if (left) return;
    resume(sent);
    for (const auto& [stream, count] : sent) exclude(stream, sent);
    left = true;
  }
  struct Rest {
    std::uint64_t owed = 0, lost = 0, missed = 0;
  };
  Rest rest() const {
    Rest rest;
    for (const auto& [stream, last] : end)
      for (std::uint64_t n = base_of(stream); n < last; ++n) {
        ++rest.owed;
        if (got.contains(stream) && got.at(stream).contains(n)) continue;
        const bool was_away = gone.contains(stream) && gone.at(stream).contains(n);
        ++(was_away ? rest.missed : rest.lost);
      }
    return rest;
  }
};

struct Receiver {
  RoomId room = 0;
  std::unique_ptr<Membership> unit = std::make_unique<Membership>();
  std::optional<Oracle> oracle;
  bool away = false;
};

struct Flying {
  std::size_t receiver = 0;
  Stamp stamp;
};

class History {
 public:
  explicit History(std::uint64_t seed) : rng_{seed} {
    for (unsigned i = 0; i < kRooms; ++i) {
      rooms_.push_back(*board_.room("room " + std::to_string(i)));
      expected_.push_back({});
    }
    loss_ = rng_.below(30);
    doubled_ = rng_.below(20);
    delayed_ = rng_.below(60);
    burst_ = rng_.below(16) == 0 ? 60 : 1;  // gaps wider than a window has room for in place
    senders_.resize(kRooms * kSendersPerRoom);
    receivers_.resize(1 + rng_.below(6));
    for (Receiver& receiver : receivers_) receiver.room = rooms_[rng_.below(kRooms)];
  }

  RoomTotals run() {
    for (int i = 0; i < 400; ++i) {
      now_ += Duration{static_cast<Duration::rep>(rng_.below(20'000'000))};
      while (!flying_.empty() && flying_.begin()->first <= now_) land();
      step();
    }
    while (!flying_.empty()) land();
    for (std::size_t i = 0; i < receivers_.size(); ++i) settle(i);
    check_rooms();
    RoomTotals all;
    for (const RoomTotals& room : expected_) all.add(room);
    return all;
  }

 private:
  static constexpr unsigned kRooms = 2, kSendersPerRoom = 4, kShards = 3;

  const Sent& sent_in(RoomId room) { return sent_[room]; }

  void step() {
    const std::uint64_t what = rng_.below(100);
    const std::size_t r = rng_.below(receivers_.size());
    if (what < 70) {
      const std::size_t sender = rng_.below(senders_.size());
      for (std::uint64_t n = 1 + rng_.below(burst_); n > 0; --n) send(sender);
      return;
    }
    if (what < 74) return close(rng_.below(senders_.size()));
    if (what < 84) return join(r);
    if (what < 87) return exclude(r);
    if (what < 91) return pause(r);
    if (what < 96) return resume(r);
    if (what < 98) return leave(r);
    settle(r);
  }

  void send(std::size_t index) {
    auto& sender = senders_[index];
    const RoomId room = rooms_[index % kRooms];
    if (!sender) {
      sender = std::make_unique<Sender>();
      REQUIRE(sender->open(board_, room, static_cast<unsigned>(index % kShards), now_));
      sent_[room].try_emplace(sender->id(), 0);
    }
    const Stamp stamp = sender->next(now_).stamp;
    REQUIRE(stamp.number == sent_[room][sender->id()]++);
    ++expected_[room].sent;
    for (std::size_t i = 0; i < receivers_.size(); ++i) {
      // To whom it goes is the server's to say: also to some that are not, or not yet, members.
      const Receiver& receiver = receivers_[i];
      if (receiver.room != room && rng_.below(50) != 0) continue;
      if (receiver.away && rng_.below(3) != 0) continue;  // the rest is replayed to it
      if (rng_.below(100) < loss_) continue;
      fly(i, stamp);
      if (rng_.below(100) < doubled_) fly(i, stamp);
    }
  }
  void fly(std::size_t receiver, const Stamp& stamp) {
    const bool delayed = rng_.below(100) < delayed_;
    const std::uint64_t most = delayed ? 800'000'000 : 1'000'000;
    const TimePoint at = now_ + Duration{static_cast<Duration::rep>(rng_.below(most))};
    flying_.emplace(at, Flying{receiver, stamp});
  }
  void close(std::size_t index) {
    if (!senders_[index]) return;
    Sender::Spreads spreads;
    senders_[index]->close(now_, spreads);
    senders_[index].reset();
  }

  void land() {
    const auto [at, flying] = *flying_.begin();
    flying_.erase(flying_.begin());
    Receiver& receiver = receivers_[flying.receiver];
    if (!receiver.oracle) return;
    if (receiver.away) {  // no connection: it comes when there is one again
      if (rng_.below(2) == 0) flying_.emplace(at + std::chrono::milliseconds{200}, flying);
      return;
    }
    const Stamp& stamp = flying.stamp;
    const Delivery unit = receiver.unit->deliver(stamp, at);
    const bool here = sent_[receiver.room].contains(stamp.stream);
    Delivery oracle{.kind = Kind::kNotOwed};
    if (here)
      oracle = receiver.oracle->arrive(stamp.stream, stamp.number, at - (kStart + stamp.at));
    else
      ++receiver.oracle->not_owed;
    const bool agree = unit.kind == oracle.kind && unit.reordered == oracle.reordered &&
                       unit.late == oracle.late && unit.lost == 0 &&
                       (unit.kind == Kind::kNotOwed || unit.latency == oracle.latency);
    REQUIRE(agree);
    check_complete(receiver);
  }
  void check_complete(const Receiver& receiver) {
    const Oracle& oracle = *receiver.oracle;
    if (burst_ > 1 && rng_.below(50) != 0) return;  // counting by hand takes its time
    REQUIRE(receiver.unit->complete() == (oracle.left && oracle.rest().lost == 0));
  }

  void join(std::size_t i) {
    Receiver& receiver = receivers_[i];
    if (receiver.oracle) return;
    const auto shard = static_cast<unsigned>(i % kShards);
    REQUIRE(receiver.unit->join(board_, {.room = receiver.room, .shard = shard, .late = kLate}));
    receiver.oracle.emplace(sent_in(receiver.room));
    ++expected_[receiver.room].joined;
  }
  void exclude(std::size_t i) {
    Receiver& receiver = receivers_[i];
    const Sent& sent = sent_in(receiver.room);
    if (!receiver.oracle || receiver.oracle->left || sent.empty()) return;
    const StreamId stream =
        std::next(sent.begin(), static_cast<std::ptrdiff_t>(rng_.below(sent.size())))->first;
    receiver.unit->exclude(stream);
    receiver.oracle->exclude(stream, sent);
  }
  void pause(std::size_t i) {
    Receiver& receiver = receivers_[i];
    if (!receiver.oracle || receiver.oracle->left) return;
    receiver.unit->pause();
    receiver.oracle->away = receiver.away = true;
  }
  void resume(std::size_t i) {
    Receiver& receiver = receivers_[i];
    if (!receiver.away) return;
    receiver.unit->resume(now_);
    receiver.oracle->resume(sent_in(receiver.room));
    receiver.away = false;
  }
  void leave(std::size_t i) {
    Receiver& receiver = receivers_[i];
    if (!receiver.oracle) return;
    receiver.unit->leave(now_);
    receiver.oracle->leave(sent_in(receiver.room));
    receiver.away = false;
    check_complete(receiver);
  }
  void settle(std::size_t i) {
    Receiver& receiver = receivers_[i];
    if (!receiver.oracle) return;
    const auto settled = receiver.unit->settle(now_);
    Oracle& oracle = *receiver.oracle;
    oracle.leave(sent_in(receiver.room));
    const auto rest = oracle.rest();
    REQUIRE(settled.owed == rest.owed);
    REQUIRE(settled.delivered == oracle.delivered);
    REQUIRE(settled.lost == rest.lost);
    REQUIRE(settled.lost_now == rest.lost);
    REQUIRE(settled.missed_away == rest.missed);
    RoomTotals& room = expected_[receiver.room];
    ++room.settled;
    room.owed += rest.owed;
    room.delivered += oracle.delivered;
    room.lost += rest.lost;
    room.missed_away += rest.missed;
    room.duplicated += oracle.duplicated;
    room.not_owed += oracle.not_owed;
    room.reordered += oracle.reordered;
    room.late += oracle.late;
    receiver.oracle.reset();
    receiver.away = false;
  }

  void check_rooms() {
    const auto rooms = board_.rooms();
    for (RoomId id : rooms_) {
      const RoomTotals& unit = rooms[id];
      const RoomTotals& oracle = expected_[id];
      REQUIRE(unit.balanced());
      REQUIRE(unit.sent == oracle.sent);
      REQUIRE(unit.joined == oracle.joined);
      REQUIRE(unit.settled == oracle.settled);
      REQUIRE(unit.owed == oracle.owed);
      REQUIRE(unit.delivered == oracle.delivered);
      REQUIRE(unit.lost == oracle.lost);
      REQUIRE(unit.missed_away == oracle.missed_away);
      REQUIRE(unit.duplicated == oracle.duplicated);
      REQUIRE(unit.not_owed == oracle.not_owed);
      REQUIRE(unit.reordered == oracle.reordered);
      REQUIRE(unit.late == oracle.late);
      REQUIRE(unit.unclear + unit.garbled + unit.foreign == 0);
    }
  }

  Rng rng_;
  Board board_{{.run = 9, .epoch = kStart, .shards = kShards}};
  TimePoint now_ = kStart;
  std::vector<RoomId> rooms_;
  std::vector<std::unique_ptr<Sender>> senders_;
  std::vector<Receiver> receivers_;
  std::map<RoomId, Sent> sent_;
  std::vector<RoomTotals> expected_;
  std::multimap<TimePoint, Flying> flying_;
  std::uint64_t loss_ = 0, doubled_ = 0, delayed_ = 0;  // percent
  std::uint64_t burst_ = 1;                             // messages of a step, at most
};

}  // namespace

TEST_CASE("random histories are counted to the unit as by hand") {
  RoomTotals all;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    CAPTURE(i);
    Rng seeds = Rng::for_stream(test::seed(), i);
    all.add(History{seeds()}.run());
  }
  // Otherwise the histories were too tame to say anything.
  for (const std::uint64_t count :
       {all.lost, all.missed_away, all.duplicated, all.reordered, all.late, all.not_owed})
    CHECK(count > 10'000);
}
