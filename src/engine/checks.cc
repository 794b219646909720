#include "engine/checks.h"

#include <string_view>

#include "base/assert.h"

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
    case plan::Match::kExists: break;
  }
  GEND_ASSERT(!"a text match on a number");
  return false;
}

bool matches_text(const plan::Check& check, std::string_view text) {
  switch (check.match) {
    case plan::Match::kContains: return text.find(check.text) != text.npos;
    case plan::Match::kNotContains: return text.find(check.text) == text.npos;
    case plan::Match::kIs: return text == check.text;
    case plan::Match::kIsNot: return text != check.text;
    case plan::Match::kExists: return true;
    case plan::Match::kLess:
    case plan::Match::kLessEqual:
    case plan::Match::kGreater:
    case plan::Match::kGreaterEqual:
    case plan::Match::kEqual:
    case plan::Match::kNotEqual: return compare(check.match, text.size(), check.size);
    case plan::Match::kIn: break;
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
  switch (check.kind) {
    case plan::CheckKind::kStatus: return in_ranges(check.statuses, subject.status);
    case plan::CheckKind::kLatency: return compare(check.match, subject.latency, check.latency);
    case plan::CheckKind::kBody: return matches_text(check, subject.kept->body);
    case plan::CheckKind::kHeader: {
      const std::string_view value = http::find_header(*subject.kept, check.header);
      return value.data() != nullptr && matches_text(check, value);
    }
  }
  GEND_ASSERT(!"unknown check");
  return false;
}

}  // namespace gend::engine
