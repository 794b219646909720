#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "plan/program.h"

namespace gend::plan {

// What a program will ask of the target and of this host. Closed models depend on how fast the
// target answers; for them a response time is assumed, and whoever shows the numbers says so.
inline constexpr Duration kAssumedResponse = std::chrono::milliseconds{100};

struct Demand {
  Duration length{};               // until the last scenario's last stage ends
  double requests_per_second = 0;  // at the peak
  double requests = 0;             // in total
  double messages_per_second = 0;  // sent in sessions, at the peak
  double messages = 0;             // in total
  double bytes_up_per_second = 0;  // at the peak, requests as rendered, without TCP and IP
  std::uint64_t users = 0;         // that may exist at once
  // Each user, and each hand of its bursts, holds one to each server that its requests go to, and
  // one for each session that it has open: a Socket.IO session up to three while it upgrades.
  std::uint64_t connections = 0;
  std::uint64_t ports = 0;                                // to one server
  bool assumes_response = false;                          // a closed model is in it
  bool assumes_rounds = false, assumes_branches = false;  // see Iteration
  bool assumes_control = false;    // that nobody changes what can be changed from outside
  bool counts_iterations = false;  // it may be over before `length`
};
Demand demand_of(const Program& program);
// Connections that a session may hold at once: Engine.IO polls with one and posts with another, and
// upgrading takes one more.
std::uint64_t connections_of(const Session& session);
// Connections that a user of the scenario may hold at once, those of its bursts' hands included.
std::uint64_t connections_of_user(const Program& program, const Scenario& scenario);

// The level of all scenarios of one kind together, the largest in each of `columns` equal parts.
enum class Model : std::uint8_t { kClosed, kOpen };
std::vector<double> columns_of(const Program& program, Model model, std::size_t columns);

// Mean time of one iteration when each response takes kAssumedResponse, and its requests.
struct Iteration {
  double seconds = 0;
  double requests = 0;
  double messages = 0;  // sent in sessions
  double bytes = 0;
  // What had to be assumed: kAssumedRounds of a loop that only the run can tell, half of the users
  // on each side of an `if`.
  bool assumes_rounds = false, assumes_branches = false;
};
inline constexpr double kAssumedRounds = 10;
Iteration iteration_of(const Program& program, const Scenario& scenario);
// Iterations in all: as many as are asked for and as time allows.
double iterations_of(const Scenario& scenario, const Iteration& iteration);
// The same when every request takes its whole timeout.
Iteration slowest_iteration_of(const Program& program, const Scenario& scenario);
// Rounds of a loop when one takes `seconds`.
double rounds_of(const Loop& loop, double seconds);
double mean_seconds(const Think& think);

}  // namespace gend::plan
