#include "engine/fleet.h"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <thread>
#include <utility>

#include "base/allowed_cpus.h"
#include "base/assert.h"
#include "base/limits.h"
#include "base/rng.h"
#include "base/thread_name.h"
#include "base/wall_clock.h"
#include "engine/gathering.h"
#include "engine/host_check.h"
#include "engine/net_shard.h"
#include "engine/secure_options.h"
#include "ledger/stamp.h"
#include "net/address.h"
#include "net/host.h"
#include "ring/features.h"

namespace gend::engine {
namespace {

int pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  return ::pthread_setaffinity_np(::pthread_self(), sizeof set, &set);
}

// Resident set of this process: the second field of statm, in pages.
std::int64_t resident_bytes() {
  std::ifstream in{"/proc/self/statm"};
  std::int64_t size = 0, resident = 0;
  in >> size >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

// Whose stamps these are: another run may reach the same target. Not drawn from the plan's seed,
// which two runs may share.
std::uint32_t run_tag() {
  const auto now = static_cast<std::uint64_t>(MonotonicClock::now().time_since_epoch().count());
  std::uint64_t state = now ^ static_cast<std::uint64_t>(::getpid()) << 40 ^
                        static_cast<std::uint64_t>(wall_ms_now()) << 8;
  return static_cast<std::uint32_t>(splitmix64(state)) & ledger::kRunMask;
}

}  // namespace

// One shard with its thread. The thread makes the shard and its sockets live; everything else here
// is handed over before it starts or after it ended.
struct Lane {
  std::unique_ptr<NetIo> io;
  std::unique_ptr<NetShard> shard;
  std::thread thread;
  unsigned index = 0;
  int cpu = -1;  // to pin to; -1: none
  std::atomic<bool> enabled{false};
  std::string failure;          // why the ring could not be enabled; set before `enabled`
  int pin_error = 0;            // errno; set before `enabled`
};

struct Fleet::Impl {
  const plan::Program* program;
  Capacity capacity;
  ring::Features features;
  std::vector<std::string> warnings;
  ledger::Board board;  // outlives the shards
  std::vector<std::unique_ptr<Lane>> lanes;
  std::atomic<bool> go{false}, abandon{false};
  TimePoint start{};
  std::int64_t wall_ms_at_start = 0;
  Gathering gathering;

