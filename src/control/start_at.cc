#include "control/start_at.h"

#include <chrono>
#include <optional>

#include <fmt/format.h>

#include "plan/units.h"

namespace gend::control {

namespace {

using namespace std::chrono;

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;

// Takes fixed shapes from the front of a text; broken once one does not fit.
class Shape {
 public:
  explicit Shape(std::string_view text) : rest_{text} {}

  int digits(std::size_t n, int first, int last) {
    int value = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const char c = i < rest_.size() ? rest_[i] : ' ';
      if (c < '0' || c > '9') return broken();
      value = value * 10 + (c - '0');
    }
    if (value < first || value > last) return broken();
    rest_.remove_prefix(n);
    return value;
  }
  bool accept(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == any_of.npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(std::string_view any_of) {
    if (!accept(any_of)) broken();
  }
  // Digits behind a point, in thousandths; more than three are cut.
  int fraction() {
    int value = 0, seen = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++seen) {
      if (seen < 3) value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    for (int i = seen; i < 3; ++i) value *= 10;
    return seen == 0 ? broken() : value;
  }
  bool whole() const { return whole_ && rest_.empty(); }

 private:
  int broken() {
    whole_ = false;
    return 0;
  }
  std::string_view rest_;
  bool whole_ = true;
};

// RFC 3339, 5.6. A leap second counts as the first of the next minute.
std::optional<std::int64_t> parse_wall_time(std::string_view text) {
  Shape shape{text};
  const int y = shape.digits(4, 1970, 9999);
  shape.expect("-");
  const int m = shape.digits(2, 1, 12);
  shape.expect("-");
  const int d = shape.digits(2, 1, 31);
  shape.expect("Tt ");
  const int hour = shape.digits(2, 0, 23);
  shape.expect(":");
  const int minute = shape.digits(2, 0, 59);
  shape.expect(":");
  const int second = shape.digits(2, 0, 60);
  const int ms = shape.accept(".") ? shape.fraction() : 0;
  int offset = 0;  // minutes
  if (!shape.accept("Zz")) {
    const bool west = shape.accept("-");
    if (!west) shape.expect("+");
    offset = shape.digits(2, 0, 23) * 60;
    shape.expect(":");
    offset += shape.digits(2, 0, 59);
    if (west) offset = -offset;
  }
  const year_month_day date{year{y}, month{static_cast<unsigned>(m)},
                            day{static_cast<unsigned>(d)}};
  if (!shape.whole() || !date.ok()) return std::nullopt;
  const std::int64_t days = sys_days{date}.time_since_epoch().count();
  return days * kDayMs + ((hour * 60LL + minute - offset) * 60 + second) * 1000 + ms;
}

}  // namespace

std::expected<std::int64_t, std::string> parse_start_at(std::string_view text,
                                                        std::int64_t now_ms) {
  std::optional<std::int64_t> at;
  if (text.starts_with('+')) {
    if (const auto duration = plan::parse_duration(text.substr(1)))
      at = now_ms + duration_cast<milliseconds>(*duration).count();
  } else {
    at = parse_wall_time(text);
  }
  if (!at)
    return std::unexpected{
        fmt::format("\"{}\" is no time, expected one like 2026-11-21T08:00:00Z or +10s", text)};
  if (*at < now_ms)
    return std::unexpected{fmt::format("{} has passed: here it is {}", show_wall_time(*at),
                                       show_wall_time(now_ms))};
  if (*at > now_ms + kDayMs)
    return std::unexpected{fmt::format("{} is more than a day ahead: here it is {}",
                                       show_wall_time(*at), show_wall_time(now_ms))};
  return *at;
}

std::string show_wall_time(std::int64_t wall_ms) {
  const sys_time<milliseconds> time{milliseconds{wall_ms}};
  const sys_days midnight = floor<days>(time);
  const year_month_day date{midnight};
  const hh_mm_ss clock{time - midnight};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

}  // namespace gend::control
