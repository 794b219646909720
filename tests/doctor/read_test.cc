#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "doctor/read.h"

using namespace gend;
namespace fs = std::filesystem;

namespace {

// A folder with the files of a host in it.
class Root {
 public:
  Root() {
    if (!::mkdtemp(path_.data())) std::abort();
  }
  ~Root() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Root(const Root&) = delete;
  Root& operator=(const Root&) = delete;

  void put(const std::string& file, const std::string& text) const {
    const fs::path path = path_ + "/" + file;
    fs::create_directories(path.parent_path());
    std::ofstream{path} << text;
  }
  void link(const std::string& from, const std::string& to) const {
    const fs::path path = path_ + "/" + from;
    fs::create_directories(path.parent_path());
    fs::create_symlink(to, path);
  }
  doctor::Facts read() const {
    doctor::Facts facts;
    doctor::read_files(path_, facts);
    return facts;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/gend-doctor-XXXXXX";
};

}  // namespace

TEST_CASE("a host without any of the files has none of the facts") {
  const Root root;
  const doctor::Facts facts = root.read();
  CHECK_FALSE(facts.nr_open.has_value());
  CHECK_FALSE(facts.conntrack_max.has_value());
  CHECK_FALSE(facts.steal_share.has_value());
  CHECK_FALSE(facts.cgroup_memory_max.has_value());
  CHECK(facts.tcp_mem.empty());
  CHECK(facts.governors.empty());
  CHECK(facts.clocksource.empty());
  CHECK(doctor::default_interfaces(root.path()).empty());
  CHECK(doctor::read_interface(root.path(), "eth0").rx_queues == 0);
}

TEST_CASE("sysctls are read as numbers, and what is none is not there") {
  const Root root;
  root.put("proc/sys/net/core/somaxconn", "4096\n");
  root.put("proc/sys/net/ipv4/tcp_mem", "284742\t379656\t569484\n");
  root.put("proc/sys/net/ipv4/tcp_rmem", "4096 x 6291456\n");
  root.put("proc/sys/net/ipv4/tcp_tw_reuse", "2 \n");
  root.put("proc/sys/net/core/netdev_max_backlog", "-5\n");
  root.put("proc/sys/vm/swappiness", "");
  root.put("proc/sys/fs/nr_open", "99999999999999999999\n");
  root.put("proc/sys/net/netfilter/nf_conntrack_max", "262144\n");
  const doctor::Facts facts = root.read();
  CHECK(facts.somaxconn == 4096U);
  CHECK(facts.tcp_mem == std::vector<std::uint64_t>{284742, 379656, 569484});
  CHECK(facts.tcp_rmem.empty());
  CHECK(facts.tcp_tw_reuse == 2U);
  CHECK_FALSE(facts.netdev_max_backlog.has_value());
  CHECK_FALSE(facts.swappiness.has_value());
  CHECK_FALSE(facts.nr_open.has_value());
  CHECK(facts.conntrack_max == 262144U);
  CHECK_FALSE(facts.conntrack_count.has_value());
}

TEST_CASE("what can be opened and not be read is not there") {
  const Root root;
  fs::create_directories(root.path() + "/proc/sys/net/core/somaxconn");  // read(): EISDIR
  fs::create_directories(root.path() + "/proc/meminfo");
  CHECK_FALSE(root.read().somaxconn.has_value());
  CHECK_FALSE(root.read().swap_total.has_value());
}

TEST_CASE("processors: model, online, governors, SMT, steal") {
  const Root root;
  root.put("proc/cpuinfo", "processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\nprocessor\t: 1\n");
  root.put("sys/devices/system/cpu/online", "0-3,8\n");
  root.put("sys/devices/system/cpu/smt/active", "1\n");
  root.put("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
  root.put("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance\n");
  root.put("sys/devices/system/cpu/cpu2/cpufreq/scaling_governor", "powersave\n");
  root.put("sys/devices/system/cpu/cpufreq/scaling_governor", "not a processor\n");
  root.put("proc/stat", "cpu  50 0 20 900 10 0 0 20 0 0\ncpu0 1 2\n");
  const doctor::Facts facts = root.read();
  CHECK(facts.cpu_model == "Some CPU @ 2 GHz");
  CHECK(facts.cpus_online == 5U);
  CHECK(facts.smt == true);
  CHECK(facts.governors == std::vector<std::string>{"performance", "powersave"});
  CHECK(facts.steal_share == doctest::Approx(0.02));
  root.put("sys/devices/system/cpu/online", "3-1\n");
  root.put("proc/stat", "cpu  1 2 3\n");
  CHECK_FALSE(root.read().cpus_online.has_value());
  CHECK_FALSE(root.read().steal_share.has_value());
  root.put("proc/stat", "cpu 0 0 0 0 0 0 0 0 0 0\n");
  CHECK_FALSE(root.read().steal_share.has_value());
}

TEST_CASE("clock, timer slack, memory") {
  const Root root;
  const std::string clock = "sys/devices/system/clocksource/clocksource0/";
  root.put(clock + "current_clocksource", "hpet\n");
  root.put(clock + "available_clocksource", "tsc hpet acpi_pm \n");
  root.put("proc/self/timerslack_ns", "50000\n");
  root.put("proc/meminfo", "MemTotal: 100 kB\nSwapTotal:  2048 kB\nSwapFree:   1024 kB\n");
  root.put("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
  const doctor::Facts facts = root.read();
  CHECK(facts.clocksource == "hpet");
  CHECK(facts.clocksources == std::vector<std::string>{"tsc", "hpet", "acpi_pm"});
  CHECK(facts.timer_slack_ns == 50000U);
  CHECK(facts.swap_total == 2048U * 1024);
  CHECK(facts.swap_free == 1024U * 1024);
  CHECK(facts.huge_pages == "madvise");
}

TEST_CASE("of a cgroup and those above it the tightest limits count; max is none") {
  const Root root;
  root.put("proc/self/cgroup", "1:name=old:/x\n0::/system.slice/gend.service\n");
  root.put("sys/fs/cgroup/system.slice/gend.service/memory.max", "max\n");
  root.put("sys/fs/cgroup/system.slice/gend.service/cpu.max", "200000 100000\n");
  root.put("sys/fs/cgroup/system.slice/memory.max", "1073741824\n");
  root.put("sys/fs/cgroup/system.slice/memory.current", "1000\n");
  root.put("sys/fs/cgroup/system.slice/cpu.max", "75000 50000\n");
  root.put("sys/fs/cgroup/cpu.max", "max 100000\n");
  doctor::Facts facts = root.read();
  CHECK(facts.unit == "gend.service");
  CHECK(facts.cgroup_memory_max == 1073741824U);
  CHECK(facts.cgroup_memory_used == 1000U);
  CHECK(facts.quota_us == 75000U);
  CHECK(facts.period_us == 50000U);
  // In a container its own cgroup is the root of what it sees.
  root.put("proc/self/cgroup", "0::/\n");
  root.put("sys/fs/cgroup/memory.max", "4096\n");
  facts = root.read();
  CHECK(facts.unit.empty());
  CHECK(facts.cgroup_memory_max == 4096U);
  CHECK_FALSE(facts.quota_us.has_value());
}

TEST_CASE("the path of a cgroup is taken from its line of version 2") {
  CHECK(doctor::cgroup_of("0::/user.slice/a.scope\n") == "/user.slice/a.scope");
  CHECK(doctor::cgroup_of("0::/") == "");
  CHECK(doctor::cgroup_of("12:cpu:/x\n") == "");
  CHECK(doctor::cgroup_of("") == "");
}

TEST_CASE("interfaces that carry a default route, of both versions of IP, each once") {
  const Root root;
  root.put("proc/net/route",
           "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
           "eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
           "eth1\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
           "tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0\n");
  const std::string zero(32, '0');
  root.put("proc/net/ipv6_route",
           zero + " 00 " + zero + " 00 fe800000000000000000000000000001 00000400 1 0 3 eth0\n" +
               zero + " 00 " + zero + " 00 " + zero + " ffffffff 1 0 200200 lo\n" + zero +
               " 00 " + zero + " 00 " + zero + " 00000400 1 0 3 wlan0\n");
  CHECK(doctor::default_interfaces(root.path()) == std::vector<std::string>{"eth0", "wlan0"});
}

TEST_CASE("an interface: queues and who handles them, speed, MTU, driver") {
  const Root root;
  root.put("sys/devices/pci/net/eth0/queues/rx-0/rps_cpus", "00000000,00000003\n");
  root.put("sys/devices/pci/net/eth0/queues/rx-1/rps_cpus", "00000000,00000000\n");
  root.put("sys/devices/pci/net/eth0/queues/tx-0/xps_cpus", "1\n");
  root.put("sys/devices/pci/net/eth0/speed", "10000\n");
  root.put("sys/devices/pci/net/eth0/mtu", "9000\n");
  root.put("sys/devices/pci/net/eth0/type", "1\n");
  root.link("sys/class/net/eth0", "../../devices/pci/net/eth0");
  root.link("sys/devices/pci/net/eth0/device/driver", "../../drivers/ixgbe");
  const doctor::Interface card = doctor::read_interface(root.path(), "eth0");
  CHECK(card.rx_queues == 2);
  CHECK(card.tx_queues == 1);
  CHECK(card.rps_queues == 1);
  CHECK(card.xps_queues == 1);
  CHECK(card.speed_mbit == 10000U);
  CHECK(card.mtu == 9000);
  CHECK(card.driver == "ixgbe");
  CHECK_FALSE(card.loopback);
  CHECK_FALSE(card.is_virtual);
  root.put("sys/devices/virtual/net/lo/type", "772\n");
  root.put("sys/devices/virtual/net/lo/speed", "-1\n");
  root.link("sys/class/net/lo", "../../devices/virtual/net/lo");
  const doctor::Interface lo = doctor::read_interface(root.path(), "lo");
  CHECK(lo.loopback);
  CHECK(lo.is_virtual);
  CHECK_FALSE(lo.speed_mbit.has_value());
}
