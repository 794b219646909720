// Makes pages for web/test/page_test.mjs to look at.
//   page_maker sample        the page of a run with known content
//   page_maker sample-json   what is in it
//   page_maker long          the page of eight hours with 200 series
//   page_maker compared      the page of a run that is slower than its baseline
//   page_maker page <JSON    the page of whatever stands in the JSON
#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/rng.h"
#include "report/compare.h"
#include "report/compared_run.h"
#include "report/page.h"
#include "report/sample_run.h"
#include "report/summary_json.h"
#include "report/timeline.h"

namespace {

using namespace gend;
using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

// The run's total as if all of it had happened in its second second, and an event and a hostile name
// beside it.
report::History sample_history() {
  test::SampleRun run;
  run.result.events = {{1500ms, "users set to 50", "alice (uid 1000)"}};
  run.result.ceiling = report::CeilingFacts{.requests_per_second = 200'000, .shards = 2,
                                            .calibrated_at = "2026-11-21T20:11:31Z",
                                            .stale = {"kernel 6.1 then, 6.12 now"}};
  run.result.busiest_second = 2000;
  report::History history;
  history.summary = report::summary_json(run.result);
  history.plan_text = "name: villages\ntarget: http://127.0.0.1/?a=1&b=<2>\n";
  const stats::Snapshot none{run.schema};
  for (int second = 0; second < 10; ++second)
    history.frames.push_back(stats::frame_of(run.schema, second == 1 ? *run.total : none,
                                             second * 1s, (second + 1) * 1s));
  history.schema = std::make_unique<stats::Schema>(std::move(run.schema));
  return history;
}

// Half of the series are trends with five samples a second, half counters.
report::History long_history() {
  report::History history = sample_history();
  history.frames.clear();
  stats::Schema& schema = *history.schema;
  std::vector<std::uint32_t> trends, counters;
  for (int i = 0; i < 100; ++i) {
    const stats::Tags tags{{"scenario", "long"}, {"name", fmt::format("step {}", i)},
                           {"method", "GET"}};
    trends.push_back(schema.add("http_req_duration_corrected", tags));
    counters.push_back(schema.add("http_req_retries", tags));
  }
  stats::Snapshot now{schema};
  Rng rng{1};
  for (int second = 0; second < 8 * 3600; ++second) {
    for (const auto slot : trends)
      for (int i = 0; i < 5; ++i)
        now.recorder.trend(slot, Duration{static_cast<std::int64_t>(rng.below(1ULL << (20 + i)))});
    for (const auto slot : counters) now.recorder.count(slot, rng.below(10));
    history.frames.push_back(stats::frame_of(schema, now, second * 1s, (second + 1) * 1s));
    now.clear();
  }
  return history;
}

std::string compared_page() {
  Rng rng{1};
  const report::History before = test::run_of("20261120-1-shop", {}, rng);
  const report::History after = test::run_of("20261121-1-shop", {.orders = {.median_ms = 40}}, rng);
  const auto comparison = report::compare(before, after, {});
  if (!comparison) return {};
  return report::page_html(after, report::comparison_json(*comparison));
}

std::string of_input() {
  const std::string input{std::istreambuf_iterator<char>{std::cin}, {}};
  const Json data = Json::parse(input, nullptr, false);
  const auto part = [&](const char* name) {
    return data.is_object() && data.contains(name) ? data[name] : Json(nullptr);
  };
  const Json plan = part("plan");
  const std::string plan_text = plan.is_string() ? plan.get<std::string>() : "";
  return report::page_html({part("summary"), part("timeline"), part("comparison"), plan_text});
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  std::string made;
  if (what == "sample") made = report::page_html(sample_history());
  if (what == "long") made = report::page_html(long_history());
  if (what == "compared") made = compared_page();
  if (what == "page") made = of_input();
  if (what == "sample-json") {
    const report::History history = sample_history();
    made = report::json_line({{"summary", history.summary},
                              {"timeline", report::timeline_json(history)},
                              {"comparison", nullptr},
                              {"plan", history.plan_text}});
  }
  std::fwrite(made.data(), 1, made.size(), stdout);
  return made.empty() ? 2 : 0;
}
