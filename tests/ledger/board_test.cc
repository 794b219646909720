#include "ledger/board.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <memory>
#include <string>

#include "ledger/membership.h"
#include "ledger/sender.h"

using namespace gend;
using namespace gend::ledger;

namespace {

std::unique_ptr<Board> make_board(unsigned shards = 1) {
  return std::make_unique<Board>(BoardOptions{.run = 1, .epoch = {}, .shards = shards});
}

}  // namespace

TEST_CASE("a room is found by its name, and keeps its number") {
  const auto board = make_board();
  const RoomId a = *board->room("a"), b = *board->room("b");
  CHECK(a != b);
  CHECK(*board->room("a") == a);
  CHECK(*board->room(std::string{"b"}) == b);
  CHECK(board->name_of(b) == "b");
  CHECK(*board->room("") != a);  // a name like any other
  const auto rooms = board->rooms();
  REQUIRE(rooms.size() == 3);
  CHECK(rooms[0].name == "a");
  CHECK(rooms[1].name == "b");
}

TEST_CASE("one room too many is refused, and the others still work") {
  const auto board = make_board();
  for (std::size_t i = 0; i < limits::kLedgerRooms; ++i) REQUIRE(board->room(fmt::format("{}", i)));
  const auto refused = board->room("another");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message ==
        "room \"another\" would be one more than 65536, the limit of a "
        "run");
  CHECK_FALSE(refused.error().remedy.empty());
  CHECK(*board->room("77") == 77);
}

TEST_CASE("a name that is too long is refused, one of the full length is not") {
  const auto board = make_board();
  CHECK(board->room(std::string(limits::kLedgerRoomName, 'x')));
  const auto refused = board->room(std::string(limits::kLedgerRoomName + 1, 'y'));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message ==
        "room \"" + std::string(40, 'y') + "…\": its name has 257 bytes, 256 are the limit");
}

TEST_CASE("one sender too many is refused") {
  const auto board = make_board();
  const RoomId room = *board->room("v1");
  for (std::size_t i = 0; i < limits::kLedgerStreams; ++i)
    if (!board->open_stream(room, {})) FAIL("refused at ", i);
  const auto refused = board->open_stream(room, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message ==
        "room \"v1\" has a sender more than 1048576, the limit of a run");
  CHECK_FALSE(board->enter(*board->room("v2"), Numbers::kServer));  // it needs a stream, too
  Sender sender;
  CHECK_FALSE(sender.open(*board, room, 0, {}));
  CHECK_FALSE(sender.is_open());
  // A released one may be had again.
  board->release_stream(5, TimePoint{});
  CHECK(*board->open_stream(room, TimePoint{} + limits::kLedgerRest) == 5);
}

TEST_CASE("too many pairs of sender and receiver are refused, from both sides, and given back") {
  const auto board = make_board();
  const RoomId room = *board->room("v1");
  constexpr std::uint64_t kSenders = 4096, kReceivers = limits::kLedgerPairs / kSenders;
  for (std::uint64_t i = 0; i < kSenders; ++i) REQUIRE(board->open_stream(room, {}));
  for (std::uint64_t i = 0; i < kReceivers; ++i) REQUIRE(board->enter(room, Numbers::kStamps));
  const auto refused = board->enter(room, Numbers::kStamps);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message ==
        "room \"v1\" with 4096 senders and 8192 receivers: the ledger follows at most 33554432 "
        "pairs of a sender and a receiver");
  CHECK_FALSE(board->open_stream(room, {}));
  Membership member;
  CHECK_FALSE(member.join(*board, {.room = room}));
  CHECK_FALSE(member.joined());
  board->part(room, Numbers::kStamps);
  CHECK(member.join(*board, {.room = room}));
  member.settle({});
  CHECK(board->enter(room, Numbers::kStamps));
  CHECK_FALSE(board->enter(room, Numbers::kStamps));
}

TEST_CASE("senders that come and go do not use streams up") {
  const auto board = make_board();
  const RoomId room = *board->room("v1");
  TimePoint now{};
  std::uint32_t highest = 0;
  for (int i = 0; i < 100'000; ++i) {
    const auto id = board->open_stream(room, now);
    REQUIRE(id);
    highest = std::max(highest, *id);
    now += std::chrono::milliseconds{10};
    board->release_stream(*id, now);
  }
  CHECK(highest == 1000);  // as many as begin within the rest of ten seconds
}

TEST_CASE("the counts of all shards make up a room") {
  const auto board = make_board(3);
  const RoomId room = *board->room("v1");
  board->room("v2");
  for (unsigned shard : {0U, 2U}) {
    Book& book = board->book(room, shard);
    CHECK(&book == &board->book(room, shard));
    book.sent.add(10 + shard);
    book.delivered.add(5);
    book.lost.add();
    book.spread_max.raise(1000 * (shard + 1));
    book.spread_max.raise(7);
  }
  const auto rooms = board->rooms();
  CHECK(rooms[0].sent == 22);
  CHECK(rooms[0].delivered == 10);
  CHECK(rooms[0].expected() == 12);
  CHECK(rooms[0].spread_max == Duration{3000});
  CHECK(rooms[1].sent == 0);
  RoomTotals sum;
  for (const RoomTotals& one : rooms) sum.add(one);
  CHECK(sum.delivered == 10);
  CHECK(sum.name.empty());
}
