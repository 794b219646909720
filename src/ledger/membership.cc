#include "ledger/membership.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace gend::ledger {

namespace {

constexpr bool same(Arrived a, Delivery::Kind b) {
  return static_cast<int>(a) == static_cast<int>(b);
}
static_assert(same(Arrived::kFirst, Delivery::Kind::kFirst) &&
              same(Arrived::kDuplicate, Delivery::Kind::kDuplicate) &&
              same(Arrived::kNotOwed, Delivery::Kind::kNotOwed) &&
              same(Arrived::kUnclear, Delivery::Kind::kUnclear));

void raise(std::atomic<std::uint64_t>& to, std::uint64_t value) {
  std::uint64_t old = to.load(std::memory_order_relaxed);
  while (old < value && !to.compare_exchange_weak(old, value, std::memory_order_acq_rel)) {
  }
}
void lower(std::atomic<std::uint64_t>& to, std::uint64_t value) {
  std::uint64_t old = to.load(std::memory_order_relaxed);
  while (old > value && !to.compare_exchange_weak(old, value, std::memory_order_acq_rel)) {
  }
}

}  // namespace

Membership::~Membership() {
  if (joined()) settle(TimePoint::min());
}

template <class F>
void Membership::for_each_window(F&& f) {
  if (numbers_ == Numbers::kServer)
    return f(windows_[0], server_->sent.load(std::memory_order_acquire));
  board_->for_each_stream(room_, [&](const Stream& stream) {
    const std::uint64_t sent = stream.sent.load(std::memory_order_acquire);
    if (sent > 0 && stream.ordinal >= windows_.size()) windows_.resize(stream.ordinal + 1);
    if (stream.ordinal < windows_.size()) f(windows_[stream.ordinal], sent);
  });
}

Expected<void> Membership::join(Board& board, const Join& join) {
  GEND_ASSERT(!joined());
  if (auto entered = board.enter(join.room, join.numbers); !entered) return entered;
  board_ = &board;
  book_ = &board.book(join.room, join.shard);
  room_ = join.room;
  numbers_ = join.numbers;
  late_ = join.late;
  state_ = State::kIn;
  delivered_ = lost_ = missed_away_ = outstanding_ = 0;
  away_ = false;
  sync_ = Sync::kDone;
  if (numbers_ == Numbers::kServer) {
    server_ = &board.stream(board.server_stream(room_));
    sync_ = Sync::kJoin;
    windows_.resize(1);
  }
  for_each_window([](Window& window, std::uint64_t sent) { window = Window{sent}; });
  book_->joined.add();
  return {};
}

void Membership::exclude(StreamId id) {
  GEND_ASSERT(state_ == State::kIn && numbers_ == Numbers::kStamps);
  const Stream& stream = board_->stream(id);
  GEND_ASSERT(stream.room == room_);
  if (stream.ordinal >= windows_.size()) windows_.resize(stream.ordinal + 1);
  Window& window = windows_[stream.ordinal];
  if (!window.closed()) window.close(stream.sent.load(std::memory_order_acquire));
}

Delivery Membership::book_kind(Delivery::Kind kind) {
  switch (kind) {
    case Delivery::Kind::kFirst: book_->delivered.add(); break;
    case Delivery::Kind::kDuplicate: book_->duplicated.add(); break;
    case Delivery::Kind::kNotOwed: book_->not_owed.add(); break;
    case Delivery::Kind::kUnclear: book_->unclear.add(); break;
    case Delivery::Kind::kGarbled: book_->garbled.add(); break;
  }
  return {.kind = kind};
}

void Membership::book_missing(const Missing& missing) {
  lost_ += missing.lost;
  missed_away_ += missing.away;
  book_->lost.add(missing.lost);
  book_->missed_away.add(missing.away);
}

void Membership::note_garbled() {
  book_->garbled.add();
}
void Membership::note_foreign() {
  book_->foreign.add();
}

Delivery Membership::book_arrival(Window& window, std::uint64_t number,
                                  std::optional<Duration> latency, TimePoint now) {
  Missing missing;
  const Window::Arrival arrival = window.arrive(number, now, missing);
  Delivery delivery = book_kind(static_cast<Delivery::Kind>(arrival.how));
  if (missing != Missing{}) {
    book_missing(missing);
    if (draining()) outstanding_ -= missing.lost;
    delivery.lost = static_cast<std::uint32_t>(missing.lost);
  }
  if (latency) delivery.latency = std::max(*latency, Duration::zero());
  if (arrival.how != Arrived::kFirst) return delivery;
  ++delivered_;
  if (draining() && !arrival.was_away) --outstanding_;
  delivery.reordered = arrival.reordered;
  delivery.late = delivery.latency > late_;
  if (delivery.reordered) book_->reordered.add();
  if (delivery.late) book_->late.add();
  return delivery;
}

