#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include <poll.h>

#include "cli/browser.h"
#include "cli/commands.h"
#include "cli/dashboard_site.h"
#include "cli/follow.h"
#include "cli/messages.h"
#include "cli/run_source.h"
#include "cli/session.h"

namespace gend::cli {

namespace {

constexpr int kLookMs = 100;

// The run that is meant, when the daemon knows it.
Expected<std::string> wanted_run(const Options& options, const control::Client& client) {
  if (options.run.empty()) return active_run(client);
  const auto reply = client.get("/v1/runs/" + options.run);
  if (!reply) return std::unexpected{reply.error()};
  if (reply->ok()) return options.run;
  const control::Problem problem = control::problem_of(*reply);
  return std::unexpected{Error{problem.detail.empty() ? problem.title : problem.detail,
                               problem.remedy, problem.exit_code}};
}

void say_how_to_leave(const std::string& id) {
  std::fprintf(stderr, "genctl: the dashboard of run %s is at this address until Ctrl-C; the run "
                       "itself is left alone\n", printable(id).c_str());
}

}  // namespace

int show_dashboard(const Options& options) {
  const auto session = Session::with_daemon(options);
  if (!session) return complain(session.error());
  const auto id = wanted_run(options, session->client());
  if (!id) return complain(id.error());
  const Interrupts interrupts;
  const auto server = DashboardServer::start(session->client().socket_path(), *id,
                                             options.dashboard.port);
  if (!server) return complain(server.error());
  std::printf("%s\n", (*server)->url().c_str());
  std::fflush(stdout);
  say_how_to_leave(*id);
  std::optional<OpenedPage> opened;
  if (options.dashboard.open) {
    auto page = OpenedPage::open((*server)->url());
    if (page) opened.emplace(*std::move(page));
    else complain(page.error());
  }
  // Ctrl-C reaches us between two looks at the latest.
  while (interrupts.count() == 0) ::poll(nullptr, 0, kLookMs);
  const bool lost = (*server)->dashboard().state() == Dashboard::State::kLost;
  return lost ? std::to_underlying(ExitCode::kRunLost) : 0;
}

}  // namespace gend::cli
