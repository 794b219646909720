#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
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

// What a piece of a template stands for. Everything but kLiteral is rendered when it is sent.
enum class Source : std::uint8_t {
  kLiteral,
  kVu,            // ${vu}: the user's number, from 1
  kIteration,     // ${iteration}: the user's own count, from 0
  kUuid,          // ${uuid}: version 4, from the seeded generator
  kRandomInt,     // ${random(a,b)}: both ends included
  kRandomString,  // ${randomString(n)}: [A-Za-z0-9]
  kNow,           // ${now}: wall clock, RFC 3339 with ms, UTC
  kTimestamp      // ${timestamp}: wall clock, ms since 1970
};

struct Piece {
  Source source = Source::kLiteral;
  std::string text;         // kLiteral
  std::int64_t a = 0, b = 0;  // kRandomInt: bounds; kRandomString: a = length
};

// How often an expression can change; decided at compile time (tcpkali's idea).
enum class Lifetime : std::uint8_t { kFixed, kPerUser, kPerIteration, kPerMessage };

struct Template {
  std::vector<Piece> pieces;  // at most one literal in a row
  Lifetime lifetime = Lifetime::kFixed;
};

enum class Method : std::uint8_t { kGet, kPost, kPut, kPatch, kDelete, kHead, kOptions };
std::string_view name_of(Method method);  // "GET"

struct Timeouts {
  Duration connect{std::chrono::seconds{10}};
  Duration first_byte{};  // 0: only the total counts
  Duration total{std::chrono::seconds{60}};
};

// ---- checks ---------------------------------------------------------------------------------

enum class CheckKind : std::uint8_t { kStatus, kLatency, kBody, kHeader };
enum class Match : std::uint8_t {
  kIn,             // status: one of `ranges`
  kLess, kLessEqual, kGreater, kGreaterEqual, kEqual, kNotEqual,  // latency, body size
  kContains, kNotContains,  // body, header (`~x` in a plan)
  kIs, kIsNot,              // body, header: the whole text
  kExists                   // header
};

struct Check {
  std::string name;  // as shown: "status is 200", "body contains welcome"
  CheckKind kind = CheckKind::kStatus;
  Match match = Match::kIn;
  std::vector<std::pair<std::uint16_t, std::uint16_t>> statuses;  // inclusive ranges, kStatus
  Duration latency{};                                             // kLatency
  std::uint64_t size = 0;                                         // kBody with kLess … kNotEqual
  std::string header;                                             // kHeader, lower case
  std::string text;                                               // kBody, kHeader
  std::uint32_t series = 0;                                       // rate slot of `checks`
};

// ---- steps ----------------------------------------------------------------------------------

// Slots of the series one HTTP step records into. Index 0: unexpected (failed), 1: expected, the
// `expected_response` tag.
struct HttpSeries {
  std::array<std::uint32_t, 2> duration{}, corrected{}, waiting{}, sending{}, receiving{};
  std::array<std::uint32_t, 2> blocked{}, connecting{}, tls_handshaking{};
  std::uint32_t reqs = 0;    // tally
  std::uint32_t failed = 0;  // rate
};

struct HttpRequest {
  std::string name;  // the `name` tag
  Method method = Method::kGet;
  std::uint16_t endpoint = 0;
  // With lifetime kFixed `wire` is the whole request, ready to send, and the templates are empty.
  // Otherwise `head` renders up to and including the last header line (without Content-Length and
  // the empty line), and `body` the body; both are needed to know the length.
  Lifetime lifetime = Lifetime::kFixed;
  std::string wire;
  Template head, body;
  bool has_body = false;
  Timeouts timeout;
  std::vector<std::pair<std::uint16_t, std::uint16_t>> expected_statuses;  // default 200-399
  std::vector<Check> checks;
  bool reads_body = false;     // a check looks at the body, so it is kept (up to the limit)
  bool reads_headers = false;  // a check looks at headers
  bool keep_alive = true;
  HttpSeries series;
  std::size_t expected_bytes = 0;  // size of `wire`, or an estimate, for explain
};

enum class ThinkKind : std::uint8_t { kFixed, kUniform, kExponential, kNormal };
struct Think {
  ThinkKind kind = ThinkKind::kFixed;
  Duration a{}, b{};  // fixed: a; uniform: a..b; exponential: mean a; normal: mean a, deviation b
};

enum class StepKind : std::uint8_t { kHttp, kThink, kEnd };

struct Step {
  StepKind kind = StepKind::kEnd;
  std::uint32_t body = 0;        // index into Program::requests or ::thinks
  std::uint32_t on_success = 0;  // the step that runs next
  std::uint32_t on_failure = 0;
};

// ---- scenarios ------------------------------------------------------------------------------

enum class Executor : std::uint8_t {
  kConstantVus, kRampingVus, kConstantArrivalRate, kRampingArrivalRate
};
std::string_view name_of(Executor executor);  // "constant-vus"
constexpr bool is_open_model(Executor e) {
  return e == Executor::kConstantArrivalRate || e == Executor::kRampingArrivalRate;
}

// Load over time, piecewise linear: users (closed model) or arrivals per second (open model).
// Starts at `start`; each stage goes in a straight line to its target. A stage of no length jumps.
struct Stage {
  Duration duration{};
  double target = 0;
};

struct ScenarioSeries {
  std::uint32_t iterations = 0;          // counter
  std::uint32_t iteration_duration = 0;  // trend
  std::uint32_t dropped_iterations = 0;  // counter
  std::uint32_t vus = 0, vus_max = 0;    // gauges
  std::uint32_t data_sent = 0, data_received = 0;  // counters
  std::uint32_t lag = 0;                 // trend gen_lag
  std::uint32_t planned = 0, started = 0;  // counters gen_planned, gen_started
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
  std::uint32_t first_step = 0;  // where an iteration begins
  stats::Tags tags;
  ScenarioSeries series;

  Duration duration() const;  // sum of the stages
};

struct Program {
  std::string name;
  std::string source_name;  // the file as named by the user
  std::string source_text;  // the plan as read, for the record; secrets are never in it
  std::map<std::string, std::string> vars;  // resolved; secrets replaced by "***"
  std::uint64_t seed = 0;
  bool seed_chosen = false;  // no seed in the plan: chosen by gend
  double time_scale = 1, load_scale = 1;
  std::vector<Endpoint> endpoints;
  std::vector<std::string> source_addresses;  // CIDR blocks or addresses to connect from
  std::vector<HttpRequest> requests;
  std::vector<Think> thinks;
  std::vector<Step> steps;
  std::vector<Scenario> scenarios;
  std::vector<stats::Threshold> thresholds;
  stats::Schema schema;
};

}  // namespace gend::plan
