#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "data/table.h"
#include "extract/pattern.h"
#include "observe/source.h"
#include "plan/export.h"
#include "plan/http_request.h"
#include "plan/session.h"
#include "plan/steps.h"
#include "plan/template.h"
#include "stats/schema.h"
#include "stats/threshold.h"

// What a run is: a plan, compiled. Immutable once built; every shard reads the same one. Everything
// that can be decided before the run is decided here: bytes rendered, series resolved, jumps
// resolved to indexes.
namespace gend::plan {

// Where requests go: one scheme://host:port. Names are resolved when the run starts, not here.
struct Endpoint {
  std::string host;  // without brackets for IPv6
  std::uint16_t port = 80;
  bool tls = false;
  std::string authority;  // as it goes into the Host header: "host", "host:8080", "[::1]:8080"
};

// ---- scenarios ------------------------------------------------------------------------------

enum class Executor : std::uint8_t {
  kConstantVus,
  kRampingVus,
  kSharedIterations,
  kPerVuIterations,
  kConstantArrivalRate,
  kRampingArrivalRate,
  kExternallyControlled  // with `vus` a closed model, with `rate` an open one
};
std::string_view name_of(Executor executor);  // "constant-vus"
// By its name alone; Scenario::open_model also knows of externally controlled rates.
constexpr bool is_open_model(Executor e) {
  return e == Executor::kConstantArrivalRate || e == Executor::kRampingArrivalRate;
}
enum class Arrivals : std::uint8_t { kEven, kPoisson };

// Load over time, piecewise linear: users (closed model) or arrivals per second (open model).
// Starts at `start`; each stage goes in a straight line to its target. A stage of no length jumps.
struct Stage {
  Duration duration{};
  double target = 0;
  std::string name{};  // the `stage` tag: given, or its number from 1; empty: of constant-*
};

// Why an iteration that began did not do all of its steps.
enum class FailReason : std::uint8_t {
  kExpect,       // an `expect` failed
  kFailStep,     // a `fail` step; counted under its message
  kUnset,        // a variable that a capture should have given is not set
  kNotANumber,   // arithmetic with text
  kTooLarge,     // a request larger than limits::kRequestBytes
  kNotAList,     // `loop: {over: …}` of what is no JSON array
  kControlCharacter  // a value that would end a header line: never sent
};
inline constexpr std::size_t kFailReasons = 7;
std::string_view describe(FailReason reason);  // the `reason` tag: "a variable is not set", …

struct ScenarioSeries {
  std::uint32_t iterations = 0;          // counter
  std::uint32_t iteration_duration = 0;  // trend
  std::uint32_t dropped_iterations = 0;  // counter
  std::uint32_t vus = 0, vus_max = 0;    // gauges
  std::uint32_t data_sent = 0, data_received = 0;  // counters
  std::uint32_t lag = 0;                 // trend gen_lag
  std::uint32_t planned = 0, started = 0;  // counters gen_planned, gen_started
  std::array<std::uint32_t, kFailReasons> failed{};  // counters failed_iterations{reason}
  std::uint32_t reconnects = 0;   // counter http_reconnects: an idle connection was gone
  std::uint32_t loops_cut = 0;    // counter loops_cut: `while` still held after `max` rounds
  std::uint32_t tls_handshakes = 0;  // counter
  std::uint32_t tls_resumed = 0;     // rate of handshakes
};

// A tag whose value changes while the run goes on: the stage, or a column of the user's row. Its
// series stand beside the others (stats::Schema::add_facet), not among them.
struct FacetSeries {
  std::uint32_t duration = 0, corrected = 0;  // trends
  std::uint32_t failed = 0;                   // rate
  std::uint32_t reqs = 0;                     // tally
};
struct Facet {
  static constexpr std::uint16_t kStage = 0xFFFF;  // one series for each stage, in their order
  std::string tag{};
  std::uint16_t data = kStage;  // index into Program::data, or kStage
  std::vector<std::uint16_t> value_of_row{};  // index into `series` for each row
  std::vector<FacetSeries> series{};          // by value; of a column the last may be "other"
  std::vector<std::string> values{};
  std::uint32_t folded = 0;  // values beyond limits::kTagValues: how many are in "other"
};

struct Scenario {
  std::string name;
  Executor executor = Executor::kConstantVus;
  Duration start_time{};
  Duration graceful_stop{std::chrono::seconds{30}};
  Duration graceful_ramp_down{std::chrono::seconds{30}};
  // Already scaled by --load-scale and --time-scale. constant-*: one stage with target == start.
  double start = 0;  // users, or arrivals per second
  std::vector<Stage> stages;
  std::uint64_t max_vus = 0;  // users that may exist; closed model: the highest level of the stages
  std::uint64_t pre_allocated_vus = 0;
  bool open_model = false;
  Arrivals arrivals = Arrivals::kEven;
  std::uint64_t iterations = 0;  // shared-iterations: of all users; per-vu-iterations: of each
  std::uint32_t burst_hands = 0;   // the largest concurrency of its bursts; 0: it has none
  std::uint32_t registers = 0;     // 64-bit numbers that each user needs
  std::uint32_t sessions = 0;      // that a user may have open at once
  // For each data set: the row of user 0 (unique), else 0; kNoRow: nothing reads it.
  static constexpr std::uint64_t kNoRow = ~std::uint64_t{0};
  std::vector<std::uint64_t> first_rows{};
  enum class Cookies : std::uint8_t { kPerIteration, kPerUser, kOff };
  Cookies cookies = Cookies::kPerIteration;  // k6's default: a jar lasts for an iteration
  std::uint32_t first_step = 0;  // where an iteration begins
  std::optional<std::uint32_t> mix{};  // index into Program::picks: its first step is a `mix`
  stats::Tags tags;
  ScenarioSeries series;

