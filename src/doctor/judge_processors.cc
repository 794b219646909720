#include <algorithm>

#include <fmt/format.h>

#include "doctor/judge_parts.h"
#include "stats/words.h"

namespace gend::doctor {
namespace {

using stats::counted;

constexpr const char* kGroup = "processors";

Finding allowed(const Facts& facts) {
  Finding finding{.group = kGroup, .name = "allowed"};
  const unsigned cpus = facts.limits.cpus;
  finding.found = facts.cpus_online
                      ? fmt::format("{} of {} may be used", cpus,
                                    counted(*facts.cpus_online, "processor"))
                      : fmt::format("{} may be used", counted(cpus, "processor"));
  if (!facts.cpu_model.empty()) finding.found += " (" + facts.cpu_model + ")";
  finding.means = fmt::format("{}, one thread each", counted(facts.shards, "shard"));
  if (facts.shards > cpus) {
    finding.state = State::kNote;
    finding.means += ": more than processors, so they wait for each other; --shards " +
                     std::to_string(cpus);
  } else if (facts.cpus_online && cpus < *facts.cpus_online) {
    finding.state = State::kNote;
    finding.means += "; the others are kept from this process (taskset, AllowedCPUs=, cpuset)";
  }
  return finding;
}

Finding quota(const Facts& facts) {
  Finding finding{.group = kGroup, .name = "quota"};
  if (!facts.quota_us || !facts.period_us || *facts.period_us == 0) {
    finding.found = "no CPU quota of a container or service";
    finding.means = "nobody stops a shard that is at work";
    return finding;
  }
  const double cpus = static_cast<double>(*facts.quota_us) / static_cast<double>(*facts.period_us);
  finding.found = fmt::format("cpu.max of the cgroup allows {:.2g} of {}", cpus,
                              counted(facts.limits.cpus, "processor"));
  if (cpus >= facts.limits.cpus) {
    finding.means = "as much as there is";
    return finding;
  }
  finding.state = State::kNote;
  finding.means = fmt::format("when it is used up every shard stands still for the rest of "
                              "{:g} ms: arrivals are late, and answers look late",
                              static_cast<double>(*facts.period_us) / 1e3);
  if (!facts.unit.empty())
    finding.fix = {fmt::format("sudo systemctl set-property {} CPUQuota=", facts.unit)};
  return finding;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Finding governor(const Facts& facts) {
  Finding finding{.group = kGroup, .name = "governor"};
  if (facts.governors.empty()) {
    finding.found = "no frequency scaling here";
    finding.means = "a virtual machine, or a fixed clock: the host below decides";
    return finding;
  }
  finding.found = "scaling governor " + joined(facts.governors);
  const bool fast = facts.governors.size() == 1 && facts.governors.front() == "performance";
  if (fast) {
    finding.means = "processors keep their clock";
    return finding;
  }
  finding.state = State::kNote;
  finding.means = "a processor that idles between arrivals slows down: the same request costs more "
                  "and comes later at light load";
  finding.fix = {"sudo cpupower frequency-set -g performance",
                 "# without cpupower: echo performance | sudo tee "
                 "/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"};
  return finding;
}

Finding smt(const Facts& facts) {
  Finding finding{.group = kGroup, .name = "smt"};
  finding.found = *facts.smt ? "SMT is on" : "SMT is off, or not shown to this host";
  finding.means = *facts.smt ? "two processors share a core: two busy shards there do about 1.3 "
                               "times the work of one"
                             : "a shard has its core to itself";
  return finding;
}

Finding steal(const Facts& facts) {
  constexpr double kMatters = 0.01;
  Finding finding{.group = kGroup, .name = "steal"};
  finding.found = fmt::format("{:.2f} % of the time was stolen since the host started",
                              100 * *facts.steal_share);
  if (*facts.steal_share < kMatters) {
    finding.means = "the host below gives what it promised";
    return finding;
  }
  finding.state = State::kNote;
  finding.means = "other machines take processors away in the middle of the work: their time is in "
                  "the latencies; use a host with dedicated processors";
  return finding;
}

}  // namespace

void judge_processors(const Facts& facts, std::vector<Finding>& into) {
  into.push_back(allowed(facts));
  into.push_back(quota(facts));
  into.push_back(governor(facts));
  if (facts.smt) into.push_back(smt(facts));
  if (facts.steal_share) into.push_back(steal(facts));
}

}  // namespace gend::doctor
