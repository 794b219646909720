#include "engine/ring_trial.h"

#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/host_capacity.h"
#include "engine/host_check.h"
#include "net/io.h"
#include "ring/features.h"

namespace gend::engine {
namespace {

// Enough to meet every refusal, without taking memory from a run that goes on beside it.
constexpr unsigned kMostRings = 16;
constexpr std::uint64_t kMostConnections = 4096;

}  // namespace

RingTrial try_rings(char profile, unsigned shards, std::uint64_t connections) {
  const auto features = ring::probe(profile);
  if (!features) return {{}, 0, features.error().message, features.error().remedy};
  RingTrial trial{features->describe(), static_cast<char>(features->profile), {}, {}};
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  // How many descriptors there are is not the question here.
  const std::uint64_t each =
      std::min({connections / std::max(shards, 1U), kMostConnections,
                connections_in_slots(files.rlim_max)});
  if (each == 0) return trial;
  std::vector<std::unique_ptr<net::Io>> rings;
  for (unsigned i = 0; i < std::min(shards, kMostRings); ++i) {
    net::IoOptions options;
    options.features = *features;
    options.connections = static_cast<unsigned>(ring_slots(each));
    choose_receive_buffers(options);
    auto made = net::Io::create(options);
    if (!made) return {{}, 0, made.error().message, made.error().remedy};
    rings.push_back(*std::move(made));
  }
  return trial;
}

}  // namespace gend::engine
