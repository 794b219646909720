#include <cstdio>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/asking.h"
#include "cli/commands.h"
#include "cli/messages.h"
#include "cli/screen.h"
#include "cli/session.h"
#include "report/text.h"

namespace gend::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string describe(const Json& run) {
  const std::string until = text_of(run, "waiting_until");
  return printable(fmt::format("{}  {:9} {:>4.0f} %  exit {:<3}  {}  {}", text_of(run, "id"),
                               text_of(run, "state"), 100 * number_of(run, "progress"),
                               number_of(run, "exit_code"), text_of(run, "owner"),
                               until.empty() ? text_of(run, "end_reason")
                                             : "waiting until " + until));
}

// Sends a command to the run, and says what it was when it was taken.
int steer(const Options& options, const char* verb, const Json& body, const std::string& words) {
  const auto session = Session::with_daemon(options);
  if (!session) return complain(session.error());
  const std::string id = chosen_run(options, session->client());
  if (id.empty()) return no_active_run();
  const auto reply = session->client().post("/v1/runs/" + id + "/" + verb, body.dump());
  if (!reply) return complain(reply.error());
  if (!reply->ok()) return complain(*reply);
  std::printf("run %s: %s\n", printable(id).c_str(), words.c_str());
  return 0;
}

}  // namespace

int show_status(const Options& options) {
  const auto session = Session::with_daemon(options);
  if (!session) return complain(session.error());
  const Answer answer = ask(session->client(), "/v1/status");
  if (!answer.json) return answer.code;
  if (options.json) {
    std::fputs(answer.body.c_str(), stdout);
    return 0;
  }
  std::printf("gend %s: %s\n", printable(text_of(*answer.json, "version")).c_str(),
              printable(text_of(*answer.json, "state")).c_str());
  if (answer.json->contains("run") && (*answer.json)["run"].is_object())
    std::printf("%s\n", describe((*answer.json)["run"]).c_str());
  return 0;
}

int stop_run(const Options& options) {
  const auto session = Session::with_daemon(options);
  if (!session) return complain(session.error());
  const std::string id = chosen_run(options, session->client());
  if (id.empty()) return no_active_run();
  const auto reply =
      session->client().post("/v1/runs/" + id + "/stop",
                             options.now ? R"({"mode":"now"})" : R"({"mode":"graceful"})");
  if (!reply) return complain(reply.error());
  if (!reply->ok()) return complain(*reply);
  std::printf("run %s is stopping\n", printable(id).c_str());
  return 0;
}

int set_users(const Options& options) {
  return steer(options, "users", {{"users", options.users}},
               fmt::format("{:g} users", options.users));
}

int set_rate(const Options& options) {
  return steer(options, "rate", {{"rate", options.rate}}, "rate " + printable(options.rate));
}

int pause_run(const Options& options) { return steer(options, "pause", Json::object(), "paused"); }
int resume_run(const Options& options) {
  return steer(options, "resume", Json::object(), "resumed");
}

int list_runs(const Options& options) {
  const auto session = Session::with_daemon(options);
  if (!session) return complain(session.error());
  const Answer answer = ask(session->client(), "/v1/runs");
  if (!answer.json) return answer.code;
  if (options.json) {
    std::fputs(answer.body.c_str(), stdout);
    return 0;
  }
  if (!answer.json->contains("runs")) return complain(strange_answer("/v1/runs"));
  for (const Json& run : (*answer.json)["runs"]) std::printf("%s\n", describe(run).c_str());
  return 0;
}

int show_run(const Options& options) {
  const auto session = Session::with_daemon(options);
  if (!session) return complain(session.error());
  std::string id = options.run;
  if (id.empty()) {
    const Answer answer = ask(session->client(), "/v1/runs");
    if (!answer.json) return answer.code;
    const Json& json = *answer.json;
    if (!json.contains("runs") || !json["runs"].is_array() || json["runs"].empty())
      return complain(Error{"the daemon knows no run", {}, ExitCode::kUsage});
    id = text_of(json["runs"].back(), "id");
  }
  const Answer answer = ask(session->client(), "/v1/runs/" + id + "/summary");
  if (!answer.json) return answer.code;
  if (options.json)
    std::fputs(answer.body.c_str(), stdout);
  else if (answer.json->is_object())
    std::fputs(report::summary_text(*answer.json, screen_of_stdout().text).c_str(), stdout);
  else
    std::printf("run %s has no summary\n", printable(id).c_str());
  return 0;
}

// All of them, also when one is refused: the first refusal is the exit code.
int remove_runs(const Options& options) {
  const auto session = Session::with_daemon(options);
  if (!session) return complain(session.error());
  int code = 0;
  for (const std::string& id : options.runs) {
    const auto reply = session->client().remove("/v1/runs/" + id);
    if (reply && reply->ok()) {
      std::printf("run %s is removed\n", printable(id).c_str());
      continue;
    }
    const int refused = reply ? complain(*reply) : complain(reply.error());
    if (code == 0) code = refused;
  }
  return code;
}

int show_metrics(const Options& options) {
  const auto session = Session::with_daemon(options);
  if (!session) return complain(session.error());
  const auto reply = session->client().get("/v1/metrics");
  if (!reply) return complain(reply.error());
  if (!reply->ok()) return complain(*reply);
  std::fputs(reply->body.c_str(), stdout);
  return 0;
}

int show_version(const Options& options) {
  std::printf("genctl %s\n", GEND_VERSION);
  const auto session = Session::with_daemon(options);
  if (!session) {
    std::printf("gend   not reachable: %s\n", printable(session.error().message).c_str());
    return 0;
  }
  const Answer answer = ask(session->client(), "/v1/version");
  if (!answer.json) return answer.code;
  std::printf("gend   %s (API %.0f)\n", printable(text_of(*answer.json, "gend")).c_str(),
              number_of(*answer.json, "api"));
  return 0;
}

}  // namespace gend::cli
