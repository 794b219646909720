#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace gend::plan {

// Text to numbers with units. Whole texts only, no locale, no overflow; empty when the text is not
// one. What a unit text looks like in messages is said by the k…Forms.

inline constexpr std::string_view kDurationForms = "500ms, 10s, 5m, 1h";
inline constexpr std::string_view kRateForms = "10, 10/s, 600/min";
inline constexpr std::string_view kSizeForms = "512, 64KiB, 1MiB, 1MB";

// "500ms", "1.5s", "1h30m"; units ns us ms s m h d, each at most once, largest first. A bare "0" is
// allowed, any other number without a unit is not. Saturates at 100 years, which no limit allows.
std::optional<Duration> parse_duration(std::string_view text);

// The shortest exact form: "1h30m", "1.5s", "0s".
std::string show_duration(Duration duration);

// A rate as written: a bare count (per the plan's timeUnit) or with its own unit.
struct RateText {
  double count = 0;
  std::optional<Duration> per;  // "/s" | "/m" or "/min" | "/h"
};
std::optional<RateText> parse_rate(std::string_view text);

// Bytes: a bare number, or with B, kB, MB, GB, KiB, MiB or GiB; whole in the end.
std::optional<std::uint64_t> parse_size(std::string_view text);

std::optional<std::int64_t> parse_integer(std::string_view text);
std::optional<double> parse_number(std::string_view text);  // finite; "1e3" and "0.5" alike

}  // namespace gend::plan
