#include "stats/tally.h"

#include "base/assert.h"

namespace gend::stats {
namespace {

struct Meaning {
  std::string_view tag, name, sentence;
};

Meaning of_outcome(Outcome outcome) {
  if (outcome == Outcome::kOk) return {};
  return {error_tag(outcome), name_of(outcome), describe(outcome)};
}

Meaning meaning_of(std::size_t key) {
  GEND_ASSERT(key < kOutcomeCount || (key >= 100 && key < 1000) || (key >= 1100 && key < 2000));
  if (key < kOutcomeCount) return of_outcome(static_cast<Outcome>(key));
  if (key < Tally::kUnexpected) return {};
  switch (status_of_key(key) / 100) {
    case 4: return of_outcome(Outcome::kStatus4xx);
    case 5: return of_outcome(Outcome::kStatus5xx);
    default:
      return {"status_unexpected", "status.unexpected",
              "the server answered with a status that the plan does not expect"};
  }
}

}  // namespace

int status_of_key(std::size_t key) noexcept {
  if (key < 100) return 0;
  return static_cast<int>(key >= Tally::kUnexpected ? key - Tally::kUnexpected : key);
}

std::string_view error_tag_of_key(std::size_t key) noexcept { return meaning_of(key).tag; }
std::string_view error_name_of_key(std::size_t key) noexcept { return meaning_of(key).name; }
std::string_view error_sentence_of_key(std::size_t key) noexcept {
  return meaning_of(key).sentence;
}

}  // namespace gend::stats
