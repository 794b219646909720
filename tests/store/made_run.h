#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "base/rng.h"
#include "report/history.h"
#include "stats/frame.h"
#include "store/store.h"

// A run that nobody carried out, told to a store second by second.
namespace gend::test {

class MadeRun {
 public:
  explicit MadeRun(std::string id, std::uint64_t seed = 1) : id_{std::move(id)}, rng_{seed} {
    schema_.add("http_req_duration", {{"scenario", "a"}, {"name", "GET /"}});
    schema_.add("http_reqs", {{"scenario", "a"}});
    schema_.add("http_req_failed", {{"scenario", "a"}});
    schema_.add("vus", {{"scenario", "a"}});
    schema_.add("gen_lag", {{"scenario", "a"}});
    schema_.add("data_received", {{"scenario", "a"}});
    snapshot_ = std::make_unique<stats::Snapshot>(schema_);
  }

  store::Standing standing(report::RunState state = report::RunState::kRunning) const {
    store::Standing made;
    made.status = {.id = id_, .name = "n", .plan_file = "p.yaml", .owner = "alice (uid 7)",
                   .state = state, .exit_code = ExitCode::kPass, .end_reason = {},
                   .started_wall_ms = started_ms, .elapsed = std::chrono::seconds{seconds_},
                   .planned = std::chrono::seconds{60}, .not_written = {}};
    if (report::is_over(state)) made.status.end_reason = "finished";
    made.summary = R"({"run":{"id":")" + id_ + R"("},"state":{}})";
    made.thresholds = {{.selector = "http_req_failed", .threshold = "rate<0.01", .ok = true,
                        .has_data = true, .value = 0}};
    made.verdict = "CLEAN";
    made.limiting = "none";
    made.findings = "[]";
    return made;
  }
  store::Beginning beginning() const {
    return {.standing = standing(), .plan_text = "name: n\n",
            .schema = report::schema_json(schema_).dump(), .host = "h", .ring = "r",
            .version = "0", .shards = 2, .open_model = false};
  }
  // Three requests, of 1 ms to 1 s.
  store::Second second() {
    snapshot_->clear();
    for (int i = 0; i < 3; ++i) {
      snapshot_->recorder.trend(0, Duration{1'000'000 + static_cast<int>(rng_.below(999'000'000))});
      snapshot_->recorder.tally(0, 200);
      snapshot_->recorder.rate(0, false);
      snapshot_->recorder.count(0, 100);
    }
    snapshot_->recorder.gauge(0, 5);
    snapshot_->health.busiest = 0.25;
    const std::chrono::seconds from{seconds_}, to{++seconds_};
    return {.frame = stats::frame_of(schema_, *snapshot_, from, to),
            .wall_ms = started_ms + seconds_ * 1000, .events = events};
  }
  void tell(store::Store& store, int seconds) {
    for (int i = 0; i < seconds; ++i) {
      store.add(second());
      if (i % 100 == 99) store.settle();  // faster than any run: the queue is for 256
    }
  }
  const std::string& id() const { return id_; }

  std::vector<report::RunEvent> events;
  std::int64_t started_ms = 1'700'000'000'000;

 private:
  std::string id_;
  Rng rng_;
  stats::Schema schema_;
  std::unique_ptr<stats::Snapshot> snapshot_;
  std::int64_t seconds_ = 0;
};

inline std::unique_ptr<store::Store> open_store(const std::string& directory,
                                                const store::Keep& keep = {}) {
  auto store = store::Store::open(directory, keep);
  if (!store) FAIL(store.error().message);
  return std::move(*store);
}

inline report::History history_of(const store::Store& store, const std::string& id) {
  const auto file = store.run_file(id, {});
  REQUIRE(file.has_value());
  REQUIRE(file->has_value());
  auto history = report::decode_history(**file);
  REQUIRE(history.has_value());
  return std::move(*history);
}

}  // namespace gend::test
