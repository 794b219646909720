#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gend {

// What this host has, as the process that generates the load sees it (read by net/host.cc). Plain
// data, so that explaining and checking a plan against it stays pure.
struct HostFacts {
  std::string kernel;                              // "6.1.0-28-amd64"
  unsigned cpus = 0;                               // that this process may run on
  std::uint64_t memory_bytes = 0;                  // physical
  std::uint64_t memory_available = 0;              // MemAvailable
  std::uint64_t nofile_soft = 0, nofile_hard = 0;  // RLIMIT_NOFILE
  std::uint64_t memlock_soft = 0;                  // RLIMIT_MEMLOCK, bytes; ~0 = unlimited
  std::uint32_t port_first = 0, port_last = 0;     // net.ipv4.ip_local_port_range
  int io_uring_disabled = 0;  // kernel.io_uring_disabled; -1: the sysctl does not exist
  bool seccomp = false;       // a seccomp filter is installed in this process
};

}  // namespace gend
