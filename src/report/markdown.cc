#include "report/markdown.h"

#include <array>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "report/json_read.h"
#include "report/markdown_text.h"
#include "report/text_page.h"
#include "report/verdict_words.h"
#include "stats/schema.h"
#include "stats/words.h"

namespace gend::report {
namespace {

using stats::counted;
using stats::grouped;
using stats::milliseconds_text;
using Column = MarkdownTable::Column;
constexpr auto kWords = MarkdownTable::Align::kLeft;

// Rows of one table.
constexpr std::size_t kRows = 50;

std::string mark(bool good) { return good ? "✓" : "✗"; }

std::string name_in(const Json& json, std::string_view key) {
  return code_span(text(at(json, key)));
}

// A table below its heading, with what it leaves out; nothing when it has no rows.
void add_table(std::string& out, std::string_view heading, MarkdownTable table, std::size_t all) {
  if (table.rows() == 0) return;
  const std::size_t left_out = all - table.rows();
  out += fmt::format("\n### {}\n\n{}", heading, table.take());
  if (left_out > 0)
    out += fmt::format("\n{} not shown; the JSON summary has them.\n", counted(left_out, "row"));
}

// ---- the head -----------------------------------------------------------------------------------

// Requests, or sessions and messages where there were no requests.
std::string load_words(const Json& summary) {
  const Json& metrics = at(summary, "metrics");
  const auto of = [&](std::string_view metric) {
    return count(at(metrics, {metric, "values", "count"}));
  };
  std::string words;
  if (const auto requests = of("http_reqs"); requests > 0)
    words += fmt::format(" · {}, {} failed", counted(requests, "request"),
                         percent_text(number(at(metrics, {"http_req_failed", "values", "rate"}))));
  if (const auto sessions = of("ws_sessions"); sessions > 0)
    words += fmt::format(" · {}, {} out, {} in", counted(sessions, "session"),
                         counted(of("ws_msgs_sent"), "message"), grouped(of("ws_msgs_received")));
  return words;
}

void add_warnings(std::string& out, const Json& summary) {
  const Json& run = at(summary, "run");
  std::vector<std::string> lines;
  const double time = number(at(run, "time_scale")), load = number(at(run, "load_scale"));
  if (time != 1 && time > 0) lines.push_back(fmt::format("every duration scaled by {:g}", time));
  if (load != 1 && load > 0)
    lines.push_back(fmt::format("every count and rate scaled by {:g}", load));
  if (const std::string segment = text(at(run, "segment")); !segment.empty())
    lines.push_back(fmt::format("part {} of the load", code_span(segment)));
  if (truth(at(run, "insecure"))) lines.push_back("certificates of the target were not verified");
  if (text(at(summary, {"generator", "verdict"})) == "SATURATED")
    lines.push_back("**The generator was the limit**: these numbers describe it at least as much "
                    "as they describe the server.");
  if (const Json& balanced = at(summary, {"delivery", "totals", "balanced"});
      balanced.is_boolean() && !truth(balanced))
    lines.push_back("**The books of the rooms do not balance**: an error of gend itself. Do not "
                    "trust the counts of deliveries, and please report it.");
  for (const Json& finding : at(summary, {"generator", "findings"}))
    lines.push_back(markdown_words(text(at(finding, "words"))));
  for (const Json& note : at(run, "notes")) lines.push_back("note: " + markdown_words(text(note)));
  for (std::size_t i = 0; i < lines.size(); ++i)
    out += fmt::format("{}> {}\n", i == 0 ? "\n" : ">\n", lines[i]);
}

void add_head(std::string& out, const Json& summary) {
  const Json& run = at(summary, "run");
  const std::string reason = text(at(run, "end_reason"));
  const std::string verdict = text(at(summary, {"generator", "verdict"}));
  out += fmt::format("## {} {}\n\n{} · generator {} · {} after {} of {}{}\n", tone_of(run).words,
                     name_in(run, "name"), thresholds_words(count_thresholds(summary)),
                     markdown_words(verdict.empty() ? "unknown" : verdict),
                     markdown_words(reason.empty() ? text(at(run, "state")) : reason),
                     milliseconds_text(number(at(run, "elapsed_s")) * 1000),
                     milliseconds_text(number(at(run, "planned_s")) * 1000), load_words(summary));
  out += fmt::format("\nrun {} · plan {} · seed {} · began {} · gend {}\n", name_in(run, "id"),
                     name_in(run, "plan"), count(at(run, "seed")), name_in(run, "started"),
                     name_in(run, "version"));
  add_warnings(out, summary);
}

// ---- the tables ---------------------------------------------------------------------------------

void add_thresholds(std::string& out, const Json& summary) {
  MarkdownTable table{{{"", kWords}, {"metric", kWords}, {"threshold", kWords}, {"measured"}}};
  std::size_t all = 0;
  // Those that failed first: they are what somebody looks for.
  for (const bool ok : {false, true})
    for (const auto& [name, metric] : at(summary, "metrics").items())
      for (const auto& [source, threshold] : at(metric, "thresholds").items()) {
        if (truth(at(threshold, "ok")) != ok) continue;
        if (++all > kRows) continue;
        table.row({mark(ok), code_span(name), code_span(source),
                   measured_words(source, metric, threshold)});
      }
  add_table(out, "Thresholds", std::move(table), all);
}

constexpr std::array<std::string_view, 6> kTimes{"avg", "med", "p(90)", "p(95)", "p(99)", "max"};

void add_trend(MarkdownTable& table, std::string label, const Json& values) {
  if (count(at(values, "count")) == 0) return;
  std::vector<std::string> row{std::move(label), grouped(count(at(values, "count")))};
  for (const auto each : kTimes) row.push_back(milliseconds_text(number(at(values, each))));
  table.row(row);
}

void add_latency(std::string& out, const Json& summary) {
  MarkdownTable table{{{"latency", kWords}, {"samples"}, {"avg"}, {"med"}, {"p(90)"}, {"p(95)"},
                       {"p(99)"}, {"max"}}};
  const Json& metrics = at(summary, "metrics");
  const auto add = [&](std::string_view label, std::string_view metric) {
    add_trend(table, std::string{label}, at(metrics, {metric, "values"}));
  };
  const bool open = truth(at(summary, {"run", "open_model"}));
  if (open) add("corrected (from the intended moment)", "http_req_duration_corrected");
  add("service", "http_req_duration");
  if (!open) add("corrected (from the intended moment)", "http_req_duration_corrected");
  add("answers to messages", "ws_msg_duration");
  add("acknowledgements", "sio_ack");
  add("deliveries", "delivery_latency");
  const std::size_t all = table.rows();
  add_table(out, "Latency", std::move(table), all);
}

void add_checks(std::string& out, const Json& summary) {
  MarkdownTable table{{{"", kWords}, {"check", kWords}, {"passed"}, {"failed"}}};
  const Json& checks = at(summary, {"root_group", "checks"});
  for (const Json& check : checks) {
    if (table.rows() == kRows) break;
    const auto passes = count(at(check, "passes")), fails = count(at(check, "fails"));
    table.row({passes + fails == 0 ? "-" : mark(fails == 0), name_in(check, "name"),
               grouped(passes), grouped(fails)});
  }
  add_table(out, "Checks", std::move(table), checks.size());
}

void add_steps(std::string& out, const Json& summary) {
  const bool open = truth(at(summary, {"run", "open_model"}));
  const std::string_view latency = open ? "corrected" : "service";
  MarkdownTable table{{{"scenario", kWords}, {"step", kWords}, {"requests"}, {"per second"},
                       {"failed"}, {"med"}, {"p(95)"}, {"p(99)"}}};
  const Json& steps = at(summary, "http");
  for (const Json& step : steps) {
    if (table.rows() == kRows) break;
    std::vector<std::string> row{
        name_in(step, "scenario"),
        code_span(text(at(step, "method")) + " " + text(at(step, "name"))),
        grouped(count(at(step, "count"))), rate_text(number(at(step, "rate"))),
        percent_text(number(at(step, "failed_rate")))};
    const bool measured = count(at(step, {latency, "count"})) > 0;
    for (const auto each : {"med", "p(95)", "p(99)"})
      row.push_back(measured ? milliseconds_text(number(at(step, {latency, each}))) : "-");
    table.row(row);
  }
  add_table(out, fmt::format("Steps (latency: {})", latency), std::move(table), steps.size());
}

void add_sessions(std::string& out, const Json& summary) {
  MarkdownTable table{{{"scenario", kWords}, {"session", kWords}, {"opened"}, {"refused"},
                       {"ended early"}, {"reconnects"}, {"out"}, {"in"}, {"connecting p(95)"}}};
  const Json& sessions = at(summary, "sessions");
  for (const Json& session : sessions) {
    if (table.rows() == kRows) break;
    std::vector<std::string> row{name_in(session, "scenario"), name_in(session, "name")};
    for (const auto key : {"opened", "connect_failed", "ended_early", "reconnects",
                           "messages_sent", "messages_received"})
      row.push_back(grouped(count(at(session, key))));
    row.push_back(count(at(session, {"connecting", "count"})) == 0
                      ? "-"
                      : milliseconds_text(number(at(session, {"connecting", "p(95)"}))));
    table.row(row);
  }
  add_table(out, "Sessions", std::move(table), sessions.size());
}

void add_deliveries(std::string& out, const Json& summary) {
  const Json& totals = at(summary, {"delivery", "totals"});
  if (!totals.is_object()) return;
  MarkdownTable table{{{"rooms"}, {"sent"}, {"expected"}, {"reach"}, {"lost"}, {"duplicated"},
                       {"reordered"}, {"late"}}};
  std::vector<std::string> row;
  for (const auto key : {"rooms", "sent", "expected"})
    row.push_back(grouped(count(at(totals, key))));
  row.push_back(percent_text(number(at(totals, "reach"))));
  for (const auto key : {"lost", "duplicated", "reordered", "late"})
    row.push_back(grouped(count(at(totals, key))));
  table.row(row);
  add_table(out, "Deliveries", std::move(table), 1);
}

void add_errors(std::string& out, const Json& summary) {
  MarkdownTable table{{{"error", kWords}, {"count"}, {"meaning", kWords}}};
  const Json& errors = at(summary, "errors");
  for (const auto& [name, error] : errors.items()) {
    if (table.rows() == kRows) break;
    table.row({code_span(name), grouped(count(at(error, "count"))),
               markdown_words(text(at(error, "sentence")))});
  }
  add_table(out, "Errors", std::move(table), errors.size());
}

// What the plan's own `metric` steps measured.
void add_custom(std::string& out, const Json& summary) {
  MarkdownTable table{{{"metric", kWords}, {"kind", kWords}, {"value"}, {"p(95)"}, {"max"}}};
  std::size_t all = 0;
  for (const auto& [name, metric] : at(summary, "metrics").items()) {
    if (name.find('{') != std::string::npos || stats::find_metric(name) != nullptr) continue;
    if (++all > kRows) continue;
    const std::string type = text(at(metric, "type"));
    const Json& values = at(metric, "values");
    const bool time = type == "trend" && text(at(metric, "contains")) == "time";
    const auto cell = [&](std::string_view key) -> std::string {
      if (!values.contains(key)) return "-";
      const double value = number(at(values, key));
      if (time) return milliseconds_text(value);
      if (type == "rate") return percent_text(value);
      return (value < 0 ? "-" : "") + stats::count_text(std::abs(value));
    };
    const std::string_view key = type == "trend" ? "med" : type == "rate" ? "rate"
                                 : type == "gauge" ? "value" : "count";
    table.row({code_span(name), markdown_words(type), cell(key), cell("p(95)"), cell("max")});
  }
  add_table(out, "The plan's own metrics", std::move(table), all);
}

void add_events(std::string& out, const Json& summary) {
  MarkdownTable table{{{"at"}, {"event", kWords}, {"by", kWords}}};
  const Json& events = at(summary, "events");
  for (const Json& event : events) {
    if (table.rows() == kRows) break;
    table.row({milliseconds_text(number(at(event, "at_s")) * 1000), name_in(event, "what"),
               name_in(event, "by")});
  }
  add_table(out, "Events", std::move(table), events.size());
}

void add_work(std::string& out, const Json& summary) {
  MarkdownTable table{{{"iterations", kWords}, {"planned"}, {"started"}, {"completed"},
                       {"dropped"}, {"interrupted"}}};
  const auto add = [&](std::string label, const Json& work) {
    std::vector<std::string> row{std::move(label)};
    for (const auto key : {"planned", "started", "completed", "dropped", "interrupted"})
      row.push_back(grouped(count(at(work, key))));
    table.row(row);
  };
  const Json& scenarios = at(summary, {"run", "scenarios"});
  for (const Json& scenario : scenarios)
    if (table.rows() < kRows) add(name_in(scenario, "name"), scenario);
  if (scenarios.size() != 1) add("all", at(summary, {"run", "work"}));
  const std::size_t all = table.rows();
  add_table(out, "Work", std::move(table), all);
}

void add_generator(std::string& out, const Json& summary) {
  const Json& generator = at(summary, "generator");
  const Json& lag = at(generator, "lag_ms");
  out += fmt::format("\n### Generator\n\nlag p(99) {} and at most {} · busiest thread {:.0f} % · "
                     "{} · {} · {}\n",
                     milliseconds_text(number(at(lag, "p99"))),
                     milliseconds_text(number(at(lag, "max"))),
                     number(at(generator, {"cpu", "busiest_percent"})),
                     counted(count(at(generator, "shards")), "thread"),
                     name_in(generator, "host"), name_in(generator, "ring"));
  const CeilingWords ceiling = ceiling_words(generator);
  if (!ceiling.share.empty())
    out += fmt::format("\nshare of its ceiling: {}\n", markdown_words(ceiling.share));
  if (!ceiling.doubt.empty()) out += "\n- the ceiling is " + markdown_words(ceiling.doubt) + "\n";
  for (const Json& warning : at(generator, "warnings"))
    out += "\n- " + markdown_words(text(warning));
  if (!at(generator, "warnings").empty()) out += "\n";
}

}  // namespace

std::string summary_markdown(const Json& summary) {
  std::string out;
  add_head(out, summary);
  add_thresholds(out, summary);
  add_latency(out, summary);
  add_checks(out, summary);
  add_steps(out, summary);
  add_sessions(out, summary);
  add_deliveries(out, summary);
  add_errors(out, summary);
  add_custom(out, summary);
  add_events(out, summary);
  add_work(out, summary);
  add_generator(out, summary);
  return out;
}

}  // namespace gend::report
