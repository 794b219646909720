#include "report/sample_run.h"

#include <string>

namespace gend::test {
using namespace std::chrono_literals;
using stats::Tally;

struct Step {
  std::uint32_t ok, failed_duration, corrected_ok, corrected_failed, reqs, failed;
  Step(stats::Schema& schema, std::string scenario, std::string name, std::string method) {
    const auto tags = [&](const char* expected) {
      stats::Tags all{{"scenario", scenario}, {"name", name}, {"method", method}};
      if (expected != nullptr) all.emplace_back("expected_response", expected);
      return all;
    };
    failed_duration = schema.add("http_req_duration", tags("false"));
    ok = schema.add("http_req_duration", tags("true"));
    corrected_failed = schema.add("http_req_duration_corrected", tags("false"));
    corrected_ok = schema.add("http_req_duration_corrected", tags("true"));
    reqs = schema.add("http_reqs", tags(nullptr));
    failed = schema.add("http_req_failed", tags(nullptr));
  }

  void answer(stats::Recorder& r, Outcome outcome, int status, Duration service,
              Duration corrected) const {
    const bool expected = outcome == Outcome::kOk;
    r.tally(reqs, Tally::key(outcome, status));
    r.rate(failed, !expected);
    r.trend(expected ? ok : failed_duration, service);
    r.trend(expected ? corrected_ok : corrected_failed, corrected);
  }
};

struct SampleRun::Slots {
  Step login, cart, home;
  std::uint32_t status_check, body_check, unreached_check;
  std::uint32_t vus_peak, vus_browse, vus_max_peak, vus_max_browse;
  std::uint32_t iterations[2], dropped[2], planned[2], started[2], lag[2];
  std::uint32_t sent, received, iteration_duration;
  std::uint32_t basket, orders, village_7, village_8;

