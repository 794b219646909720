// Part i of n of a load: whoever carries out a part computes what is its own, and all parts
// together are the run that one process would have made.
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "engine/user_table.h"
#include "plan/load.h"
#include "plan/support.h"
#include "sim/driver.h"
#include "sim/targets.h"
#include "stats/threshold.h"

using namespace gend;
using namespace std::chrono_literals;

namespace {

// The flow tells, besides its request, whose it is. Whole numbers up to 128 have a bucket
// each, so equal histograms are equal multisets.
std::string plan_of(const std::string& scenarios) {
  return "target: http://127.0.0.1:9\n"
         "seed: 42\n"
         "flows:\n"
         "  tell:\n"
         "    - get: /\n"
         "    - metric: {name: users, trend: \"${vu}\"}\n"
         "scenarios:\n" +
         scenarios;
}

std::unique_ptr<const plan::Program> compiled(const std::string& text, plan::Segment segment) {
  plan::Options options;
  options.segment = segment;
  return plan::support::compiled(text, options);
}

class Diary : public sim::Target {
 public:
  sim::Reply on_request(TimePoint at) override {
    moments.push_back(at);
    return {.at = at + 30ms};
  }
  std::vector<TimePoint> moments;
};

// What was carried out: when and by whom.
struct Deeds {
  std::vector<TimePoint> moments;
  std::uint64_t planned = 0, completed = 0;
  stats::Histogram users;

  void add(const std::string& text, plan::Segment segment, std::uint32_t shards) {
    const auto program = compiled(text, segment);
    Diary diary;
    sim::Driver driver{*program, diary, shards};
    const stats::Snapshot& total = driver.run();
    moments.insert(moments.end(), diary.moments.begin(), diary.moments.end());
    std::ranges::sort(moments);
    planned += total.health.planned;
    completed += total.health.completed;
    users.merge(stats::select(program->schema, total.recorder, {"users", {}}).trend);
  }
};

Deeds deeds_of(const std::string& text, std::uint32_t segments, std::uint32_t shards) {
  Deeds deeds;
  for (std::uint32_t i = 0; i < segments; ++i) deeds.add(text, {i, segments}, shards);
  return deeds;
}

bool same(const stats::Histogram& a, const stats::Histogram& b) {
  return a.count() == b.count() && a.sum() == b.sum() &&
         std::ranges::equal(a.buckets(), b.buckets());
}

const std::string kOpen =
    "  peak:\n"
    "    executor: ramping-arrival-rate\n"
    "    startRate: 10\n"
    "    maxVUs: 60\n"
    "    stages: [{duration: 3s, target: 90}, {duration: 2s, target: 0}]\n"
    "    flow: [{call: tell}]\n";
const std::string kClosed =
    "  browse:\n"
    "    executor: ramping-vus\n"
    "    startVUs: 3\n"
    "    stages: [{duration: 3s, target: 47}, {duration: 2s, target: 5}]\n"
    "    flow: [{call: tell}]\n";

}  // namespace

TEST_CASE("the arrivals of three processes with two shards are those of one, to the nanosecond") {
  const Deeds whole = deeds_of(plan_of(kOpen), 1, 1), parts = deeds_of(plan_of(kOpen), 3, 2);
  // The integral of the rate: 3 s x 50/s + 2 s x 45/s.
  CHECK(whole.completed == 240);
  CHECK(whole.planned == 240);
  CHECK(parts.completed == whole.completed);
  CHECK(parts.moments == whole.moments);
}

TEST_CASE("the users of three processes with two shards are those of one") {
  const std::string text = plan_of(kClosed);
  const Deeds whole = deeds_of(text, 1, 1), parts = deeds_of(text, 3, 2);
  CHECK(whole.completed > 47);
  CHECK(parts.completed == whole.completed);
  CHECK(parts.moments == whole.moments);
  CHECK(same(parts.users, whole.users));
}

TEST_CASE("every user belongs to one process and one shard, and none is missing") {
  const auto text = plan_of(kOpen + kClosed);
  for (const std::uint32_t segments : {1U, 2U, 3U, 7U, 61U}) {
    for (const std::uint32_t shards : {1U, 2U, 5U}) {
      CAPTURE(segments);
      CAPTURE(shards);
      std::vector<std::set<std::uint64_t>> seen(2);
      for (std::uint32_t segment = 0; segment < segments; ++segment) {
        const auto program = compiled(text, {segment, segments});
        for (std::uint32_t shard = 0; shard < shards; ++shard) {
          engine::UserTable users{*program, {shard, shards}};
          for (std::size_t i = 0; i < users.size(); ++i) {
            const engine::Vu& vu = users.users()[i];
            CHECK(seen[vu.scenario].insert(vu.number).second);
          }
        }
      }
      for (std::size_t scenario = 0; scenario < 2; ++scenario) {
        const std::uint64_t users = scenario == 0 ? 60 : 47;
        CHECK(seen[scenario].size() == users);
        CHECK(*seen[scenario].rbegin() == users - 1);
      }
    }
  }
}
