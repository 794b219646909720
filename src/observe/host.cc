#include "observe/host.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <sstream>

namespace gend::observe {
namespace {

constexpr std::array<std::string_view, kHostMetrics> kNames{
    "host_cpu",           "host_cpu_busiest",     "host_cpu_core",
    "host_cpu_softirq",   "host_cpu_softirq_busiest", "host_cpu_steal",
    "host_load",          "host_memory_used",     "host_memory_available",
    "host_net_received",  "host_net_sent",        "host_net_drops",
    "host_net_squeezed",  "host_tcp_retransmits", "host_tcp_listen_drops",
    "host_tcp_established", "host_clock_synchronized", "host_clock_error"};

// Files of /proc are short, and made while they are read.
std::string content_of(const std::string& path) {
  std::ifstream in{path};
  std::ostringstream out;
  out << in.rdbuf();
  return in ? std::move(out).str() : std::string{};
}

template <class T>
struct Span {
  const T& before;
  const T& now;
  bool forward(std::uint64_t T::*counter) const { return now.*counter >= before.*counter; }
  double grown(std::uint64_t T::*counter) const {
    return static_cast<double>(now.*counter - before.*counter);
  }
};

// To hundredths: what lies behind them is noise, and would be kept every second.
double rounded(double value) { return std::round(value * 100) / 100; }

struct Shares {
  double busy = 0, softirq = 0, steal = 0;  // per cent
};

// Nothing when no tick has passed, or the counters went back (a processor was taken offline).
std::optional<Shares> shares_of(const CpuTimes& before, const CpuTimes& now) {
  if (now.all() <= before.all() || now.busy() < before.busy() || now.softirq < before.softirq ||
      now.steal < before.steal)
    return std::nullopt;
  const double all = static_cast<double>(now.all() - before.all()) / 100;
  return Shares{static_cast<double>(now.busy() - before.busy()) / all,
                static_cast<double>(now.softirq - before.softirq) / all,
                static_cast<double>(now.steal - before.steal) / all};
}

class Values {
 public:
  Values(const HostSnapshot& before, const HostSnapshot& now)
      : before_{before}, now_{now}, seconds_{to_seconds(now.at - before.at)} {}

  std::vector<HostValue> take() {
    add_levels();
    if (seconds_ > 0) {
      add_cpu();
      add_net();
      add_tcp();
    }
    return std::move(values_);
  }

 private:
  void add(HostMetric metric, double value, unsigned core = 0) {
    values_.push_back({metric, core, value});
  }

  void add_levels() {
    if (now_.load) add(HostMetric::kLoad, *now_.load);
    if (now_.memory) {
      const std::uint64_t free = std::min(now_.memory->available, now_.memory->total);
      add(HostMetric::kMemoryUsed, static_cast<double>(now_.memory->total - free));
      add(HostMetric::kMemoryAvailable, static_cast<double>(free));
    }
    if (now_.established)
      add(HostMetric::kTcpEstablished, static_cast<double>(*now_.established));
    if (!now_.clock) return;
    add(HostMetric::kClockSynchronized, now_.clock->synchronized ? 1 : 0);
    add(HostMetric::kClockError, now_.clock->error_ms);
  }

  void add_cpu() {
    if (!before_.stat || !now_.stat) return;
    if (const auto whole = shares_of(before_.stat->all, now_.stat->all)) {
      add(HostMetric::kCpu, whole->busy);
      add(HostMetric::kCpuSoftirq, whole->softirq);
      add(HostMetric::kCpuSteal, whole->steal);
    }
    std::optional<Shares> most;
    for (const auto& [core, times] : now_.stat->cores) {
      const auto earlier =
          std::ranges::find(before_.stat->cores, core, &ProcStat::Core::first);
      if (earlier == before_.stat->cores.end()) continue;
      const auto shares = shares_of(earlier->second, times);
      if (!shares) continue;
      add(HostMetric::kCpuCore, shares->busy, core);
      if (!most) most = *shares;
      most->busy = std::max(most->busy, shares->busy);
      most->softirq = std::max(most->softirq, shares->softirq);
    }
    if (!most) return;
    add(HostMetric::kCpuBusiest, most->busy);
    add(HostMetric::kCpuSoftirqBusiest, most->softirq);
  }

  template <class T>
  void add_rate(HostMetric metric, const Span<T>& span, std::uint64_t T::*counter) {
    if (span.forward(counter)) add(metric, span.grown(counter) / seconds_);
  }

