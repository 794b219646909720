#include "plan/explain.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/host_capacity.h"
#include "plan/demand.h"
#include "plan/picture.h"
#include "plan/units.h"

namespace gend::plan {

namespace {

constexpr std::uint64_t kMostSources = 1024;  // addresses used of the source blocks

// Addresses of "10.0.0.1" or "127.0.0.0/28".
std::uint64_t addresses_in(const std::string& block) {
  const std::size_t slash = block.find('/');
  if (slash == std::string::npos) return 1;
  const bool v6 = block.find(':') != std::string::npos;
  const auto length = parse_integer(std::string_view{block}.substr(slash + 1)).value_or(0);
  const std::int64_t host_bits = (v6 ? 128 : 32) - length;
  return host_bits >= 10 ? kMostSources : std::uint64_t{1} << host_bits;
}

std::uint64_t ports_available(const Program& program, const HostFacts& host) {
  std::uint64_t sources = 0;
  for (const std::string& block : program.source_addresses) sources += addresses_in(block);
  return local_ports(host) * std::max<std::uint64_t>(sources, 1);
}

}  // namespace

HostBudget host_budget(const Program& program, const HostFacts& host) {
  const Demand demand = demand_of(program);
  HostBudget budget;
  budget.shards = std::max(host.cpus, 1U);
  budget.connections = demand.connections;
  budget.slots = ring_slots((demand.connections + budget.shards - 1) / budget.shards);
  budget.slots_available = host.nofile_hard;
  budget.ports = demand.ports;
  budget.ports_available = ports_available(program, host);
  return budget;
}

std::vector<std::string> host_objections(const Program& program, const HostFacts& host) {
  std::vector<std::string> out;
  const HostBudget budget = host_budget(program, host);
  const auto number = [](std::uint64_t n) { return show_number(static_cast<double>(n)); };
  const bool has_bursts = std::ranges::any_of(
      program.scenarios, [](const Scenario& scenario) { return scenario.burst_hands > 0; });
  if (budget.ports_available > 0 && budget.ports > budget.ports_available) {
    out.push_back(
        fmt::format("{} {} need as many local ports to one server, and this host has {}; add "
                    "defaults.connection.sourceAddresses, widen net.ipv4.ip_local_port_range, or "
                    "lower the users",
                    number(budget.ports), has_bursts ? "users and hands of their bursts" : "users",
                    number(budget.ports_available)));
  }
  if (budget.slots_available > 0 && budget.slots > budget.slots_available) {
    out.push_back(fmt::format(
        "{} connections over {} shards need RLIMIT_NOFILE >= {}, have {}; raise LimitNOFILE= (or "
        "ulimit -Hn), or lower the users",
        number(budget.connections), budget.shards, number(budget.slots),
        number(budget.slots_available)));
  }
  if (host.io_uring_disabled > 0) {
    out.push_back(fmt::format(
        "io_uring is switched off (kernel.io_uring_disabled = {}); set it to 0 with sysctl",
        host.io_uring_disabled));
  }
  return out;
}

}  // namespace gend::plan
