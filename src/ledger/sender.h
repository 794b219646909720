#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/error.h"
#include "base/time.h"
#include "ledger/board.h"
#include "ledger/stamp.h"

namespace gend::ledger {

// One user that sends stamps to one room. Lives on one shard; stays where it is.
class Sender {
 public:
  Sender() = default;
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  Expected<void> open(Board& board, RoomId room, unsigned shard, TimePoint now);
  bool is_open() const { return stream_ != nullptr; }
  StreamId id() const { return id_; }

  // The stamp of the next message. From here on every member of the room is owed that message, so
  // ask for it when the message is certain to go out, `now` being when it does. `spread`: how far
  // apart the receivers of one earlier message were, for the shard's trend.
  struct Next {
    Stamp stamp;
    std::optional<Duration> spread;
  };
  Next next(TimePoint now);

  // No message follows, and what was sent has had its time to arrive. The spreads still to be
  // recorded are written to `spreads`. After kLedgerRest another sender may go on with the stream's
  // numbers: so a member that was not owed its own messages leaves the room first.
  using Spreads = std::array<Duration, SpreadRing::kSlots>;
  std::span<const Duration> close(TimePoint now, Spreads& spreads);

 private:
  void book_spread(Duration spread);

  Board* board_ = nullptr;
  Stream* stream_ = nullptr;
  Book* book_ = nullptr;
  StreamId id_ = kNoId;
};

}  // namespace gend::ledger
