#include "cli/calibrating.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "report/json_read.h"
#include "report/text_page.h"
#include "stats/words.h"

namespace gend::cli {

namespace {

using report::at;
using report::count;
using report::escaped;
using report::Json;
using report::number;
using report::text;
using stats::grouped;

std::string a_second(double rate) {
  return grouped(static_cast<std::uint64_t>(std::llround(std::max(rate, 0.0)))) + "/s";
}

std::string executor_of(const Task& task, unsigned seconds) {
  if (task.kind != "open")
    return fmt::format("executor: constant-vus, vus: {}, duration: {}s, gracefulStop: 2s",
                       task.connections, seconds);
  return fmt::format("executor: constant-arrival-rate, rate: {:.0f}, duration: {}s, maxVUs: {}, "
                     "gracefulStop: 2s", task.rate, seconds, task.connections);
}

// Whether no rate of the open model was kept to, though some were tried.
bool never_on_time(const Json& kept) {
  bool tried = false;
  for (const Json& row : at(kept, "measured")) {
    if (text(at(row, "kind")) != "open") continue;
    if (text(at(row, "verdict")) == "CLEAN") return false;
    tried = true;
  }
  return tried;
}

std::string row_name(const Json& row) {
  const std::string kind = text(at(row, "kind"));
  const auto connections = count(at(row, "connections"));
  if (kind == "closed") return fmt::format("closed model, {} connections", grouped(connections));
  if (kind == "connections") return "a new connection for each request";
  return fmt::format("open model, {} asked", a_second(number(at(row, "asked_per_second"))));
}

}  // namespace

Division divide(const std::vector<int>& cpus, std::optional<unsigned> shards) {
  const auto all = static_cast<unsigned>(cpus.size());
  Division divided{cpus, cpus, shards.value_or(std::max(all / 2, 1U))};
  if (divided.shards >= all) return divided;  // nothing is left for the target alone
  const auto border = cpus.begin() + static_cast<std::ptrdiff_t>(divided.shards);
  divided.gend.assign(cpus.begin(), border);
  divided.target.assign(border, cpus.end());
  return divided;
}

std::string plan_of(const Task& task, const std::string& target, unsigned seconds) {
  std::string plan = "name: calibrate-" + task.kind + "\ntarget: " + target + "\n";
  if (task.kind == "connections") plan += "defaults: {connection: {keepAlive: false}}\n";
  return plan + "scenarios:\n  main: {" + executor_of(task, seconds) + ", flow: [{get: /}]}\n";
}

std::expected<doctor::Measurement, std::string> measured_by(const Task& task,
                                                            const Json& summary) {
  const Json& run = at(summary, "run");
  const Json& generator = at(summary, "generator");
  const double requests = number(at(summary, {"metrics", "http_reqs", "values", "count"}));
  const double failed = number(at(summary, {"metrics", "http_req_failed", "values", "passes"}));
  const double elapsed = number(at(run, "elapsed_s"));
  const int code = at(run, "exit_code").is_number() ? at(run, "exit_code").get<int>() : -1;
  if (code != 0 || requests <= 0 || elapsed <= 0)
    return std::unexpected{fmt::format("{} (exit code {})", text(at(run, "end_reason")), code)};
  if (failed > requests / 100)
    return std::unexpected{fmt::format("{:.0f} of {:.0f} requests failed", failed, requests)};
  const double busy_share = number(at(generator, {"cpu", "average_percent"})) / 100;
  const double shards = std::max(number(at(generator, "shards")), 1.0);
  doctor::Measurement found{.kind = task.kind,
                            .connections = task.connections,
                            .asked = task.rate,
                            .per_second = requests / elapsed,
                            .cpu_us = 1e6 * busy_share * elapsed * shards / requests,
                            .busiest = number(at(generator, {"cpu", "busiest_percent"})) / 100,
                            .verdict = text(at(generator, "verdict"))};
  // Every arrival must have begun, and none was given up.
  const Json& work = at(run, "work");
  const bool all_begun = count(at(work, "started")) == count(at(work, "planned"));
  if (task.kind == "open" && found.verdict == "CLEAN" && !all_begun) found.verdict = "DROPPED";
  return found;
}

std::string calibration_text(const Json& kept, const report::TextOptions& options) {
  report::Page page{options};
  const auto shards = count(at(kept, "shards"));
  page.heading("CALIBRATED", fmt::format("{} · gend {} · kernel {} · io_uring profile {}",
                                         stats::counted(shards, "shard"),
                                         escaped(text(at(kept, "gend"))),
                                         escaped(text(at(kept, "kernel"))),
                                         escaped(text(at(kept, "profile")))));
  page.line(fmt::format("{:<38}{:>12}{:>10}{:>9}", "", "per second", "CPU each", "busiest"));
  for (const Json& row : at(kept, "measured")) {
    const std::string verdict = text(at(row, "verdict"));
    const bool open = text(at(row, "kind")) == "open";
    page.line(fmt::format("{}{}{}{:>8.0f}%{}", report::left(row_name(row), 38),
                          report::right(a_second(number(at(row, "per_second"))), 12),
                          report::right(stats::milliseconds_text(number(at(row, "cpu_us")) / 1e3),
                                        10),
                          100 * number(at(row, "busiest")),
                          !open ? ""
                                : verdict == "CLEAN" ? "  " + page.mark(true) + " on time"
                                                     : "  " + page.mark(false) + " " +
                                                           escaped(verdict)));
  }
  const double shard = number(at(kept, "shard_requests_per_second"));
  page.gap();
  if (never_on_time(kept))
    page.prose("No rate of the open model was kept to: something else had the processors "
               "meanwhile. Calibrate again when this host is idle.", report::Paint::kWarning);
  page.prose(fmt::format("Ceiling: {} for each shard (a second over {} of CPU for a request); "
                         "{} were measured with {}. At least: the target ran on this host, "
                         "too.",
                         a_second(shard),
                         stats::milliseconds_text(number(at(kept, "cpu_us_per_request")) / 1e3),
                         a_second(number(at(kept, "measured_requests_per_second"))),
                         stats::counted(shards, "shard")));
  page.prose("Small GETs over connections that are kept. Bodies, TLS, checks and data cost more: "
             "reports name the share of this ceiling beside how busy the shards were.");
  page.prose("Kept in " + escaped(text(at(kept, "file"))) + ".");
  page.gap();
  return page.take();
}

}  // namespace gend::cli
