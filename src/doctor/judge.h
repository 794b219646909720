#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/facts.h"

// Facts of a host in, findings out: what each of them means for a load, and what to do about it.
namespace gend::doctor {

enum class State : std::uint8_t {
  kOk,
  kNote,    // costs CPU or exactness, or matters to some loads only
  kLimit,   // carries what is asked for, with less than twice of it to spare
  kProblem  // stops the load: gend would refuse it, or could not send it
};
std::string_view name_of(State state);  // "ok", "note", "limit", "problem"

// What the host shall carry. Without a wish the defaults: a load test of moderate size.
struct Wish {
  static constexpr std::uint64_t kConnections = 1000;
  std::uint64_t connections = kConnections;  // open at once to one address and port of the target
  double rate = 0;                           // requests per second; 0: not asked for
};

struct Finding {
  std::string group;  // "connections"
  std::string name;   // "ports": a stable word, for programs
  State state = State::kOk;
  std::string found{};  // "net.ipv4.ip_local_port_range = 32768-60999"
  std::string means{};  // "28,232 connections to one address and port of a target, …"
  std::vector<std::string> fix{};  // commands, in order; empty: nothing to do
  Count connections{};  // the most that this one allows, where it is a matter of connections
};

// In the order in which they are shown: the groups "io_uring", "connections", "time", "processors",
// "memory", "network", "rate".
std::vector<Finding> judge(const Facts& facts, const Wish& wish);

// The worst of them; kOk of none.
State worst_of(const std::vector<Finding>& findings);

}  // namespace gend::doctor
