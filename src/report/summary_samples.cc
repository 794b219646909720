#include <string>

#include "report/mask.h"
#include "report/summary_parts.h"
#include "stats/samples.h"

namespace gend::report {
namespace {

using Json = nlohmann::ordered_json;

double ms(Duration d) { return static_cast<double>(d.count()) / 1e6; }

template <std::size_t kMost>
std::string shown(const RunResult& result, const stats::ShortText<kMost>& text) {
  return masked(text.view(), result.secrets, text.cut ? Ends::kCutOff : Ends::kWhole);
}

Json sample_json(const RunResult& result, const stats::Sample& sample) {
  static const RequestFacts kUnknown;
  const RequestFacts& request =
      sample.request < result.requests.size() ? result.requests[sample.request] : kUnknown;
  static const ScenarioFacts kNowhere;
  const ScenarioFacts& scenario = sample.scenario < result.scenarios.size()
                                      ? result.scenarios[sample.scenario]
                                      : kNowhere;
  const std::size_t key = stats::Tally::key(sample.outcome, sample.status);
  Json json{{"at_s", to_seconds(sample.at)},
            {"scenario", scenario.name},
            {"name", request.name},
            {"method", request.method},
            {"request", shown(result, sample.target)},
            {"status", sample.status},
            {"error", stats::error_name_of_key(key)},
            {"attempt", sample.attempt},
            {"user", sample.user},
            {"iteration", sample.iteration},
            {"ranked_by", scenario.open_model ? "corrected" : "service"},
            {"service_ms", ms(sample.service)},
            {"corrected_ms", ms(sample.response)},
            {"blocked_ms", ms(sample.blocked)},
            {"connecting_ms", ms(sample.connecting)},
            {"tls_ms", ms(sample.tls)},
            {"sending_ms", ms(sample.sending)},
            {"waiting_ms", ms(sample.waiting)},
            {"receiving_ms", ms(sample.receiving)},
            {"request_id", shown(result, sample.request_id)},
            {"traceparent", shown(result, sample.traceparent)},
            {"body", shown(result, sample.body)},
            {"body_cut", sample.body.cut}};
  if (sample.failed_check >= 0 &&
      static_cast<std::size_t>(sample.failed_check) < request.checks.size())
    json["failed_check"] = request.checks[static_cast<std::size_t>(sample.failed_check)];
  return json;
}

}  // namespace

Json samples_json(const RunResult& result) {
  const stats::Samples& samples = result.total->samples;
  Json slow = Json::array(), failed = Json::array();
  for (std::size_t i = 0; i < samples.slow_count(); ++i)
    slow.push_back(sample_json(result, samples.slow(i)));
  for (std::size_t i = 0; i < samples.failed_count(); ++i)
    failed.push_back(sample_json(result, samples.failed(i)));
  return {{"slow", std::move(slow)},
          {"failed", std::move(failed)},
          {"failed_seen", samples.failed_seen()}};
}

}  // namespace gend::report
