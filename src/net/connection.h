#pragma once

#include <cstdint>

#include "base/time.h"
#include "net/event.h"

namespace gend::net {

enum class Operation : std::uint8_t {
  kConnect,
  kSend,
  kReceive,
  kCancel,
  kClose,
  kAccept,
  kDoorbell,
  kLinger,
  kPost  // completes only when refused
};

// What travels through the kernel as user_data: which operation of which connection, and which life
// of that slot. No two operations in flight share one (a link timeout or cancel goes by it).
struct Tag {
  Operation operation;
  std::uint32_t generation;  // 24 bits
  ConnectionId connection;

  std::uint64_t pack() const {
    return (static_cast<std::uint64_t>(operation) << 56) |
           (static_cast<std::uint64_t>(generation & 0xFFFFFF) << 32) | connection;
  }
  static Tag unpack(std::uint64_t word) {
    return {static_cast<Operation>(word >> 56), static_cast<std::uint32_t>(word >> 32) & 0xFFFFFF,
            static_cast<ConnectionId>(word)};
  }
};

enum class ConnectionState : std::uint8_t {
  kFree,
  kQueued,  // waits for its turn to connect; no socket yet
  kConnecting,
  kOpen,
  kClosing  // nobody above knows it any more; waits for the kernel to let go
};

// One socket slot. What the kernel holds, nobody frees: the slot is reused only when `in_flight`,
// the operations without a last completion, is zero and the descriptor is closed.
struct Connection {
  ConnectionState state = ConnectionState::kFree;
  std::uint8_t in_flight = 0;
  std::uint8_t cancel_retries = 0;
  bool sending = false;
  bool receiving = false;  // a multishot receive is armed
  bool close_submitted = false;
  bool has_socket = false;       // a descriptor is in the slot
  bool accepted = false;         // the kernel chose the slot; it is not of the free list
  std::uint32_t generation = 0;  // 24 bits, one up with every life
  std::uint32_t owner = 0;
  std::uint16_t endpoint = 0;
  int send_error = 0;          // positive errno of a failed send; the receive tells the owner
  const char* data = nullptr;  // the send in flight
  std::uint32_t size = 0, done = 0;
  TimePoint asked_at{};      // first submission after open(): when its owner's turn came
  TimePoint submitted_at{};  // when the latest connect or send was handed to the kernel
  TimePoint sent_at = kNever;
};

}  // namespace gend::net
