#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/messages.h"
#include "cli/model_gend.h"
#include "cli/plan_file.h"
#include "cli/screen.h"
#include "cli/simulation_text.h"
#include "report/json_read.h"
#include "report/summary_json.h"

namespace gend::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string request_of(const Options& options, const PlanFile& plan) {
  control::RunRequest run = plan.request;
  run.files.clear();  // it reads them itself
  Json files = Json::object();
  for (const NamedFile& file : plan.files) files[file.name] = file.path;
  const Json request{{"run", Json::parse(control::to_json(run), nullptr, false)},
                     {"files", std::move(files)},
                     {"model", options.model}};
  return request.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// One line that is written over itself, for a terminal.
class Meter final : public ModelGend::Progress {
 public:
  ~Meter() override {
    if (shown_) std::fputs("\r\x1b[K", stderr);
  }
  void show(const Json& line) override {
    const double planned = report::number(report::at(line, "planned_s"));
    const double done = report::number(report::at(line, "elapsed_s"));
    std::fprintf(stderr, "\rsimulating: %.0f %%", planned > 0 ? 100 * done / planned : 0.0);
    shown_ = true;
  }

 private:
  bool shown_ = false;
};

Expected<Json> simulated(const std::string& request) {
  const Interrupts interrupts;
  auto gend = ModelGend::start(request);
  if (!gend) return std::unexpected{gend.error()};
  Meter meter;
  return gend->finish(interrupts, ::isatty(STDERR_FILENO) != 0 ? &meter : nullptr);
}

}  // namespace

int simulate_plan(const Options& options) {
  const auto plan = read_plan(options);
  if (!plan) return complain(plan.error());
  const auto answer = simulated(request_of(options, *plan));
  if (!answer) return complain(answer.error());
  const Json& simulation = report::at(*answer, "simulation");
  if (!simulation.is_object()) {
    auto problem = control::problem_from_json(report::at(*answer, "problem").dump());
    if (problem) return complain(with_paths(*std::move(problem), plan->files));
    return complain(Error{"the gend beside genctl does not understand it",
                          "install genctl and gend of one version", ExitCode::kNoDaemon});
  }
  const std::string text = options.json
                               ? report::json_text(simulation)
                               : simulation_text(simulation, screen_of_stdout().text);
  std::fputs(text.c_str(), stdout);
  const bool stopped = report::text(report::at(simulation, "end")) == "stopped";
  return std::to_underlying(stopped ? ExitCode::kInterrupted : ExitCode::kPass);
}

}  // namespace gend::cli
