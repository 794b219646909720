#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/host_facts.h"
#include "plan/program.h"

namespace gend::plan {

// What a plan will do, for a person: the compiled steps, the load over time as a picture, what is
// to be expected of it, and whether this host can carry it. Names no secret: values of headers,
// queries and bodies are never in it.
std::string explain(const Program& program, const HostFacts& host);

// What the plan needs of the host beside what the host has; 0 available: not known.
struct HostBudget {
  unsigned shards = 1;  // one for each CPU
  std::uint64_t connections = 0;
  std::uint64_t slots = 0, slots_available = 0;  // descriptors of one ring, and RLIMIT_NOFILE
  std::uint64_t ports = 0, ports_available = 0;  // local ports to one server
};
HostBudget host_budget(const Program& program, const HostFacts& host);

// Why this host cannot carry the plan, each with its remedy; empty when it can. The fleet checks
// again with what it then knows (addresses of the target, shards).
std::vector<std::string> host_objections(const Program& program, const HostFacts& host);

}  // namespace gend::plan
