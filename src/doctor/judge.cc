#include "doctor/judge.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"
#include "doctor/judge_parts.h"
#include "stats/words.h"

namespace gend::doctor {

std::string_view name_of(State state) {
  switch (state) {
    case State::kOk: return "ok";
    case State::kNote: return "note";
    case State::kLimit: return "limit";
    case State::kProblem: return "problem";
  }
  GEND_ASSERT(!"a state has a name");
}

State state_of(std::uint64_t capacity, std::uint64_t wished) {
  if (capacity < wished) return State::kProblem;
  return capacity / 2 < wished ? State::kLimit : State::kOk;
}

std::vector<std::string> sysctl_fix(const std::string& key, const std::string& value,
                                    const std::string& topic) {
  return {fmt::format("sudo sysctl -w {}='{}'", key, value),
          fmt::format("echo '{} = {}' | sudo tee /etc/sysctl.d/90-gend-{}.conf", key, value,
                      topic)};
}

std::vector<std::string> limit_fix(const Facts& facts, const std::string& directive,
                                   const std::string& item, const std::string& value) {
  if (facts.unit.empty())
    return {fmt::format("sudo prlimit --pid $$ --{}={}:{}", item, value, value),
            fmt::format("echo '* - {} {}' | sudo tee /etc/security/limits.d/90-gend-{}.conf", item,
                        item == "memlock" ? "unlimited" : value, item)};
  const std::string folder = "/etc/systemd/system/" + facts.unit + ".d";
  return {"sudo mkdir -p " + folder,
          fmt::format(R"(printf '[Service]\n{}={}\n' | sudo tee {}/90-{}.conf)", directive, value,
                      folder, item),
          "sudo systemctl daemon-reload", "sudo systemctl restart " + facts.unit};
}

std::string mib(std::uint64_t bytes) { return stats::grouped(bytes >> 20) + " MiB"; }

std::vector<Finding> judge(const Facts& facts, const Wish& wish) {
  std::vector<Finding> findings;
  judge_ring(facts, wish, findings);
  judge_connections(facts, wish, findings);
  judge_time(facts, findings);
  judge_processors(facts, findings);
  judge_memory(facts, wish, findings);
  judge_network(facts, wish, findings);
  judge_rate(facts, wish, findings);
  return findings;
}

State worst_of(const std::vector<Finding>& findings) {
  State worst = State::kOk;
  for (const Finding& each : findings) worst = std::max(worst, each.state);
  return worst;
}

}  // namespace gend::doctor
