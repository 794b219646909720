#include "cli/run_source.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "cli/session.h"
#include "control/fd.h"
#include "control/problem.h"

namespace gend::cli {

namespace {

using Json = nlohmann::ordered_json;

Error bad_file(const std::string& path, const std::string& what, std::string remedy = {}) {
  return {fmt::format("{}: {}", path, what), std::move(remedy), ExitCode::kUsage};
}

Expected<std::string> read_whole(const std::string& path) {
  const control::Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0)
    return std::unexpected{bad_file(path, std::strerror(errno))};
  if (S_ISDIR(info.st_mode)) return std::unexpected{bad_file(path, "is a directory")};
  std::string text, piece(1024 * 1024, '\0');
  while (text.size() <= limits::kRunFilePlainBytes) {
    const ssize_t n = ::read(fd.get(), piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected{bad_file(path, std::strerror(errno))};
    if (n == 0) return text;
    text.append(piece, 0, static_cast<std::size_t>(n));
  }
  return std::unexpected{bad_file(path, fmt::format("is larger than {} MiB, which no run file is",
                                                    limits::kRunFilePlainBytes >> 20))};
}

// Says which of the two it is that genctl writes.
constexpr const char* kRemedy =
    "genctl report RUN --format run --output FILE writes a run file, genctl run --summary-json a "
    "summary";

Expected<report::History> load_file(const std::string& path, Needs needs) {
  const auto bytes = read_whole(path);
  if (!bytes) return std::unexpected{bytes.error()};
  if (report::is_run_file(*bytes)) {
    auto history = report::decode_history(*bytes);
    if (!history) return std::unexpected{bad_file(path, history.error())};
    return std::move(*history);
  }
  report::History history;
  history.summary = Json::parse(*bytes, nullptr, false);
  const auto& summary = history.summary;
  if (!summary.is_object() || !summary.contains("run") || !summary.contains("metrics"))
    return std::unexpected{bad_file(path, "neither a run file nor a summary", kRemedy)};
  if (needs == Needs::kHistory)
    return std::unexpected{bad_file(path, "a summary, in which the intervals of the run are not",
                                    kRemedy)};
  return history;
}

Expected<std::string> ask(const control::Client& client, const std::string& path) {
  auto reply = client.get(path);
  if (!reply) return std::unexpected{reply.error()};
  if (reply->ok()) return std::move(reply->body);
  const control::Problem problem = control::problem_of(*reply);
  return std::unexpected{Error{problem.detail.empty() ? problem.title : problem.detail,
                               problem.remedy, problem.exit_code}};
}

Error strange_answer(const std::string& path, const std::string& why) {
  return {fmt::format("{}: the daemon's answer is not what this genctl understands: {}", path, why),
          "do genctl version's two lines agree?", ExitCode::kNoDaemon};
}

}  // namespace

bool names_a_file(const std::string& text) { return text.find_first_of("/.") != text.npos; }

std::string check_run_or_file(const std::string& text) {
  const bool plain = std::ranges::all_of(text, [](unsigned char c) {
    return c == '-' || (c < 0x80 && std::isalnum(c) != 0);
  });
  if (names_a_file(text) || (plain && !text.empty())) return {};
  return "\"" + text + "\" is no run's id (genctl runs), and no file: those have a dot or a slash";
}

Expected<std::string> latest_run(const control::Client& client) {
  const auto body = ask(client, "/v1/runs");
  if (!body) return std::unexpected{body.error()};
  const Json json = Json::parse(*body, nullptr, false);
  if (!json.is_object() || !json.contains("runs") || !json["runs"].is_array())
    return std::unexpected{strange_answer("/v1/runs", "no list of runs")};
  const Json& runs = json["runs"];
  if (runs.empty()) return std::unexpected{Error{"the daemon knows no run", {}, ExitCode::kUsage}};
  if (!runs.back().is_object() || !runs.back().value("id", Json()).is_string())
    return std::unexpected{strange_answer("/v1/runs", "a run without an id")};
  return runs.back()["id"].get<std::string>();
}

Expected<std::string> active_run(const control::Client& client) {
  const auto body = ask(client, "/v1/status");
  if (!body) return std::unexpected{body.error()};
  const Json json = Json::parse(*body, nullptr, false);
  if (!json.is_object() || !json.contains("run"))
    return std::unexpected{strange_answer("/v1/status", "it does not say what runs")};
  const Json& run = json["run"];
  if (run.is_null())
    return std::unexpected{Error{"no run is going on",
                                 "genctl runs lists those that were: name one",
                                 ExitCode::kUsage}};
  if (!run.is_object() || !run.value("id", Json()).is_string())
    return std::unexpected{strange_answer("/v1/status", "a run without an id")};
  return run["id"].get<std::string>();
}

Expected<report::History> load_run(const control::Client& client, const std::string& id,
                                   Needs needs) {
  const std::string path =
      "/v1/runs/" + id + (needs == Needs::kHistory ? "/history" : "/summary");
  const auto body = ask(client, path);
  if (!body) return std::unexpected{body.error()};
  if (needs == Needs::kHistory) {
    auto history = report::decode_history(*body);
    if (!history) return std::unexpected{strange_answer(path, history.error())};
    return std::move(*history);
  }
  report::History history;
  history.summary = Json::parse(*body, nullptr, false);
  if (history.summary.is_object()) return history;
  return std::unexpected{Error{fmt::format("run {} has no summary", id), {}, ExitCode::kUsage}};
}

Expected<report::History> load_run(const Options& options, const std::string& run, Needs needs) {
  if (names_a_file(run)) return load_file(run, needs);
  const auto session = Session::with_daemon(options);
  if (!session) return std::unexpected{session.error()};
  if (!run.empty()) return load_run(session->client(), run, needs);
  const auto latest = latest_run(session->client());
  if (!latest) return std::unexpected{latest.error()};
  return load_run(session->client(), *latest, needs);
}

}  // namespace gend::cli