  explicit Slots(stats::Schema& s)
      : login{s, "peak", "login", "POST"}, cart{s, "peak", "cart", "GET"},
        home{s, "browse", "home", "GET"} {
    const auto of = [](const char* scenario) { return stats::Tags{{"scenario", scenario}}; };
    status_check = s.add("checks", {{"check", "status is 200"}, {"scenario", "peak"}});
    body_check = s.add("checks", {{"check", "body contains welcome"}, {"scenario", "browse"}});
    unreached_check = s.add("checks", {{"check", "never reached"}, {"scenario", "browse"}});
    vus_peak = s.add("vus", of("peak"));
    vus_browse = s.add("vus", of("browse"));
    vus_max_peak = s.add("vus_max", of("peak"));
    vus_max_browse = s.add("vus_max", of("browse"));
    int i = 0;
    for (const char* scenario : {"peak", "browse"}) {
      iterations[i] = s.add("iterations", of(scenario));
      dropped[i] = s.add("dropped_iterations", of(scenario));
      planned[i] = s.add("gen_planned", of(scenario));
      started[i] = s.add("gen_started", of(scenario));
      lag[i++] = s.add("gen_lag", of(scenario));
    }
    sent = s.add("data_sent", of("peak"));
    received = s.add("data_received", of("peak"));
    iteration_duration = s.add("iteration_duration", of("peak"));
    s.declare("basket_size", stats::Kind::kTrend, stats::Contains::kDefault);
    s.declare("orders", stats::Kind::kCounter, stats::Contains::kDefault);
    basket = s.add("basket_size", of("peak"));
    orders = s.add("orders", of("peak"));
    village_7 = s.add_facet("http_reqs", {{"scenario", "browse"}, {"village", "7"}});
    village_8 = s.add_facet("http_reqs", {{"scenario", "browse"}, {"village", "8"}});
  }
};

SampleRun::SampleRun() {
  const Slots slots{schema};
  total = std::make_unique<stats::Snapshot>(schema);
  latest = std::make_unique<stats::Snapshot>(schema);
  stats::Snapshot first{schema};
  fill(first, slots);
  first.recorder.gauge(slots.vus_peak, 50);
  first.recorder.gauge(slots.vus_browse, 0);
  first.recorder.gauge(slots.vus_max_peak, 60);
  first.recorder.gauge(slots.vus_max_browse, 20);
  first.recorder.from = TimePoint{100s};
  first.recorder.to = TimePoint{101s};
  // The latest second: 40 requests of 10 ms service time and 15 ms corrected, one of them failed.
  for (int i = 0; i < 40; ++i)
    slots.cart.answer(latest->recorder, i == 0 ? Outcome::kStatus5xx : Outcome::kOk,
                      i == 0 ? 500 : 200, 10ms, 15ms);
  latest->recorder.count(slots.iterations[0], 20);
  latest->recorder.gauge(slots.vus_peak, 0);
  latest->recorder.gauge(slots.vus_browse, 20);
  latest->recorder.gauge(slots.vus_max_peak, 60);
  latest->recorder.gauge(slots.vus_max_browse, 20);
  latest->recorder.from = TimePoint{109s};
  latest->recorder.to = TimePoint{110s};
  stats::Snapshot end{schema};
  end.recorder.gauge(slots.vus_peak, 0);
  end.recorder.gauge(slots.vus_browse, 20);
  end.recorder.gauge(slots.vus_max_peak, 60);
  end.recorder.gauge(slots.vus_max_browse, 20);
  total->merge(first, stats::Recorder::Over::kIntervals);
  total->merge(end, stats::Recorder::Over::kIntervals);
  describe();
}

void SampleRun::fill(stats::Snapshot& snapshot, const Slots& s) {
  stats::Recorder& r = snapshot.recorder;
  for (int i = 1; i <= 900; ++i)
    s.login.answer(r, Outcome::kOk, 200, i * 100us, i * 200us);
  for (int i = 0; i < 60; ++i) s.login.answer(r, Outcome::kStatus5xx, 503, 2ms, 4ms);
  for (int i = 0; i < 30; ++i) s.login.answer(r, Outcome::kTimeoutTotal, 0, 2s, 2500ms);
  for (int i = 0; i < 10; ++i) s.login.answer(r, Outcome::kResetInResponse, 200, 3ms, 3ms);
  for (int i = 0; i < 500; ++i) s.cart.answer(r, Outcome::kOk, 200, 20ms, 20ms);
  for (int i = 0; i < 500; ++i) s.home.answer(r, Outcome::kOk, i < 480 ? 200 : 404, 5ms, 5ms);
  for (int i = 0; i < 1500; ++i) r.rate(s.status_check, i < 1380);
  for (int i = 0; i < 500; ++i) r.rate(s.body_check, true);
  r.count(s.planned[0], 1010);
  r.count(s.started[0], 1000);
  r.count(s.iterations[0], 997);
  r.count(s.dropped[0], 10);
  r.count(s.planned[1], 500);
  r.count(s.started[1], 500);
  r.count(s.iterations[1], 500);
  for (int i = 0; i < 1000; ++i) {
    r.trend(s.lag[0], 20us);
    r.trend(s.iteration_duration, 100ms);
  }
  for (int i = 0; i < 500; ++i) {
    const bool seven = i < 300;
    r.tally(seven ? s.village_7 : s.village_8, Tally::key(Outcome::kOk, i < 480 ? 200 : 404));
  }
  for (int i = 1; i <= 10; ++i) r.custom(stats::Kind::kTrend, s.basket, i);
  r.custom(stats::Kind::kCounter, s.orders, 12.5);
  r.count(s.sent, 250'000);
  r.count(s.received, 1'500'000);
  stats::GeneratorHealth& health = snapshot.health;
  health = {.busy = 6s, .wall = 20s, .busiest = 0.42, .busiest_shard = 1, .planned = 1510,
            .started = 1500, .completed = 1497, .interrupted = 3, .dropped_no_user = 8,
            .dropped_stopped = 2, .loops = 5000, .syscalls = 1000, .longest_stall = 3ms,
            .memory_bytes = 48'000'000};
}

void SampleRun::add_threshold(const char* selector, const char* source) {
  thresholds.push_back({.source = source, .selector = selector,
                        .parsed = stats::parse_selector(selector).value(),
                        .assertion = stats::parse_assertion(source).value()});
}

void SampleRun::describe() {
  add_threshold("http_req_duration_corrected", "p(95)<300");
  add_threshold("http_req_duration{name:cart}", "p(99)<25");
  add_threshold("http_req_failed", "rate<0.01");
  add_threshold("http_reqs{status:503}", "count<100");
  add_threshold("group_duration", "avg<10");
  result.schema = &schema;
  result.total = total.get();
  result.id = "20261121-014309-villages";
  result.name = "villages";
  result.plan_file = "villages.yaml";
  result.owner = "alice (uid 1000)";
  result.state = report::RunState::kFinished;
  result.exit_code = ExitCode::kThresholdsFailed;
  result.end_reason = "finished";
  result.started_wall_ms = 1'795'225'389'042;
  result.elapsed = 10s;
  result.planned = 10s;
  result.seed = 42;
  result.vars = {{"API_TOKEN", "***"}, {"BASE_URL", "http://127.0.0.1:8080"}};
  result.scenarios = {
      {.name = "peak", .executor = "constant-arrival-rate", .open_model = true,
       .start_time = 0s, .duration = 10s, .peak = 100, .max_vus = 60, .steps = "2 requests"},
      {.name = "browse", .executor = "constant-vus", .open_model = false, .start_time = 0s,
       .duration = 10s, .peak = 20, .max_vus = 20, .steps = "1 request, 1 think"}};
  result.has_open_model = true;
  for (const auto& threshold : thresholds)
    result.thresholds.push_back(
        stats::evaluate(threshold, schema, total->recorder, result.elapsed));
  const auto lag = stats::select(schema, total->recorder, {"gen_lag", {}}).trend;
  result.verdict = stats::judge(total->health, lag, 45ms);
  result.checks = {"status is 200", "body contains welcome", "never reached"};
  result.shards = 2;
  result.ring = "io_uring profile E on 6.18.44";
  result.host = "4 CPUs, 16 GiB, kernel 6.18.44";
  result.version = "0.1.0";
  result.warnings = {"shard 1 could not be pinned: EPERM"};
}

}  // namespace gend::test
