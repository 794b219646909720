#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/comparing.h"
#include "cli/dashboard_site.h"
#include "cli/follow.h"
#include "cli/formats.h"
#include "cli/messages.h"
#include "cli/plan_file.h"
#include "cli/run_source.h"
#include "cli/screen.h"
#include "cli/session.h"
#include "report/text.h"

namespace gend::cli {

namespace {

using Json = nlohmann::ordered_json;

std::expected<std::string, control::Problem> begin(const control::Client& client,
                                                   const PlanFile& plan) {
  const auto reply = post_plan(client, "/v1/runs", plan);
  if (!reply) return std::unexpected{reply.error()};
  const Json json = Json::parse(reply->body, nullptr, false);
  if (json.is_object() && json.contains("id") && json["id"].is_string())
    return json["id"].get<std::string>();
  return std::unexpected{control::problem_of(*reply)};
}

int exit_code_in(const Json& summary) {
  const auto run = summary.find("run");
  if (run == summary.end() || !run->contains("exit_code"))
    return std::to_underlying(ExitCode::kRunLost);
  return (*run)["exit_code"].get<int>();
}

// Where the results are, or how to have them.
std::string kept_words(const Session& session, const Outputs& outputs, const std::string& id) {
  const std::string written = outputs.words();
  if (!session.is_private())
    return "  results: " + (written.empty() ? "" : written + "; ") + "genctl show " + id;
  return written.empty()
             ? "  results are not kept by a private gend; --summary-json FILE keeps them"
             : "  results: " + written;
}

// A finished run as far as somebody asks for it, and what it is worth beside its baseline.
struct Outcome {
  report::History run;
  Needs known = Needs::kSummary;
  std::optional<report::Comparison> comparison;
  int code = 0;  // of the comparison, or why there is none
};

Outcome outcome_of(const Session& session, const std::string& id, Json summary,
                   const Outputs& outputs, const report::History* baseline,
                   const Options& options) {
  Outcome outcome;
  outcome.run.summary = std::move(summary);
  if (baseline == nullptr && outputs.needs() == Needs::kSummary) return outcome;
  auto history = load_run(session.client(), id, Needs::kHistory);
  if (!history) {
    outcome.code = complain(session.explained(history.error()));
    return outcome;
  }
  outcome.run = *std::move(history);
  outcome.known = Needs::kHistory;
  if (baseline == nullptr) return outcome;
  auto compared = compare_with(*baseline, outcome.run, options.comparing);
  outcome.code = compared ? exit_code_of(*compared) : complain(compared.error());
  if (compared) outcome.comparison = *std::move(compared);
  return outcome;
}

// What a run that came to its end has to say for itself, on the screen and in files.
int tell(const Options& options, const Session& session, const std::string& id, Json summary,
         Outputs& outputs, const report::History* baseline) {
  const bool shown = !options.quiet && !outputs.use_stdout();
  int code = exit_code_in(summary);
  const report::TextOptions text = screen_of_stdout().text;
  if (shown) std::fputs(report::summary_text(summary, text).c_str(), stdout);
  const Outcome outcome =
      outcome_of(session, id, std::move(summary), outputs, baseline, options);
  const report::Comparison* const comparison = outcome.comparison ? &*outcome.comparison : nullptr;
  if (shown && comparison != nullptr)
    std::fputs(report::comparison_text(*comparison, text).c_str(), stdout);
  const int failure = outputs.write(
      outcome.run, outcome.known,
      {.every = {}, .metric = {}, .text = {}, .comparison = comparison});
  // A run that failed by itself says so, whatever else there is.
  for (const int next : {failure, outcome.code})
    if (code == 0) code = next;
  if (shown) std::printf("%s\n", kept_words(session, outputs, id).c_str());
  return code;
}

// The run as a page (--dashboard). One that cannot be had is no reason to end the run.
std::unique_ptr<DashboardServer> serve(const Options& options, const Session& session,
                                       const std::string& id) {
  if (!options.dashboard.served) return nullptr;
  auto server = DashboardServer::start(session.client().socket_path(), id, options.dashboard.port);
  if (!server) {
    complain(server.error());
    return nullptr;
  }
  std::fprintf(stderr, "genctl: dashboard until the run ends: %s\n", (*server)->url().c_str());
  return *std::move(server);
}

// To make the last data of a page all is read that the run kept: a moment, on a busy host seconds.
constexpr Duration kSeeOff = std::chrono::seconds{30};

int watch_to_the_end(const Options& options, const Session& session, const std::string& id,
                     const Interrupts& interrupts, Outputs& outputs,
                     const report::History* baseline) {
  Progress progress{screen_of_stdout()};
  const bool shown = !options.quiet && !outputs.use_stdout();
  const auto page = serve(options, session, id);
  auto followed = follow(session.client(), id, shown ? &progress : nullptr, interrupts,
                         OnInterrupt::kStopRun);
  if (page && followed && followed->summary) page->dashboard().see_off(kSeeOff);
  if (!followed) return complain(session.explained(followed.error()));
  if (followed->summary)
    return tell(options, session, id, *std::move(followed->summary), outputs, baseline);
  std::fprintf(stderr, "genctl: left run %s while it was ending\n", id.c_str());
  return std::to_underlying(ExitCode::kInterrupted);
}

}  // namespace

int run_plan(const Options& options) {
  if (options.detach && !options.outputs.empty())
    return complain(Error{"with --detach nobody waits for the results that shall be written",
                          "leave --detach out, or write them later: genctl report",
                          ExitCode::kUsage});
  const auto plan = read_plan(options);
  if (!plan) return complain(plan.error());
  auto outputs = Outputs::open(options.outputs);
  if (!outputs) return complain(outputs.error());
  std::optional<report::History> baseline;
  if (options.baseline) {
    auto loaded = load_baseline(options, *plan);
    if (!loaded) return complain(loaded.error());
    baseline.emplace(*std::move(loaded));
  }
  const auto session = Session::with_any(options);
  if (!session) return complain(session.error());
  if (!session->is_private() && (options.shards || !options.uring_profile.empty()))
    return complain(Error{"--shards and --uring-profile are for a private gend",
                          "add --local, or set them in the daemon's configuration",
                          ExitCode::kUsage});

  const Interrupts interrupts;
  const auto id = begin(session->client(), *plan);
  if (!id) return complain(session->explained(id.error()));
  if (options.detach) {
    std::printf("%s\n", id->c_str());
    return 0;
  }
  if (options.start_at && !options.quiet)
    std::fprintf(stderr, "genctl: run %s is set up and begins at %s\n", id->c_str(),
                 options.start_at->c_str());
  return watch_to_the_end(options, *session, *id, interrupts, *outputs,
                          baseline ? &*baseline : nullptr);
}

}  // namespace gend::cli
