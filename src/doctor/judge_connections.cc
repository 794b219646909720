#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "base/host_capacity.h"
#include "doctor/judge_parts.h"
#include "stats/words.h"

namespace gend::doctor {
namespace {

using stats::counted;
using stats::grouped;

constexpr const char* kGroup = "connections";
constexpr std::uint64_t kDefaultNofile = 1'048'576;  // of gend.service; no ring's table is larger
constexpr std::uint64_t kTimeWaitSeconds = 60;       // TCP_TIMEWAIT_LEN of the kernel

// The connections that one shard gets when all share them.
std::uint64_t each_of(std::uint64_t connections, std::uint64_t shards) {
  return (connections + shards - 1) / shards;
}

// "10,000 connections need 1 shard, 38,000 need 2, 100,000 need 5".
std::string shards_words(std::uint64_t nofile) {
  std::string words;
  for (const std::uint64_t n : {10'000, 38'000, 100'000})
    words += fmt::format("{}{} need {}", words.empty() ? "" : ", ", grouped(n),
                         counted(shards_for(n, nofile), "shard"));
  return words;
}

Finding descriptors(const Facts& facts, const Wish& wish) {
  const HostFacts& limits = facts.limits;
  const std::uint64_t each = connections_in_slots(limits.nofile_hard);
  const std::uint64_t shards = std::max(facts.shards, 1U);
  Finding finding{.group = kGroup, .name = "descriptors"};
  finding.connections = each * shards;
  finding.state = state_of(each * shards, wish.connections);
  finding.found = fmt::format("RLIMIT_NOFILE is {} soft, {} hard", grouped(limits.nofile_soft),
                              grouped(limits.nofile_hard));
  if (each == 0)
    finding.means = "too few for a ring's table of connections";
  else
    finding.means = fmt::format("{} connections a shard, {} with {}; {}", grouped(each),
                                grouped(each * shards), counted(shards, "shard"),
                                shards_words(limits.nofile_hard));
  if (limits.nofile_soft < kOwnDescriptors) {
    finding.state = State::kProblem;
    finding.means = fmt::format("gend needs {} descriptors beside its connections",
                                kOwnDescriptors);
  }
  if (finding.state == State::kOk) return finding;
  const std::uint64_t enough =
      std::max(kDefaultNofile, std::bit_ceil(ring_slots(each_of(wish.connections, shards))));
  if (facts.nr_open && *facts.nr_open < enough)
    finding.fix = sysctl_fix("fs.nr_open", std::to_string(enough), "files");
  std::ranges::move(limit_fix(facts, "LimitNOFILE", "nofile", std::to_string(enough)),
                    std::back_inserter(finding.fix));
  return finding;
}

Finding open_files(const Facts& facts, const Wish& wish) {
  Finding finding{.group = kGroup, .name = "open_files"};
  finding.connections = *facts.file_max;
  finding.state = state_of(*facts.file_max, wish.connections);
  finding.found = fmt::format("fs.file-max = {}", grouped(*facts.file_max));
  finding.means = "open files and sockets of the whole host";
  if (finding.state != State::kOk)
    finding.fix = sysctl_fix("fs.file-max", std::to_string(wish.connections * 4), "files");
  return finding;
}

Finding ports(const Facts& facts, const Wish& wish) {
  Finding finding{.group = kGroup, .name = "ports"};
  const std::uint64_t range = local_ports(facts.limits);
  const std::uint64_t addresses =
      facts.target ? std::max<std::uint64_t>(facts.target->addresses, 1) : 1;
  if (range == 0) {
    finding.state = State::kNote;
    finding.found = "net.ipv4.ip_local_port_range cannot be read";
    finding.means = "how many connections one target can get is not known";
    return finding;
  }
  finding.connections = range * addresses;
  finding.state = state_of(range * addresses, wish.connections);
  finding.found = fmt::format("net.ipv4.ip_local_port_range = {} {}", facts.limits.port_first,
                              facts.limits.port_last);
  finding.means = fmt::format("connections to one target address and port: {} x source addresses "
                              "(sourceAddresses of the plan)", grouped(range));
  if (addresses > 1)
    finding.means += fmt::format(", and the target has {} addresses", addresses);
  if (finding.state == State::kOk) return finding;
  constexpr std::uint64_t kWidest = 65'535 - 1024 + 1;
  if (wish.connections > kWidest * addresses)
    finding.means += fmt::format("; {} of them need {}, with the widest range {}",
                                 grouped(wish.connections),
                                 counted(each_of(wish.connections, range * addresses), "source"),
                                 each_of(wish.connections, kWidest * addresses));
  if (range < kWidest)
    finding.fix = sysctl_fix("net.ipv4.ip_local_port_range", "1024 65535", "ports");
  return finding;
}

// Only loads that close what they open meet this one: with keep-alive a port stays in use.
Finding time_wait(const Facts& facts, const Wish& wish) {
  Finding finding{.group = kGroup, .name = "time_wait"};
  const std::uint64_t range = local_ports(facts.limits);
  const bool local = facts.target && !facts.interfaces.empty() &&
                     facts.interfaces.front().loopback;
  const bool reused = facts.tcp_tw_reuse == 1U || (facts.tcp_tw_reuse == 2U && local);
  // A port may be taken again for the same target after 60 s, with tcp_tw_reuse after 1 s.
  const std::uint64_t a_second = reused ? range : range / kTimeWaitSeconds;
  finding.found = fmt::format("net.ipv4.tcp_tw_reuse = {}{}", *facts.tcp_tw_reuse,
                              *facts.tcp_tw_reuse == 2 ? " (loopback only)" : "");
  if (facts.tcp_max_tw_buckets)
    finding.found += fmt::format(", tcp_max_tw_buckets = {}", grouped(*facts.tcp_max_tw_buckets));
  finding.means = fmt::format("a connection for each request, closed by gend: {}/s to one target "
                              "for each source address", grouped(a_second));
  const bool short_of_it = wish.rate > static_cast<double>(a_second);
  if (reused || (!short_of_it && *facts.tcp_tw_reuse != 0)) return finding;
  finding.state = State::kNote;
  finding.fix = sysctl_fix("net.ipv4.tcp_tw_reuse", "1", "time-wait");
  return finding;
}

Finding conntrack(const Facts& facts, const Wish& wish) {
  Finding finding{.group = kGroup, .name = "conntrack"};
  if (!facts.conntrack_max) {
    finding.found = "no connection tracking";
    finding.means = "no firewall table that could run full";
    return finding;
  }
  const std::uint64_t most = *facts.conntrack_max, used = facts.conntrack_count.value_or(0);
  const std::uint64_t free = most > used ? most - used : 0;
  finding.connections = free;
  finding.state = state_of(free, wish.connections);
  finding.found = fmt::format("nf_conntrack_max = {}, {} in use", grouped(most), grouped(used));
  finding.means = fmt::format("{} more connections; the packets of any further one are dropped, "
                              "and closed ones stay in the table for up to two minutes",
                              grouped(free));
  if (finding.state == State::kOk) return finding;
  finding.fix = sysctl_fix("net.netfilter.nf_conntrack_max",
                           std::to_string(std::bit_ceil(used + wish.connections * 4)),
                           "conntrack");
  return finding;
}

// The queue of connections that the target has not accepted yet: of this host only when the target
// is on it.
Finding accept_queue(const Facts& facts, const Wish& wish) {
  Finding finding{.group = kGroup, .name = "accept_queue"};
  finding.found = fmt::format("net.core.somaxconn = {}", grouped(*facts.somaxconn));
  if (facts.tcp_max_syn_backlog)
    finding.found += fmt::format(", net.ipv4.tcp_max_syn_backlog = {}",
                                 grouped(*facts.tcp_max_syn_backlog));
  const std::uint64_t queue =
      std::min(*facts.somaxconn, facts.tcp_max_syn_backlog.value_or(*facts.somaxconn));
  finding.means = fmt::format("if the target is on this host: {} connections may arrive at once; "
                              "of others it is their own limit", grouped(queue));
  const bool local = facts.target && !facts.interfaces.empty() &&
                     facts.interfaces.front().loopback;
  if (!local || queue >= wish.connections) return finding;
  finding.state = State::kNote;
  const std::string enough = std::to_string(std::bit_ceil(wish.connections));
  finding.fix = sysctl_fix("net.core.somaxconn", enough, "accept");
  std::ranges::move(sysctl_fix("net.ipv4.tcp_max_syn_backlog", enough, "syn"),
                    std::back_inserter(finding.fix));
  return finding;
}

}  // namespace

void judge_connections(const Facts& facts, const Wish& wish, std::vector<Finding>& into) {
  into.push_back(descriptors(facts, wish));
  if (facts.file_max) into.push_back(open_files(facts, wish));
  into.push_back(ports(facts, wish));
  if (facts.tcp_tw_reuse) into.push_back(time_wait(facts, wish));
  into.push_back(conntrack(facts, wish));
  if (facts.somaxconn) into.push_back(accept_queue(facts, wish));
}

}  // namespace gend::doctor
