#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "observe/source.h"
#include "plan/expression.h"
#include "plan/flow_text.h"
#include "plan/http_text.h"
#include "plan/names.h"
#include "plan/place.h"
#include "plan/program.h"
#include "plan/reader.h"
#include "plan/units.h"

// What a plan's text says, typed and with places, before anything is decided: no scaling, no
// series, no indexes. An empty optional was not given (or was complained of).
namespace gend::plan {

struct StageText {
  Place place;
  std::optional<Given<Duration>> duration;
  std::optional<Given<RateText>> target;  // users or a rate
  std::string name{};                     // empty: its number
};

struct ScenarioText {
  std::string name;
  Place place;
  std::optional<Given<Executor>> executor;
  std::vector<std::pair<std::string, Place>> keys;  // that were given, whatever became of them
  std::optional<Given<Duration>> start_time, graceful_stop, graceful_ramp_down, duration, time_unit,
      max_duration;
  std::optional<Given<std::int64_t>> vus, start_vus, pre_allocated_vus, max_vus, iterations;
  std::optional<Given<RateText>> rate, start_rate;
  bool has_stages = false;  // a list was read, perhaps an empty one
  std::vector<StageText> stages;
  Arrivals arrivals = Arrivals::kEven;
  std::optional<Scenario::Cookies> cookies;
  TagsText tags;
  FlowText flow;
  std::optional<PickText> mix;
  std::set<std::size_t> data;  // whose columns it reads, by their index

  const Place* find_key(std::string_view key) const;
  // Iterations are started by a rate, not by users that are free. Only when there is an executor.
  bool is_open_model() const;
};

struct ThresholdText {
  stats::Threshold threshold;
  Place selector_place, assertion_place;
};

struct Profile {
  std::string name;
  bool has_target_key = false;  // a `target` is written, whatever became of it
  std::optional<Given<std::string>> target;
  std::unique_ptr<Names> names = std::make_unique<Names>();  // `vars` and its copies point to it
  Scope vars;
  std::vector<DataSet> data;          // as in `names`, and without a table where that has none
  std::set<std::size_t> data_of_all;  // read by what holds for every scenario
  Gathered gathered;
  std::optional<std::uint64_t> seed;
  DefaultsText defaults;
  std::vector<Export> exports;
  std::vector<observe::Source> observe;  // without slots
  std::vector<ThresholdText> thresholds;
  std::vector<ScenarioText> scenarios;
  Place scenarios_place;
};

}  // namespace gend::plan
