#include "report/k6_summary.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "report/json_read.h"
#include "report/summary_parts.h"

namespace gend::report {
namespace {

bool has_samples(const Json& metric) {
  const Json& values = at(metric, "values");
  const std::string type = text(at(metric, "type"));
  if (type == "rate") return count(at(values, "passes")) + count(at(values, "fails")) > 0;
  if (type == "gauge") return true;
  return number(at(values, "count")) > 0;
}

Json values_of(const Json& metric) {
  const Json& values = at(metric, "values");
  const std::string type = text(at(metric, "type"));
  if (type == "gauge")
    return {{"value", number(at(values, "value"))},
            {"min", number(at(values, "min"))},
            {"max", number(at(values, "max"))}};
  if (type == "rate") {
    const auto hits = count(at(values, "passes"));
    return {{"rate", number(at(values, "rate"))},
            {"matches", hits},
            {"total", hits + count(at(values, "fails"))}};
  }
  if (type != "trend") return {{"count", number(at(values, "count"))}};
  Json trend = Json::object();
  for (const std::string key : {"avg", "min", "med", "max", "p(90)", "p(95)"})
    trend[key] = number(at(values, key));
  return trend;
}

Json metric_json(const std::string& name, const std::string& type, const std::string& contains,
                 Json values) {
  return {{"name", name}, {"type", type}, {"contains", contains}, {"values", std::move(values)}};
}

// k6 splits its checks into a counter and two rates.
Json check_metrics(std::uint64_t passes, std::uint64_t fails) {
  const std::uint64_t all = passes + fails;
  const auto rate = [&](std::uint64_t n) {
    return Json{{"rate", share(n, all)}, {"matches", n}, {"total", all}};
  };
  return Json::array({metric_json("checks_total", "counter", "default", {{"count", all}}),
                      metric_json("checks_failed", "rate", "default", rate(fails)),
                      metric_json("checks_succeeded", "rate", "default", rate(passes))});
}

Json checks_of(const Json& summary) {
  Json results = Json::array();
  std::uint64_t passes = 0, fails = 0;
  for (const Json& check : at(summary, {"root_group", "checks"})) {
    results.push_back({{"name", text(at(check, "name"))},
                       {"passes", count(at(check, "passes"))},
                       {"fails", count(at(check, "fails"))}});
    passes += count(at(check, "passes"));
    fails += count(at(check, "fails"));
  }
  Json checks{{"metrics", check_metrics(passes, fails)}};
  if (!results.empty()) checks["results"] = std::move(results);
  return checks;
}

}  // namespace

Json k6_summary_json(const Json& summary) {
  const Json& run = at(summary, "run");
  const double elapsed = std::max(number(at(run, "elapsed_s")), 0.0);
  // A damaged file must not give a year with five digits.
  constexpr double kYear9999 = 253'402'300'799'999;
  const double ended =
      std::clamp(number(at(run, "started_ms")) + elapsed * 1000, 0.0, kYear9999);
  Json metrics = Json::array();
  for (const auto& [name, metric] : at(summary, "metrics").items())
    if (name != "checks" && metric.is_object() && has_samples(metric))
      metrics.push_back(metric_json(name, text(at(metric, "type")), text(at(metric, "contains")),
                                    values_of(metric)));
  return {{"version", "1.0.0"},
          {"metadata",
           {{"generatedAt", wall_text(std::llround(ended))},
            {"k6Version", text(at(run, "version"))}}},
          {"config",
           {{"duration", elapsed}, {"execution", "local"}, {"script", text(at(run, "plan"))}}},
          {"results", {{"metrics", std::move(metrics)}, {"checks", checks_of(summary)}}}};
}

}  // namespace gend::report
