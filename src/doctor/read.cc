#include "doctor/read.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <utility>

namespace gend::doctor {
namespace {

namespace fs = std::filesystem;

// Files of /proc and /sys are short, and made while they are read. Nothing: it cannot be read, as
// the speed of a virtual card.
std::string content_of(const std::string& path) {
  std::ifstream in{path};
  std::ostringstream out;
  // Where reading fails the buffer throws; the inserter takes that for the end.
  out << in.rdbuf();
  std::string text = std::move(out).str();
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

Count number_of(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in{text};
  return {std::istream_iterator<std::string>{in}, {}};
}

std::vector<std::uint64_t> numbers_of(const std::string& text) {
  std::vector<std::uint64_t> numbers;
  for (const std::string& word : words_of(text)) {
    const Count value = number_of(word);
    if (!value) return {};
    numbers.push_back(*value);
  }
  return numbers;
}

// "0-3,8": how many that are.
Count count_of_list(const std::string& text) {
  std::uint64_t all = 0;
  std::istringstream in{text};
  for (std::string part; std::getline(in, part, ',');) {
    const std::size_t dash = part.find('-');
    const Count first = number_of(std::string_view{part}.substr(0, dash));
    const Count last = dash == part.npos ? first
                                         : number_of(std::string_view{part}.substr(dash + 1));
    if (!first || !last || *last < *first) return std::nullopt;
    all += *last - *first + 1;
  }
  return all == 0 ? std::nullopt : Count{all};
}

void read_sysctls(const std::string& root, Facts& into) {
  const std::string sys = root + "/proc/sys/";
  const auto number = [&](const char* name) { return number_of(content_of(sys + name)); };
  into.nr_open = number("fs/nr_open");
  into.file_max = number("fs/file-max");
  into.tcp_tw_reuse = number("net/ipv4/tcp_tw_reuse");
  into.tcp_max_tw_buckets = number("net/ipv4/tcp_max_tw_buckets");
  into.somaxconn = number("net/core/somaxconn");
  into.tcp_max_syn_backlog = number("net/ipv4/tcp_max_syn_backlog");
  into.netdev_max_backlog = number("net/core/netdev_max_backlog");
  into.swappiness = number("vm/swappiness");
  into.conntrack_count = number("net/netfilter/nf_conntrack_count");
  into.conntrack_max = number("net/netfilter/nf_conntrack_max");
  into.tcp_mem = numbers_of(content_of(sys + "net/ipv4/tcp_mem"));
  into.tcp_rmem = numbers_of(content_of(sys + "net/ipv4/tcp_rmem"));
  into.tcp_wmem = numbers_of(content_of(sys + "net/ipv4/tcp_wmem"));
}

// "key : value" of the first line that begins with the key; /proc/cpuinfo and /proc/meminfo.
std::string value_of(const std::string& text, std::string_view key) {
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.find(':');
    if (colon == line.npos || !line.starts_with(key)) continue;
    if (line.find_first_not_of(" \t", key.size()) != colon) continue;
    const std::size_t from = line.find_first_not_of(" \t", colon + 1);
    return from == line.npos ? std::string{} : line.substr(from);
  }
  return {};
}

Count kib_of(const std::string& text, std::string_view key) {
  const auto words = words_of(value_of(text, key));
  const Count kib = words.empty() ? std::nullopt : number_of(words.front());
  return kib ? Count{*kib * 1024} : std::nullopt;
}

// The first line of /proc/stat: user nice system idle iowait irq softirq steal …
std::optional<double> steal_of(const std::string& text) {
  const std::size_t end = text.find('\n');
  const auto words = words_of(text.substr(0, end));
  if (words.size() < 9 || words[0] != "cpu") return std::nullopt;
  double all = 0, steal = 0;
  for (std::size_t i = 1; i <= 8; ++i) {
    const Count value = number_of(words[i]);
    if (!value) return std::nullopt;
    all += static_cast<double>(*value);
    if (i == 8) steal = static_cast<double>(*value);
  }
  if (all <= 0) return std::nullopt;
  return steal / all;
}

std::vector<std::string> governors_of(const std::string& root) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{root + "/sys/devices/system/cpu", error}) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("cpu") || !number_of(std::string_view{name}.substr(3))) continue;
    const std::string governor = content_of(entry.path().string() + "/cpufreq/scaling_governor");
    if (!governor.empty() && std::ranges::find(found, governor) == found.end())
      found.push_back(governor);
  }
  std::ranges::sort(found);
  return found;
}

void read_cpus(const std::string& root, Facts& into) {
  into.cpu_model = value_of(content_of(root + "/proc/cpuinfo"), "model name");
  into.cpus_online = count_of_list(content_of(root + "/sys/devices/system/cpu/online"));
  into.governors = governors_of(root);
  if (const Count smt = number_of(content_of(root + "/sys/devices/system/cpu/smt/active")))
    into.smt = *smt != 0;
  into.steal_share = steal_of(content_of(root + "/proc/stat"));
}

void read_time(const std::string& root, Facts& into) {
  const std::string folder = root + "/sys/devices/system/clocksource/clocksource0/";
  into.clocksource = content_of(folder + "current_clocksource");
  into.clocksources = words_of(content_of(folder + "available_clocksource"));
  into.timer_slack_ns = number_of(content_of(root + "/proc/self/timerslack_ns"));
}

