// WebSocket and Socket.IO sessions, step by step.
#include <algorithm>
#include <string>
#include <vector>

#include "report/summary_parts.h"

namespace gend::report {
namespace {

using Json = nlohmann::ordered_json;

// What one session step recorded: the series of one scenario and name, whatever else they are
// tagged by.
class SessionStep {
 public:
  SessionStep(const stats::Recorder& recorder, std::string scenario, std::string name)
      : recorder_{&recorder}, scenario_{std::move(scenario)}, name_{std::move(name)} {}

  const std::string& scenario() const { return scenario_; }
  const std::string& name() const { return name_; }
  bool is(std::string_view scenario, std::string_view name) const {
    return scenario_ == scenario && name_ == name;
  }
  void add(const stats::Series& series) { series_.push_back(&series); }
  bool has(std::string_view metric) const {
    return std::ranges::any_of(series_, [&](const auto* s) { return s->metric == metric; });
  }

  std::uint64_t count_of(std::string_view metric) const {
    std::uint64_t count = 0;
    each(metric, [&](std::uint32_t slot) { count += recorder_->counter_at(slot); });
    return count;
  }
  stats::Rate rate_of(std::string_view metric) const {
    stats::Rate rate;
    each(metric, [&](std::uint32_t slot) {
      rate.hits += recorder_->rate_at(slot).hits;
      rate.total += recorder_->rate_at(slot).total;
    });
    return rate;
  }
  stats::Histogram trend_of(std::string_view metric) const {
    stats::Histogram trend;
    each(metric, [&](std::uint32_t slot) { trend.merge(recorder_->trend_at(slot)); });
    return trend;
  }
  TallyCounts tally_of(std::string_view metric) const {
    TallyCounts counts{};
    each(metric, [&](std::uint32_t slot) { add_tally(counts, recorder_->tally_at(slot)); });
    return counts;
  }

 private:
  template <class Use>
  void each(std::string_view metric, Use use) const {
    for (const stats::Series* series : series_)
      if (series->metric == metric) use(series->slot);
  }

  const stats::Recorder* recorder_;
  std::string scenario_, name_;
  std::vector<const stats::Series*> series_;
};

bool is_of_session(const stats::Series& series) {
  return !series.facet && (series.metric.starts_with("ws_") || series.metric.starts_with("sio_"));
}

// In the order in which the plan made them.
std::vector<SessionStep> steps_of(const RunResult& result) {
  std::vector<SessionStep> steps;
  for (const stats::Series& series : result.schema->series()) {
    if (!is_of_session(series)) continue;
    const auto scenario = tag_of(series.tags, "scenario"), name = tag_of(series.tags, "name");
    auto step =
        std::ranges::find_if(steps, [&](const auto& known) { return known.is(scenario, name); });
    if (step == steps.end())
      step = steps.emplace(steps.end(), result.total->recorder, scenario, name);
    step->add(series);
  }
  return steps;
}

Json step_json(const RunResult& result, const SessionStep& step) {
  const bool socket_io = step.has("sio_connecting");
  const stats::Rate refused = step.rate_of("ws_connect_failed");
  const stats::Rate early = step.rate_of("ws_session_failed");
  const stats::Histogram duration = step.trend_of("ws_session_duration");
  const std::uint64_t opened = step.count_of("ws_sessions");
  const std::uint64_t sent = step.count_of("ws_msgs_sent");
  const std::uint64_t received = step.count_of("ws_msgs_received");
  const TallyCounts ends = step.tally_of("ws_errors");
  return {{"scenario", step.scenario()},
          {"name", step.name()},
          {"protocol", socket_io ? "socket.io" : "websocket"},
          {"opened", opened},
          {"open", opened - std::min(opened, duration.count())},
          {"connects", refused.total},
          {"connect_failed", refused.hits},
          {"ended_early", early.hits},
          {"reconnects", step.count_of("ws_reconnects")},
          {"messages_sent", sent},
          {"messages_received", received},
          {"sent_per_s", per_second(sent, result.elapsed)},
          {"received_per_s", per_second(received, result.elapsed)},
          {"unasked", step.count_of("ws_msgs_unasked")},
          {"disconnected", step.count_of("sio_disconnects")},
          {"ping_missed", step.count_of("sio_ping_missed")},
          {"connecting", trend_values(step.trend_of(socket_io ? "sio_connecting"
                                                              : "ws_connecting"))},
          {"duration", trend_values(duration)},
          {"answer", trend_values(step.trend_of("ws_msg_duration"))},
          {"ack", trend_values(step.trend_of("sio_ack"))},
          {"upgrade", trend_values(step.trend_of("sio_upgrade"))},
          {"ping", trend_values(step.trend_of("ws_ping"))},
          {"statuses", statuses_json(ends)},
          {"errors", error_counts_json(ends)}};
}

}  // namespace

Json sessions_json(const RunResult& result) {
  Json sessions = Json::array();
  for (const SessionStep& step : steps_of(result)) sessions.push_back(step_json(result, step));
  return sessions;
}

}  // namespace gend::report
