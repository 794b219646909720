#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/host_facts.h"

// What is known of a host before any load is sent. Plain data, so that judging it stays pure; what
// could not be read is not there.
namespace gend::doctor {

using Count = std::optional<std::uint64_t>;

// Work that a network card takes off the processors (ETHTOOL_GTSO, _GGSO, _GGRO, _GTXCSUM).
struct Offloads {
  bool tso = false, gso = false, gro = false, tx_checksum = false;
};

struct Interface {
  std::string name{};         // "eth0"
  std::string driver{};       // "virtio_net"; empty: none, as with veth and bridges
  unsigned rx_queues = 0, tx_queues = 0;
  unsigned rps_queues = 0;    // receive queues whose packets are spread over processors
  unsigned xps_queues = 0;    // send queues with processors of their own
  Count speed_mbit{};         // virtual cards often have none
  unsigned mtu = 0;
  bool loopback = false;
  bool is_virtual = false;    // below /sys/devices/virtual, or of a hypervisor's driver
  std::optional<Offloads> offloads{};
};

// The address that a load shall go to.
struct Target {
  std::string name{};         // "shop.test:8080", as it was asked for
  std::size_t addresses = 0;  // that the name has, of the family that answers
  std::string address{};      // "10.0.0.7:8080"; empty: see `trouble`
  std::string trouble{}, remedy{};  // it does not resolve, or may not be a target
  std::string source{};       // the local address that connections to it have
};

struct Facts {
  HostFacts limits;           // of the process that generates the load
  unsigned shards = 1;        // that it will have
  std::string unit;           // the systemd service that it is; empty: none
  std::string ring;           // ring::Features::describe(); empty: see ring_trouble
  char profile = 0;           // 'A' to 'E'
  std::string ring_trouble, ring_remedy;

  // sysctls
  Count nr_open, file_max, tcp_tw_reuse, tcp_max_tw_buckets, somaxconn, tcp_max_syn_backlog,
      netdev_max_backlog, swappiness;
  std::vector<std::uint64_t> tcp_mem;              // pages: low, pressure, high
  std::vector<std::uint64_t> tcp_rmem, tcp_wmem;   // bytes: least, default, most
  Count conntrack_count, conntrack_max;

  // time
  std::string clocksource;    // "tsc"
  std::vector<std::string> clocksources;  // that could be chosen
  Count timer_slack_ns;

  // processors
  std::string cpu_model;
  Count cpus_online;
  std::vector<std::string> governors;  // each once; empty: the host does not scale frequencies
  std::optional<bool> smt;    // two threads of the host share a core
  Count quota_us, period_us;  // cgroup cpu.max; no quota: not limited
  std::optional<double> steal_share;  // of all time since the host started, 0..1

  // memory
  Count cgroup_memory_max, cgroup_memory_used;
  Count swap_total, swap_free;
  std::string huge_pages;     // "madvise"

  std::vector<Interface> interfaces;  // towards the target, or that carry the default route
  std::optional<Target> target;

  // What `genctl calibrate` found: requests per second of all shards together.
  std::optional<double> ceiling;
  std::vector<std::string> ceiling_stale;  // why it may not hold any more
};

}  // namespace gend::doctor
