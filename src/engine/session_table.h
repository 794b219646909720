#pragma once

#include <cstddef>
#include <cstdint>

#include "base/slab.h"
#include "engine/session.h"

namespace gend::ledger {
class Board;
}

namespace gend::engine {

struct Vu;

// What the sessions of a shard need of the rest of it.
struct SessionHost {
  Vu* users = nullptr;
  std::size_t most = 0;            // sessions at once
  ledger::Board* board = nullptr;  // of the run
  unsigned shard = 0;
};

// All sessions of a shard: as many as its users may have at once, and some that their users have
// left and that are about to close.
class SessionTable {
 public:
  explicit SessionTable(std::size_t most) : sessions_{most == 0 ? 0 : most + most / 8 + 64} {}

  // Null when every one is in use.
  Session* take() {
    const std::uint32_t index = sessions_.take();
    if (index == Slab<Session>::kNone) return nullptr;
    Session& session = sessions_[index];
    session.index = index;
    ++session.life;
    return &session;
  }
  void put(Session& session) { sessions_.put(session.index); }

  Session& operator[](std::uint32_t index) { return sessions_[index]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(sessions_.capacity()); }
  std::size_t taken() const { return sessions_.taken(); }

 private:
  Slab<Session> sessions_;
};

}  // namespace gend::engine