  Duration duration() const;  // sum of the stages
};

enum class Order : std::uint8_t { kUnique, kSequential, kRandom, kShuffle };
std::string_view name_of(Order order);  // "unique"
struct DataSet {
  std::string name{};
  std::string source{};  // for a person: "data/users.csv", "1 to 100"
  std::unique_ptr<const data::Table> table{};  // never null in a compiled program
  Order order = Order::kSequential;
  std::vector<std::uint32_t> shuffled{};  // kShuffle: rows in their order
};

// One of the user's own values: what an iteration begins with.
struct Value {
  std::string name{};
  bool has_initial = false;  // a variable of the plan has the same name
  std::string initial{};
  bool keeps = false;  // given within `once`: lasts as long as its user
  bool is_read = false;  // some text names it
};

// What every TLS connection of the plan is made with.
struct Tls {
  bool verify = true;
  std::string ca_pem{};  // empty: the host's store
  std::string certificate_pem{}, key_pem{};
  std::string server_name{};  // empty: the host of the URL
  bool resume = true;
  int min_version = 0, max_version = 0;  // 12, 13; 0: what OpenSSL allows
};

// Part i of n of a load that several processes carry out together.
struct Segment {
  std::uint32_t index = 0, count = 1;  // index from 0
};

struct Program {
  std::string name;
  std::string source_name;  // the file as named by the user
  std::string source_text;  // the plan as read, for the record; secrets are never in it
  std::map<std::string, std::string> vars;  // resolved; secrets replaced by "***"
  std::uint64_t seed = 0;
  bool seed_chosen = false;  // no seed in the plan: chosen by gend
  double time_scale = 1, load_scale = 1;
  Segment segment;
  std::vector<std::string> secrets;  // to mask what a server sends back; never printed or stored
  std::vector<std::string> notes;    // what was decided for the user and is worth a line
  std::vector<Endpoint> endpoints;
  std::vector<std::string> source_addresses;  // CIDR blocks or addresses to connect from
  std::vector<HttpRequest> requests;
  std::vector<Think> thinks;
  std::vector<Duration> waits;
  std::vector<Formula> formulas;
  std::vector<Loop> loops;
  std::vector<Pick> picks;
  std::vector<Group> groups;
  std::vector<Burst> bursts;
  std::vector<Assignment> assignments;
  std::vector<CustomMetric> metrics;
  std::vector<Fail> fails;
  std::vector<Abort> aborts;
  std::vector<Session> sessions;
  std::vector<Send> sends;
  std::vector<Emit> emits;
  std::vector<Receive> receives;
  std::vector<Listen> listens;
  std::vector<Close> closes;
  std::vector<Credential> credentials;
  std::vector<std::unique_ptr<const extract::Pattern>> patterns;
  std::vector<DataSet> data;
  std::vector<Facet> facets;
  std::vector<Value> values;  // the user's own, by slot
  Tls tls;
  std::vector<Export> exports;           // where numbers go while the run goes on
  std::vector<observe::Source> observe;  // the target's own metrics, read while it is loaded
  std::vector<Step> steps;
  std::vector<Scenario> scenarios;
  std::vector<stats::Threshold> thresholds;
  stats::Schema schema;
};

}  // namespace gend::plan
