#include "engine/bursts.h"

#include <charconv>

#include "base/assert.h"
#include "engine/checks.h"

namespace gend::engine {
namespace {

bool counts(const plan::BurstCount& count, int status) {
  return count.statuses.empty() ? status == 0 : in_ranges(count.statuses, status);
}

bool holds(const plan::BurstCount& count, std::int64_t counted) {
  const auto value = static_cast<double>(counted);
  switch (count.match) {
    case plan::Match::kLess: return value < count.number;
    case plan::Match::kLessEqual: return value <= count.number;
    case plan::Match::kGreater: return value > count.number;
    case plan::Match::kGreaterEqual: return value >= count.number;
    case plan::Match::kEqual: return value == count.number;
    case plan::Match::kNotEqual: return value != count.number;
    case plan::Match::kIn:
    case plan::Match::kContains:
    case plan::Match::kNotContains:
    case plan::Match::kIs:
    case plan::Match::kIsNot:
    case plan::Match::kMatches:
    case plan::Match::kExists:
    case plan::Match::kNotExists: break;
  }
  GEND_ASSERT(!"a text match on a count");
  return false;
}

}  // namespace

void reset_burst(const plan::Burst& burst, Vu& user) {
  user.registers[burst.begun_register] = user.registers[burst.ended_register] = 0;
  for (const plan::BurstCount& each : burst.checks) user.registers[each.counter_register] = 0;
  for (const plan::BurstCount& each : burst.captures) user.registers[each.counter_register] = 0;
}

void count_for_burst(const plan::Program& program, Vu& user, int status) {
  const plan::Burst& burst = program.bursts[program.steps[user.pc].body];
  for (const plan::BurstCount& each : burst.checks)
    user.registers[each.counter_register] += counts(each, status) ? 1 : 0;
  for (const plan::BurstCount& each : burst.captures)
    user.registers[each.counter_register] += counts(each, status) ? 1 : 0;
}

void record_burst(const plan::Burst& burst, Vu& user, stats::Snapshot& into) {
  for (const plan::BurstCount& each : burst.checks)
    into.recorder.rate(each.series, holds(each, user.registers[each.counter_register]));
  for (const plan::BurstCount& each : burst.captures) {
    char digits[20];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits,
                                            user.registers[each.counter_register]);
    GEND_ASSERT(error == std::errc{});
    user.values->set(each.slot, {digits, static_cast<std::size_t>(end - digits)});
  }
}

}  // namespace gend::engine