// Null: the stream began to send when this member had left.
Window* Membership::window_of(const Stream& stream) {
  if (stream.ordinal >= windows_.size()) {
    if (draining()) return nullptr;
    windows_.resize(stream.ordinal + 1);
  }
  return &windows_[stream.ordinal];
}

Delivery Membership::deliver(const Stamp& stamp, TimePoint now) {
  GEND_ASSERT(joined() && numbers_ == Numbers::kStamps);
  const Stream* const stream = board_->find_stream(stamp.stream);
  // Nobody has sent that number: garbled in a way that the check character does not see.
  if (stream == nullptr || stamp.number >= stream->sent.load(std::memory_order_acquire))
    return book_kind(Delivery::Kind::kGarbled);
  Window* const window = stream->room == room_ ? window_of(*stream) : nullptr;
  if (window == nullptr) return book_kind(Delivery::Kind::kNotOwed);
  const Duration latency = now - (board_->epoch() + stamp.at);
  const Delivery delivery = book_arrival(*window, stamp.number, latency, now);
  if (delivery.kind == Delivery::Kind::kFirst)
    if (SpreadRing* ring = stream->ring.load(std::memory_order_acquire))
      ring->note(stamp.number, latency);
  return delivery;
}

Delivery Membership::deliver_number(std::uint64_t number, std::optional<Duration> latency,
                                    TimePoint now) {
  GEND_ASSERT(joined() && numbers_ == Numbers::kServer);
  const std::uint64_t known = server_->sent.load(std::memory_order_relaxed);
  const std::uint64_t highest = std::max(windows_[0].next(), known);
  const bool nothing_known = sync_ == Sync::kJoin && known == 0;
  if (number >= Window::kOpen - 1 || (!nothing_known && number > highest + limits::kLedgerJump))
    return book_kind(Delivery::Kind::kGarbled);
  if (state_ == State::kIn && sync_ != Sync::kDone) {
    if (sync_ == Sync::kJoin) windows_[0] = Window{number};
    if (sync_ == Sync::kResume) windows_[0].away(number, now);
    sync_ = Sync::kDone;
  }
  lower(server_->lowest, number);
  raise(server_->sent, number + 1);
  Delivery delivery = book_arrival(windows_[0], number, latency, now);
  if (delivery.kind != Delivery::Kind::kFirst) return delivery;
  delivery.spread = server_->ring.load(std::memory_order_acquire)->note_or_claim(number, now);
  if (delivery.spread) {
    book_->spreads.add();
    book_->spread_max.raise(static_cast<std::uint64_t>(delivery.spread->count()));
  }
  return delivery;
}

void Membership::pause() {
  GEND_ASSERT(state_ == State::kIn);
  away_ = true;
}

// Nothing arrives while a connection is down, so what a window saw last is what it saw before.
void Membership::resume(TimePoint now) {
  GEND_ASSERT(state_ == State::kIn);
  if (!std::exchange(away_, false)) return;
  begin_unseen();
  for_each_window([&](Window& window, std::uint64_t sent) { window.away(sent, now); });
  if (numbers_ == Numbers::kServer) sync_ = Sync::kResume;
}

// When nobody had seen a number of the server at the join, and this member still has not: it is
// owed what others saw since, and not all that the server may have counted before.
void Membership::begin_unseen() {
  if (sync_ != Sync::kJoin) return;
  const std::uint64_t sent = server_->sent.load(std::memory_order_acquire);
  const std::uint64_t lowest = server_->lowest.load(std::memory_order_acquire);
  if (windows_[0].base() == 0) windows_[0] = Window{std::min(lowest, sent)};
}

void Membership::leave(TimePoint now) {
  if (state_ != State::kIn) return;
  resume(now);
  begin_unseen();
  state_ = State::kDraining;
  for_each_window([](Window& window, std::uint64_t sent) {
    if (!window.closed()) window.close(std::max(sent, window.next()));
  });
  for (Window& window : windows_) {
    if (!window.closed()) window.close(window.next());
    outstanding_ += window.outstanding();
  }
}

Membership::Settled Membership::settle(TimePoint now) {
  GEND_ASSERT(joined());
  leave(now);
  Settled settled;
  for (Window& window : windows_) {
    settled.owed += window.end() - window.base();
    const Missing missing = window.settle();
    settled.lost_now += missing.lost;
    book_missing(missing);
  }
  settled.delivered = delivered_;
  settled.lost = lost_;
  settled.missed_away = missed_away_;
  book_->owed.add(settled.owed);
  book_->settled.add();
  board_->part(room_, numbers_);
  windows_ = std::vector<Window>{};
  state_ = State::kOut;
  return settled;
}

}  // namespace gend::ledger
