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

std::unique_ptr<const plan::Program> compiled(const std::string& step) {
  return plan::support::compiled("target: http://127.0.0.1:9\n"
                                 "scenarios:\n"
                                 "  s: {executor: constant-vus, vus: 1, duration: 1s,\n"
                                 "      flow: [" + step + ", {think: 100ms}]}\n");
}

stats::Rate checks_of(const plan::Program& program, const stats::Snapshot& total,
                      const std::string& name) {
  return stats::select(program.schema, total.recorder, {"checks", {{"check", name}}}).rate;
}

}  // namespace

TEST_CASE("what `expect` finds counts among the checks, and a failure ends the iteration") {
  const auto program =
      compiled("{get: /, check: {latency: <1s}, expect: {status: 200, latency: <50ms}}");
  const plan::HttpRequest& request = program->requests.at(0);
  REQUIRE(request.checks.size() == 1);
  REQUIRE(request.expects.size() == 2);
  // 10 ms an answer and 100 ms of thinking, which those who fail do not come to: every fifth is a
  // 503 after the same 10 ms.
  sim::LossyTarget target{10ms, 5, sim::Reply::Kind::kAnswer, 503};
  sim::Driver driver{*program, target, 1};
  const stats::Snapshot& total = driver.run();
  const std::uint64_t requests = target.requests(), bad = requests / 5;
  REQUIRE(bad > 0);
  const auto select = [&](const char* metric) {
    return stats::select(program->schema, total.recorder, {metric, {}});
  };
  CHECK(select("checks").rate.total == 3 * requests);
  CHECK(select("checks").rate.hits == 3 * requests - bad);
  for (const plan::Check& expect : request.expects) {
    CAPTURE(expect.name);
    const stats::Rate rate = checks_of(*program, total, expect.name);
    CHECK(rate.total == requests);
    CHECK(rate.hits == (expect.of.part == plan::Part::kStatus ? requests - bad : requests));
  }
  CHECK(select("failed_iterations").count == bad);
  REQUIRE(total.samples.failed_count() > 0);
  // Its own check held; the first that failed is the expected status.
  const auto failed = static_cast<std::size_t>(total.samples.failed(0).failed_check);
  REQUIRE(failed >= request.checks.size());
  CHECK(request.expects.at(failed - 1).of.part == plan::Part::kStatus);
}
