#include "report/text_blocks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "report/json_read.h"
#include "report/verdict_words.h"
#include "stats/schema.h"
#include "stats/words.h"

namespace gend::report {
namespace {

using stats::counted;
using stats::grouped;
using stats::milliseconds_text;

using Columns = std::span<const std::string_view>;

// What fits beside the dots.
Columns columns_for(std::size_t width) {
  static constexpr std::array<std::string_view, 5> kAll{"avg", "med", "p(95)", "p(99)", "max"};
  static constexpr std::array<std::string_view, 3> kFew{"med", "p(95)", "max"};
  return width >= 102 ? Columns{kAll} : Columns{kFew};
}

std::string trend_text(const Json& values, bool time, Columns columns) {
  std::string line;
  for (const auto column : columns) {
    const double value = number(at(values, column));
    line += fmt::format("{}={}", column,
                        left(time ? milliseconds_text(value) : stats::count_text(value), 9));
  }
  return line.substr(0, line.find_last_not_of(' ') + 1);
}

std::string value_text(const Json& metric, Columns columns) {
  const Json& values = at(metric, "values");
  const std::string type = text(at(metric, "type")), contains = text(at(metric, "contains"));
  if (type == "trend") return trend_text(values, contains == "time", columns);
  if (type == "rate") {
    const auto hits = count(at(values, "passes")), misses = count(at(values, "fails"));
    return fmt::format("{}  {} out of {}", left(percent_text(number(at(values, "rate"))), 12),
                       grouped(hits), grouped(hits + misses));
  }
  const auto level = [&](std::string_view key) {
    const double value = number(at(values, key));
    if (contains == "data") return stats::bytes_text(value);
    // A plan's own metrics have fractions and signs.
    if (value < 0) return "-" + stats::count_text(-value);
    return value == std::floor(value) ? grouped(count(at(values, key))) : stats::count_text(value);
  };
  if (type == "gauge")
    return fmt::format("{}  min={} max={}", left(level("value"), 12), level("min"), level("max"));
  const double rate = number(at(values, "rate"));
  return fmt::format("{}  {}", left(level("count"), 12),
                     contains == "data" ? stats::bytes_text(rate) + "/s" : rate_text(rate));
}

bool has_values(const Json& metric) {
  // Times that were all nothing (connections that were there already) say nothing.
  if (text(at(metric, "contains")) == "time" && text(at(metric, "type")) == "trend")
    return number(at(metric, {"values", "max"})) > 0;
  for (const auto key : {"count", "passes", "fails", "max"})
    if (number(at(metric, {"values", key})) > 0) return true;
  return false;
}

// Told elsewhere on the page, and better.
bool is_told_elsewhere(const Json& summary, std::string_view name) {
  const bool of_session = name.starts_with("ws_") || name.starts_with("sio_");
  if (of_session) return !at(summary, "sessions").empty();
  if (name.starts_with("delivery_")) return !at(summary, "delivery").empty();
  return name.starts_with("http_req_duration") || name.starts_with("gen_") ||
         name.starts_with(stats::kHostPrefix) || name.starts_with(stats::kObservePrefix) ||
         name.starts_with("tls_") || name == "picks" || name == "group_duration" ||
         name == "failed_iterations" || name == "captures_missed";
}

// What one system call of the generator's served.
std::string_view operation_words(const Json& summary) {
  const bool requests = count(at(summary, {"metrics", "http_reqs", "values", "count"})) > 0;
  const bool messages = count(at(summary, {"generator", "messages"})) > 0;
  if (!messages) return "system calls per request";
  return requests ? "calls per request or message" : "system calls per message";
}

// Made by `metric` steps of the plan.
bool is_of_plan(std::string_view name) {
  return stats::find_metric(name) == nullptr && !name.starts_with(stats::kObservePrefix);
}

// One metric with its sub-metrics below it.
void write_metric(Page& page, const Json& metrics, const std::string& name, Columns columns) {
  if (has_values(metrics[name])) page.dotted(escaped(name), value_text(metrics[name], columns));
  for (const auto& [sub, values] : metrics.items())
    if (sub.starts_with(name + "{") && has_values(values))
      page.dotted("  " + escaped(sub.substr(name.size())), value_text(values, columns));
}

std::string work_words(const Json& work) {
  std::string words = fmt::format("{} planned, {} started, {} completed",
                                  grouped(count(at(work, "planned"))),
                                  grouped(count(at(work, "started"))),
                                  grouped(count(at(work, "completed"))));
  const auto add = [&](std::string_view key, std::string_view meaning) {
    const auto n = count(at(work, key));
    if (n > 0) words += fmt::format(", {} {}", grouped(n), meaning);
  };
  add("dropped", "dropped");
  add("interrupted", "interrupted");
  add("under_way", "under way");
  add("waiting", "waiting for a user");
  add("unaccounted", "unaccounted for");
  return words;
}

void write_reasons(Page& page, const Json& work) {
  const auto reason = [&](std::uint64_t n, std::string_view words) {
    if (n > 0) page.prose(fmt::format("{} {}", grouped(n), words), 2);
  };
  reason(count(at(work, {"dropped_reasons", "no_user"})),
         "dropped: every user was busy until the scenario ended (the plan's maxVUs)");
  reason(count(at(work, {"dropped_reasons", "stopped"})),
         "dropped: due before the run was stopped, not begun any more");
  reason(count(at(work, {"dropped_reasons", "no_time"})),
         "dropped: the plan's iterations that maxDuration left no time for");
  reason(count(at(work, "interrupted")), "interrupted: begun, cut off by the end of the run");
  reason(count(at(work, "unaccounted")),
         "without a reason: an error of gend itself, please report it");
}

void write_findings(Page& page, const Json& generator) {
  for (const auto& finding : at(generator, "findings")) {
    const std::string severity = text(at(finding, "severity"));
    const Paint paint = severity == "SATURATED" ? Paint::kBad : Paint::kWarning;
    page.line(page.paint("!", paint) + " " +
              wrapped(escaped(text(at(finding, "words"))), page.inner() - 2, kIndent + 2));
  }
  for (const auto& warning : at(generator, "warnings"))
    page.line(page.paint("!", Paint::kWarning) + " " +
              wrapped(escaped(text(warning)), page.inner() - 2, kIndent + 2));
}

}  // namespace

void write_times(Page& page, std::string_view label, const Json& values) {
  if (count(at(values, "count")) == 0) return;
  page.dotted(label, trend_text(values, true, columns_for(page.width())));
}

void write_totals(Page& page, const Json& summary) {
  const Json& metrics = at(summary, "metrics");
  if (!metrics.is_object() || metrics.empty()) return;
  page.heading("TOTALS");
  const Columns columns = columns_for(page.width());
  for (const auto& item : metrics.items()) {
    const std::string& name = item.key();
    if (name.find('{') == std::string::npos && !is_told_elsewhere(summary, name) &&
        !is_of_plan(name))
      write_metric(page, metrics, name, columns);
  }
}

void write_custom(Page& page, const Json& summary) {
  const Json& metrics = at(summary, "metrics");
  bool any = false;
  for (const auto& [name, metric] : metrics.items()) {
    if (name.find('{') != std::string::npos || !is_of_plan(name) || !has_values(metric)) continue;
    if (!std::exchange(any, true)) page.heading("METRICS OF THE PLAN");
    write_metric(page, metrics, name, columns_for(page.width()));
  }
}

void write_checks(Page& page, const Json& summary) {
  const Json& checks = at(summary, {"root_group", "checks"});
  if (!checks.is_array() || checks.empty()) return;
  page.heading("CHECKS");
  for (const auto& check : checks) {
    const auto passes = count(at(check, "passes")), fails = count(at(check, "fails"));
    const std::size_t place = page.inner() - 32;
    const std::string name = left(shortened(escaped(text(at(check, "name"))), place), place);
    if (passes + fails == 0) {
      page.line(fmt::format("- {}  never reached", name));
      continue;
    }
    const double share = static_cast<double>(passes) / static_cast<double>(passes + fails);
    const std::string told =
        fails == 0 ? grouped(passes)
                   : fmt::format("{}  {} failed", percent_text(share), grouped(fails));
    page.line(fmt::format("{} {}  {}", page.mark(fails == 0), name,
                          fails == 0 ? told : page.paint(told, Paint::kBad)));
  }
}

void write_errors(Page& page, const Json& summary) {
  const Json& errors = at(summary, "errors");
  if (!errors.is_object() || errors.empty()) return;
  page.heading("ERRORS");
  std::size_t width = 0;
  for (const auto& [name, error] : errors.items())
    width = std::max(width, std::min<std::size_t>(columns_of(escaped(name)), 30));
  const std::size_t taken = 9 + 2 + width + 2;
  for (const auto& [name, error] : errors.items())
    page.line(fmt::format("{}  {}  {}", right(grouped(count(at(error, "count"))), 9),
                          page.paint(left(shortened(escaped(name), width), width), Paint::kBad),
                          wrapped(error_words(error), page.inner() - taken, kIndent + taken)));
}

void write_work(Page& page, const Json& summary) {
  const Json& work = at(summary, {"run", "work"});
  if (!work.is_object()) return;
  page.heading("WORK", "iterations as the plan wanted them and as they went");
  page.prose(work_words(work), 2);
  write_reasons(page, work);
  const Json& scenarios = at(summary, {"run", "scenarios"});
  if (!scenarios.is_array() || scenarios.size() < 2) return;
  for (const auto& scenario : scenarios)
    page.prose(fmt::format("{} ({}): {}", escaped(text(at(scenario, "name"))),
                           escaped(text(at(scenario, "executor"))), work_words(scenario)),
               2);
}

void write_generator(Page& page, const Json& summary) {
  const Json& generator = at(summary, "generator");
  const std::string verdict = text(at(generator, "verdict"));
  page.heading("GENERATOR", escaped(verdict));
  write_findings(page, generator);
  if (verdict == "CLEAN")
    page.prose("It kept to its schedule: the numbers above are the server's, not its own.", 2);
  const Json& lag = at(generator, "lag_ms");
  const auto ms = [](const Json& value) { return milliseconds_text(number(value)); };
  if (count(at(lag, "count")) > 0)
    page.dotted("behind schedule", fmt::format("p(99)={} p(99.9)={} max={}", ms(at(lag, "p99")),
                                               ms(at(lag, "p999")), ms(at(lag, "max"))));
  const Json& cpu = at(generator, "cpu");
  page.dotted("busiest shard", fmt::format("{:.0f}% (shard {} of {}), {:.0f}% on average",
                                           number(at(cpu, "busiest_percent")),
                                           count(at(cpu, "busiest_shard")),
                                           count(at(generator, "shards")),
                                           number(at(cpu, "average_percent"))));
  const CeilingWords ceiling = ceiling_words(generator);
  if (!ceiling.share.empty()) page.dotted("share of its ceiling", escaped(ceiling.share));
  if (!ceiling.doubt.empty())
    page.line(page.paint("!", Paint::kWarning) + " " +
              wrapped("the ceiling is " + escaped(ceiling.doubt), page.inner() - 2, kIndent + 2));
  const Json& calls = at(generator, "syscalls_per_operation");
  page.dotted(operation_words(summary),
              fmt::format("{:.2f}", number(calls.is_number()
                                               ? calls
                                               : at(generator, "syscalls_per_request"))));
  page.dotted("memory", stats::bytes_text(number(at(generator, "memory_bytes"))));
  page.dotted("longest stall", ms(at(generator, "longest_stall_ms")));
  for (const auto& [label, key] : {std::pair{"host", "host"}, {"ring", "ring"}})
    if (const auto words = escaped(text(at(generator, key))); !words.empty())
      page.dotted(label, shortened(words, page.width() > 40 ? page.width() - 40 : 20));
}

}  // namespace gend::report
