#include "engine/host_check.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/host_capacity.h"
#include "net/preflight.h"
#include "plan/demand.h"

namespace gend::engine {
namespace {

constexpr std::size_t kMostSources = 1024;

std::uint64_t connections_a_session(const plan::Program& program) {
  std::uint64_t most = 0;
  for (const plan::Session& each : program.sessions)
    most = std::max(most, plan::connections_of(each));
  return most;
}

std::uint64_t connections_on(const plan::Program& program, Share share) {
  const std::uint64_t users = UserTable::size_of(program, share);
  const std::size_t endpoints = program.requests.empty() ? 0 : program.endpoints.size();
  const std::uint64_t all = users * endpoints + UserTable::sessions_of(program, share) *
                                                    connections_a_session(program);
  return std::max<std::uint64_t>(all, 1);
}

Error not_allowed(const plan::Endpoint& endpoint, const net::Address& address) {
  return {"the target " + endpoint.authority + " (" + address.ip() +
              ") is not on this host's list of allowed targets",
          "ask who runs this load host, or add its address block to `allow` in "
          "/etc/gend/gend.yaml",
          ExitCode::kTargetNotAllowed};
}

std::string number(std::uint64_t n) {
  std::string text = std::to_string(n);
  for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

}  // namespace

Expected<Targets> resolve_targets(const plan::Program& program,
                                  const std::vector<std::string>& allow) {
  std::vector<net::Block> blocks;
  for (const std::string& text : allow) {
    auto block = net::Block::parse(text);
    if (!block) return std::unexpected{block.error()};
    blocks.push_back(*block);
  }
  Targets targets;
  for (const plan::Endpoint& endpoint : program.endpoints) {
    auto addresses = net::resolve(endpoint.host, endpoint.port);
    if (!addresses) {
      addresses.error().code = ExitCode::kBadPlan;
      return std::unexpected{addresses.error()};
    }
    for (const net::Address& address : *addresses) {
      const bool allowed = std::any_of(blocks.begin(), blocks.end(), [&](const net::Block& block) {
        return block.contains(address);
      });
      if (!allowed) return std::unexpected{not_allowed(endpoint, address)};
    }
    targets.endpoints.push_back(net::reachable(*addresses));
  }
  for (const std::string& text : program.source_addresses) {
    auto block = net::Block::parse(text);
    if (!block) return std::unexpected{block.error()};
    for (const net::Address& source : block->addresses(kMostSources))
      targets.sources.push_back(source);
  }
  return targets;
}

Capacity needed_capacity(const plan::Program& program) {
  Capacity capacity;
  capacity.connections = connections_on(program, {0, 1});
  std::uint64_t users = 0;
  for (const plan::Scenario& scenario : program.scenarios)
    users += scenario.max_vus * ((program.requests.empty() ? 0 : 1 + scenario.burst_hands) +
                                 scenario.sessions * connections_a_session(program));
  capacity.ports = users;     // each user has one connection to an endpoint
  capacity.descriptors = kOwnDescriptors;
  return capacity;
}

std::uint64_t available_ports(const HostFacts& facts, const Targets& targets) {
  std::uint64_t addresses = 1;  // the endpoint with the fewest: the tightest
  for (const auto& endpoint : targets.endpoints)
    addresses = addresses == 1 ? endpoint.size() : std::min(addresses, endpoint.size());
  return local_ports(facts) * std::max<std::size_t>(targets.sources.size(), 1) *
         std::max<std::uint64_t>(addresses, 1);
}

Expected<void> check_capacity(const plan::Program& program, const Capacity& needed,
                              const HostFacts& facts, const Targets& targets, unsigned shards) {
  const std::uint64_t ports = available_ports(facts, targets);
  if (ports > 0 && needed.ports > ports)
    return std::unexpected{Error{
        number(needed.ports) + " connections to " +
            (program.endpoints.empty() ? "the target" : program.endpoints.front().authority) +
            " need as many local ports, and this host has " + number(ports) +
            " (net.ipv4.ip_local_port_range = " + std::to_string(facts.port_first) + "-" +
            std::to_string(facts.port_last) + ")",
        "add source addresses (defaults.connection.sourceAddresses), widen the port range, or "
        "lower the users"}};
  // A ring's table of descriptors may not be larger than RLIMIT_NOFILE (kernel: io_uring/rsrc.c).
  for (unsigned i = 0; i < shards; ++i) {
    const std::uint64_t slots = ring_slots(connections_on(program, {i, shards}));
    if (slots <= facts.nofile_hard) continue;
    const std::uint64_t enough = shards_for(needed.connections, facts.nofile_hard);
    return std::unexpected{
        Error{number(needed.connections) + " connections over " + std::to_string(shards) +
                  (shards == 1 ? " shard" : " shards") + " need a table of " + number(slots) +
                  " descriptors in one ring, and RLIMIT_NOFILE allows " + number(facts.nofile_hard),
              "raise LimitNOFILE= (or `ulimit -Hn`) to at least " + std::to_string(slots) +
                  (enough == 0 ? "" : ", use " + std::to_string(enough) + " shards (--shards)") +
                  ", or lower the users"}};
  }
  if (facts.nofile_soft < needed.descriptors)
    return std::unexpected{Error{"gend needs " + std::to_string(needed.descriptors) +
                                     " descriptors, and RLIMIT_NOFILE is " +
                                     std::to_string(facts.nofile_soft),
                                 "raise LimitNOFILE= in the unit, or `ulimit -n`"}};
  const std::uint64_t memory = needed.connections * kBytesPerConnection;
  if (facts.memory_available > 0 && memory > facts.memory_available)
    return std::unexpected{Error{number(needed.connections) + " connections need about " +
                                     number(memory >> 20) + " MiB, and " +
                                     number(facts.memory_available >> 20) + " MiB are free",
                                 "lower the users, or use a larger host"}};
  return {};
}

net::Stamps stamps_for(const plan::Program& program) {
  const bool arrivals = std::ranges::any_of(
      program.scenarios, [](const plan::Scenario& each) { return each.open_model; });
  const bool rests = std::ranges::any_of(program.steps, [](const plan::Step& step) {
    return step.kind == plan::StepKind::kThink || step.kind == plan::StepKind::kPace ||
           step.kind == plan::StepKind::kReceive || step.kind == plan::StepKind::kListen;
  });
  return arrivals || rests ? net::Stamps::kKernel : net::Stamps::kOurs;
}

void choose_receive_buffers(net::IoOptions& options) {
  // From 6.13 on one enter collects at most max(20, completions) items: a hundred answers at most.
  // The kernel goes through all buffers in turn, so few of them stay in the caches: bodies cost
  // half of what they do with 2,048 buffers of 4 KiB (docs/performance.md). Before, a batch may
  // hold one receive of every connection (docs/architecture.md, profiles).
  if (options.features.profile >= ring::Profile::kD) {
    options.receive_buffers = 128;
    options.receive_buffer_size = 64 * 1024;
    return;
  }
  constexpr unsigned kFewest = 2048, kMost = 16384;
  options.receive_buffers = std::clamp(std::bit_ceil(options.connections * 2), kFewest, kMost);
  options.receive_buffer_size = 4096;
}

net::IoOptions io_options(const plan::Program& program, const ring::Features& features,
                          const Targets& targets, Share share) {
  const std::uint64_t connections = connections_on(program, share);
  net::IoOptions options;
  options.features = features;
  options.connections = static_cast<unsigned>(ring_slots(connections));
  options.endpoints = targets.endpoints;
  options.sources = targets.sources;
  options.source_offset = share.index;
  options.stamps = stamps_for(program);
  choose_receive_buffers(options);
  return options;
}

}  // namespace gend::engine
