#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plan/expression.h"
#include "plan/place.h"
#include "plan/program.h"
#include "plan/units.h"

// What a plan's text says, typed and with places, before anything is decided: no scaling, no
// series, no indexes. An empty optional was not given (or was complained of).
namespace gend::plan {

using StatusRanges = std::vector<std::pair<std::uint16_t, std::uint16_t>>;  // both ends included
using TagsText = std::map<std::string, std::string>;

struct TimeoutText {
  std::optional<Given<Duration>> connect, first_byte, total;
};

struct HeaderText {
  std::string name;  // as written
  Filled value;
  Place place;
};

struct HttpText {
  Place place;  // of the URL
  Method method = Method::kGet;
  Template url;            // as in the plan: absolute, or a path for the plan's target
  std::string url_source;  // as written, placeholders unfilled
  std::string url_secret;  // the name of a secret variable in the URL, if there is one
  std::optional<std::string> name;
  std::vector<HeaderText> headers;
  Template query;  // "a=1&b=2", encoded; no pieces when there is none
  std::optional<Template> body;
  bool body_is_json = false;
  TimeoutText timeout;
  TagsText tags;
  std::vector<Check> checks;
  std::optional<StatusRanges> expected_statuses;
};

struct StepText {
  StepKind kind = StepKind::kHttp;
  Place place;
  HttpText http;  // kHttp
  Think think;    // kThink
};

struct StageText {
  Place place;
  std::optional<Given<Duration>> duration;
  std::optional<Given<RateText>> target;  // users or a rate
};

struct ScenarioText {
  std::string name;
  Place place;
  std::optional<Given<Executor>> executor;
  std::vector<std::pair<std::string, Place>> keys;  // that were given, whatever became of them
  std::optional<Given<Duration>> start_time, graceful_stop, graceful_ramp_down, duration, time_unit;
  std::optional<Given<std::int64_t>> vus, start_vus, pre_allocated_vus, max_vus;
  std::optional<Given<RateText>> rate, start_rate;
  bool has_stages = false;  // a list was read, perhaps an empty one
  std::vector<StageText> stages;
  TagsText tags;
  std::vector<StepText> flow;

  const Place* find_key(std::string_view key) const;
};

struct DefaultsText {
  TimeoutText timeout;
  std::vector<HeaderText> headers;
  bool keep_alive = true;
  std::vector<std::string> source_addresses;
};

struct ThresholdText {
  stats::Threshold threshold;
  Place selector_place;
};

struct Profile {
  std::string name;
  bool has_target_key = false;  // a `target` is written, whatever became of it
  std::optional<Given<std::string>> target;
  Scope vars;
  std::vector<std::pair<std::size_t, std::size_t>> secret_spans;  // offset, length in the source
  std::optional<std::uint64_t> seed;
  DefaultsText defaults;
  std::vector<ThresholdText> thresholds;
  std::vector<ScenarioText> scenarios;
  Place scenarios_place;
};

}  // namespace gend::plan
