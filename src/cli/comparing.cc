#include "cli/comparing.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cli/run_source.h"
#include "plan/load.h"
#include "report/json_read.h"

namespace gend::cli {

namespace {

constexpr double kTolerancePercentMost = 1000;
constexpr const char* kAnyway = "--anyway compares them all the same, and says so";

std::optional<double> parse_percent(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  text.remove_suffix(1);
  double percent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (!whole || !(percent >= 0 && percent <= kTolerancePercentMost)) return std::nullopt;
  return percent / 100;
}

// The run to come, as far as it is known. Nothing when the plan has mistakes: the daemon names
// them.
std::optional<report::History> announced(const Options& options, const PlanFile& plan) {
  const auto& request = plan.request;
  const auto program = plan::compile(request.plan_name, request.plan_text, request.options);
  if (!program) return std::nullopt;
  report::History history;
  history.plan_text = (*program)->source_text;
  history.summary["run"] = {{"plan", (*program)->source_name},
                            {"vars", (*program)->vars},
                            {"time_scale", options.time_scale},
                            {"load_scale", options.load_scale}};
  if (options.segment != "1/1") history.summary["run"]["segment"] = options.segment;
  return history;
}

bool is_saturated(const report::History& history) {
  return report::text(report::at(history.summary, {"generator", "verdict"})) == "SATURATED";
}

}  // namespace

std::string add_tolerance(const std::string& text, report::CompareOptions& options) {
  const std::size_t equals = text.find('=');
  const auto share =
      parse_percent(equals == text.npos ? text : std::string_view{text}.substr(equals + 1));
  if (!share || equals == 0)
    return "\"" + text + "\" is no tolerance, expected one like 10% or http_req_duration=5%";
  if (equals == text.npos) options.tolerance = *share;
  else options.tolerances[text.substr(0, equals)] = *share;
  return {};
}

Error refusal_of(const report::Objections& objections, ExitCode code) {
  std::string words = "the runs cannot be compared:";
  for (const std::string& objection : objections) words += "\n  - " + objection;
  return {words, kAnyway, code};
}

Expected<report::History> load_baseline(const Options& options, const PlanFile& plan) {
  auto baseline = load_run(options, *options.baseline, Needs::kHistory);
  if (!baseline) {
    Error error = baseline.error();
    error.message = "--baseline: " + error.message;
    return std::unexpected{std::move(error)};
  }
  if (baseline->frames.empty())
    return std::unexpected{Error{fmt::format("--baseline {}: nothing was measured in it",
                                             *options.baseline),
                                 "take another run: genctl runs", ExitCode::kUsage}};
  const auto coming = announced(options, plan);
  if (!coming) return baseline;
  auto objections = report::objections_to_plan(*baseline, *coming);
  if (is_saturated(*baseline))
    objections.push_back("it is SATURATED: the generator was the limit");
  if (objections.empty() || options.comparing.anyway == report::Anyway::kYes) return baseline;
  Error error = refusal_of(objections, ExitCode::kUsage);
  error.message = "--baseline " + *options.baseline + ": " + error.message;
  return std::unexpected{std::move(error)};
}

int exit_code_of(const report::Comparison& comparison) {
  return std::to_underlying(comparison.overall == report::Change::kWorse
                                ? ExitCode::kThresholdsFailed
                                : ExitCode::kPass);
}

Expected<report::Comparison> compare_with(const report::History& baseline,
                                          const report::History& run,
                                          const report::CompareOptions& options) {
  auto compared = report::compare(baseline, run, options);
  if (compared) return *std::move(compared);
  const bool saturated = is_saturated(run) || is_saturated(baseline);
  return std::unexpected{refusal_of(
      compared.error(), saturated ? ExitCode::kGeneratorSaturated : ExitCode::kUsage)};
}

}  // namespace gend::cli
