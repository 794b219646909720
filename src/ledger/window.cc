#include "ledger/window.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"
#include "base/limits.h"

namespace gend::ledger {

namespace {

constexpr std::uint64_t kInline = 64;
constexpr std::uint64_t kFirstWide = 256;  // numbers: 32 bytes

struct Range {
  std::uint64_t from = 0, to = 0;

  bool holds(std::uint64_t number) const { return number >= from && number < to; }
};

std::uint64_t overlap(const Range& a, std::uint64_t from, std::uint64_t to) {
  const std::uint64_t low = std::max(a.from, from), high = std::min(a.to, to);
  return high > low ? high - low : 0;
}

}  // namespace

struct Window::Wide {
  // A ring of bits: number n has bit n & mask. Set are only those of [start, next) that arrived,
  // and next - start <= mask + 1.
  std::unique_ptr<std::uint64_t[]> bits;
  std::uint64_t mask = 0;
  std::uint64_t next = 0;
  std::uint64_t written_off = 0;  // one above the highest number that was written off
  // Two marks a patience apart: what is missing below `old_mark` has been so for that long.
  std::uint64_t old_mark = 0, new_mark = 0;
  TimePoint marked{};
  std::vector<Range> away;  // ascending, apart from each other

  std::uint64_t& word(std::uint64_t number) { return bits[(number & mask) / 64]; }
  const std::uint64_t& word(std::uint64_t number) const { return bits[(number & mask) / 64]; }
  static std::uint64_t bit(std::uint64_t number) { return std::uint64_t{1} << (number % 64); }
  bool test(std::uint64_t number) const { return (word(number) & bit(number)) != 0; }
  void set(std::uint64_t number) { word(number) |= bit(number); }
  bool take(std::uint64_t number) {  // whether it was set; it is not any more
    const bool was = test(number);
    word(number) &= ~bit(number);
    return was;
  }
  bool is_away(std::uint64_t number) const {
    return std::any_of(away.begin(), away.end(), [&](const Range& r) { return r.holds(number); });
  }
  void tick(TimePoint now) {
    if (now - marked < limits::kLedgerPatience) return;
    old_mark = new_mark;
    new_mark = next;
    marked = now;
  }
  void grow(std::uint64_t start, std::uint64_t numbers) {
    std::unique_ptr<std::uint64_t[]> old = std::make_unique<std::uint64_t[]>(numbers / 64);
    old.swap(bits);
    const std::uint64_t old_mask = mask;
    mask = numbers - 1;
    if (!old) return;
    for (std::uint64_t n = start; n < next; ++n)
      if ((old[(n & old_mask) / 64] & bit(n)) != 0) set(n);
  }
};

void Window::FreeWide::operator()(Wide* wide) const {
  delete wide;
}

std::uint64_t Window::next() const {
  if (wide_) return wide_->next;
  return start_ + kInline - static_cast<std::uint64_t>(std::countl_zero(bits_));
}

Window::Arrival Window::arrive(std::uint64_t number, TimePoint now, Missing& missing) {
  if (number < base_ || number >= end_) return {Arrived::kNotOwed};
  if (number < start_) {
    const bool sure = !wide_ || number >= wide_->written_off;
    return {sure ? Arrived::kDuplicate : Arrived::kUnclear};
  }
  const std::uint64_t offset = number - start_;
  if (wide_ || offset >= kInline) return arrive_wide(number, now, missing);
  const std::uint64_t above = bits_ >> offset;
  if ((above & 1) != 0) return {Arrived::kDuplicate};
  bits_ |= std::uint64_t{1} << offset;
  if (offset == 0) {
    const int run = std::countr_one(bits_);
    start_ += static_cast<std::uint64_t>(run);
    bits_ = run == static_cast<int>(kInline) ? 0 : bits_ >> run;
  }
  return {Arrived::kFirst, above != 0};
}

Window::Arrival Window::arrive_wide(std::uint64_t number, TimePoint now, Missing& missing) {
  Wide& w = widen(now);
  const bool reordered = number < w.next;
  if (reordered) {
    if (w.test(number)) return {Arrived::kDuplicate};
  } else {
    w.tick(now);
    if (number - start_ > w.mask) make_room(number, missing);
    w.next = number + 1;
  }
  w.set(number);
  const bool was_away = w.is_away(number);
  if (number == start_) advance();
  return {Arrived::kFirst, reordered, was_away};
}

Window::Wide& Window::widen(TimePoint now) {
  if (wide_) return *wide_;
  const std::uint64_t seen = next();
  wide_.reset(new Wide);
  wide_->next = seen;
  wide_->old_mark = start_;
  wide_->new_mark = seen;
  wide_->marked = now;
  wide_->grow(start_, kFirstWide);
  for (std::uint64_t i = 0; i < kInline; ++i)
    if ((bits_ >> i & 1) != 0) wide_->set(start_ + i);
  bits_ = 0;
  return *wide_;
}

// First what was waited for long enough goes, then the ring grows, then what is too far behind
// goes.
void Window::make_room(std::uint64_t number, Missing& missing) {
  Wide& w = *wide_;
  if (w.old_mark > start_) write_off(w.old_mark, missing);
  const std::uint64_t needed = number - start_ + 1;
  if (needed <= w.mask + 1) return;
  const std::uint64_t most = limits::kLedgerWindow;
  if (w.mask + 1 < most) w.grow(start_, needed >= most ? most : std::bit_ceil(needed));
  if (needed > most) write_off(number + 1 - most, missing);
}

void Window::write_off(std::uint64_t up_to, Missing& missing) {
  Wide& w = *wide_;
  for (; start_ < std::min(up_to, w.next); ++start_) {
    if (w.take(start_)) continue;
    w.written_off = start_ + 1;
    ++(w.is_away(start_) ? missing.away : missing.lost);
  }
  if (start_ < up_to) {  // beyond all that arrived: nothing is there
    std::uint64_t gone_away = 0;
    for (const Range& range : w.away) gone_away += overlap(range, start_, up_to);
    missing.away += gone_away;
    missing.lost += up_to - start_ - gone_away;
    start_ = w.next = w.written_off = up_to;
  }
  advance();
}

void Window::advance() {
  Wide& w = *wide_;
  while (start_ < w.next && w.take(start_)) ++start_;
  if (!w.away.empty() && w.away.front().to <= start_)
    std::erase_if(w.away, [&](const Range& range) { return range.to <= start_; });
}

void Window::away(std::uint64_t until, TimePoint now) {
  const std::uint64_t from = next();
  if (until <= from) return;
  std::vector<Range>& ranges = widen(now).away;
  if (!ranges.empty() && ranges.back().to >= from)
    ranges.back().to = std::max(ranges.back().to, until);
  else
    ranges.push_back({from, until});
}

void Window::close(std::uint64_t end) {
  GEND_ASSERT(!closed() && end >= next());
  end_ = end;
}

std::uint64_t Window::outstanding() const {
  GEND_ASSERT(closed());
  if (!wide_) return end_ - start_ - static_cast<std::uint64_t>(std::popcount(bits_));
  const Wide& w = *wide_;
  std::uint64_t missing = 0;
  for (std::uint64_t n = start_; n < w.next; ++n) missing += !w.test(n) && !w.is_away(n);
  std::uint64_t ahead = end_ - w.next;
  for (const Range& range : w.away) ahead -= overlap(range, w.next, end_);
  return missing + ahead;
}

Missing Window::settle() {
  GEND_ASSERT(closed());
  Missing missing;
  if (wide_) {
    write_off(end_, missing);
    wide_.reset();
  } else {
    missing.lost = outstanding();
  }
  start_ = end_;
  bits_ = 0;
  return missing;
}

}  // namespace gend::ledger
