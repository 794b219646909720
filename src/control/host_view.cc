#include "control/host_view.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "control/allow_list.h"
#include "control/peer.h"
#include "control/run_request.h"
#include "doctor/finding_json.h"
#include "doctor/read.h"
#include "net/address.h"
#include "net/interface.h"
#include "net/preflight.h"

namespace gend::control {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::uint64_t kMostConnections = 100'000'000;

std::optional<std::uint64_t> whole_number(const std::string& text, std::uint64_t most) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped != end || value == 0 || value > most) return std::nullopt;
  return value;
}

struct HostAndPort {
  std::string host;
  std::uint16_t port = 80;
};

// "name", "name:port", "[::1]:port", "::1".
std::optional<HostAndPort> split(const std::string& text) {
  constexpr std::uint64_t kMostPort = 65'535;
  const std::size_t bracket = text.find(']'), colon = text.rfind(':');
  const bool literal6 = text.starts_with('[');
  if (literal6 && bracket == text.npos) return std::nullopt;
  const bool bare6 = !literal6 && std::ranges::count(text, ':') > 1;
  const bool has_port = colon != text.npos && !bare6 && (!literal6 || colon == bracket + 1);
  if (literal6 && !has_port && bracket + 1 != text.size()) return std::nullopt;
  HostAndPort found{literal6 ? text.substr(1, bracket - 1)
                             : text.substr(0, has_port ? colon : text.npos)};
  if (has_port) {
    const auto port = whole_number(text.substr(colon + 1), kMostPort);
    if (!port) return std::nullopt;
    found.port = static_cast<std::uint16_t>(*port);
  }
  if (found.host.empty()) return std::nullopt;
  return found;
}

// As engine::resolve_targets() does it for a plan.
doctor::Target look_at(const std::string& name, const engine::FleetOptions& options,
                       std::string& interface) {
  doctor::Target target{.name = name};
  const auto where = split(name).value_or(HostAndPort{});
  const auto addresses = net::resolve(where.host, where.port);
  if (!addresses) {
    target.trouble = addresses.error().message;
    target.remedy = addresses.error().remedy;
    return target;
  }
  const AllowList allowed{options.allow};
  for (const net::Address& each : *addresses) {
    if (allowed.allows(each.get(), each.length)) continue;
    target.trouble = each.ip() + " is not on this host's list of allowed targets";
    target.remedy = "add its address block to `allow` in /etc/gend/gend.yaml";
    return target;
  }
  const auto chosen = net::reachable(*addresses);
  target.addresses = chosen.size();
  target.address = chosen.front().text();
  if (const auto route = net::route_to(chosen.front())) {
    target.source = route->source;
    interface = route->interface;
  }
  return target;
}

doctor::Interface look_at_interface(const std::string& name) {
  doctor::Interface found = doctor::read_interface("", name);
  if (const auto offloads = net::card_offloads(name))
    found.offloads = doctor::Offloads{.tso = offloads->tso, .gso = offloads->gso,
                                      .gro = offloads->gro, .tx_checksum = offloads->tx_checksum};
  return found;
}

doctor::Facts gather(const Engine& engine, const engine::FleetOptions& options,
                     const HostQuestion& question) {
  doctor::Facts facts;
  facts.limits = engine.host();
  facts.shards = options.shards != 0 ? options.shards : std::max(facts.limits.cpus, 1U);
  const engine::RingTrial trial =
      engine.try_rings(options.uring_profile, facts.shards, question.wish.connections);
  facts.ring = trial.ring;
  facts.profile = trial.profile;
  facts.ring_trouble = trial.trouble;
  facts.ring_remedy = trial.remedy;
  doctor::read_files("", facts);
  std::vector<std::string> interfaces;
  if (question.target) {
    std::string interface;
    facts.target = look_at(*question.target, options, interface);
    if (!interface.empty()) interfaces.push_back(interface);
  } else {
    interfaces = doctor::default_interfaces("");
  }
  for (const std::string& name : interfaces) facts.interfaces.push_back(look_at_interface(name));
  return facts;
}

// A file that cannot be read is told by the runs; here it is as if there were none.
void add_ceiling(const Engine& engine, const CalibrationFile& file, doctor::Facts& facts) {
  const auto calibration = file.read();
  if (!calibration || !*calibration) return;
  facts.ceiling = doctor::shard_ceiling(**calibration) * facts.shards;
  facts.ceiling_stale = doctor::stale_reasons(**calibration, place_of(engine, facts.ring));
}

}  // namespace

std::expected<HostQuestion, std::string> host_question(
    const std::map<std::string, std::string>& query) {
  HostQuestion question;
  for (const auto& [key, value] : query) {
    if (key == "connections") {
      const auto number = whole_number(value, kMostConnections);
      if (!number) return std::unexpected{"connections must be a whole number from 1"};
      question.wish.connections = *number;
    } else if (key == "rate") {
      const auto rate = parse_rate_per_second(value);
      if (!rate) return std::unexpected{"rate must be like 10, 10/s or 600/min"};
      question.wish.rate = *rate;
    } else if (key == "target") {
      if (!split(value)) return std::unexpected{"target must be HOST, HOST:PORT or [IPv6]:PORT"};
      question.target = value;
    } else {
      return std::unexpected{"of /v1/host only connections, rate and target are known"};
    }
  }
  return question;
}

Json host_view(const Engine& engine, const HostSetUp& set_up, const HostQuestion& question) {
  doctor::Facts facts = gather(engine, set_up.fleet, question);
  add_ceiling(engine, set_up.calibration, facts);
  const auto findings = doctor::judge(facts, question.wish);
  const Peer self = this_process();
  Json all = Json::array();
  for (const doctor::Finding& finding : findings) all.push_back(doctor::to_json(finding));
  Json asked = doctor::to_json(question.wish);
  if (question.target) asked["target"] = *question.target;
  return {{"gend", GEND_VERSION},
          {"pid", self.pid},
          {"user", self.str()},
          {"unit", facts.unit},
          {"shards", facts.shards},
          {"kernel", facts.limits.kernel},
          {"asked", std::move(asked)},
          {"state", doctor::name_of(doctor::worst_of(findings))},
          {"findings", std::move(all)}};
}

}  // namespace gend::control
