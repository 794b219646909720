#include "gend/simulation_json.h"

#include "control/run_request.h"
#include "sim/model_text.h"

namespace gend {
namespace {

using Json = nlohmann::ordered_json;

double per_second(std::uint64_t n, Duration length) {
  return length > Duration::zero() ? static_cast<double>(n) / to_seconds(length) : 0;
}
double ms(Duration d) { return to_seconds(d) * 1e3; }

// The stage that the scenario is in, by its name or number; empty after the last one, and where
// there is but one.
std::string stage_at(const plan::Scenario& scenario, Duration since_start) {
  if (scenario.stages.size() < 2 || since_start < scenario.start_time) return {};
  Duration ends = scenario.start_time;
  for (std::size_t i = 0; i < scenario.stages.size(); ++i) {
    const plan::Stage& stage = scenario.stages[i];
    ends += stage.duration;
    if (since_start < ends) return stage.name.empty() ? std::to_string(i) : stage.name;
  }
  return {};
}

Json row_json(const plan::Scenario& scenario, const sim::Row& row) {
  const Duration length = row.to - row.from;
  Json steps = Json::array();
  for (const std::uint64_t sent : row.sent) steps.push_back(per_second(sent, length));
  return {{"from_s", to_seconds(row.from)},
          {"to_s", to_seconds(row.to)},
          {"stage", stage_at(scenario, row.from)},
          {"users", row.users},
          {"planned", row.planned},
          {"started", row.started},
          {"completed", row.completed},
          {"dropped", row.dropped},
          {"waiting", row.waiting},
          {"requests", row.requests},
          {"failed", row.failed},
          {"started_per_s", per_second(row.started, length)},
          {"requests_per_s", per_second(row.requests, length)},
          {"in_flight", row.under_way},
          {"p50_ms", ms(row.p50)},
          {"p99_ms", ms(row.p99)},
          {"sent_per_s", per_second(row.bytes_sent, length)},
          {"received_per_s", per_second(row.bytes_received, length)},
          {"steps_per_s", std::move(steps)}};
}

void add_totals(const sim::ScenarioTold& told, Json& into) {
  into["planned"] = told.planned;
  into["started"] = told.started;
  into["completed"] = told.completed;
  into["dropped"] = told.dropped;
  into["requests"] = told.requests;
  into["peak_users"] = told.most_users;
  into["peak_users_at_s"] = to_seconds(told.most_users_at);
  into["peak_requests_per_s"] = told.most_requests;
  into["peak_requests_at_s"] = to_seconds(told.most_requests_at);
}

Json scenario_json(const plan::Program& program, const plan::Scenario& scenario,
                   const sim::ScenarioTold& told) {
  Json json{{"name", scenario.name},
            {"executor", plan::name_of(scenario.executor)},
            {"open_model", scenario.open_model}};
  add_totals(told, json);
  json["steps"] = Json::array();
  for (const sim::StepTold& step : told.steps) {
    const plan::HttpRequest& request = program.requests[step.request];
    json["steps"].push_back({{"name", request.name},
                             {"method", plan::name_of(request.method)},
                             {"requests", step.sent},
                             {"ended", step.ended},
                             {"failed", step.failed},
                             {"p50_ms", ms(step.p50)},
                             {"p99_ms", ms(step.p99)}});
  }
  json["rows"] = Json::array();
  for (const sim::Row& row : told.rows) json["rows"].push_back(row_json(scenario, row));
  return json;
}

Json model_json(const sim::ModelSpec& spec, const sim::Simulation& told) {
  const sim::ModelTarget::Counts& counts = told.model;
  const double offered = to_seconds(told.length) * spec.workers;
  const std::uint64_t served = counts.requests - counts.refused;
  return {{"words", sim::describe(spec)},
          {"latency", sim::show(spec.latency)},
          {"workers", spec.workers},
          {"queue", spec.queue ? Json(*spec.queue) : Json()},
          {"fail", spec.fail},
          {"bytes", spec.bytes},
          {"rtt_s", to_seconds(spec.rtt)},
          {"requests", counts.requests},
          {"refused", counts.refused},
          {"failed", counts.failed},
          {"waited", counts.waited},
          {"mean_wait_ms", served > 0 ? ms(counts.waiting) / static_cast<double>(served) : 0.0},
          {"longest_queue", counts.longest_queue},
          {"utilisation", offered > 0 ? Json(to_seconds(counts.busy) / offered) : Json()}};
}

Json data_json(const plan::Program& program, const sim::Simulation& told) {
  Json all = Json::array();
  for (const sim::DataTold& each : told.data) {
    const plan::DataSet& set = program.data[each.set];
    all.push_back({{"name", set.name}, {"rows", set.table->rows()}, {"used", each.used}});
  }
  return all;
}

Json thresholds_json(const sim::Simulation& told) {
  Json all = Json::array();
  for (const stats::ThresholdResult& each : told.thresholds)
    all.push_back({{"metric", each.threshold->selector},
                   {"threshold", each.threshold->source},
                   {"ok", each.ok},
                   {"has_data", each.has_data},
                   {"value", each.value}});
  return all;
}

std::string end_of(const plan::Program& program, const sim::Simulation& told) {
  switch (told.end) {
    case sim::Simulation::End::kFinished: return "finished";
    case sim::Simulation::End::kStopped: return "stopped";
    case sim::Simulation::End::kAborted: break;
  }
  return "aborted: " + program.aborts[told.aborted - 1].message;
}

}  // namespace

Json simulation_json(const plan::Program& program, const sim::ModelSpec& model,
                     const sim::Simulation& told) {
  Json json{{"simulated", true},
            {"name", program.name},
            {"plan", program.source_name},
            {"seed", program.seed},
            {"seed_chosen", program.seed_chosen},
            {"time_scale", program.time_scale},
            {"load_scale", program.load_scale},
            {"segment", control::show_segment(program.segment)},
            {"end", end_of(program, told)},
            {"length_s", to_seconds(told.length)},
            {"row_s", to_seconds(told.bucket)},
            {"model", model_json(model, told)}};
  Json& totals = json["totals"];
  add_totals(told.all, totals);
  totals["peak_connections"] = told.most_connections;
  totals["interrupted"] = told.work.interrupted;
  totals["dropped_reasons"] = {{"no_user", told.work.dropped_no_user},
                               {"no_time", told.work.dropped_no_time},
                               {"stopped", told.work.dropped_stopped}};
  json["data"] = data_json(program, told);
  json["scenarios"] = Json::array();
  for (std::size_t i = 0; i < told.scenarios.size(); ++i)
    json["scenarios"].push_back(
        scenario_json(program, program.scenarios[i], told.scenarios[i]));
  json["thresholds"] = thresholds_json(told);
  json["assumptions"] = told.assumptions;
  return json;
}

}  // namespace gend
