#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "stats/recorder.h"
#include "stats/schema.h"

namespace gend::stats {

// k6's grammar (metrics/thresholds_parser.go):
//   assertion    -> aggregation whitespace* operator whitespace* float
//   aggregation  -> counter: count | rate · gauge: value · rate: rate
//                   · trend: avg | min | max | med | p(float)
//   operator     -> > | >= | <= | < | == | === | !=
enum class Aggregation : std::uint8_t {
  kCount, kRate, kValue, kAvg, kMin, kMax, kMed, kPercentile
};
enum class Comparison : std::uint8_t {
  kLess, kLessEqual, kGreater, kGreaterEqual, kEqual, kNotEqual
};

// What is compared with the limit. Beyond k6: how the aggregation changes over the steady part of
// the run, "drift(p(95))<0.1" and "leak<1048576" (drift_watch.h).
enum class Judging : std::uint8_t {
  kLevel,  // the aggregation itself
  kDrift,  // its change from the beginning of that part to its end; a share, but of a rate's share
  kLeak    // a gauge's growth per hour, in the metric's unit
};

struct Assertion {
  Aggregation aggregation;
  double percentile = 0;  // for kPercentile, 0..100
  Comparison comparison;
  double limit;  // in the metric's own unit: ms for times
  Judging judging = Judging::kLevel;
};

// Beyond k6: whitespace is free between all parts. Times are in milliseconds, data in bytes.

// The message says what was found, what was expected, and where in the text (column, from 0).
struct ThresholdError {
  std::string message;
  std::size_t column = 0;
};
std::expected<Assertion, ThresholdError> parse_assertion(std::string_view text);

// "http_req_duration{endpoint:orders,status:200}" -> metric and tags. Values may be quoted ("…" or
// '…') when they hold a comma, a brace or spaces at their ends. Whether the metric and its tags
// exist is not looked at here.
struct Selector {
  std::string metric;
  Tags tags;
};
std::expected<Selector, ThresholdError> parse_selector(std::string_view text);

struct Threshold {
  std::string source;    // the assertion as written: "p(95)<300"
  std::string selector;  // the key as written: "http_req_duration{endpoint:orders}"
  Selector parsed;
  Assertion assertion;
  bool abort_on_fail = false;
  Duration delay_abort_eval{};  // no abort before the run is this old
  Duration window{};  // judges what happened in the last so much time; 0: in the whole run
  Duration hold{};    // `for`: a failure counts when it has lasted so long without a break
  // The part of the run in which the plan keeps its load steady: what drift and leak look at.
  Duration steady_from{}, steady_to{};
};

// The aggregation must fit the metric's kind; the error names those that would.
std::expected<void, ThresholdError> check_aggregation(const Assertion&, Kind kind);

// The merge of all series that a selector names, from one recorder. `status` (a number) and `error`
// (coarse "timeout" or fine "timeout.total") select inside tallies; every other tag is static.
struct Selected {
  const Metric* metric = nullptr;
  std::size_t series = 0;  // how many matched
  Histogram trend;
  std::uint64_t count = 0;  // counters and tallies
  Rate rate;
  Gauge gauge;
};
bool has_samples(const Selected& selected);
// The series that a selector names, and whether it names a key of their tallies.
std::vector<const Series*> series_of(const Schema&, const Selector&);
bool names_key(const Selector&, std::size_t key);
Selected select(const Schema&, const Recorder&, const Selector&);

// The value of an aggregation in the metric's unit (ms for times); `elapsed` turns counts to rates.
// Never NaN or infinite: without samples, or without time, it is 0.
double aggregate(const Selected&, const Assertion&, Duration elapsed);

struct ThresholdResult {
  const Threshold* threshold = nullptr;
  // As in k6's last evaluation: without any sample trends, rates and gauges pass; counters are
  // compared all the same, because none is a count ("http_reqs: count>100" fails when nothing ran).
  bool ok = true;
  bool has_data = false;  // k6 never aborts a run for a threshold that has no sample yet
  double value = 0;       // what was compared; of a window the latest
  // It has failed without a break for as long as `hold` asks, up to now. What abortOnFail looks at.
  bool lasting = false;
  // The worst value of any window, and when that window ended. Only of thresholds with a window.
  bool has_worst = false;
  double worst = 0;
  Duration worst_at{};
  // Of drift and leak: `value` is the change as it seems, and surely between `low` and `high`.
  bool has_interval = false;
  double low = 0, high = 0;
  Duration seen{};  // of the steady part, without its warm-up
};
// "p(99.9)", "avg", "count", …
std::string text_of(const Assertion& assertion);

// What a threshold says of what its selector found in `elapsed`.
ThresholdResult compare(const Threshold&, const Selected&, Duration elapsed);
ThresholdResult evaluate(const Threshold&, const Schema&, const Recorder&, Duration elapsed);

}  // namespace gend::stats
