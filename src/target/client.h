#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/timer_queue.h"
#include "net/event.h"
#include "target/engine_session.h"
#include "target/opening.h"
#include "target/room_counts.h"
#include "target/ws_frames.h"

namespace gend::target {

// One delivery among the bytes that go to a receiver.
struct Mark {
  enum class Copy : std::uint8_t { kFirst, kSecond };
  Room* room;
  TimePoint received;  // when the message came in
  Copy copy = Copy::kFirst;
  bool reordered = false;
};

// Bytes for one receiver, and what is to be counted when the kernel has taken them.
struct Outgoing {
  std::string bytes;
  std::vector<Mark> marks;
  std::uint32_t messages = 0;

  void clear() {
    bytes.clear();
    marks.clear();
    messages = 0;
  }
};

// Where a client stands among the members of a room.
struct Place {
  Room* room;
  std::uint32_t position;
};

struct Client;

// A delivery that is held back.
struct Held : Timer {
  enum class Until : std::uint8_t { kTime, kLaterOne };
  Client* to = nullptr;
  Room* room = nullptr;
  std::uint64_t sender = 0, sequence = 0;
  TimePoint received{};
  Until until = Until::kTime;
  bool twice = false;
  bool overtaken = false;  // a later one of the same sender in that room was sent
  std::uint8_t head = 0;
  std::string frame;
};

// One WebSocket connection of a thread, or a session of Engine.IO that began with polling (then
// without a connection of its own). An idle one is this struct and nothing else.
struct Client : Timer {
  enum class State : std::uint8_t {
    kOpen,
    kClosing,  // our close frame is under way or sent, theirs has not come
    kDone      // what is there is sent, then the connection is closed
  };

  std::uint64_t number = 0;  // of all connections of the process
  net::ConnectionId id = net::kNoConnection;
  Opening::Kind kind = Opening::Kind::kNone;
  State state = State::kOpen;
  bool deflate = false;
  bool polling = false;   // `out` is a payload of Engine.IO, not frames
  bool dirty = false;     // on the list of those with something to send
  bool sending = false;   // `under_way` is with the kernel
  std::uint16_t code = 0;  // of the close frame that came or went first
  std::uint16_t close_code = 0;
  std::uint32_t close_after = 0;
  std::uint64_t sequence = 0;  // messages to rooms so far
  Duration ping_every{};
  Outgoing out, under_way;
  std::unique_ptr<WsReader> reader;  // only in the middle of a message
  std::vector<Place> places;
  std::vector<std::unique_ptr<Held>> held;
  std::unique_ptr<EngineSession> engine;  // kEngine
  std::unique_ptr<std::string> carries;   // kCarrier: the session's sid
};

}  // namespace gend::target
