#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sched.h>
#include <unistd.h>

#include "base/allowed_cpus.h"
#include "cli/asking.h"
#include "cli/calibrating.h"
#include "cli/commands.h"
#include "cli/follow.h"
#include "cli/local_target.h"
#include "cli/messages.h"
#include "cli/plan_file.h"
#include "cli/screen.h"
#include "cli/session.h"
#include "report/json_read.h"

namespace gend::cli {

namespace {

using Json = nlohmann::ordered_json;
using doctor::Measurement;

constexpr unsigned kFew = 64, kMany = 1000;  // connections
constexpr unsigned kMostTargetThreads = 16, kRateSteps = 5;

// What is started while this lives may use these processors only. A refusal costs exactness.
class Confined {
 public:
  explicit Confined(const std::vector<int>& cpus) : before_{allowed_cpus()} { set(cpus); }
  ~Confined() { set(before_); }
  Confined(const Confined&) = delete;
  Confined& operator=(const Confined&) = delete;

 private:
  static void set(const std::vector<int>& cpus) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const int cpu : cpus) CPU_SET(static_cast<std::size_t>(cpu), &set);
    ::sched_setaffinity(0, sizeof set, &set);
  }
  std::vector<int> before_;
};

// Carries tasks out one after the other and gathers what they measured.
class Calibrator {
 public:
  Calibrator(const Options& options, const Session& session, const LocalTarget& target)
      : options_{options}, session_{session}, target_{target} {}

  // Nothing when it was printed already why not; code() says what to return.
  std::optional<Measurement> measure(const Task& task) {
    say(task);
    const auto summary = run(task);
    if (!summary) return std::nullopt;
    auto found = measured_by(task, *summary);
    if (found) {
      measured_.push_back(*found);
      shards_ = static_cast<unsigned>(
          std::max(report::number(report::at(*summary, {"generator", "shards"})), 1.0));
      return *std::move(found);
    }
    code_ = interrupts_.count() > 0
                ? std::to_underlying(ExitCode::kInterrupted)
                : complain(Error{"a measurement says nothing: " + found.error(),
                                 "genctl doctor shows what this host lacks"});
    return std::nullopt;
  }
  bool interrupted() const { return interrupts_.count() > 0; }
  int code() const { return code_; }
  Json request() const {
    return {{"shards", shards_}, {"measured", doctor::to_json(measured_)}};
  }

 private:
  // One line that is written over itself, for a terminal.
  void say(const Task& task) const {
    if (::isatty(STDERR_FILENO) == 0) return;
    std::fprintf(stderr, "\r\x1b[Kcalibrating: %s, %u connections%s", task.kind.c_str(),
                 task.connections,
                 task.rate > 0 ? fmt::format(", {:.0f}/s", task.rate).c_str() : "");
  }

  std::optional<Json> run(const Task& task) {
    PlanFile plan;
    plan.request.plan_name = "calibrate";
    plan.request.plan_text = plan_of(task, target_.url(), options_.seconds);
    const auto reply = post_plan(session_.client(), "/v1/runs", plan);
    if (!reply) {
      code_ = complain(session_.explained(reply.error()));
      return std::nullopt;
    }
    const std::string id = text_of(Json::parse(reply->body, nullptr, false), "id");
    auto followed = follow(session_.client(), id, nullptr, interrupts_, OnInterrupt::kStopRun);
    if (!followed) {
      code_ = complain(session_.explained(followed.error()));
      return std::nullopt;
    }
    // No run of the user's: it does not stay in the list.
    if (followed->summary) (void)session_.client().remove("/v1/runs/" + id);
    else code_ = std::to_underlying(ExitCode::kInterrupted);
    return std::move(followed->summary);
  }

  const Options& options_;
  const Session& session_;
  const LocalTarget& target_;
  const Interrupts interrupts_;
  std::vector<Measurement> measured_;
  unsigned shards_ = 1;
  int code_ = 0;
};

bool carry_out(Calibrator& calibrator) {
  double best = 0;
  for (const unsigned connections : {kFew, kMany}) {
    const auto found = calibrator.measure({"closed", connections});
    if (!found) return false;
    best = std::max(best, found->per_second);
  }
  doctor::RateSearch search{best * 0.8, best * 1.5, kRateSteps};
  while (!search.done()) {
    const auto found = calibrator.measure({"open", kMany, search.next()});
    if (!found) return false;
    using Kept = doctor::RateSearch::Kept;
    search.tell(found->verdict == "CLEAN" ? Kept::kYes : Kept::kNo);
  }
  // Without this one the others hold all the same: the host may be short of ports for it.
  return calibrator.measure({"connections", kFew}).has_value() || !calibrator.interrupted();
}

Expected<Session> session_for(const Options& options, const Division& divided) {
  const Confined confined{divided.gend};
  Options with = options;
  with.shards = divided.shards;
  return Session::with_any(with, Session::Announce::kNo);
}

Expected<LocalTarget> target_for(const Division& divided) {
  const Confined confined{divided.target};
  const auto threads = static_cast<unsigned>(std::max<std::size_t>(divided.target.size(), 1));
  return LocalTarget::start(std::min(threads, kMostTargetThreads));
}

}  // namespace

int calibrate_host(const Options& options) {
  const Division divided = divide(allowed_cpus(), options.shards);
  const auto session = session_for(options, divided);
  if (!session) return complain(session.error());
  if (!session->is_private() && options.shards)
    return complain(Error{"--shards is for a private gend",
                          "set them in the daemon's configuration", ExitCode::kUsage});
  const auto target = target_for(divided);
  if (!target) return complain(target.error());
  Calibrator calibrator{options, *session, *target};
  const bool measured = carry_out(calibrator);
  if (::isatty(STDERR_FILENO) != 0) std::fputs("\r\x1b[K", stderr);
  if (!measured) return calibrator.code();
  const auto reply = session->client().put("/v1/calibration", calibrator.request().dump());
  if (!reply) return complain(session->explained(reply.error()));
  if (!reply->ok()) return complain(*reply);
  const Json kept = Json::parse(reply->body, nullptr, false);
  const std::string shown =
      options.json ? reply->body : calibration_text(kept, screen_of_stdout().text);
  std::fputs(shown.c_str(), stdout);
  return 0;
}

}  // namespace gend::cli
