#include "engine/programs.h"

namespace gend::test {
namespace {

stats::Tags tags(const std::string& scenario, const char* expected) {
  return {{"expected_response", expected}, {"name", "/"}, {"scenario", scenario}};
}

plan::HttpSeries http_series(stats::Schema& schema, const std::string& scenario) {
  plan::HttpSeries series;
  for (std::size_t i = 0; i < 2; ++i) {
    const stats::Tags t = tags(scenario, i == 0 ? "false" : "true");
    series.duration[i] = schema.add("http_req_duration", t);
    series.corrected[i] = schema.add("http_req_duration_corrected", t);
    series.waiting[i] = schema.add("http_req_waiting", t);
    series.sending[i] = schema.add("http_req_sending", t);
    series.receiving[i] = schema.add("http_req_receiving", t);
    series.blocked[i] = schema.add("http_req_blocked", t);
    series.connecting[i] = schema.add("http_req_connecting", t);
    series.tls_handshaking[i] = schema.add("http_req_tls_handshaking", t);
  }
  const stats::Tags t{{"name", "/"}, {"scenario", scenario}};
  series.reqs = schema.add("http_reqs", t);
  series.failed = schema.add("http_req_failed", t);
  return series;
}

plan::ScenarioSeries scenario_series(stats::Schema& schema, const std::string& scenario) {
  const stats::Tags t{{"scenario", scenario}};
  plan::ScenarioSeries series{.iterations = schema.add("iterations", t),
          .iteration_duration = schema.add("iteration_duration", t),
          .dropped_iterations = schema.add("dropped_iterations", t),
          .vus = schema.add("vus", t),
          .vus_max = schema.add("vus_max", t),
          .data_sent = schema.add("data_sent", t),
          .data_received = schema.add("data_received", t),
          .lag = schema.add("gen_lag", t),
          .planned = schema.add("gen_planned", t),
          .started = schema.add("gen_started", t)};
  for (std::size_t i = 0; i < plan::kFailReasons; ++i) {
    const auto reason = static_cast<plan::FailReason>(i);
    series.failed[i] = schema.add("failed_iterations", {{"reason", std::string{plan::describe(reason)}},
                                                        {"scenario", scenario}});
  }
  series.reconnects = schema.add("http_reconnects", t);
  series.loops_cut = schema.add("loops_cut", t);
  return series;
}

}  // namespace

void add_scenario(plan::Program& program, const std::string& name, const ProgramOptions& options) {
  plan::HttpRequest request;
  request.name = "/";
  request.wire = "GET / HTTP/1.1\r\nHost: sim\r\n\r\n";
  request.timeout.total = options.timeout;
  request.expected_statuses = {{200, 399}};
  request.series = http_series(program.schema, name);

  plan::Scenario scenario;
  scenario.name = name;
  scenario.executor = options.executor;
  scenario.start = options.start;
  scenario.open_model = plan::is_open_model(options.executor);
  scenario.stages = options.stages;
  scenario.max_vus = options.max_vus;
  scenario.start_time = options.start_time;
  scenario.graceful_stop = options.graceful_stop;
  scenario.graceful_ramp_down = options.graceful_ramp_down;
  scenario.series = scenario_series(program.schema, name);
  scenario.first_step = static_cast<std::uint32_t>(program.steps.size());

  auto next = scenario.first_step + 1;
  program.steps.push_back(
      {plan::StepKind::kHttp, static_cast<std::uint32_t>(program.requests.size()), next, next});
  if (options.think > Duration::zero()) {
    program.steps.push_back({plan::StepKind::kThink,
                             static_cast<std::uint32_t>(program.thinks.size()), next + 1,
                             next + 1});
    program.thinks.push_back({plan::ThinkKind::kFixed, options.think, {}});
  }
  program.steps.push_back({plan::StepKind::kEnd, 0, 0, 0});
  program.requests.push_back(std::move(request));
  program.scenarios.push_back(std::move(scenario));
}

plan::Program make_program(const ProgramOptions& options) {
  plan::Program program;
  program.name = "by hand";
  program.seed = 1;
  program.endpoints.push_back({.host = "127.0.0.1", .port = 80, .tls = false, .authority = "sim"});
  add_scenario(program, "main", options);
  return program;
}

}  // namespace gend::test
