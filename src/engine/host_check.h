#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/host_facts.h"
#include "engine/fleet.h"
#include "engine/scenario_run.h"
#include "net/address.h"
#include "net/io.h"
#include "plan/program.h"
#include "ring/features.h"

namespace gend::engine {

// Addresses of a plan's endpoints, in order, and the local ones to connect from.
struct Targets {
  std::vector<std::vector<net::Address>> endpoints;
  std::vector<net::Address> sources;
};

// Resolves every endpoint and holds every address against the allow list: on addresses, not names.
// Code 104 for a name that does not resolve, 93 for an address that is not allowed.
Expected<Targets> resolve_targets(const plan::Program& program,
                                  const std::vector<std::string>& allow);

// Local ports per target address and port: range x source addresses.
std::uint64_t available_ports(const HostFacts& facts, const Targets& targets);

// Refuses with 94, and with what to change, a plan that this host cannot carry: descriptors, ports,
// memory. All numbers of the host are measured ones.
Expected<void> check_capacity(const plan::Program& program, const Capacity& needed,
                              const HostFacts& facts, const Targets& targets, unsigned shards);

// Answers have the kernel's time, whenever we come round to them; but not where users only ask as
// fast as they can: that is a contest of CPU, and the stamps cost a tenth of a small request.
net::Stamps stamps_for(const plan::Program& program);

// For the features and connections of the options: 8 MiB, or more on kernels before 6.12.
void choose_receive_buffers(net::IoOptions& options);

// Sockets and buffers for one shard's share.
net::IoOptions io_options(const plan::Program& program, const ring::Features& features,
                          const Targets& targets, Share share);

}  // namespace gend::engine
