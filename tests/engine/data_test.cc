// Data at run time: tags from columns, exact whichever shard carries a user out; values that no
// request may hold.
#include <map>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "plan/load.h"
#include "plan/support.h"
#include "sim/driver.h"
#include "sim/targets.h"
#include "stats/threshold.h"

using namespace gend;
using namespace std::chrono_literals;

namespace {

// Nine tenants, each on a row of its own: 4 free, 3 starter, 2 professional.
constexpr std::string_view kTenants =
    "id,tier\na,free\nb,starter\nc,free\nd,professional\ne,free\nf,starter\ng,free\n"
    "h,professional\ni,starter\n";

std::unique_ptr<const plan::Program> compiled(const std::string& text,
                                              plan::Segment segment = {}) {
  plan::Options options;
  options.segment = segment;
  options.files = {{"t.csv", kTenants}};
  return plan::support::compiled(text, options);
}

std::string plan_of(const std::string& executor, const std::string& order) {
  return "target: http://127.0.0.1:9\nseed: 5\n"
         "data: {tenant: {file: t.csv, order: " + order + "}}\n"
         "scenarios:\n  s:\n    executor: " + executor + "\n    tags: {tier: \"${tenant.tier}\"}\n"
         "    flow: [{get: \"/${tenant.id}\"}, {get: /untagged, tags: {tier: none}}, "
         "{think: 90ms}]\n";
}

stats::Selected select(const plan::Program& program, const stats::Snapshot& total,
                       std::string_view metric, stats::Tags tags) {
  return stats::select(program.schema, total.recorder, {std::string{metric}, std::move(tags)});
}

std::map<std::string, std::uint64_t> requests_by_tier(const plan::Program& program,
                                                      const stats::Snapshot& total) {
  std::map<std::string, std::uint64_t> out;
  for (const char* tier : {"free", "starter", "professional"})
    out[tier] = select(program, total, "http_reqs", {{"tier", tier}}).count;
  return out;
}

using Counts = std::map<std::string, std::uint64_t>;

}  // namespace

TEST_CASE("a tag from a unique column counts each user's requests, whichever shard it is on") {
  // An iteration takes 10 ms of answers and 90 ms of thinking: ten in a second.
  const auto program =
      compiled(plan_of("constant-vus\n    vus: 9\n    duration: 1s", "unique"));
  sim::ConstantTarget target{5ms};
  for (const std::uint32_t shards : {1U, 2U, 4U}) {
    CAPTURE(shards);
    sim::Driver driver{*program, target, shards};
    const stats::Snapshot& total = driver.run();
    CHECK(requests_by_tier(*program, total) ==
          Counts{{"free", 40}, {"starter", 30}, {"professional", 20}});
    // Another side of the same requests: the whole is not counted twice.
    CHECK(select(*program, total, "http_reqs", {}).count == 180);
    CHECK(select(*program, total, "http_reqs", {{"tier", "none"}}).count == 90);
    const stats::Selected free = select(*program, total, "http_req_duration", {{"tier", "free"}});
    CHECK(free.trend.count() == 40);
    CHECK(free.trend.max() == 5'000'000);
    CHECK(select(*program, total, "http_req_failed", {{"tier", "free"}}).rate.total == 40);
    CHECK(select(*program, total, "http_req_duration_corrected", {{"tier", "starter"}})
              .trend.count() == 30);
  }
}

TEST_CASE("segments read the rows that one load would read, each its own") {
  const std::string text = plan_of("constant-vus\n    vus: 9\n    duration: 1s", "unique");
  Counts sum;
  std::uint64_t all = 0;
  for (std::uint32_t i = 0; i < 3; ++i) {
    const auto program = compiled(text, {i, 3});
    sim::ConstantTarget target{5ms};
    sim::Driver driver{*program, target, 2};
    const stats::Snapshot& total = driver.run();
    for (const auto& [tier, count] : requests_by_tier(*program, total)) sum[tier] += count;
    all += select(*program, total, "http_reqs", {}).count;
  }
  CHECK(sum == Counts{{"free", 40}, {"starter", 30}, {"professional", 20}});
  CHECK(all == 180);
}

TEST_CASE("in turn, arrivals go through the rows and are counted under each row's value") {
  const auto program = compiled(plan_of(
      "constant-arrival-rate\n    rate: 90\n    duration: 1s\n    maxVUs: 50", "sequential"));
  sim::ConstantTarget target{5ms};
  sim::Driver driver{*program, target, 3};
  const stats::Snapshot& total = driver.run();
  CHECK(requests_by_tier(*program, total) ==
        Counts{{"free", 40}, {"starter", 30}, {"professional", 20}});
}

TEST_CASE("failed requests count for the tag of their own row") {
  const auto program = compiled(
      "target: http://127.0.0.1:9\ndata: {tenant: {file: t.csv, order: unique}}\nscenarios:\n"
      "  s: {executor: constant-vus, vus: 9, duration: 1s, tags: {tier: \"${tenant.tier}\"},\n"
      "      flow: [{get: /}, {think: 95ms}]}\n");
  sim::LossyTarget target{5ms, 1, sim::Reply::Kind::kAnswer, 500};
  sim::Driver driver{*program, target, 2};
  const stats::Snapshot& total = driver.run();
  const stats::Selected free = select(*program, total, "http_req_failed", {{"tier", "free"}});
  CHECK(free.rate.total == 40);
  CHECK(free.rate.hits == 40);
  CHECK(select(*program, total, "http_reqs", {{"tier", "free"}, {"status", "500"}}).count == 40);
}

TEST_CASE("a value with a line end never becomes a header line: its request is not sent") {
  plan::Options options;
  options.files = {{"t.csv", "key\nk1\n\"k2\r\nx-injected: 1\"\nk3\n"}};
  const auto program = plan::compile(
      "p.yaml",
      "target: http://127.0.0.1:9\ndata: {tenant: {file: t.csv, order: unique}}\nscenarios:\n"
      "  s: {executor: constant-vus, vus: 3, duration: 1s,\n"
      "      flow: [{think: 90ms}, {get: /, headers: {x-api-key: \"${tenant.key}\"}}]}\n",
      options);
  REQUIRE(program.has_value());
  sim::LossyTarget target{10ms, ~std::uint64_t{0}, sim::Reply::Kind::kNever};
  sim::Driver driver{**program, target, 2};
  const stats::Snapshot& total = driver.run();
  // Two users do ten iterations of 100 ms; the third fails after 90 ms, eleven times in the second
  // and once more: an iteration that began at 990 ms may end gracefully.
  CHECK(target.requests() == 20);
  CHECK(select(**program, total, "http_reqs", {}).count == 20);
  CHECK(select(**program, total, "failed_iterations",
               {{"reason", "a control character in a header"}}).count == 12);
  CHECK(select(**program, total, "iterations", {}).count == 32);
}
