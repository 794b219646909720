#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "base/time.h"
#include "ledger/book.h"
#include "ledger/chunks.h"
#include "ledger/spread.h"

namespace gend::ledger {

using RoomId = std::uint32_t;
using StreamId = std::uint32_t;  // a sender in a room, as in its stamps
inline constexpr std::uint32_t kNoId = ~std::uint32_t{0};

// One numbering of messages in one room: those of one sender (at a time), or those of a server.
struct alignas(64) Stream {
  static constexpr std::uint64_t kNoNumber = ~std::uint64_t{0};

  // One above the highest number that was given out. A sender's shard writes it; of a server's
  // numbers every receiver raises it to what it saw.
  std::atomic<std::uint64_t> sent{0};
  std::atomic<std::uint64_t> lowest{kNoNumber};  // of a server's: the lowest that anybody saw
  std::atomic<SpreadRing*> ring{nullptr};        // owned; made at the first send
  std::atomic<StreamId> next_in_room{kNoId};
  RoomId room = kNoId;
  std::uint32_t ordinal = 0;  // within the room

  StreamId next_released = kNoId;  // these two under the board's lock
  TimePoint released{};

  ~Stream() { delete ring.load(std::memory_order_relaxed); }
};
static_assert(sizeof(Stream) == 64);

// About 160 bytes, the name, 8 bytes a shard, and a Book for each shard that has to do with it.
struct Room {
  std::string name;
  std::unique_ptr<std::atomic<Book*>[]> books;  // one for each shard; owned
  unsigned shards = 0;
  std::atomic<StreamId> first{kNoId};  // its senders, by ordinal: a list through next_in_room
  // The rest under the board's lock.
  StreamId last = kNoId;
  StreamId server = kNoId;  // the server's own numbers; not in the list
  StreamId released_first = kNoId, released_last = kNoId;
  std::uint32_t streams = 0, members = 0;

  Room() = default;
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  ~Room() {
    for (unsigned i = 0; i < shards; ++i) delete books[i].load(std::memory_order_relaxed);
  }
};

// Whose numbers a receiver is owed: each sender's stamps, or the server's own count.
enum class Numbers : std::uint8_t { kStamps, kServer };

struct BoardOptions {
  std::uint32_t run = 0;  // 24 bits, drawn for each run: whose stamps these are
  TimePoint epoch{};      // not later than the first message; 208 days at most before the last
  unsigned shards = 1;
};

// All rooms and senders of a run, seen by all shards. Shards share nothing else: but what a
// receiver is owed is exact only when it reads, at the moment it joins or leaves, how many messages
// every sender of the room has sent, wherever that sender lives. So the one number a sender writes
// is an atomic in a record that never moves; a receiver reads it when it joins, leaves or comes
// back, and to tell a possible number from a garbled one. Everything that is added (rooms, streams,
// members) is added under a lock, once a session; nothing is locked for a message.
//
// Outlives every Sender and Membership.
class Board {
 public:
  explicit Board(const BoardOptions& options);
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  // Finds the room of that name or makes it. Refused: more than kLedgerRooms, too long a name.
  Expected<RoomId> room(std::string_view name);

  std::uint32_t run() const { return options_.run; }
  TimePoint epoch() const { return options_.epoch; }
  // The room that a stamp belongs to; none: no such stream was ever opened, the stamp is garbled.
  std::optional<RoomId> room_of(StreamId stream) const {
    const Stream* const found = streams_.find(stream);
    return found == nullptr ? std::nullopt : std::optional{found->room};
  }
  const std::string& name_of(RoomId room) const { return rooms_[room].name; }

  // Every room's counts, in the order they were made. From any thread at any time.
  std::vector<RoomTotals> rooms() const;

  // What Sender and Membership are made of.
  Expected<StreamId> open_stream(RoomId room, TimePoint now);  // a new one, or one that has rested
  void release_stream(StreamId stream, TimePoint now);
  Expected<void> enter(RoomId room, Numbers numbers);  // a member more
  void part(RoomId room, Numbers numbers);
  StreamId server_stream(RoomId room);  // of a room that a member of kServer is in
  Book& book(RoomId room, unsigned shard);
  Stream& stream(StreamId id) const { return streams_[id]; }
  Stream* find_stream(StreamId id) const { return streams_.find(id); }
  // Each sender's stream of a room, in the order of their ordinals.
  template <class F>
  void for_each_stream(RoomId room, F&& f) const {
    StreamId id = rooms_[room].first.load(std::memory_order_acquire);
    while (id != kNoId) {
      Stream& stream = streams_[id];
      f(stream);
      id = stream.next_in_room.load(std::memory_order_acquire);
    }
  }

 private:
  std::optional<StreamId> take_rested(Room& room, TimePoint now);
  Expected<StreamId> add_stream(RoomId room);
  Expected<void> reserve(const Room& room, std::uint64_t pairs);

  const BoardOptions options_;
  Chunks<Room, limits::kLedgerRooms, 64> rooms_;
  Chunks<Stream, limits::kLedgerStreams, 256> streams_;

  std::mutex lock_;
  std::unordered_map<std::string_view, RoomId> by_name_;  // into Room::name
  std::uint64_t pairs_ = 0;                               // receivers x senders, over all rooms
};

}  // namespace gend::ledger