  Impl(const plan::Program& p, unsigned shards)
      : program{&p},
        board{{.run = run_tag(), .epoch = MonotonicClock::now(), .shards = shards}} {}
  void run_lane(Lane& lane);
};

void Fleet::Impl::run_lane(Lane& lane) {
  name_this_thread("gend-shard-" + std::to_string(lane.index));
  if (lane.cpu >= 0) lane.pin_error = pin_to(lane.cpu);
  if (auto enabled = lane.io->enable(); !enabled) lane.failure = enabled.error().message;
  lane.enabled.store(true, std::memory_order_release);
  lane.enabled.notify_one();
  go.wait(false, std::memory_order_acquire);
  if (abandon.load(std::memory_order_acquire)) return;
  lane.shard->begin(start, wall_ms_at_start);
  while (lane.shard->turn()) {
  }
}

Expected<std::unique_ptr<Fleet>> Fleet::create(const plan::Program& program,
                                               const FleetOptions& options) {
  auto features = ring::probe(options.uring_profile);
  if (!features) return std::unexpected{features.error()};
  const std::vector<int> cpus = allowed_cpus();
  const unsigned shards = options.shards != 0
                              ? options.shards
                              : static_cast<unsigned>(std::max<std::size_t>(cpus.size(), 1));
  if (shards > limits::kShards)
    return std::unexpected{Error{std::to_string(shards) + " shards are more than the limit of " +
                                     std::to_string(limits::kShards),
                                 "ask for fewer shards", ExitCode::kUsage}};

  auto impl = std::make_unique<Impl>(program, shards);
  impl->features = *features;
  auto targets = resolve_targets(program, options.allow);
  if (!targets) return std::unexpected{targets.error()};
  impl->capacity = needed_capacity(program);
  const HostFacts facts = net::read_host_facts();
  if (auto fits = check_capacity(program, impl->capacity, facts, *targets, shards); !fits)
    return std::unexpected{fits.error()};

  for (unsigned i = 0; i < shards; ++i) {
    auto lane = std::make_unique<Lane>();
    const Share share{i, shards};
    lane->index = i;
    auto io = secure_io(program, io_options(program, *features, *targets, share));
    if (!io) return std::unexpected{io.error()};
    lane->io = std::move(*io);
    lane->shard = std::make_unique<NetShard>(program, *lane->io, share, &impl->board);
    if (options.pin && shards > 1 && !cpus.empty()) lane->cpu = cpus[i % cpus.size()];
    impl->gathering.add({lane->shard->deliveries, lane->shard->empties});
    impl->lanes.push_back(std::move(lane));
  }
  impl->capacity.ports_available = available_ports(facts, *targets);

  std::unique_ptr<Fleet> fleet{new Fleet{std::move(impl)}};
  for (auto& lane : fleet->impl_->lanes)
    lane->thread =
        std::thread{[impl = fleet->impl_.get(), lane = lane.get()] { impl->run_lane(*lane); }};
  for (auto& lane : fleet->impl_->lanes) {
    lane->enabled.wait(false, std::memory_order_acquire);
    if (!lane->failure.empty())
      return std::unexpected{Error{lane->failure, "see docs/operations.md, io_uring"}};
    if (lane->pin_error != 0)
      fleet->impl_->warnings.push_back("a shard could not be pinned to CPU " +
                                       std::to_string(lane->cpu) + ": " +
                                       std::strerror(lane->pin_error));
  }
  return fleet;
}

Fleet::Fleet(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}

Fleet::~Fleet() {
  if (!impl_->go.load()) {
    impl_->abandon.store(true, std::memory_order_release);
    impl_->go.store(true, std::memory_order_release);
    impl_->go.notify_all();
  } else {
    stop(Stop::kNow);
  }
  for (auto& lane : impl_->lanes)
    if (lane->thread.joinable()) lane->thread.join();
}

void Fleet::start(TimePoint at) {
  GEND_ASSERT(!impl_->go.load());
  // Far enough ahead for every thread to be there, near enough not to be noticed.
  constexpr Duration kAhead = std::chrono::milliseconds{20};
  const TimePoint now = MonotonicClock::now();
  impl_->start = std::max(at, now + kAhead);
  impl_->wall_ms_at_start = wall_ms_now() + (impl_->start - now).count() / 1'000'000;
  impl_->go.store(true, std::memory_order_release);
  impl_->go.notify_all();
}

TimePoint Fleet::started_at() const {
  return impl_->start;
}

Fleet::Collected Fleet::collect(stats::Snapshot& into, Duration max_wait) {
  into.clear();
  Gathering& gathering = impl_->gathering;
  if (gathering.finished()) return Collected::kFinished;
  const TimePoint give_up = MonotonicClock::now() + max_wait;
  // The deliveries of an interval come within milliseconds of each other; looking for them now and
  // then costs less than a wake-up from every shard.
  constexpr Duration kLook = std::chrono::milliseconds{5};
  while (!gathering.look()) {
    if (MonotonicClock::now() >= give_up) return Collected::kNothing;
    std::this_thread::sleep_for(kLook);
  }
  gathering.merge_into(into, impl_->start);
  into.health.memory_bytes = resident_bytes();
  return Collected::kInterval;
}

void Fleet::stop(Stop how) {
  command({.kind = how == Stop::kGraceful ? Command::Kind::kStopGracefully
                                          : Command::Kind::kStopNow});
}

void Fleet::command(Command command) {
  // A little ahead, so that every shard has it before it holds.
  constexpr Duration kAhead = std::chrono::milliseconds{20};
  command.at = MonotonicClock::now() + kAhead;
  for (auto& lane : impl_->lanes) {
    // A shard that has not looked for so long is beyond hearing: what it holds must do.
    lane->shard->commands.put(command);
    lane->io->ring_doorbell();
  }
}

unsigned Fleet::shards() const {
  return static_cast<unsigned>(impl_->lanes.size());
}
const Capacity& Fleet::capacity() const {
  return impl_->capacity;
}
const std::vector<std::string>& Fleet::warnings() const {
  return impl_->warnings;
}
std::vector<ledger::RoomTotals> Fleet::rooms() const {
  return impl_->board.rooms();
}
std::string Fleet::ring_description() const {
  return impl_->features.describe();
}

}  // namespace gend::engine
