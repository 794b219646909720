#include "report/summary_json.h"

#include <cmath>
#include <ctime>

#include <fmt/format.h>

#include "base/assert.h"
#include "report/md5.h"
#include "report/summary_parts.h"

namespace gend::report {
namespace {

using Json = nlohmann::ordered_json;

bool has_measured(const RunResult& result) {
  return result.schema != nullptr && result.total != nullptr;
}

std::uint64_t counted(const RunResult& result, std::string metric, const stats::Tags& tags) {
  if (!has_measured(result)) return 0;
  return stats::select(*result.schema, result.total->recorder, {std::move(metric), tags}).count;
}

// Work as the plan wanted it and as it went. Every gap has a name: dropped (never begun, with the
// reason), waiting and under_way while the run goes on, interrupted at its end; `unaccounted` is
// what no name explains, and 0 unless gend itself is wrong.
Json work_json(std::uint64_t planned, std::uint64_t started, std::uint64_t completed,
               std::uint64_t dropped, RunState state) {
  const auto gap = [](std::uint64_t whole, std::uint64_t part) {
    return whole > part ? whole - part : 0;
  };
  const std::uint64_t not_begun = gap(planned, started + dropped);
  const std::uint64_t not_ended = gap(started, completed);
  const bool over = is_over(state);
  return {{"planned", planned},     {"started", started},
          {"completed", completed}, {"dropped", dropped},
          {"interrupted", over ? not_ended : 0}, {"under_way", over ? 0 : not_ended},
          {"waiting", over ? 0 : not_begun},     {"unaccounted", over ? not_begun : 0}};
}

Json scenarios_json(const RunResult& result) {
  Json scenarios = Json::array();
  for (const ScenarioFacts& scenario : result.scenarios) {
    const stats::Tags tags{{"scenario", scenario.name}};
    Json entry{{"name", scenario.name},
               {"executor", scenario.executor},
               {"open_model", scenario.open_model},
               {"start_time_s", to_seconds(scenario.start_time)},
               {"duration_s", to_seconds(scenario.duration)},
               {"peak", scenario.peak},
               {"max_vus", scenario.max_vus},
               {"steps", scenario.steps}};
    if (scenario.steered != Steered::kNot)
      entry["steered"] = scenario.steered == Steered::kUsers ? "users" : "rate";
    const auto of = [&](std::string metric) { return counted(result, std::move(metric), tags); };
    entry.update(work_json(of("gen_planned"), of("gen_started"), of("iterations"),
                           of("dropped_iterations"), result.state));
    scenarios.push_back(std::move(entry));
  }
  return scenarios;
}

Json run_work_json(const RunResult& result) {
  const stats::GeneratorHealth health =
      has_measured(result) ? result.total->health : stats::GeneratorHealth{};
  Json work = work_json(health.planned, health.started, health.completed,
                        health.dropped(), result.state);
  work["dropped_reasons"] = {{"no_user", health.dropped_no_user},
                             {"stopped", health.dropped_stopped},
                             {"no_time", health.dropped_no_time}};
  return work;
}

Json run_json(const RunResult& result) {
  Json run{{"id", result.id},
           {"name", result.name},
           {"plan", result.plan_file},
           {"owner", result.owner},
           {"version", result.version},
           {"state", name_of(result.state)},
           {"exit_code", static_cast<int>(result.exit_code)},
           {"end_reason", result.end_reason},
           {"started", wall_text(result.started_wall_ms)},
           {"started_ms", result.started_wall_ms},
           {"elapsed_s", to_seconds(result.elapsed)},
           {"planned_s", to_seconds(result.planned)},
           {"seed", result.seed},
           {"time_scale", result.time_scale},
           {"load_scale", result.load_scale},
           {"open_model", result.has_open_model},
           {"insecure", result.tls_insecure},
           {"vars", result.vars},
           {"notes", result.notes},
           {"work", run_work_json(result)},
           {"scenarios", scenarios_json(result)}};
  if (!result.segment.empty()) run["segment"] = result.segment;
  if (!result.not_written.empty()) run["not_written"] = result.not_written;
  return run;
}

Json events_json(const RunResult& result) {
  Json events = Json::array();
  for (const RunEvent& event : result.events)
    events.push_back({{"at_s", to_seconds(event.at)}, {"what", event.what}, {"by", event.by}});
  return events;
}

// Handshakes that succeeded, and how many of them went on from an earlier session: those cost the
// target a third of a full one, so a run that resumes measures something else.
Json tls_json(const RunResult& result) {
  const stats::Rate resumed =
      has_measured(result)
          ? stats::select(*result.schema, result.total->recorder, {"tls_resumed", {}}).rate
          : stats::Rate{};
  return {{"handshakes", counted(result, "tls_handshakes", {})},
          {"resumed", resumed.hits},
          {"resumed_share", share(resumed.hits, resumed.total)}};
}

Json lag_json(const RunResult& result) {
  stats::Histogram none;
  stats::Selected selected;
  if (has_measured(result))
    selected = stats::select(*result.schema, result.total->recorder, {"gen_lag", {}});
  const stats::Histogram& lag = selected.metric == nullptr ? none : selected.trend;
  return {{"p50", lag.percentile(50) / 1e6},
          {"p99", lag.percentile(99) / 1e6},
          {"p999", lag.percentile(99.9) / 1e6},
          {"max", static_cast<double>(lag.max()) / 1e6},
          {"count", lag.count()}};
}

// At what share of what this host can do the generator ran, in the busiest second.
Json ceiling_json(const CeilingFacts& ceiling, double busiest_second) {
  return {{"requests_per_second", std::round(ceiling.requests_per_second)},
          {"share", busiest_second / ceiling.requests_per_second},
          {"busiest_second", std::round(busiest_second)},
          {"calibrated_at", ceiling.calibrated_at},
          {"calibrated_shards", ceiling.shards},
          {"stale", !ceiling.stale.empty()},
          {"stale_reasons", ceiling.stale}};
}

Json generator_json(const RunResult& result) {
  const stats::GeneratorHealth health =
      has_measured(result) ? result.total->health : stats::GeneratorHealth{};
  Json findings = Json::array();
  for (const stats::Finding& finding : result.verdict.findings)
    findings.push_back({{"severity", stats::name_of(finding.severity)},
                        {"resource", stats::name_of(finding.resource)},
                        {"words", finding.words}});
  const std::uint64_t requests = counted(result, "http_reqs", {});
  const std::uint64_t messages =
      counted(result, "ws_msgs_sent", {}) + counted(result, "ws_msgs_received", {});
  Json generator{{"verdict", stats::name_of(result.verdict.verdict)},
                 {"limiting_resource", stats::name_of(result.verdict.limiting)},
                 {"findings", std::move(findings)},
                 {"lag_ms", lag_json(result)},
                 {"cpu", {{"busiest_percent", health.busiest * 100},
                          {"busiest_shard", health.busiest_shard},
                          {"average_percent", health.busy_share() * 100}}},
                 {"longest_stall_ms", to_ms(health.longest_stall)},
                 {"memory_bytes", health.memory_bytes},
                 {"loops", health.loops},
                 {"syscalls", health.syscalls},
                 {"syscalls_per_request", share(health.syscalls, requests)},
                 {"messages", messages},
                 {"syscalls_per_operation", share(health.syscalls, requests + messages)},
                 {"buffer_starved", health.buffer_starved},
                 {"cq_overflows", health.cq_overflows},
                 {"host_limits", {{"descriptors", health.host_descriptors},
                                  {"ports", health.host_ports},
                                  {"memory", health.host_memory},
                                  {"other", health.host_other}}},
                 {"shards", result.shards},
                 {"ring", result.ring},
                 {"host", result.host},
                 {"connections", result.connections},
                 {"ports", result.ports},
                 {"ports_available", result.ports_available},
                 {"warnings", result.warnings}};
  if (result.ceiling && result.ceiling->requests_per_second > 0 && result.busiest_second > 0)
    generator["ceiling"] = ceiling_json(*result.ceiling, result.busiest_second);
  return generator;
}

}  // namespace

std::string wall_text(std::int64_t wall_ms) {
  const std::time_t seconds = static_cast<std::time_t>(wall_ms / 1000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                     wall_ms % 1000);
}

std::string_view name_of(RunState state) {
  switch (state) {
    case RunState::kStarting: return "starting";
    case RunState::kWaiting: return "waiting";
    case RunState::kRunning: return "running";
    case RunState::kStopping: return "stopping";
    case RunState::kFinished: return "finished";
    case RunState::kFailed: return "failed";
    case RunState::kInterrupted: return "interrupted";
  }
  GEND_ASSERT(!"a state has a name");
}

bool is_over(RunState state) {
  switch (state) {
    case RunState::kStarting:
    case RunState::kWaiting:
    case RunState::kRunning:
    case RunState::kStopping: return false;
    case RunState::kFinished:
    case RunState::kFailed:
    case RunState::kInterrupted: return true;
  }
  GEND_ASSERT(!"a run is over or not");
}

Json summary_json(const RunResult& result) {
  const bool measured = has_measured(result);
  Json summary;
  summary["root_group"] = {{"name", ""},
                           {"path", ""},
                           {"id", md5_hex("")},
                           {"groups", Json::array()},
                           {"checks", measured ? checks_json(result) : Json::array()}};
  summary["options"] = {
      {"summaryTrendStats", {"avg", "min", "med", "max", "p(90)", "p(95)", "p(99)", "count"}},
      {"summaryTimeUnit", ""},
      {"noColor", false}};
  summary["state"] = {{"isStdOutTTY", false},
                      {"isStdErrTTY", false},
                      {"testRunDurationMs", to_ms(result.elapsed)}};
  summary["metrics"] = measured ? metrics_json(result) : Json::object();
  summary["run"] = run_json(result);
  summary["events"] = events_json(result);
  summary["generator"] = generator_json(result);
  summary["tls"] = tls_json(result);
  summary["http"] = measured ? http_json(result) : Json::array();
  summary["sessions"] = measured ? sessions_json(result) : Json::array();
  summary["delivery"] = measured ? delivery_json(result) : Json::object();
  summary["errors"] = measured ? errors_json(result) : Json::object();
  summary["picks"] = measured ? picks_json(result) : Json::array();
  summary["groups"] = measured ? groups_json(result) : Json::array();
  summary["failed_iterations"] = measured ? failed_iterations_json(result) : Json::array();
  summary["captures_missed"] = measured ? captures_missed_json(result) : Json::array();
  summary["facets"] = measured ? facets_json(result) : Json::array();
  summary["observed"] = measured ? observed_json(result) : Json::array();
  summary["host"] = measured ? host_json(result) : Json::object();
  summary["samples"] = measured ? samples_json(result) : Json::object();
  return summary;
}

std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string json_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace gend::report
