#include "gend/simulate.h"

#include <csignal>
#include <cstdio>
#include <expected>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/time.h"
#include "control/problem.h"
#include "control/run_request.h"
#include "gend/simulation_json.h"
#include "plan/load.h"
#include "sim/assumptions.h"
#include "sim/model_text.h"
#include "sim/simulator.h"

namespace gend {
namespace {

using Json = nlohmann::ordered_json;
using control::Problem;
using Texts = std::map<std::string, std::string>;

volatile std::sig_atomic_t told_to_stop = 0;
void on_signal(int) { told_to_stop = 1; }

struct Request {
  control::RunRequest run;
  Texts paths;  // of the files, by their name in the plan
  sim::ModelSpec model;
};

Texts texts_of(const Json& json, const char* member) {
  Texts texts;
  const auto found = json.find(member);
  if (found == json.end() || !found->is_object()) return texts;
  for (const auto& [name, value] : found->items())
    if (value.is_string()) texts[name] = value.get<std::string>();
  return texts;
}

std::expected<Request, Problem> read_request(std::istream& in) {
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("run"))
    return std::unexpected{control::bad_request("genctl simulate starts this; it is no command")};
  auto run = control::run_request_from_json(json["run"].dump());
  if (!run) return std::unexpected{std::move(run.error())};
  const auto model = sim::parse_model(texts_of(json, "model"));
  if (!model) return std::unexpected{control::bad_request(model.error())};
  return Request{*std::move(run), texts_of(json, "files"), *model};
}

std::expected<std::unique_ptr<const plan::Program>, Problem> compile(Request& request) {
  Texts contents;
  for (const auto& [name, path] : request.paths) {
    std::ifstream in{path, std::ios::binary};
    if (!in) return std::unexpected{control::bad_plan({path + ": cannot be read"})};
    contents[name].assign(std::istreambuf_iterator<char>{in}, {});
    request.run.options.files[name] = contents[name];
  }
  // The same plan means the same, also when it gives no seed.
  request.run.options.seed = 1;
  auto program =
      plan::compile(request.run.plan_name, request.run.plan_text, request.run.options);
  if (program) return *std::move(program);
  std::vector<std::string> lines;
  for (const plan::Complaint& complaint : program.error()) lines.push_back(complaint.str());
  return std::unexpected{control::bad_plan(std::move(lines))};
}

void write(const Json& line) {
  const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

// Says now and then how far it has come, and stops when it is told to.
class Progress {
 public:
  explicit Progress(Duration planned) : planned_{planned} {}
  bool operator()(Duration elapsed) {
    constexpr Duration kEvery = std::chrono::milliseconds{500};
    if (const TimePoint now = MonotonicClock::now(); now - told_ >= kEvery) {
      told_ = now;
      write({{"elapsed_s", to_seconds(elapsed)}, {"planned_s", to_seconds(planned_)}});
    }
    return told_to_stop == 0;
  }

 private:
  Duration planned_;
  TimePoint told_ = MonotonicClock::now();
};

std::expected<Json, Problem> simulate() {
  auto request = read_request(std::cin);
  if (!request) return std::unexpected{std::move(request.error())};
  const auto program = compile(*request);
  if (!program) return std::unexpected{program.error()};
  if (auto why = sim::why_not(**program))
    return std::unexpected{control::bad_plan({*std::move(why)})};
  const sim::Simulation told = sim::simulate(**program, request->model,
                                             Progress{sim::planned_length(**program)});
  return simulation_json(**program, request->model, told);
}

}  // namespace

int run_simulation() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  for (const int each : {SIGINT, SIGTERM}) ::sigaction(each, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  auto told = simulate();
  if (told)
    write({{"simulation", *std::move(told)}});
  else
    write({{"problem", Json::parse(control::to_json(told.error()), nullptr, false)}});
  return 0;
}

}  // namespace gend
