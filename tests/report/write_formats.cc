// Writes a known run in every format into a folder, for readers that are not ours, and what they
// must find there as truth.json.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>

#include "report/format_run.h"
#include "report/hdr_log.h"
#include "report/intervals_csv.h"
#include "report/junit.h"
#include "report/k6_summary.h"
#include "report/markdown.h"
#include "report/summary_json.h"

using namespace gend;
using Json = nlohmann::ordered_json;

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string folder = argv[1];
  const auto write = [&](const char* name, const std::string& text) {
    std::ofstream{folder + "/" + name, std::ios::binary} << text;
  };
  const test::FormatRun run;
  const report::History& history = run.history;
  const stats::Selector one{"http_req_duration", {{"name", "plain"}}};
  write("report.md", report::summary_markdown(history.summary));
  write("junit.xml", report::junit_xml(history.summary));
  write("k6.json", report::json_text(report::k6_summary_json(history.summary)));
  write("summary.json", report::json_text(history.summary));
  write("seconds.csv", report::intervals_csv(history, std::chrono::seconds{1}));
  write("pairs.csv", report::intervals_csv(history, std::chrono::seconds{2}));
  write("all.hlog", report::hdr_log(history, std::chrono::seconds{1}, nullptr).value());
  write("one.hlog", report::hdr_log(history, std::chrono::seconds{5}, &one).value());
  write("main.hgrm", report::hdr_percentiles(history, nullptr).value());

  Json recorded = Json::array();
  for (const auto& each : run.recorded)
    recorded.push_back(
        {{"metric", each.metric}, {"second", each.second}, {"values", each.values}});
  write("truth.json", report::json_text({{"recorded", std::move(recorded)},
                                         {"names", test::hostile_names()},
                                         {"requests", run.requests},
                                         {"failed", run.failed}}));
  return 0;
}
