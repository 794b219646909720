#include "engine/checks.h"

#include <string_view>

#include "base/assert.h"
#include "plan/expression.h"

namespace gend::engine {
namespace {

template <class T>
bool compare(plan::Match match, T value, T limit) {
  switch (match) {
    case plan::Match::kLess: return value < limit;
    case plan::Match::kLessEqual: return value <= limit;
    case plan::Match::kGreater: return value > limit;
    case plan::Match::kGreaterEqual: return value >= limit;
    case plan::Match::kEqual: return value == limit;
    case plan::Match::kNotEqual: return value != limit;
    case plan::Match::kIn:
    case plan::Match::kContains:
    case plan::Match::kNotContains:
    case plan::Match::kIs:
    case plan::Match::kIsNot:
    case plan::Match::kMatches:
    case plan::Match::kNotExists:
    case plan::Match::kExists: break;
  }
  GEND_ASSERT(!"a text match on a number");
  return false;
}

bool matches_text(const plan::Check& check, std::string_view text) {
  const std::string wanted = plan::fixed_text(check.text);
  switch (check.match) {
    case plan::Match::kContains: return text.find(wanted) != text.npos;
    case plan::Match::kNotContains: return text.find(wanted) == text.npos;
    case plan::Match::kIs: return text == wanted;
    case plan::Match::kIsNot: return text != wanted;
    case plan::Match::kExists: return true;
    case plan::Match::kLess:
    case plan::Match::kLessEqual:
    case plan::Match::kGreater:
    case plan::Match::kGreaterEqual:
    case plan::Match::kEqual:
    case plan::Match::kNotEqual: return compare(check.match, static_cast<double>(text.size()), check.number);
    case plan::Match::kIn:
    case plan::Match::kMatches:
    case plan::Match::kNotExists: break;
  }
  GEND_ASSERT(!"a status match on a text");
  return false;
}

}  // namespace

bool in_ranges(const std::vector<std::pair<std::uint16_t, std::uint16_t>>& ranges, int status) {
  for (const auto& [low, high] : ranges)
    if (status >= low && status <= high) return true;
  return false;
}

bool holds(const plan::Check& check, const CheckSubject& subject) {
  if (subject.status == 0) return false;
  switch (check.of.part) {
    case plan::Part::kStatus: return in_ranges(check.statuses, subject.status);
    case plan::Part::kLatency: return compare(check.match, subject.latency, check.latency);
    case plan::Part::kBody: return matches_text(check, subject.kept->body);
    case plan::Part::kHeader: {
      const std::string_view value = http::find_header(*subject.kept, check.of.name);
      return value.data() != nullptr && matches_text(check, value);
    }
    case plan::Part::kSize:
    case plan::Part::kCookie:
    case plan::Part::kJson:
    case plan::Part::kRegex:
    case plan::Part::kUrl: break;
  }
  GEND_ASSERT(!"unknown check");
  return false;
}

}  // namespace gend::engine