  void add_net() {
    if (before_.net && now_.net) {
      const Span<NetDev> span{*before_.net, *now_.net};
      add_rate(HostMetric::kNetReceived, span, &NetDev::received);
      add_rate(HostMetric::kNetSent, span, &NetDev::sent);
    }
    if (!before_.softnet || !now_.softnet) return;
    const Span<Softnet> span{*before_.softnet, *now_.softnet};
    add_rate(HostMetric::kNetSqueezed, span, &Softnet::squeezed);
    if (!before_.net || !now_.net) return;
    const Span<NetDev> net{*before_.net, *now_.net};
    if (span.forward(&Softnet::dropped) && net.forward(&NetDev::dropped))
      add(HostMetric::kNetDrops,
          (span.grown(&Softnet::dropped) + net.grown(&NetDev::dropped)) / seconds_);
  }

  void add_tcp() {
    const auto add_grown = [&](HostMetric metric, const auto& before, const auto& now) {
      if (before && now && *now >= *before)
        add(metric, static_cast<double>(*now - *before) / seconds_);
    };
    add_grown(HostMetric::kTcpRetransmits, before_.retransmits, now_.retransmits);
    add_grown(HostMetric::kTcpListenDrops, before_.listen_drops, now_.listen_drops);
  }

  const HostSnapshot& before_;
  const HostSnapshot& now_;
  double seconds_;
  std::vector<HostValue> values_;
};

std::optional<Clock> read_clock() {
  timex told{};
  const int state = ::adjtimex(&told);  // modes 0: only reads, needs no privilege
  if (state < 0) return std::nullopt;
  return clock_of(state, told);
}

}  // namespace

std::string_view name_of(HostMetric metric) { return kNames[static_cast<std::size_t>(metric)]; }

Clock clock_of(int state, const timex& told) {
  const bool synchronized = state != TIME_ERROR && (told.status & STA_UNSYNC) == 0;
  return {synchronized, static_cast<double>(told.maxerror) / 1e3};  // microseconds
}

std::vector<HostValue> host_values(const HostSnapshot& before, const HostSnapshot& now) {
  return Values{before, now}.take();
}

HostMeter::HostMeter(const stats::Schema& schema, std::string proc) : proc_{std::move(proc)} {
  for (const stats::Series& series : schema.series()) {
    const auto name = std::ranges::find(kNames, series.metric);
    if (name == kNames.end()) continue;
    const auto metric = static_cast<HostMetric>(name - kNames.begin());
    if (metric != HostMetric::kCpuCore) {
      slots_[static_cast<std::size_t>(metric)] = series.slot;
      continue;
    }
    const auto tag = std::ranges::find(series.tags, "cpu", &stats::Tags::value_type::first);
    unsigned core = 0;
    if (tag == series.tags.end()) continue;
    const std::string& text = tag->second;
    if (std::from_chars(text.data(), text.data() + text.size(), core).ec != std::errc{}) continue;
    if (cores_.size() <= core) cores_.resize(core + 1);
    cores_[core] = series.slot;
  }
}

HostSnapshot HostMeter::look(TimePoint now) const {
  HostSnapshot seen;
  seen.at = now;
  seen.stat = parse_stat(content_of(proc_ + "/stat"));
  seen.memory = parse_meminfo(content_of(proc_ + "/meminfo"));
  seen.load = parse_loadavg(content_of(proc_ + "/loadavg"));
  seen.net = parse_net_dev(content_of(proc_ + "/net/dev"));
  seen.softnet = parse_softnet(content_of(proc_ + "/net/softnet_stat"));
  const std::string snmp = content_of(proc_ + "/net/snmp");
  seen.retransmits = counter_in(snmp, "Tcp", "RetransSegs");
  seen.established = counter_in(snmp, "Tcp", "CurrEstab");
  seen.listen_drops = counter_in(content_of(proc_ + "/net/netstat"), "TcpExt", "ListenDrops");
  seen.clock = read_clock();
  return seen;
}

std::optional<std::uint32_t> HostMeter::slot_of(const HostValue& value) const {
  if (value.metric != HostMetric::kCpuCore) return slots_[static_cast<std::size_t>(value.metric)];
  return value.core < cores_.size() ? cores_[value.core] : std::nullopt;
}

std::vector<Value> HostMeter::read(TimePoint now) {
  HostSnapshot seen = look(now);
  std::vector<Value> values;
  for (const HostValue& value : host_values(before_, seen))
    if (const auto slot = slot_of(value)) values.push_back({*slot, rounded(value.value)});
  before_ = std::move(seen);
  return values;
}

unsigned configured_cpus() {
  return static_cast<unsigned>(std::max(1L, ::sysconf(_SC_NPROCESSORS_CONF)));
}

}  // namespace gend::observe
