#include "ledger/board.h"

#include <fmt/format.h>

#include <utility>

#include "base/assert.h"

namespace gend::ledger {

static_assert(limits::kLedgerStreams <= std::size_t{1} << 30, "a stamp has 30 bits for the stream");

Board::Board(const BoardOptions& options) : options_{options} {
  GEND_ASSERT(options.shards > 0 && options.shards <= limits::kShards);
}

namespace {

Error no_stream_left(const Room& room) {
  return {fmt::format("room \"{}\" has a sender more than {}, the limit of a run", room.name,
                      limits::kLedgerStreams),
          "let fewer users send stamps"};
}

}  // namespace

Expected<RoomId> Board::room(std::string_view name) {
  const std::lock_guard lock{lock_};
  if (const auto found = by_name_.find(name); found != by_name_.end()) return found->second;
  if (name.size() > limits::kLedgerRoomName)
    return std::unexpected{
        Error{fmt::format("room \"{}…\": its name has {} bytes, {} are the limit",
                          name.substr(0, 40), name.size(), limits::kLedgerRoomName),
              "name the room by something shorter, such as an id"}};
  Room* const room = rooms_.prepare();
  if (room == nullptr)
    return std::unexpected{
        Error{fmt::format("room \"{}\" would be one more than {}, the limit of a run", name,
                          limits::kLedgerRooms),
              "use fewer rooms; a name that is new for each message or iteration is no room"}};
  const RoomId id = rooms_.size();
  room->name = name;
  room->shards = options_.shards;
  room->books.reset(new std::atomic<Book*>[options_.shards]());
  rooms_.publish();
  by_name_.emplace(room->name, id);
  return id;
}

Book& Board::book(RoomId room, unsigned shard) {
  GEND_ASSERT(shard < options_.shards);
  std::atomic<Book*>& book = rooms_[room].books[shard];
  // Only this shard makes its books, so nobody is in the way.
  if (book.load(std::memory_order_relaxed) == nullptr)
    book.store(new Book, std::memory_order_release);
  return *book.load(std::memory_order_relaxed);
}

std::vector<RoomTotals> Board::rooms() const {
  std::vector<RoomTotals> all(rooms_.size());
  for (RoomId id = 0; id < all.size(); ++id) {
    const Room& room = rooms_[id];
    all[id].name = room.name;
    for (unsigned shard = 0; shard < room.shards; ++shard)
      if (const Book* book = room.books[shard].load(std::memory_order_acquire)) all[id].add(*book);
  }
  return all;
}

Expected<void> Board::reserve(const Room& room, std::uint64_t pairs) {
  if (pairs_ + pairs > limits::kLedgerPairs)
    return std::unexpected{Error{
        fmt::format("room \"{}\" with {} senders and {} receivers: the ledger follows at most {} "
                    "pairs of a sender and a receiver",
                    room.name, room.streams, room.members, limits::kLedgerPairs),
        "let fewer users of a room send or listen, or use more and smaller rooms"}};
  pairs_ += pairs;
  return {};
}

Expected<void> Board::enter(RoomId id, Numbers numbers) {
  const std::lock_guard lock{lock_};
  Room& room = rooms_[id];
  if (numbers == Numbers::kServer) {
    if (room.server == kNoId) {
      Stream* const stream = streams_.prepare();
      if (stream == nullptr) return std::unexpected{no_stream_left(room)};
      stream->room = id;
      stream->ring.store(new SpreadRing, std::memory_order_release);
      room.server = streams_.size();
      streams_.publish();
    }
    return reserve(room, 1);
  }
  if (auto reserved = reserve(room, room.streams); !reserved) return reserved;
  ++room.members;
  return {};
}

void Board::part(RoomId id, Numbers numbers) {
  const std::lock_guard lock{lock_};
  Room& room = rooms_[id];
  if (numbers == Numbers::kServer) {
    --pairs_;
    return;
  }
  --room.members;
  pairs_ -= room.streams;
}

StreamId Board::server_stream(RoomId room) {
  const std::lock_guard lock{lock_};
  return rooms_[room].server;
}

std::optional<StreamId> Board::take_rested(Room& room, TimePoint now) {
  const StreamId id = room.released_first;
  if (id == kNoId) return std::nullopt;
  Stream& stream = streams_[id];
  if (now - stream.released < limits::kLedgerRest) return std::nullopt;
  room.released_first = std::exchange(stream.next_released, kNoId);
  if (room.released_first == kNoId) room.released_last = kNoId;
  return id;
}

Expected<StreamId> Board::add_stream(RoomId id) {
  Room& room = rooms_[id];
  Stream* const stream = streams_.prepare();
  if (stream == nullptr) return std::unexpected{no_stream_left(room)};
  if (auto reserved = reserve(room, room.members); !reserved)
    return std::unexpected{std::move(reserved).error()};
  const StreamId made = streams_.size();
  stream->room = id;
  stream->ordinal = room.streams++;
  streams_.publish();  // before it is linked: who walks the room's list must find what is in it
  auto& link = room.last == kNoId ? room.first : streams_[room.last].next_in_room;
  link.store(made, std::memory_order_release);
  room.last = made;
  return made;
}

Expected<StreamId> Board::open_stream(RoomId id, TimePoint now) {
  const std::lock_guard lock{lock_};
  if (const auto rested = take_rested(rooms_[id], now)) return *rested;
  return add_stream(id);
}

void Board::release_stream(StreamId id, TimePoint now) {
  const std::lock_guard lock{lock_};
  Stream& stream = streams_[id];
  Room& room = rooms_[stream.room];
  stream.released = now;
  stream.next_released = kNoId;
  auto& link = room.released_last == kNoId ? room.released_first
                                           : streams_[room.released_last].next_released;
  link = id;
  room.released_last = id;
}

}  // namespace gend::ledger
