#include "target/world.h"

namespace gend::target {

bool Feeds::claim(Room& room) {
  const std::lock_guard lock{mutex_};
  Feed& feed = feeds_[&room];
  if (feed.fed) return false;
  return feed.fed = true;
}

bool Feeds::release(Room& room, unsigned threads) {
  // Whoever joins does so before it claims: it is seen here, or finds the room unclaimed.
  const std::lock_guard lock{mutex_};
  for (unsigned t = 0; t < threads; ++t)
    if (room.of_thread[t].members.load() > 0) return false;
  feeds_[&room].fed = false;
  return true;
}

std::uint64_t Feeds::next_sequence(Room& room) {
  const std::lock_guard lock{mutex_};
  return ++feeds_[&room].sequence;
}

}  // namespace gend::target
