#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "doctor/judge.h"

namespace gend::test {

// A host without anything to complain of, for tests to spoil in one place.
inline doctor::Facts good_host() {
  doctor::Facts facts;
  facts.limits = {.kernel = "6.12.1", .cpus = 4, .memory_bytes = 16ULL << 30,
                  .memory_available = 8ULL << 30, .nofile_soft = 1'048'576,
                  .nofile_hard = 1'048'576, .memlock_soft = ~0ULL, .port_first = 32768,
                  .port_last = 60999, .io_uring_disabled = 0, .seccomp = false};
  facts.shards = 4;
  facts.ring = "io_uring profile D on 6.12.1";
  facts.profile = 'D';
  facts.nr_open = 1'048'576;
  facts.file_max = 9'223'372'036'854'775'807;
  facts.tcp_tw_reuse = 2;
  facts.tcp_max_tw_buckets = 65'536;
  facts.somaxconn = 4096;
  facts.tcp_max_syn_backlog = 4096;
  facts.netdev_max_backlog = 1000;
  facts.swappiness = 60;
  facts.tcp_mem = {100'000, 200'000, 300'000};
  facts.tcp_rmem = {4096, 131'072, 6'291'456};
  facts.tcp_wmem = {4096, 16'384, 4'194'304};
  facts.clocksource = "tsc";
  facts.clocksources = {"tsc", "hpet"};
  facts.timer_slack_ns = 50'000;
  facts.cpu_model = "Some CPU";
  facts.cpus_online = 4;
  facts.governors = {"performance"};
  facts.smt = false;
  facts.steal_share = 0;
  facts.huge_pages = "madvise";
  facts.interfaces = {{.name = "eth0", .driver = "ixgbe", .rx_queues = 4, .tx_queues = 4,
                       .speed_mbit = 10'000, .mtu = 1500,
                       .offloads = doctor::Offloads{true, true, true, true}}};
  facts.ceiling = 400'000;
  return facts;
}

// The finding of that name; one without a name when there is none.
inline doctor::Finding finding_of(const doctor::Facts& facts, const std::string& name,
                                  const doctor::Wish& wish = {}) {
  const auto all = doctor::judge(facts, wish);
  const auto found = std::ranges::find(all, name, &doctor::Finding::name);
  return found == all.end() ? doctor::Finding{} : *found;
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

inline std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace gend::test
