#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/outcome.h"

namespace gend::stats {

// Requests by how they ended: exactly one key a request. Below 100: the Outcome's number, when no
// whole response came. 100..999: the status of an answer that the plan expected. 1100..1999: 1000
// plus the status of an answer that it did not: a 404 that was asked for is no error.
struct Tally {
  static constexpr std::size_t kUnexpected = 1000;
  static constexpr std::size_t kKeys = 2000;
  std::array<std::uint64_t, kKeys> counts{};
  bool touched = false;

  static constexpr std::size_t key(Outcome outcome, int status) noexcept {
    const bool has_status = status >= 100 && status < 1000;
    const auto number = static_cast<std::size_t>(status);
    if (has_status && outcome == Outcome::kOk) return number;
    if (has_status && (outcome == Outcome::kStatus4xx || outcome == Outcome::kStatus5xx))
      return kUnexpected + number;
    return static_cast<std::size_t>(outcome);
  }
  void add(std::size_t key) noexcept { ++counts[key]; touched = true; }
};
static_assert(kOutcomeCount < 100, "outcomes and statuses share one key space");

// What a key stands for. `key` must be one that Tally::key() makes.
int status_of_key(std::size_t key) noexcept;  // 100..999, or 0: no answer, or its status is unknown

// The `error` tag: error_tag() of the outcome; for unexpected statuses status_4xx, status_5xx, or
// status_unexpected when the status is neither (a 200 where the plan wants a 404). Empty: no error.
std::string_view error_tag_of_key(std::size_t key) noexcept;

// The fine name, and one sentence: name_of() and describe() of the outcome; "status.4xx",
// "status.5xx", "status.unexpected". Empty when the key is no error.
std::string_view error_name_of_key(std::size_t key) noexcept;
std::string_view error_sentence_of_key(std::size_t key) noexcept;

}  // namespace gend::stats
