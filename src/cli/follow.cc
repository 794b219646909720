#include "cli/follow.h"

#include <csignal>
#include <cstdio>

#include <fmt/format.h>

#include "cli/messages.h"

namespace gend::cli {

namespace {

volatile std::sig_atomic_t interrupts_seen = 0;

void on_interrupt(int) { interrupts_seen = interrupts_seen + 1; }

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

using Json = nlohmann::ordered_json;

class Watcher {
 public:
  Watcher(const control::Client& client, std::string run_id, RunView* view,
          const Interrupts& interrupts, OnInterrupt policy)
      : client_{client}, run_id_{std::move(run_id)}, view_{view},
        interrupts_{interrupts}, policy_{policy} {}

  void take(std::string_view line) {
    Json json = Json::parse(line, nullptr, false);
    if (!json.is_object()) return;
    if (json.contains("final")) summary_ = std::move(json["final"]);
    else if (!json.contains("skipped") && view_) view_->show(std::move(json));
  }

  control::Client::Go look_around() {
    while (obeyed_ < interrupts_.count()) {
      ++obeyed_;
      if (policy_ == OnInterrupt::kLeave || obeyed_ > 2) return control::Client::Go::kAway;
      stop(obeyed_ == 1 ? "graceful" : "now");
    }
    if (!view_ || view_->idle() == control::Client::Go::kOn) return control::Client::Go::kOn;
    sent_away_ = true;
    return control::Client::Go::kAway;
  }

  std::optional<Json> summary() && { return std::move(summary_); }
  bool left() const {
    return sent_away_ || obeyed_ > (policy_ == OnInterrupt::kLeave ? 0 : 2);
  }

 private:
  void stop(const char* mode) {
    if (view_) view_->clear();
    std::fputs(obeyed_ == 1 ? "genctl: ending the run; Ctrl-C again cuts it off\n"
                            : "genctl: cutting the run off\n", stderr);
    const std::string path = "/v1/runs/" + run_id_ + "/stop";
    const auto reply = client_.post(path, fmt::format(R"({{"mode":"{}"}})", mode));
    // 409: it ended by itself in the meantime. A daemon that is gone is noticed by the stream.
    if (reply && !reply->ok() && reply->status != 409) complain(*reply);
  }

  const control::Client& client_;
  const std::string run_id_;
  RunView* view_;
  const Interrupts& interrupts_;
  const OnInterrupt policy_;
  int obeyed_ = 0;
  bool sent_away_ = false;
  std::optional<Json> summary_;
};

}  // namespace

Interrupts::Interrupts() {
  interrupts_seen = 0;
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  for (const int each : kSignals) ::sigaction(each, &action, nullptr);
}

Interrupts::~Interrupts() {
  for (const int each : kSignals) std::signal(each, SIG_DFL);
}

int Interrupts::count() const { return interrupts_seen; }

Expected<Followed> follow(const control::Client& client, const std::string& run_id,
                          RunView* view, const Interrupts& interrupts, OnInterrupt policy) {
  Watcher watcher{client, run_id, view, interrupts, policy};
  const auto reply = client.follow(
      "/v1/runs/" + run_id + "/stream",
      {.on_line = [&](std::string_view line) { watcher.take(line); },
       .on_idle = [&] { return watcher.look_around(); },
       .wake_fd = view ? view->wake_fd() : -1});
  if (view) view->clear();
  if (!reply) {
    Error error = reply.error();
    error.message = "run " + run_id + " is lost: " + error.message;
    error.code = ExitCode::kRunLost;
    return std::unexpected{std::move(error)};
  }
  if (watcher.left()) return Followed{};
  if (!reply->ok()) {
    const control::Problem problem = control::problem_of(*reply);
    return std::unexpected{Error{problem.detail, problem.remedy, problem.exit_code}};
  }
  Followed followed{std::move(watcher).summary()};
  if (followed.summary) return followed;
  return std::unexpected{Error{"run " + run_id + " is lost: its stream ended without a summary",
                               "journalctl -u gend says why; genctl runs lists what was kept",
                               ExitCode::kRunLost}};
}

}  // namespace gend::cli
