#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "ledger/board.h"
#include "ledger/stamp.h"
#include "ledger/window.h"

namespace gend::ledger {

// What one arrival was, for the shard's metrics. The room's book has it already.
struct Delivery {
  enum class Kind : std::uint8_t {
    kFirst,      // owed, and not seen before: a delivery
    kDuplicate,  // a further arrival
    kNotOwed,    // of what was sent before the join, after the leave, or by the member itself
    kUnclear,    // of what was written off as lost before: very late, or twice
    kGarbled     // a stamp or a number that cannot be
  };
  Kind kind = Kind::kFirst;
  bool reordered = false;            // kFirst, behind a higher number of the same sender
  bool late = false;                 // kFirst, and later than the member's limit
  std::uint32_t lost = 0;            // that were written off to make room for this one
  Duration latency{};                // of kFirst and kDuplicate, when known; never negative
  std::optional<Duration> spread{};  // of one earlier message of a server's own numbers
};

// One receiver in one room: what it is owed, from its join to its leave, and what it got.
//
//     join ─▶ deliver… ─▶ leave ─▶ deliver… until complete() or patience ends ─▶ settle
//
// A connection that breaks: pause() when that is noticed, resume() when the user is in the room
// again. Of each sender, the messages above the highest that arrived before the break, up to those
// sent when it is back, were `missed_away`: neither expected nor lost, unless they arrive after all
// (Socket.IO's recovery replays them), which makes them delivered. What was missing below that
// highest one stays owed. So a message that was on its way when the connection broke is missed, not
// lost: nobody can tell the two apart.
//
// With Numbers::kServer the numbers are the server's: owed from the first that arrives, or above
// the room's highest at the join when none does, up to the room's highest at the leave. After a
// break everything up to the first new arrival was missed_away. A server that begins to count anew
// is not recognised: its numbers are duplicates, or not owed.
//
// Lives on one shard, and stays where it is. 136 bytes, and 40 for each sender of the room that has
// sent anything; see Window for what gaps cost.
class Membership {
 public:
  Membership() = default;
  ~Membership();  // settles
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;

  struct Join {
    RoomId room = 0;
    unsigned shard = 0;
    Numbers numbers = Numbers::kStamps;
    Duration late = Duration::max();  // above it a delivery is late
  };
  // Call it when the server has said that the user is in. Not while joined; again after settle().
  Expected<void> join(Board& board, const Join& join);
  bool joined() const { return state_ != State::kOut; }
  RoomId room() const { return room_; }

  // From now on the messages of this sender are not owed to the member: its own, where the server
  // sends to all others. As soon as both exist, before the sender's next message.
  void exclude(StreamId stream);

  // A stamp of this run, or a number of the server; its latency, when it said when it was sent.
  // A stamp of another room than this is not owed.
  Delivery deliver(const Stamp& stamp, TimePoint now);
  Delivery deliver_number(std::uint64_t number, std::optional<Duration> latency, TimePoint now);
  void note_garbled();
  void note_foreign();

  void pause();
  void resume(TimePoint now);
  bool away() const { return away_; }

  // The end of what is owed; what is on its way may still arrive. A member that is away and leaves
  // was away to the end.
  void leave(TimePoint now);
  bool draining() const { return state_ == State::kDraining; }
  // Left, and nothing that is owed is missing: no reason to wait any longer.
  bool complete() const { return draining() && outstanding_ == 0; }

  // Nothing more is waited for: what is missing is lost. Leaves, if that was not done.
  struct Settled {
    std::uint64_t owed = 0;  // counted from the numbers at join and leave
    std::uint64_t delivered = 0, lost = 0, missed_away = 0;  // together they make `owed`
    std::uint64_t lost_now = 0;  // part of `lost`: those that no Delivery has reported
  };
  Settled settle(TimePoint now);

 private:
  enum class State : std::uint8_t { kOut, kIn, kDraining };
  enum class Sync : std::uint8_t { kDone, kJoin, kResume };  // kServer: what the next number says

  Delivery book_arrival(Window& window, std::uint64_t number, std::optional<Duration> latency,
                        TimePoint now);
  Delivery book_kind(Delivery::Kind kind);
  void book_missing(const Missing& missing);
  void begin_unseen();
  Window* window_of(const Stream& stream);
  // Each stream this member follows, with its window (made where the stream has sent anything).
  template <class F>
  void for_each_window(F&& f);

  Board* board_ = nullptr;
  Book* book_ = nullptr;
  Stream* server_ = nullptr;     // kServer
  std::vector<Window> windows_;  // by the stream's ordinal in the room
  Duration late_{};
  std::uint64_t delivered_ = 0, lost_ = 0, missed_away_ = 0;
  std::uint64_t outstanding_ = 0;
  RoomId room_ = 0;
  State state_ = State::kOut;
  Numbers numbers_ = Numbers::kStamps;
  Sync sync_ = Sync::kDone;
  bool away_ = false;
};

}  // namespace gend::ledger
