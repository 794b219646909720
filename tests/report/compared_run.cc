#include "report/compared_run.h"

#include <chrono>

namespace gend::test {
namespace {

struct Slots {
  std::uint32_t duration = 0, failed = 0, reqs = 0;
};

Slots add_step(stats::Schema& schema, const std::string& name) {
  const stats::Tags tags{{"name", name}, {"method", "GET"}, {"scenario", "load"}};
  stats::Tags half = tags;
  half.emplace_back("expected_response", "true");
  return {schema.add("http_req_duration", half), schema.add("http_req_failed", tags),
          schema.add("http_reqs", tags)};
}

void add_second(stats::Frame& frame, const Slots& slots, const stats::Histogram::Slice& slice,
                double fails, Rng& rng) {
  std::uint64_t failed = 0;
  for (std::uint64_t i = 0; i < slice.count; ++i) failed += rng.unit() < fails ? 1 : 0;
  frame.trends.push_back({slots.duration, slice});
  frame.rates.push_back({slots.failed, {failed, slice.count}});
  std::vector<std::pair<std::uint16_t, std::uint64_t>> keys;
  if (failed < slice.count) keys.emplace_back(200, slice.count - failed);
  if (failed > 0) keys.emplace_back(1503, failed);
  frame.tallies.push_back({slots.reqs, keys});
}

}  // namespace

report::History run_of(const std::string& id, const ComparedServer& server, Rng& rng) {
  report::History history;
  history.schema = std::make_unique<stats::Schema>();
  const Slots orders = add_step(*history.schema, "orders");
  const Slots search = add_step(*history.schema, "search");
  const std::uint32_t memory = history.schema->add("gen_memory", {});
  const auto slow = seconds_of(server.orders, rng), quick = seconds_of(server.search, rng);
  for (std::size_t i = 0; i < slow.size(); ++i) {
    stats::Frame& frame = history.frames.emplace_back();
    frame.from = std::chrono::seconds{i};
    frame.to = std::chrono::seconds{i + 1};
    add_second(frame, orders, slow[i], server.fails, rng);
    add_second(frame, search, quick[i], server.fails, rng);
    const auto level = static_cast<std::int64_t>(50'000'000 + rng.below(1'000'000));
    frame.gauges.push_back({memory, {.value = level, .min = level, .max = level, .set = true}});
  }
  history.summary["run"] = {{"id", id}, {"name", "shop"}, {"plan", "shop.yaml"},
                            {"version", "1.2.3"}, {"state", "finished"},
                            {"started", "2026-11-21T08:00:00.000Z"},
                            {"elapsed_s", slow.size()}, {"open_model", false},
                            {"time_scale", 1}, {"load_scale", 1},
                            {"vars", {{"TARGET", "http://127.0.0.1:8080"}}}};
  history.summary["generator"] = {{"verdict", "CLEAN"}, {"shards", 2},
                                  {"host", "2 CPUs, 4.0 GiB, kernel 6.1.0"}};
  history.summary["events"] = nlohmann::ordered_json::array();
  history.plan_text = "name: shop\nvars: {TOKEN: \"***\"}\n";
  return history;
}

}  // namespace gend::test
