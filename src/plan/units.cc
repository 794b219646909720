#include "plan/units.h"

#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace gend::plan {

namespace {

using namespace std::chrono_literals;

struct Unit {
  std::string_view name;
  Duration length;
};
// Largest first: the order in which they may follow each other.
constexpr std::array<Unit, 7> kUnits{
    {{"d", 24h}, {"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}, {"us", 1us}, {"ns", 1ns}}};
constexpr double kLongestNs = 100.0 * 365 * 24 * 3600 * 1e9;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t count_digits(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  return n;
}

// "12" or "12.5" at the front of `text`: its length, 0 when there is none. No sign, no exponent.
std::size_t decimal_length(std::string_view text) {
  const std::size_t whole = count_digits(text);
  if (whole == 0 || whole == text.size() || text[whole] != '.') return whole;
  const std::size_t fraction = count_digits(text.substr(whole + 1));
  return fraction == 0 ? 0 : whole + 1 + fraction;
}

std::optional<double> parse_double(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration{};
  if (text.empty()) return std::nullopt;
  double total_ns = 0;
  std::size_t next_unit = 0;
  while (!text.empty()) {
    const std::size_t digits = decimal_length(text);
    const auto value = parse_double(text.substr(0, digits));
    if (digits == 0 || !value) return std::nullopt;
    text.remove_prefix(digits);
    std::size_t letters = 0;
    while (letters < text.size() && text[letters] >= 'a' && text[letters] <= 'z') ++letters;
    const std::string_view name = text.substr(0, letters);
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name) ++next_unit;
    if (next_unit == kUnits.size()) return std::nullopt;
    total_ns += *value * static_cast<double>(kUnits[next_unit++].length.count());
    text.remove_prefix(letters);
  }
  return Duration{static_cast<std::int64_t>(std::llround(std::min(total_ns, kLongestNs)))};
}

namespace {

// All nine decimals that are no zeros at the end; %g would say 1e-06 of a microsecond.
std::string decimal_seconds(Duration duration) {
  std::string text = fmt::format("{}.{:09}", duration / 1s, (duration % 1s).count());
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

std::string show_duration(Duration duration) {
  if (duration < 0ns) return "-" + show_duration(-duration);
  if (duration == 0ns) return "0s";
  if (duration < 1us) return fmt::format("{}ns", duration.count());
  if (duration < 1ms) return fmt::format("{:.10g}us", static_cast<double>(duration.count()) / 1e3);
  if (duration < 1s) return fmt::format("{:.10g}ms", to_ms(duration));
  std::string out;
  const auto hours = duration / 1h, minutes = duration % 1h / 1min;
  const Duration rest = duration % 1min;
  if (hours > 0) out += fmt::format("{}h", hours);
  if (minutes > 0) out += fmt::format("{}m", minutes);
  if (rest > 0ns) out += decimal_seconds(rest) + "s";
  return out;
}

std::optional<RateText> parse_rate(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto count = parse_number(text.substr(0, slash));
  if (!count) return std::nullopt;
  if (slash == std::string_view::npos) return RateText{*count, std::nullopt};
  const std::string_view unit = text.substr(slash + 1);
  if (unit == "s") return RateText{*count, 1s};
  if (unit == "m" || unit == "min") return RateText{*count, 1min};
  if (unit == "h") return RateText{*count, 1h};
  return std::nullopt;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  struct Unit {
    std::string_view name;
    double bytes;
  };
  constexpr std::array<Unit, 8> kSizes{{{"KiB", 1024.0},
                                        {"MiB", 1024.0 * 1024},
                                        {"GiB", 1024.0 * 1024 * 1024},
                                        {"kB", 1e3},
                                        {"MB", 1e6},
                                        {"GB", 1e9},
                                        {"B", 1},
                                        {"", 1}}};
  for (const Unit& unit : kSizes) {
    if (!text.ends_with(unit.name)) continue;
    const auto number = parse_number(text.substr(0, text.size() - unit.name.size()));
    if (!number || *number < 0) return std::nullopt;
    const double bytes = *number * unit.bytes;
    constexpr double kMost = 1e15;  // far below what a double counts exactly
    if (bytes != std::floor(bytes) || bytes > kMost) return std::nullopt;
    return static_cast<std::uint64_t>(bytes);
  }
  return std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_number(std::string_view text) {
  const auto value = parse_double(text);
  if (!value || !std::isfinite(*value)) return std::nullopt;
  return value;
}

}  // namespace gend::plan
