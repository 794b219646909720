// Latency: over the whole run and step by step.
#include <array>
#include <set>
#include <span>

#include <fmt/format.h>

#include "report/json_read.h"
#include "report/text_blocks.h"
#include "stats/words.h"

namespace gend::report {
namespace {

using stats::milliseconds_text;

constexpr std::string_view kOpenWords =
    "corrected counts from the moment the schedule wanted the request: what users who come "
    "whether or not the server keeps up have waited. service counts from the first byte sent.";
constexpr std::string_view kClosedWords =
    "service counts from the first byte sent. The plan is a closed model: its users wait for the "
    "server, so a slow server is asked less often and these figures flatter it.";

constexpr std::array<std::string_view, 7> kAll{"avg",   "min",   "med", "p(90)",
                                               "p(95)", "p(99)", "max"};
constexpr std::array<std::string_view, 5> kFew{"avg", "med", "p(95)", "p(99)", "max"};
constexpr std::size_t kLabel = 13, kNumber = 9;

std::span<const std::string_view> columns_for(std::size_t inner) {
  if (inner >= kLabel + kNumber * kAll.size()) return kAll;
  return kFew;
}

void write_trend(Page& page, std::string_view label, const Json& metric, bool leads) {
  const Json& values = at(metric, "values");
  if (count(at(values, "count")) == 0) return;
  std::string row = left(label, kLabel);
  for (const auto column : columns_for(page.inner()))
    row += right(milliseconds_text(number(at(values, column))), kNumber);
  page.line(leads ? page.paint(row, Paint::kStrong) : row);
}

std::string ends_of(const Json& step) {
  std::string ends;
  const auto add = [&](const std::string& name, const Json& n) {
    ends += fmt::format("{}{} ×{}", ends.empty() ? "" : "  ", escaped(name),
                        stats::grouped(count(n)));
  };
  for (const auto& [status, n] : at(step, "statuses").items()) add(status, n);
  for (const auto& [name, n] : at(step, "errors").items())
    if (!name.starts_with("status.")) add(name, n);
  if (const Json& retries = at(step, "retries"); count(retries) > 0) add("tried again", retries);
  return ends;
}

// A step that always answered 200 needs no second line.
bool has_interesting_ends(const Json& step) {
  return !at(step, "errors").empty() || at(step, "statuses").size() > 1 ||
         count(at(step, "retries")) > 0;
}

constexpr std::size_t kMethod = 8;
constexpr std::array<std::string_view, 6> kStepColumns{"count", "rate",  "failed",
                                                       "p(50)", "p(95)", "p(99)"};
constexpr std::size_t kStepNumber = 8;

std::size_t name_columns(const Page& page) {
  return page.inner() - kMethod - kStepNumber * kStepColumns.size();
}

void write_step(Page& page, const Json& step, std::string_view latency) {
  const Json& trend = at(step, latency);
  const double failed = number(at(step, "failed_rate"));
  const std::size_t width = name_columns(page);
  const auto cell = [&](std::string_view key, std::size_t columns) {
    return left(shortened(escaped(text(at(step, key))), columns - 1), columns);
  };
  const std::string label = cell("method", kMethod) + cell("name", width);
  const std::uint64_t requests = count(at(step, "count"));
  std::string row = right(requests < 100'000 ? stats::grouped(requests)
                                             : stats::count_text(static_cast<double>(requests)),
                          kStepNumber) +
                    right(rate_text(number(at(step, "rate"))), kStepNumber);
  const std::string share = right(percent_text(failed), kStepNumber);
  row += failed > 0 ? page.paint(share, Paint::kBad) : share;
  const bool measured = count(at(trend, "count")) > 0;
  for (const auto column : {"med", "p(95)", "p(99)"})
    row += right(measured ? milliseconds_text(number(at(trend, column))) : "-", kStepNumber);
  page.line(label + row);
  if (has_interesting_ends(step))
    page.line(page.paint(std::string(kMethod, ' ') +
                             wrapped(ends_of(step), page.inner() - kMethod, kIndent + kMethod),
                         Paint::kFaint));
}

}  // namespace

void write_latency(Page& page, const Json& summary) {
  const Json& metrics = at(summary, "metrics");
  const Json& service = at(metrics, "http_req_duration");
  const Json& corrected = at(metrics, "http_req_duration_corrected");
  const auto samples = [](const Json& metric) { return count(at(metric, {"values", "count"})); };
  if (samples(service) == 0 && samples(corrected) == 0) return;
  const bool open = truth(at(summary, {"run", "open_model"}));
  page.heading("LATENCY");
  std::string head(kLabel, ' ');
  for (const auto column : columns_for(page.inner())) head += right(column, kNumber);
  page.line(page.paint(head, Paint::kFaint));
  if (open) {
    write_trend(page, "corrected", corrected, true);
    write_trend(page, "service", service, false);
  } else {
    write_trend(page, "service", service, true);
    write_trend(page, "corrected", corrected, false);
  }
  const std::string_view shown = open ? "http_req_duration_corrected" : "http_req_duration";
  const Json& successes = at(metrics, std::string{shown} + "{expected_response:true}");
  if (samples(successes) != samples(open ? corrected : service))
    write_trend(page, "of successes", successes, false);
  page.prose(open ? kOpenWords : kClosedWords, Paint::kFaint);
}

void write_steps(Page& page, const Json& summary) {
  const Json& steps = at(summary, "http");
  if (!steps.is_array() || steps.empty()) return;
  const bool open = truth(at(summary, {"run", "open_model"}));
  const std::string_view latency = open ? "corrected" : "service";
  page.heading("STEPS", fmt::format("latency: {}", latency));
  std::string head(kMethod + name_columns(page), ' ');
  for (const auto column : kStepColumns) head += right(column, kStepNumber);
  page.line(page.paint(head, Paint::kFaint));
  std::set<std::string> scenarios;
  for (const auto& step : steps) scenarios.insert(text(at(step, "scenario")));
  std::string scenario;
  for (const auto& step : steps) {
    if (scenarios.size() > 1 && text(at(step, "scenario")) != scenario) {
      scenario = text(at(step, "scenario"));
      page.line(page.paint(shortened(escaped(scenario), page.inner()), Paint::kStrong));
    }
    write_step(page, step, latency);
  }
}

}  // namespace gend::report
