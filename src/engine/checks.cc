#include "engine/checks.h"

#include <charconv>
#include <optional>
#include <string_view>

#include "engine/compare.h"
#include "http/chars.h"

namespace gend::engine {
namespace {

constexpr bool is_comparison(plan::Match match) {
  return match >= plan::Match::kLess && match <= plan::Match::kNotEqual;
}

std::optional<double> number_in(std::string_view text) {
  text = http::trim_blanks(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_whole(std::string_view number) {
  return number.find_first_not_of("-0123456789") == std::string_view::npos;
}

// Whole numbers are compared digit by digit: they may have more than a double holds.
bool equals(const Found& found, std::string_view wanted) {
  if (found.text == wanted) return true;
  if (found.kind == Found::Kind::kNull) return wanted == "null";
  if (found.kind != Found::Kind::kNumber || (is_whole(found.text) && is_whole(wanted)))
    return false;
  const auto number = number_in(wanted);
  return number && number == number_in(found.text);
}

bool compare_number(plan::Match match, const Found& found, double limit) {
  const auto number = number_in(found.text);
  return number ? compare(match, *number, limit) : match == plan::Match::kNotEqual;
}

}  // namespace

bool in_ranges(const std::vector<std::pair<std::uint16_t, std::uint16_t>>& ranges, int status) {
  for (const auto& [low, high] : ranges)
    if (status >= low && status <= high) return true;
  return false;
}

bool holds(const plan::Check& check, AnswerReader& reader, std::string_view wanted) {
  const Answer& answer = reader.answer();
  if (answer.status == 0) return false;
  if (check.of.part == plan::Part::kLatency && is_comparison(check.match))
    return compare(check.match, answer.latency, check.latency);
  if (check.match == plan::Match::kIn) return in_ranges(check.statuses, answer.status);

  const auto found = reader.find(check.of);
  if (!found) return check.match == plan::Match::kNotExists;
  switch (check.match) {
    case plan::Match::kContains: return found->text.find(wanted) != std::string_view::npos;
    case plan::Match::kNotContains: return found->text.find(wanted) == std::string_view::npos;
    case plan::Match::kIs: return equals(*found, wanted);
    case plan::Match::kIsNot: return !equals(*found, wanted);
    case plan::Match::kMatches: return reader.pattern(check.pattern).matches(found->text);
    case plan::Match::kExists: return true;
    case plan::Match::kIn:
    case plan::Match::kNotExists: return false;
    case plan::Match::kLess:
    case plan::Match::kLessEqual:
    case plan::Match::kGreater:
    case plan::Match::kGreaterEqual:
    case plan::Match::kEqual:
    case plan::Match::kNotEqual: break;
  }
  return compare_number(check.match, *found, check.number);
}

}  // namespace gend::engine
