#include "ledger/sender.h"

#include <utility>

#include "base/assert.h"

namespace gend::ledger {

Expected<void> Sender::open(Board& board, RoomId room, unsigned shard, TimePoint now) {
  GEND_ASSERT(!is_open());
  const auto opened = board.open_stream(room, now);
  if (!opened) return std::unexpected{opened.error()};
  board_ = &board;
  id_ = *opened;
  stream_ = &board.stream(id_);
  book_ = &board.book(room, shard);
  return {};
}

void Sender::book_spread(Duration spread) {
  book_->spreads.add();
  book_->spread_max.raise(static_cast<std::uint64_t>(spread.count()));
}

Sender::Next Sender::next(TimePoint now) {
  SpreadRing* ring = stream_->ring.load(std::memory_order_relaxed);
  if (ring == nullptr) {
    ring = new SpreadRing;
    stream_->ring.store(ring, std::memory_order_release);
  }
  const std::uint64_t number = stream_->sent.load(std::memory_order_relaxed);
  Next next{{board_->run(), id_, number, now - board_->epoch()}, ring->claim(number, now)};
  if (next.spread) book_spread(*next.spread);
  stream_->sent.store(number + 1, std::memory_order_release);
  book_->sent.add();
  return next;
}

std::span<const Duration> Sender::close(TimePoint now, Spreads& spreads) {
  std::size_t count = 0;
  if (SpreadRing* ring = stream_->ring.load(std::memory_order_relaxed))
    for (std::size_t i = 0; i < SpreadRing::kSlots; ++i)
      if (const auto spread = ring->take(i)) {
        book_spread(*spread);
        spreads[count++] = *spread;
      }
  board_->release_stream(id_, now);
  stream_ = nullptr;
  id_ = kNoId;
  return {spreads.data(), count};
}

}  // namespace gend::ledger
