#include "net/host.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include <fstream>
#include <string>

#include "ring/features.h"

namespace gend::net {
namespace {

std::uint64_t meminfo_bytes(const std::string& key) {
  std::ifstream in{"/proc/meminfo"};
  std::string name, unit;
  for (std::uint64_t kib = 0; in >> name >> kib; std::getline(in, unit))
    if (name == key + ":") return kib * 1024;
  return 0;
}

}  // namespace

HostFacts read_host_facts() {
  HostFacts facts;
  utsname name{};
  if (::uname(&name) == 0) facts.kernel = name.release;
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (::sched_getaffinity(0, sizeof cpus, &cpus) == 0)
    facts.cpus = static_cast<unsigned>(CPU_COUNT(&cpus));
  facts.memory_bytes = meminfo_bytes("MemTotal");
  facts.memory_available = meminfo_bytes("MemAvailable");
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    facts.nofile_soft = limit.rlim_cur;
    facts.nofile_hard = limit.rlim_max;
  }
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) == 0) facts.memlock_soft = limit.rlim_cur;
  std::ifstream ports{"/proc/sys/net/ipv4/ip_local_port_range"};
  ports >> facts.port_first >> facts.port_last;
  std::ifstream disabled{"/proc/sys/kernel/io_uring_disabled"};
  if (!(disabled >> facts.io_uring_disabled)) facts.io_uring_disabled = -1;
  facts.seccomp = ring::seccomp_filter_installed();
  return facts;
}

}  // namespace gend::net
