#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "engine/pool.h"
#include "ledger/board.h"
#include "ledger/membership.h"
#include "ledger/sender.h"
#include "plan/program.h"
#include "plan/values.h"
#include "stats/snapshot.h"

namespace gend::engine {

// One user's part in one room, as sender, as receiver or both.
struct InRoom {
  ledger::Sender sender;
  ledger::Membership member;
  ledger::RoomId room = ledger::kNoId;
  const plan::Listen* listen = nullptr;           // null: it only sends
  const plan::DeliverySeries* of_room = nullptr;  // null: the room has no series of its own
  InRoom* next = nullptr;                         // of the same session
};

// What the sessions of a shard have to do with the run's ledger: stamps that go out, deliveries
// that come in, and the metrics of both. A session has a list of rooms, `InRoom*`; most have one.
class Deliveries {
 public:
  // `board` must outlive it.
  Deliveries(const plan::Program& program, ledger::Board& board, unsigned shard)
      : program_{program}, board_{board}, shard_{shard} {}

  void record_into(stats::Snapshot* snapshot) { into_ = snapshot; }

  // What stands for the stamp while a message is rendered, and is no part of any other text.
  static constexpr std::size_t kBytes = ledger::kStampBytes;
  static constexpr std::string_view placeholder() {
    return "\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1";
  }
  // The message is certain to go out: puts the stamp in the places that were kept for it, or dashes
  // when the ledger is full.
  void stamp(InRoom*& rooms, ledger::RoomId room, char* payload, std::size_t size, TimePoint now);

  // The room of that name; kNoId when there are too many.
  ledger::RoomId room_of(std::string_view name);
  // The room that the session listens in, the latest one; kNoId: in none.
  static ledger::RoomId listened(const InRoom* rooms);

  // The user is owed from now on what is sent to the room. Again, after a break: it is back.
  void join(InRoom*& rooms, const plan::Listen& listen, std::string_view name, TimePoint now);
  // A message came. `number` and `sent` say what the server's own stamps are, where there are any.
  struct ServerStamp {
    std::uint64_t number = 0;
    std::optional<Duration> latency{};
  };
  // How long the latest of them took; nothing: it brought none.
  std::optional<Duration> arrive(InRoom* rooms, std::string_view payload, TimePoint now);
  void arrive(InRoom& room, const ServerStamp& stamp, TimePoint now);

  void pause(InRoom* rooms);  // the connection broke
  void leave(InRoom* rooms, TimePoint now);
  static bool complete(const InRoom* rooms);
  static Duration drain(const InRoom* rooms);  // the longest
  // Nothing more is waited for; the list is empty afterwards.
  void settle(InRoom*& rooms, TimePoint now);

 private:
  InRoom& at(InRoom*& rooms, ledger::RoomId room);
  InRoom* sender_at(InRoom*& rooms, ledger::RoomId room, TimePoint now);
  void book(const InRoom& room, const ledger::Delivery& delivery);
  template <class Book>
  void in_each(const InRoom& room, Book&& book);

  const plan::Program& program_;
  ledger::Board& board_;
  unsigned shard_;
  stats::Snapshot* into_ = nullptr;
  Pool<InRoom> pool_;
};

static_assert(Deliveries::placeholder().size() == Deliveries::kBytes);

}  // namespace gend::engine
