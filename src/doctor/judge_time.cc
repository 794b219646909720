#include <algorithm>

#include <fmt/format.h>

#include "doctor/judge_parts.h"
#include "stats/words.h"

namespace gend::doctor {
namespace {

using stats::grouped;

constexpr const char* kGroup = "time";

// Read without a system call (vDSO): x86, KVM, Hyper-V, Arm, RISC-V, s390.
constexpr const char* kFast[] = {"tsc", "kvm-clock", "hyperv_clocksource_tsc_page",
                                 "arch_sys_counter", "riscv_clocksource", "tod"};

bool is_fast(const std::string& source) {
  return std::ranges::any_of(kFast, [&](const char* each) { return source == each; });
}

Finding clock(const Facts& facts) {
  Finding finding{.group = kGroup, .name = "clock"};
  if (facts.clocksource.empty()) {
    finding.state = State::kNote;
    finding.found = "the clock source cannot be read";
    finding.means = "what a time stamp costs is not known";
    return finding;
  }
  finding.found = "clock source " + facts.clocksource;
  if (is_fast(facts.clocksource)) {
    finding.means = "read without a system call: a stamp costs some 20 ns";
    return finding;
  }
  finding.state = State::kNote;
  finding.means = "each stamp is a system call or a slow device read: every request costs "
                  "microseconds more, and all stamps are coarser";
  const auto better = std::ranges::find_if(facts.clocksources, is_fast);
  if (better != facts.clocksources.end())
    finding.fix = {fmt::format("echo {} | sudo tee "
                               "/sys/devices/system/clocksource/clocksource0/current_clocksource",
                               *better),
                   fmt::format("# and for ever: clocksource={} on the kernel's command line",
                               *better)};
  return finding;
}

Finding timer_slack(const Facts& facts) {
  Finding finding{.group = kGroup, .name = "timer_slack"};
  finding.found = fmt::format("timer slack {} ns", grouped(*facts.timer_slack_ns));
  // Measured on 6.18: with 20 ms of it gen_lag was what it is with 50 us.
  finding.means = "of no account: waits of io_uring end at their deadline, whatever it is";
  return finding;
}

}  // namespace

void judge_time(const Facts& facts, std::vector<Finding>& into) {
  into.push_back(clock(facts));
  if (facts.timer_slack_ns) into.push_back(timer_slack(facts));
}

}  // namespace gend::doctor
