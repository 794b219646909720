#include <algorithm>

#include <fmt/format.h>

#include "doctor/judge_parts.h"
#include "stats/words.h"

namespace gend::doctor {
namespace {

using stats::counted;
using stats::grouped;

constexpr const char* kGroup = "network";

Finding target(const Target& asked) {
  Finding finding{.group = kGroup, .name = "target"};
  if (!asked.trouble.empty()) {
    finding.state = State::kProblem;
    finding.found = asked.name + ": " + asked.trouble;
    finding.means = "gend refuses a plan with this target" +
                    (asked.remedy.empty() ? "" : ": " + asked.remedy);
    return finding;
  }
  finding.found = fmt::format("{} is {}", asked.name, asked.address);
  if (asked.addresses > 1) finding.found += fmt::format(" and {} more", asked.addresses - 1);
  finding.means = asked.source.empty() ? "there is no route to it"
                                       : "connections to it come from " + asked.source;
  if (asked.source.empty()) finding.state = State::kProblem;
  return finding;
}

std::string words_of(const Interface& card) {
  std::string words = card.name;
  if (!card.driver.empty()) words += " (" + card.driver + ")";
  if (card.is_virtual && !card.loopback) words += ", virtual";
  if (card.speed_mbit) words += fmt::format(", {} Mbit/s", grouped(*card.speed_mbit));
  return words + fmt::format(", MTU {}, {} and {}", card.mtu,
                             counted(card.rx_queues, "receive queue"),
                             counted(card.tx_queues, "send queue"));
}

std::string off_words(const Offloads& offloads) {
  std::string words;
  const auto add = [&](bool on, const char* name) {
    if (!on) words += std::string{words.empty() ? "" : ", "} + name;
  };
  add(offloads.tso, "tso");
  add(offloads.gso, "gso");
  add(offloads.gro, "gro");
  add(offloads.tx_checksum, "tx");
  return words;
}

Finding queues(const Interface& card, const Facts& facts) {
  Finding finding{.group = kGroup, .name = "interface_" + card.name};
  finding.found = words_of(card);
  if (card.loopback) {
    finding.means = "the target is on this host and takes processors away from the load: figures "
                    "of such a run are no figures of a network";
    finding.state = State::kNote;
    return finding;
  }
  const bool narrow = card.rx_queues == 1 && facts.limits.cpus > 1 && card.rps_queues == 0;
  if (!narrow) {
    finding.means = card.rps_queues > 0
                        ? "received packets are spread over processors (RPS)"
                        : "received packets are spread over the queues' processors";
    if (card.xps_queues > 0) finding.means += "; send queues belong to processors (XPS)";
    return finding;
  }
  finding.state = State::kNote;
  finding.means = "one processor handles every received packet, and the shard on it does less";
  const std::uint64_t cpus = facts.cpus_online.value_or(facts.limits.cpus);
  const std::uint64_t mask = cpus >= 32 ? 0xffffffffULL : (std::uint64_t{1} << cpus) - 1;
  finding.fix = {fmt::format("echo {:x} | sudo tee /sys/class/net/{}/queues/rx-0/rps_cpus", mask,
                             card.name)};
  return finding;
}

Finding offloads(const Interface& card) {
  Finding finding{.group = kGroup, .name = "offloads_" + card.name};
  const std::string off = off_words(*card.offloads);
  finding.found = off.empty() ? card.name + ": tso, gso, gro and checksums are on"
                              : card.name + ": off are " + off;
  finding.means = off.empty() ? "large bodies cost few packets' worth of CPU"
                              : "each packet of a body is handled one by one: more CPU for bodies "
                                "beyond one packet, hardly any for small ones";
  if (off.empty()) return finding;
  finding.state = State::kNote;
  finding.fix = {"sudo ethtool -K " + card.name};
  for (const auto& [on, name] : {std::pair{card.offloads->tso, " tso on"},
                                 {card.offloads->gso, " gso on"},
                                 {card.offloads->gro, " gro on"},
                                 {card.offloads->tx_checksum, " tx on"}})
    if (!on) finding.fix.front() += name;
  return finding;
}

Finding backlog(const Facts& facts) {
  constexpr std::uint64_t kDefault = 1000;
  Finding finding{.group = kGroup, .name = "backlog"};
  finding.found = fmt::format("net.core.netdev_max_backlog = {}",
                              grouped(*facts.netdev_max_backlog));
  finding.means = fmt::format("{} packets may wait for one processor (loopback, RPS); more are "
                              "dropped and sent again", grouped(*facts.netdev_max_backlog));
  if (*facts.netdev_max_backlog >= kDefault) return finding;
  finding.state = State::kNote;
  finding.fix = sysctl_fix("net.core.netdev_max_backlog", "16384", "backlog");
  return finding;
}

}  // namespace

void judge_network(const Facts& facts, const Wish&, std::vector<Finding>& into) {
  if (facts.target) into.push_back(target(*facts.target));
  for (const Interface& card : facts.interfaces) {
    into.push_back(queues(card, facts));
    if (card.offloads && !card.loopback) into.push_back(offloads(card));
  }
  if (facts.interfaces.empty() && !facts.target)
    into.push_back({.group = kGroup, .name = "route", .state = State::kNote,
                    .found = "there is no default route",
                    .means = "only targets on this host or in its own networks can be reached",
                    .fix = {}, .connections = {}});
  if (facts.netdev_max_backlog) into.push_back(backlog(facts));
}

void judge_rate(const Facts& facts, const Wish& wish, std::vector<Finding>& into) {
  Finding finding{.group = "rate", .name = "ceiling"};
  const auto a_second = [](double rate) {
    return grouped(static_cast<std::uint64_t>(rate)) + "/s";
  };
  if (!facts.ceiling) {
    finding.state = State::kNote;
    finding.found = "this host was not calibrated";
    finding.means = "how many requests per second it can send is not known";
    finding.fix = {"genctl calibrate"};
    into.push_back(std::move(finding));
    return;
  }
  finding.found = fmt::format("calibrated: {} with {}", a_second(*facts.ceiling),
                              counted(facts.shards, "shard"));
  if (wish.rate > 0) {
    const double share = wish.rate / *facts.ceiling;
    finding.means = fmt::format("{} are {:.0f} % of it", a_second(wish.rate), 100 * share);
    // The target of a calibration takes from the same host, and the kernel charges some of its
    // receiving to the sender: the truth may be higher than the ceiling, hardly twice as high.
    if (share > 2) finding.state = State::kProblem;
    else if (share > 0.5) finding.state = State::kLimit;
    if (share > 0.5) finding.means += ": add shards, or hosts (--segment)";
  } else {
    finding.means = "small GETs with keep-alive; scripts, bodies and TLS cost more";
  }
  if (!facts.ceiling_stale.empty()) {
    // An old figure is no reason to refuse anything.
    finding.state = State::kNote;
    finding.means += "; it may not hold any more: " + facts.ceiling_stale.front();
    finding.fix = {"genctl calibrate"};
  }
  into.push_back(std::move(finding));
}

}  // namespace gend::doctor
