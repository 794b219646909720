#include "http/cookie_date.h"

#include <array>
#include <chrono>
#include <cstddef>

#include "http/chars.h"

namespace gend::http {
namespace {

constexpr bool is_delimiter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x09 || (byte >= 0x20 && byte <= 0x2F) || (byte >= 0x3B && byte <= 0x40) ||
         (byte >= 0x5B && byte <= 0x60) || (byte >= 0x7B && byte <= 0x7E);
}

// Takes `least` to `most` digits from the front of `text`; -1 when there are fewer, or more.
int take_digits(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t size = 0;
  int value = 0;
  while (size < text.size() && size <= most && is_digit(text[size])) {
    value = value * 10 + (text[size] - '0');
    ++size;
  }
  if (size < least || size > most) return -1;
  text.remove_prefix(size);
  return value;
}

struct Date {
  int hour = -1, minute = 0, second = 0, day = -1, month = -1, year = -1;

  bool take_time(std::string_view token) {
    const int h = take_digits(token, 1, 2);
    if (h < 0 || !token.starts_with(':')) return false;
    token.remove_prefix(1);
    const int m = take_digits(token, 1, 2);
    if (m < 0 || !token.starts_with(':')) return false;
    token.remove_prefix(1);
    const int s = take_digits(token, 1, 2);
    if (s < 0) return false;
    hour = h;
    minute = m;
    second = s;
    return true;
  }

  bool take_month(std::string_view token) {
    static constexpr std::array<std::string_view, 12> kMonths{
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
    for (std::size_t i = 0; i < kMonths.size(); ++i)
      if (equals_ignoring_case(token.substr(0, 3), kMonths[i])) month = static_cast<int>(i) + 1;
    return month > 0;
  }

  // Each token is the first thing in this order that it can be and that is still missing.
  void take(std::string_view token) {
    if (hour < 0 && take_time(token)) return;
    if (std::string_view rest = token; day < 0) {
      day = take_digits(rest, 1, 2);
      if (day >= 0) return;
    }
    if (month < 0 && take_month(token)) return;
    if (year < 0) year = take_digits(token, 2, 4);
  }

  std::optional<std::int64_t> seconds() const {
    using namespace std::chrono;
    if (hour < 0 || day < 0 || month < 0 || year < 0) return std::nullopt;
    const int full = year >= 70 && year <= 99 ? year + 1900 : year <= 69 ? year + 2000 : year;
    if (full < 1601 || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    const year_month_day date{std::chrono::year{full},
                              std::chrono::month{static_cast<unsigned>(month)},
                              std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) return std::nullopt;
    const auto days = sys_days{date}.time_since_epoch().count();
    return std::int64_t{days} * 86400 + hour * 3600 + minute * 60 + second;
  }
};

}  // namespace

std::optional<std::int64_t> parse_cookie_date(std::string_view text) {
  Date date;
  while (!text.empty()) {
    std::size_t size = 0;
    while (size < text.size() && !is_delimiter(text[size])) ++size;
    if (size > 0) date.take(text.substr(0, size));
    text.remove_prefix(size == text.size() ? size : size + 1);
  }
  return date.seconds();
}

}  // namespace gend::http
