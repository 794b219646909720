// At what share of its host's ceiling a generator ran, in every form of a report.
#include <doctest/doctest.h>

#include <string>

#include "report/markdown.h"
#include "report/sample_run.h"
#include "report/summary_json.h"
#include "report/text.h"
#include "report/verdict_words.h"

using namespace gend;
using namespace gend::report;
using Json = nlohmann::ordered_json;

namespace {

bool has(const std::string& text, const char* part) { return text.find(part) != text.npos; }

Json summary_with(std::vector<std::string> stale) {
  test::SampleRun run;
  run.result.ceiling = CeilingFacts{.requests_per_second = 200'000.4, .shards = 1,
                                    .calibrated_at = "2026-11-21T20:11:31Z",
                                    .stale = std::move(stale)};
  run.result.busiest_second = 50'000;
  return summary_json(run.result);
}

}  // namespace

TEST_CASE("a share is the busiest second over the ceiling, and every report has it") {
  const Json summary = summary_with({});
  const Json& ceiling = summary["generator"]["ceiling"];
  CHECK(ceiling["requests_per_second"] == 200'000);
  CHECK(ceiling["busiest_second"] == 50'000);
  CHECK(ceiling["share"].get<double>() == doctest::Approx(0.25).epsilon(1e-4));
  CHECK(ceiling["calibrated_at"] == "2026-11-21T20:11:31Z");
  CHECK(ceiling["calibrated_shards"] == 1);
  CHECK(ceiling["stale"] == false);
  const std::string text = summary_text(summary, {.width = 100});
  CHECK(has(text, "share of its ceiling"));
  CHECK(has(text, "25.00% (50.0k/s in the busiest second, of 200k/s; calibrated 2026-11-21)"));
  CHECK_FALSE(has(text, "stale"));
  CHECK(has(summary_markdown(summary), "share of its ceiling: 25.00%"));
}

TEST_CASE("a stale ceiling is called so, with its reasons and what to do") {
  const Json summary = summary_with({"kernel 6.1 then, 6.12 now", "gend 0.1.0 then, 0.2.0 now"});
  CHECK(summary["generator"]["ceiling"]["stale"] == true);
  CHECK(summary["generator"]["ceiling"]["stale_reasons"].size() == 2);
  CHECK(has(ceiling_words(summary["generator"]).doubt,
            "stale: kernel 6.1 then, 6.12 now, gend 0.1.0 then, 0.2.0 now"));
  CHECK(has(summary_text(summary, {.width = 100}), "the ceiling is stale: kernel 6.1 then"));
  CHECK(has(summary_markdown(summary), "the ceiling is stale"));
}

TEST_CASE("a host that was not calibrated, and a run without requests, say nothing of a ceiling") {
  test::SampleRun run;
  CHECK_FALSE(summary_json(run.result)["generator"].contains("ceiling"));
  CHECK_FALSE(has(summary_text(summary_json(run.result), {.width = 80}), "ceiling"));
  CHECK_FALSE(has(summary_markdown(summary_json(run.result)), "ceiling"));
  run.result.ceiling = CeilingFacts{.requests_per_second = 1000, .shards = 1, .calibrated_at = {},
                                    .stale = {}};
  CHECK_FALSE(summary_json(run.result)["generator"].contains("ceiling"));  // busiest second: 0
  run.result.busiest_second = 10;
  run.result.ceiling->requests_per_second = 0;
  CHECK_FALSE(summary_json(run.result)["generator"].contains("ceiling"));
}

TEST_CASE("a summary from elsewhere with anything in the place of a ceiling is read") {
  for (const Json& strange : {Json{1}, Json{"x"}, Json::object(), Json{{"requests_per_second", -1}},
                              Json{{"requests_per_second", "many"}}})
    CHECK(ceiling_words(Json{{"ceiling", strange}}).share.empty());
  const Json odd{{"ceiling", {{"requests_per_second", 5}, {"stale", true}, {"stale_reasons", 7}}}};
  CHECK_FALSE(ceiling_words(odd).share.empty());
  CHECK(has(ceiling_words(odd).doubt, "stale"));
}
