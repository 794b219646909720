#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "plan/formula.h"
#include "plan/inspect.h"
#include "plan/template.h"

// The steps of a flow that are not requests, compiled. Flows that are called are written out where
// they are called, so a position in the program says everything but what the user's own registers
// (64-bit numbers: counts, moments) and values (text) hold.
namespace gend::plan {

enum class ThinkKind : std::uint8_t { kFixed, kUniform, kExponential, kNormal };
struct Think {
  ThinkKind kind = ThinkKind::kFixed;
  Duration a{}, b{};  // fixed: a; uniform: a..b; exponential: mean a; normal: mean a, deviation b
  bool holds = false;  // written as `hold`, within a session
};

enum class StepKind : std::uint8_t {
  kHttp,        // requests[body]
  kThink,       // thinks[body]
  kPace,        // waits[body]: the next iteration begins no sooner than this after this one
  kSpread,      // waits[body]: in its first iteration each user waits for its share of this window
  kBranch,      // formulas[body]: on_success when true, else on_failure
  kOnce,        // on_success in the user's first iteration, else on_failure
  kLoopEnter,   // loops[body]: a loop begins; goes to its kLoopNext
  kLoopNext,    // loops[body]: on_success for another round, on_failure when it is over
  kPick,        // picks[body]: goes to one of its targets
  kGroupEnter,  // groups[body]
  kGroupLeave,  // groups[body]
  kBurst,       // bursts[body]: on_success when all rounds are over, on_failure when it failed
  kBurstEnd,    // a round of a burst is over
  kSet,         // assignments[body]
  kMetric,      // metrics[body]
  kFail,        // fails[body]: the iteration has failed
  kAbort,       // aborts[body]: the run is aborted
  kSessionOpen,  // sessions[body]: on_success when it is open; on_failure goes to its kSessionEnd,
                 // or ends the iteration when it has an `expect`
  kSessionEnd,   // sessions[body]: leaves, waits for what it is owed, closes
  kSend,         // sends[body]
  kEmit,         // emits[body]: on_failure when an `expect` of its ack failed
  kReceive,      // receives[body]: on_failure when an `expect` failed
  kListen,       // listens[body]
  kPing,         // sessions[body]
  kEcho,         // sessions[body]: until the peer closes
  kClose,        // closes[body]: on_success its kSessionEnd
  kEnd          // of the iteration
};

struct Step {
  StepKind kind = StepKind::kEnd;
  std::uint32_t body = 0;        // index into the array of its kind
  std::uint32_t on_success = 0;  // the step that runs next
  std::uint32_t on_failure = 0;  // kHttp: an `expect` failed; others: as said above
  std::uint32_t depth = 0;       // of steps within steps, for whoever shows them
};

// A loop ends when one of what it was given is over; `max` always holds.
struct Loop {
  std::optional<Formula> count{};      // rounds; evaluated when the loop begins
  std::optional<Formula> condition{};  // `while`: looked at before each round
  std::uint64_t max = 1'000'000;       // rounds; reaching it is counted as a loop cut short when
                                       // a `while` still held
  Duration lasting{};                  // `for`; 0: no limit in time
  double rate = 0;                     // rounds begin so many a second; 0: one after the other
  std::vector<Template> items{};       // `over` a list in the plan: one round each
  std::optional<Template> list{};      // `over` a JSON array known when the loop begins
  std::uint32_t item_slot = kNoSlot;   // value: the item of the round
  std::uint32_t index_slot = kNoSlot;  // value: the number of the round, from 0
  std::uint32_t list_slot = kNoSlot;   // value: the array of `list`, hidden
  std::uint32_t round_register = 0;    // rounds begun
  std::uint32_t limit_register = 0;    // rounds wanted: count, or items
  std::uint32_t start_register = 0;    // when the loop began, ns
};

struct Pick {
  std::vector<double> up_to;              // cumulative weights, the last one is the sum
  std::vector<std::uint32_t> targets;     // steps
  std::vector<std::string> names;         // of the flows, for reports
  std::vector<std::uint32_t> series;      // counter slots of `picks`
};

struct Group {
  std::string name;                  // "::checkout", "::a::b", as k6 writes them
  std::uint32_t start_register = 0;  // when it was entered, ns
  std::uint32_t duration = 0;        // trend slot of group_duration
};

// Counts of a burst's requests, by status: what its checks and captures look at.
struct BurstCount {
  std::string name{};        // as shown: "status 429 is 50"; a capture: the variable
  StatusRanges statuses{};   // empty: requests without an answer ("failed")
  Match match = Match::kEqual;
  double number = 0;
  std::uint32_t series = 0;        // rate slot of `checks`; captures have none
  std::uint32_t slot = kNoSlot;    // captures: the value that gets the count
  std::uint32_t counter_register = 0;
};

// `count` rounds of a flow as fast as possible: `concurrency` hands of the same user, each with
// connections of its own, take round after round.
struct Burst {
  std::uint64_t count = 1;
  std::uint32_t concurrency = 1;
  std::uint32_t first_step = 0;
  std::uint32_t end_step = 0;         // its kBurstEnd
  std::uint32_t begun_register = 0;   // rounds begun
  std::uint32_t ended_register = 0;
  std::vector<BurstCount> checks;    // counted, nothing stops
  std::vector<BurstCount> captures;
};

struct Assignment {
  std::uint32_t slot = 0;
  Template text{};                   // when there is no formula
  std::optional<Formula> formula{};
};

enum class CustomKind : std::uint8_t { kCounter, kGauge, kRate, kTrend };
struct CustomMetric {
  CustomKind kind = CustomKind::kCounter;
  std::uint32_t slot = 0;  // of the array of its kind
  Formula value{};
};

struct Fail {
  std::string message{};     // as written
  std::uint32_t series = 0;  // counter slot of failed_iterations{reason: message}
};
struct Abort {
  std::string message{};
};

}  // namespace gend::plan
