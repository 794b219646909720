#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/slab.h"
#include "engine/pool.h"
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
  explicit SessionTable(std::size_t most)
      : sessions_{most == 0 ? 0 : most + most / 8 + 64, SlabMakes::kWhenTaken} {}

  // Null when every one is in use.
  Session* take() {
    const std::uint32_t index = sessions_.take();
    if (index == Slab<Session>::kNone) return nullptr;
    Session& session = sessions_[index];
    session.index = index;
    ++session.life;
    return &session;
  }
  void put(Session& session) {
    resumes_.put(session.resume);
    sessions_.put(session.index);
  }

  // Its user does the steps up to rejoin_step again, and then goes on there. Where the session was
  // lost again meanwhile, what was said first holds; one that never joined simply begins anew.
  void resume_later(Session& session, const Resume& resume) {
    if (!session.joined || session.resume != nullptr) return;
    session.resume = resumes_.take();
    *session.resume = resume;
  }
  // Those steps are done: where the user goes on, if it does not simply go on.
  std::optional<Resume> resumed(Session& session) {
    if (session.resume == nullptr) return std::nullopt;
    const Resume resume = *session.resume;
    resumes_.put(session.resume);
    return resume;
  }

  Session& operator[](std::uint32_t index) { return sessions_[index]; }
  // Those that were ever taken have an index below.
  std::uint32_t made() const { return static_cast<std::uint32_t>(sessions_.made()); }
  std::size_t taken() const { return sessions_.taken(); }

 private:
  Slab<Session> sessions_;
  Pool<Resume> resumes_;
};

}  // namespace gend::engine
