#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

// The files of /proc as values: parsers of their texts, which know of no file. See proc(5) and the
// kernel's Documentation/filesystems/proc.rst.
namespace gend::observe {

// Ticks since the host started, by what they went into.
struct CpuTimes {
  std::uint64_t user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0,
                steal = 0;
  std::uint64_t all() const;
  std::uint64_t busy() const;  // neither idle nor waiting for a disk
};
struct ProcStat {
  CpuTimes all;
  using Core = std::pair<unsigned, CpuTimes>;  // its number
  std::vector<Core> cores;                     // those that are online
};
std::optional<ProcStat> parse_stat(std::string_view text);  // /proc/stat

struct Meminfo {
  std::uint64_t total = 0, available = 0;  // bytes
};
std::optional<Meminfo> parse_meminfo(std::string_view text);  // /proc/meminfo

// All interfaces but the loopback.
struct NetDev {
  std::uint64_t received = 0, sent = 0;  // bytes
  std::uint64_t dropped = 0;             // packets that were dropped or broken, both ways
};
std::optional<NetDev> parse_net_dev(std::string_view text);  // /proc/net/dev

// A number of /proc/net/snmp or /proc/net/netstat: lines of names, each followed by one of numbers.
std::optional<std::int64_t> counter_in(std::string_view text, std::string_view group,
                                       std::string_view name);

// All processors together; hexadecimal columns.
struct Softnet {
  std::uint64_t dropped = 0;   // the backlog was full
  std::uint64_t squeezed = 0;  // there was more to do than a turn's budget allows
};
std::optional<Softnet> parse_softnet(std::string_view text);  // /proc/net/softnet_stat

std::optional<double> parse_loadavg(std::string_view text);  // of one minute

}  // namespace gend::observe
