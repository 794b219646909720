#include "cli/simulation_text.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "plan/picture.h"
#include "plan/units.h"
#include "report/json_read.h"
#include "report/text_page.h"
#include "stats/words.h"

namespace gend::cli {

namespace {

using report::at;
using report::count;
using report::Json;
using report::number;
using report::Page;
using report::Paint;
using report::text;
using stats::counted;
using stats::grouped;

std::string name_in(const Json& json, std::string_view key = "name") {
  return report::escaped(text(at(json, key)));
}

// Moments of the run: whole milliseconds in its first minutes, then whole seconds.
std::string moment(double seconds) {
  if (seconds > 100) seconds = std::round(seconds);
  const auto ms = static_cast<std::int64_t>(std::llround(seconds * 1e3));
  return plan::show_duration(std::chrono::milliseconds{ms});
}

std::string latency(const Json& ms) {
  return number(ms) > 0 ? stats::milliseconds_text(number(ms)) : "-";
}

// Small numbers keep a decimal, so that a tenth of a user shows.
std::string level(double value) {
  const double tenths = std::round(value * 10);
  if (value < 100 && std::fmod(tenths, 10) != 0) return fmt::format("{:.1f}", tenths / 10);
  return grouped(static_cast<std::uint64_t>(std::llround(value)));
}

// ---- what it is ---------------------------------------------------------------------------------

void write_head(Page& page, const Json& simulation) {
  page.heading("SIMULATED", fmt::format("{} · {} of virtual time in rows of {} · seed {}",
                                        name_in(simulation),
                                        moment(number(at(simulation, "length_s"))),
                                        moment(number(at(simulation, "row_s"))),
                                        count(at(simulation, "seed"))));
  page.prose("Nothing was sent: no name was resolved and no connection made. In the target's place "
             "stands a model: " + text(at(simulation, {"model", "words"})) + ".");
  if (text(at(simulation, "segment")) != "1/1")
    page.prose("Part " + name_in(simulation, "segment") + " of the load.");
  const std::string end = name_in(simulation, "end");
  if (end != "finished")
    page.line(page.paint("! ", Paint::kWarning) +
              fmt::format("{} after {}", end, moment(number(at(simulation, "length_s")))));
}

// The sum of one column over all scenarios, one value a column of the picture.
std::vector<double> columns_of(const Json& simulation, std::string_view key) {
  const double length = number(at(simulation, "length_s"));
  std::vector<double> columns(plan::kPictureColumns);
  for (std::size_t i = 0; i < columns.size() && length > 0; ++i) {
    const double moment = (static_cast<double>(i) + 0.5) / static_cast<double>(columns.size()) *
                          length;
    for (const Json& scenario : at(simulation, "scenarios"))
      for (const Json& row : at(scenario, "rows"))
        if (number(at(row, "from_s")) <= moment && moment < number(at(row, "to_s")))
          columns[i] += number(at(row, key));
  }
  return columns;
}

void write_picture(Page& page, const Json& simulation, std::string_view key,
                   std::string_view unit) {
  const double ms = number(at(simulation, "length_s")) * 1e3;
  const Duration length = std::chrono::milliseconds{std::llround(ms)};
  const std::string drawn = plan::draw(columns_of(simulation, key), length, unit);
  for (std::size_t from = 0; from < drawn.size();) {
    const std::size_t end = drawn.find('\n', from);
    page.line(std::string_view{drawn}.substr(from, end - from));
    from = end + 1;
  }
}

// ---- one scenario over time ---------------------------------------------------------------------

struct Column {
  std::string_view title;
  std::size_t width;
  std::string (*cell)(const Json& row);
};

constexpr Column kColumns[] = {
    {"users", 7, [](const Json& row) { return level(number(at(row, "users"))); }},
    {"begun/s", 8, [](const Json& row) { return level(number(at(row, "started_per_s"))); }},
    {"req/s", 8, [](const Json& row) { return level(number(at(row, "requests_per_s"))); }},
    {"in flight", 10, [](const Json& row) { return level(number(at(row, "in_flight"))); }},
    {"p50", 8, [](const Json& row) { return latency(at(row, "p50_ms")); }},
    {"p99", 8, [](const Json& row) { return latency(at(row, "p99_ms")); }},
    {"received/s", 11,
     [](const Json& row) { return stats::bytes_text(number(at(row, "received_per_s"))); }},
};
// Only where there is something to tell.
constexpr Column kTroubles[] = {
    {"failed", 8, [](const Json& row) { return grouped(count(at(row, "failed"))); }},
    {"waiting", 8, [](const Json& row) { return grouped(count(at(row, "waiting"))); }},
    {"dropped", 8, [](const Json& row) { return grouped(count(at(row, "dropped"))); }},
};

bool any_row(const Json& scenario, std::string_view key) {
  return std::ranges::any_of(at(scenario, "rows"),
                             [&](const Json& row) { return count(at(row, key)) > 0; });
}

bool has_stages(const Json& scenario) {
  return std::ranges::any_of(at(scenario, "rows"),
                             [](const Json& row) { return !text(at(row, "stage")).empty(); });
}

constexpr std::size_t kTime = 8, kStage = 8, kStep = 11;

std::size_t width_of(const std::vector<const Column*>& columns) {
  std::size_t width = kTime;
  for (const Column* column : columns) width += column->width;
  return width;
}

// What fits: troubles say more than bytes.
std::vector<const Column*> columns_for(const Page& page, const Json& scenario) {
  const std::size_t room = page.inner() - (has_stages(scenario) ? kStage : 0);
  std::vector<const Column*> columns;
  for (const Column& column : kColumns) columns.push_back(&column);
  for (const Column& trouble : kTroubles)
    if (any_row(scenario, trouble.title)) columns.push_back(&trouble);
  for (const std::string_view dispensable : {"received/s", "begun/s", "p50"})
    if (width_of(columns) > room)
      std::erase_if(columns, [&](const Column* each) { return each->title == dispensable; });
  return columns;
}

// Requests a second of each step, where the terminal has room for them.
std::vector<std::string> step_titles(const Page& page, const Json& scenario, std::size_t used) {
  const Json& steps = at(scenario, "steps");
  std::vector<std::string> titles;
  if (steps.size() < 2 || used + steps.size() * kStep > page.inner()) return titles;
  for (const Json& step : steps) titles.push_back(name_in(step));
  return titles;
}

void write_rows(Page& page, const Json& scenario) {
  const bool stages = has_stages(scenario);
  const auto columns = columns_for(page, scenario);
  std::string head = report::left("from", kTime) + (stages ? report::left("stage", kStage) : "");
  for (const Column* column : columns) head += report::right(column->title, column->width);
  const auto titles = step_titles(page, scenario, report::columns_of(head));
  for (const std::string& title : titles)
    head += report::right(report::shortened(title, kStep - 1), kStep);
  page.line(page.paint(head, Paint::kFaint));
  for (const Json& row : at(scenario, "rows")) {
    std::string line = report::left(moment(number(at(row, "from_s"))), kTime);
    if (stages)
      line += report::left(report::shortened(name_in(row, "stage"), kStage - 1), kStage);
    for (const Column* column : columns) line += report::right(column->cell(row), column->width);
    const Json& sent = at(row, "steps_per_s");
    for (std::size_t i = 0; i < titles.size() && i < sent.size(); ++i)
      line += report::right(level(number(sent[i])), kStep);
    page.line(line);
  }
}

void write_steps(Page& page, const Json& scenario) {
  const std::size_t name_width = std::min<std::size_t>(page.inner() - 46, 40);
  page.gap();
  page.line(page.paint(report::left("step", name_width) + report::right("requests", 12) +
                           report::right("failed", 12) + report::right("p50", 11) +
                           report::right("p99", 11),
                       Paint::kFaint));
  for (const Json& step : at(scenario, "steps")) {
    const std::string title = text(at(step, "method")) + " " + name_in(step);
    page.line(report::left(report::shortened(title, name_width - 1), name_width) +
              report::right(grouped(count(at(step, "requests"))), 12) +
              report::right(grouped(count(at(step, "failed"))), 12) +
              report::right(latency(at(step, "p50_ms")), 11) +
              report::right(latency(at(step, "p99_ms")), 11));
  }
}

void write_scenario(Page& page, const Json& scenario) {
  page.heading(name_in(scenario), text(at(scenario, "executor")));
  page.prose(fmt::format("{}, {}; at most {} at work and {} in a second",
                         counted(count(at(scenario, "started")), "iteration"),
                         counted(count(at(scenario, "requests")), "request"),
                         counted(count(at(scenario, "peak_users")), "user"),
                         counted(count(at(scenario, "peak_requests_per_s")), "request")));
  page.gap();
  write_rows(page, scenario);
  write_steps(page, scenario);
}

// ---- the whole ----------------------------------------------------------------------------------

std::string peak(const Json& totals, std::string_view key, std::string_view when) {
  return fmt::format("{}, at {}", grouped(count(at(totals, key))),
                     moment(number(at(totals, when))));
}

void write_work(Page& page, const Json& totals) {
  page.dotted("iterations planned", grouped(count(at(totals, "planned"))));
  page.dotted("begun", grouped(count(at(totals, "started"))));
  page.dotted("completed", grouped(count(at(totals, "completed"))));
  const auto lost = [&](std::string_view label, const Json& n, std::string_view why) {
    if (count(n) > 0) page.dotted(label, fmt::format("{}: {}", grouped(count(n)), why));
  };
  const Json& reasons = at(totals, "dropped_reasons");
  lost("dropped", at(reasons, "no_user"), "no user was free");
  lost("dropped", at(reasons, "no_time"), "no time was left");
  lost("dropped", at(reasons, "stopped"), "due, not begun any more");
  lost("cut off", at(totals, "interrupted"), "begun, not over at the end");
}

void write_totals(Page& page, const Json& simulation) {
  const Json& totals = at(simulation, "totals");
  page.heading("TOTALS");
  write_work(page, totals);
  page.dotted("requests", grouped(count(at(totals, "requests"))));
  page.dotted("peak requests in a second",
              peak(totals, "peak_requests_per_s", "peak_requests_at_s"));
  page.dotted("peak users", peak(totals, "peak_users", "peak_users_at_s"));
  page.dotted("peak connections", grouped(count(at(totals, "peak_connections"))));
  for (const Json& set : at(simulation, "data"))
    page.dotted("rows of " + name_in(set), fmt::format("{} of {} used",
                                                       grouped(count(at(set, "used"))),
                                                       grouped(count(at(set, "rows")))));
}

void write_model(Page& page, const Json& simulation) {
  const Json& model = at(simulation, "model");
  if (number(at(model, "workers")) == 0 && number(at(model, "fail")) == 0) return;
  page.heading("MODEL", text(at(model, "words")));
  if (at(model, "utilisation").is_number()) {
    page.dotted("utilisation", report::percent_text(number(at(model, "utilisation"))));
    page.dotted("waited for a worker",
                fmt::format("{}; mean {}; queue up to {}",
                            counted(count(at(model, "waited")), "request"),
                            stats::milliseconds_text(number(at(model, "mean_wait_ms"))),
                            grouped(count(at(model, "longest_queue")))));
    page.dotted("refused (503)", grouped(count(at(model, "refused"))));
  }
  page.dotted("failed (500)", grouped(count(at(model, "failed"))));
}

void write_thresholds(Page& page, const Json& simulation) {
  if (at(simulation, "thresholds").empty()) return;
  page.heading("THRESHOLDS", "under the model: they say nothing of the target");
  for (const Json& each : at(simulation, "thresholds")) {
    const bool known = report::truth(at(each, "has_data"));
    page.line(fmt::format("{} {} {}  {}", page.mark(report::truth(at(each, "ok"))),
                          name_in(each, "metric"), name_in(each, "threshold"),
                          known ? fmt::format("model: {:.4g}", number(at(each, "value")))
                                : std::string{"no sample"}));
  }
}

void write_assumptions(Page& page, const Json& simulation) {
  page.heading("ASSUMED");
  for (const Json& each : at(simulation, "assumptions"))
    page.prose("· " + report::escaped(text(each)), 2);
  if (report::truth(at(simulation, "seed_chosen")))
    page.prose("· the plan gives no seed; 1 was taken", 2);
}

}  // namespace

std::string simulation_text(const nlohmann::ordered_json& simulation,
                            const report::TextOptions& options) {
  Page page{options};
  write_head(page, simulation);
  page.heading("LOAD");
  write_picture(page, simulation, "requests_per_s", "requests/s");
  write_picture(page, simulation, "users", "users");
  for (const Json& scenario : at(simulation, "scenarios")) write_scenario(page, scenario);
  write_totals(page, simulation);
  write_model(page, simulation);
  write_thresholds(page, simulation);
  write_assumptions(page, simulation);
  return page.take();
}

}  // namespace gend::cli