// Limits of a folder hold for all below it: the tightest of the whole path.
void read_cgroup(const std::string& root, Facts& into) {
  std::string path = cgroup_of(content_of(root + "/proc/self/cgroup"));
  for (;; path.resize(path.rfind('/') == path.npos ? 0 : path.rfind('/'))) {
    const std::string folder = root + "/sys/fs/cgroup" + path + "/";
    const Count most = number_of(content_of(folder + "memory.max"));
    if (most && (!into.cgroup_memory_max || *most < *into.cgroup_memory_max)) {
      into.cgroup_memory_max = most;
      into.cgroup_memory_used = number_of(content_of(folder + "memory.current"));
    }
    const auto words = words_of(content_of(folder + "cpu.max"));
    const Count quota = words.size() == 2 ? number_of(words[0]) : std::nullopt;
    const Count period = words.size() == 2 ? number_of(words[1]) : std::nullopt;
    const bool tighter = !into.quota_us || (quota && period && into.period_us &&
                                            *quota * *into.period_us < *into.quota_us * *period);
    if (quota && period && *period > 0 && tighter) {
      into.quota_us = quota;
      into.period_us = period;
    }
    if (path.empty()) return;
  }
}

void read_memory(const std::string& root, Facts& into) {
  const std::string meminfo = content_of(root + "/proc/meminfo");
  into.swap_total = kib_of(meminfo, "SwapTotal");
  into.swap_free = kib_of(meminfo, "SwapFree");
  // "always [madvise] never"
  const std::string pages = content_of(root + "/sys/kernel/mm/transparent_hugepage/enabled");
  const std::size_t open = pages.find('['), close = pages.find(']');
  if (open != pages.npos && close != pages.npos && close > open)
    into.huge_pages = pages.substr(open + 1, close - open - 1);
}

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (name != "lo" && std::ranges::find(names, name) == names.end()) names.push_back(name);
}

// A mask is groups of hexadecimal digits; spread to nobody when all of them are 0.
bool any_bit(const std::string& mask) {
  return mask.find_first_of("123456789abcdefABCDEF") != mask.npos;
}

}  // namespace

std::string cgroup_of(std::string_view proc_self_cgroup) {
  std::istringstream in{std::string{proc_self_cgroup}};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("0::/")) return line == "0::/" ? std::string{} : line.substr(3);
  return {};
}

std::vector<std::string> default_interfaces(const std::string& root) {
  std::vector<std::string> names;
  std::istringstream v4{content_of(root + "/proc/net/route")};
  for (std::string line; std::getline(v4, line);) {
    // Iface Destination Gateway Flags RefCnt Use Metric Mask …
    const auto words = words_of(line);
    if (words.size() >= 8 && words[1] == "00000000" && words[7] == "00000000")
      add_once(names, words[0]);
  }
  std::istringstream v6{content_of(root + "/proc/net/ipv6_route")};
  for (std::string line; std::getline(v6, line);) {
    // destination length … device
    const auto words = words_of(line);
    if (words.size() >= 10 && words[1] == "00" && words[0].find_first_not_of('0') == line.npos)
      add_once(names, words.back());
  }
  return names;
}

Interface read_interface(const std::string& root, const std::string& name) {
  const std::string folder = root + "/sys/class/net/" + name;
  Interface found{.name = name};
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{folder + "/queues", error}) {
    const std::string queue = entry.path().filename().string();
    const bool receives = queue.starts_with("rx-");
    if (!receives && !queue.starts_with("tx-")) continue;
    const bool spread =
        any_bit(content_of(entry.path().string() + (receives ? "/rps_cpus" : "/xps_cpus")));
    ++(receives ? found.rx_queues : found.tx_queues);
    if (spread) ++(receives ? found.rps_queues : found.xps_queues);
  }
  // -1: the driver does not know.
  found.speed_mbit = number_of(content_of(folder + "/speed"));
  found.mtu = static_cast<unsigned>(number_of(content_of(folder + "/mtu")).value_or(0));
  constexpr std::uint64_t kLoopback = 772;  // ARPHRD_LOOPBACK
  found.loopback = number_of(content_of(folder + "/type")) == kLoopback;
  const std::string driver = fs::read_symlink(folder + "/device/driver", error).filename().string();
  if (!error) found.driver = driver;
  const std::string device = fs::read_symlink(folder, error).string();
  found.is_virtual = device.find("/virtual/") != device.npos || driver.starts_with("virtio") ||
                     driver == "vmxnet3" || driver == "ena" || driver == "hv_netvsc" ||
                     driver == "xen-netfront" || driver == "gve";
  return found;
}

void read_files(const std::string& root, Facts& into) {
  const std::string cgroup = cgroup_of(content_of(root + "/proc/self/cgroup"));
  if (cgroup.ends_with(".service")) into.unit = cgroup.substr(cgroup.rfind('/') + 1);
  read_sysctls(root, into);
  read_cpus(root, into);
  read_time(root, into);
  read_cgroup(root, into);
  read_memory(root, into);
}

}  // namespace gend::doctor
