#pragma once

#include <sys/timex.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "observe/proc_text.h"
#include "observe/source_watch.h"
#include "stats/schema.h"

// The host that generates the load, as the kernel sees it.
namespace gend::observe {

enum class HostMetric : std::uint8_t {
  kCpu,
  kCpuBusiest,
  kCpuCore,  // one series for each processor
  kCpuSoftirq,
  kCpuSoftirqBusiest,
  kCpuSteal,
  kLoad,
  kMemoryUsed,
  kMemoryAvailable,
  kNetReceived,
  kNetSent,
  kNetDrops,
  kNetSqueezed,
  kTcpRetransmits,
  kTcpListenDrops,
  kTcpEstablished,
  kClockSynchronized,
  kClockError
};
inline constexpr std::size_t kHostMetrics = 18;
std::string_view name_of(HostMetric metric);  // "host_cpu": as in stats::builtin_metrics()

// The clock as adjtimex(2) tells of it.
struct Clock {
  bool synchronized = false;
  double error_ms = 0;  // at most so far off, as the kernel reckons
};
Clock clock_of(int state, const timex& told);

// One look at everything; what could not be read is not there.
struct HostSnapshot {
  TimePoint at{};
  std::optional<ProcStat> stat;
  std::optional<Meminfo> memory;
  std::optional<NetDev> net;
  std::optional<Softnet> softnet;
  std::optional<double> load;
  std::optional<std::int64_t> retransmits, listen_drops, established;
  std::optional<Clock> clock;
};

struct HostValue {
  HostMetric metric;
  unsigned core = 0;  // of kCpuCore
  double value = 0;
};
// What happened between two looks. A counter that went back is left out: an interface went away.
std::vector<HostValue> host_values(const HostSnapshot& before, const HostSnapshot& now);

// Looks at this host from time to time.
class HostMeter {
 public:
  // The series of the schema that are this host's get values, others none. `proc` is a folder.
  explicit HostMeter(const stats::Schema& schema, std::string proc = "/proc");
  // What happened since the last time; levels only at the first.
  std::vector<Value> read(TimePoint now);

 private:
  HostSnapshot look(TimePoint now) const;
  std::optional<std::uint32_t> slot_of(const HostValue& value) const;

  std::string proc_;
  std::array<std::optional<std::uint32_t>, kHostMetrics> slots_{};
  std::vector<std::optional<std::uint32_t>> cores_;
  HostSnapshot before_;
};

// How many processors this host may have, for a series each; those that are offline included.
unsigned configured_cpus();

}  // namespace gend::observe
