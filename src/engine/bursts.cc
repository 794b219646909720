#include "engine/bursts.h"

#include <charconv>

#include "base/assert.h"
#include "engine/checks.h"
#include "engine/compare.h"

namespace gend::engine {
namespace {

bool counts(const plan::BurstCount& count, int status) {
  return count.statuses.empty() ? status == 0 : in_ranges(count.statuses, status);
}

bool holds(const plan::BurstCount& count, std::int64_t counted) {
  return compare(count.match, static_cast<double>(counted), count.number);
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
