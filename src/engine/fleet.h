#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/host_facts.h"
#include "base/time.h"
#include "engine/command.h"
#include "ledger/board.h"
#include "plan/program.h"
#include "stats/snapshot.h"

namespace gend::engine {

struct FleetOptions {
  unsigned shards = 0;               // 0: one for each CPU this process may run on
  bool pin = true;                   // a refusal to pin is a warning, never fatal
  char uring_profile = 0;            // 'A'..'E' forces one; 0 probes
  std::vector<std::string> allow{};  // CIDR blocks that may be targets, checked on addresses
};

// What a plan needs of the host and what it gets, for the run's record and for explain.
struct Capacity {
  std::uint64_t connections = 0;  // at the peak, over all shards
  std::uint64_t descriptors = 0;  // that count against RLIMIT_NOFILE, per process
  std::uint64_t ports = 0;        // to the busiest endpoint
  std::uint64_t ports_available = 0;
};

// All shards of one run: threads, start in step, stop, snapshots. One Fleet carries out one Program
// once. Everything but create() is called from one thread, the run's own on the control side.
class Fleet {
 public:
  // Checks the host, resolves names, checks the allow list, makes rings and allocates every array.
  // All refusals happen here, before the first packet: exit codes 93 and 94, or 104 for a name that
  // does not resolve. `program` must outlive the fleet.
  static Expected<std::unique_ptr<Fleet>> create(const plan::Program& program,
                                                 const FleetOptions& options);
  ~Fleet();  // stops at once what still runs and joins the threads
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  // All shards begin at `at`, or as soon as they can when that is no more ahead.
  void start(TimePoint at = {});
  TimePoint started_at() const;

  enum class Collected : std::uint8_t {
    kInterval,  // one interval of every shard was merged into `into`
    kNothing,   // max_wait passed without a whole interval
    kFinished   // every shard is done and everything was handed over
  };
  // Clears `into`, then waits for the next interval of all shards. Intervals are one second long
  // and aligned to started_at(); the last one may be shorter, and one in which a shard stood still
  // is as many seconds long as it took.
  Collected collect(stats::Snapshot& into, Duration max_wait);

  enum class Stop : std::uint8_t {
    kGraceful,  // no new iterations; those under way get the plan's gracefulStop
    kNow        // cut everything off
  };
  void stop(Stop how);
  // Users, rate, pause and resume of the externally controlled scenarios, from a moment a little
  // ahead on. `at` is filled in here.
  void command(Command command);

  unsigned shards() const;
  const Capacity& capacity() const;
  const std::vector<std::string>& warnings() const;  // "shard 1 could not be pinned: EPERM", …
  // Who was owed which message, room by room, so far; exact once the run is over.
  std::vector<ledger::RoomTotals> rooms() const;
  std::string ring_description() const;              // "io_uring profile E on 6.18.44: …"

 private:
  struct Impl;
  explicit Fleet(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The largest number of connections, descriptors and ports that the plan can need.
Capacity needed_capacity(const plan::Program& program);

}  // namespace gend::engine
