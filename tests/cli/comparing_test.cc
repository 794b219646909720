#include "cli/comparing.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>
#include <unistd.h>

#include "cli/formats.h"

using namespace gend;
using namespace gend::cli;

namespace {

const std::string kPlan =
    "target: http://127.0.0.1:9\n"
    "vars: {PAGE: /a}\n"
    "scenarios:\n"
    "  load: {executor: constant-vus, vus: 1, duration: 20s, flow: [{get: \"${PAGE}\"}]}\n";

// A folder of this process with one run file in it.
class Folder {
 public:
  Folder() { std::filesystem::create_directories(path_); }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string write(const std::string& name, const std::string& bytes) const {
    const auto path = path_ / name;
    std::ofstream{path, std::ios::binary} << bytes;
    return path.string();
  }

 private:
  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("gend-baseline-" + std::to_string(::getpid()));
};

// Twenty seconds of ten requests, one a `ms` long.
report::History run_of(double ms) {
  report::History history;
  history.schema = std::make_unique<stats::Schema>();
  const std::uint32_t slot = history.schema->add("http_req_duration", {{"scenario", "load"}});
  stats::Histogram second;
  for (int i = 0; i < 10; ++i) second.add(static_cast<std::int64_t>(ms * 1e6) + 1000 * i);
  for (int i = 0; i < 20; ++i) {
    stats::Frame& frame = history.frames.emplace_back();
    frame.from = std::chrono::seconds{i};
    frame.to = std::chrono::seconds{i + 1};
    frame.trends.push_back({slot, second.slice()});
  }
  history.plan_text = kPlan;
  history.summary["run"] = {{"id", "before"}, {"plan", "shop.yaml"}, {"vars", {{"PAGE", "/a"}}},
                            {"time_scale", 1}, {"load_scale", 1}};
  history.summary["generator"] = {{"verdict", "CLEAN"}};
  history.summary["metrics"] = nlohmann::ordered_json::object();
  return history;
}

// What --baseline says of the file before the plan would run; empty when nothing.
std::string refused(const std::string& file, const std::string& plan_text = kPlan,
                    report::Anyway anyway = report::Anyway::kNo) {
  Options options;
  options.plan = "shop.yaml";
  options.baseline = file;
  options.comparing.anyway = anyway;
  PlanFile plan;
  plan.request.plan_name = "shop.yaml";
  plan.request.plan_text = plan_text;
  const auto loaded = load_baseline(options, plan);
  return loaded ? std::string{} : loaded.error().message;
}

bool contains(const std::string& text, const std::string& words) {
  return text.find(words) != text.npos;
}

}  // namespace

TEST_CASE("a baseline of the same plan is taken") {
  const Folder folder;
  CHECK(refused(folder.write("a.run", report::encode(run_of(20)))).empty());
}

TEST_CASE("a baseline that is not there, or is no run, is said before the run begins") {
  const Folder folder;
  CHECK(contains(refused("./nowhere.run"), "--baseline: ./nowhere.run"));
  CHECK(contains(refused(folder.write("b.run", "hello")), "neither a run file nor a summary"));
  auto empty = run_of(20);
  empty.frames.clear();
  CHECK(contains(refused(folder.write("c.run", report::encode(empty))), "nothing was measured"));
}

TEST_CASE("a baseline of another plan, of other variables or scale, or SATURATED is refused") {
  const Folder folder;
  const std::string file = folder.write("a.run", report::encode(run_of(20)));
  const std::string other = kPlan + "seed: 5\n";
  CHECK(contains(refused(file, other), "was changed between"));
  CHECK(refused(file, other, report::Anyway::kYes).empty());
  auto run = run_of(20);
  run.summary["run"]["vars"]["PAGE"] = "/b";
  CHECK(contains(refused(folder.write("b.run", report::encode(run))), "variable PAGE"));
  run = run_of(20);
  run.summary["run"]["load_scale"] = 2;
  CHECK(contains(refused(folder.write("c.run", report::encode(run))), "load_scale"));
  run = run_of(20);
  run.summary["generator"]["verdict"] = "SATURATED";
  CHECK(contains(refused(folder.write("d.run", report::encode(run))), "SATURATED"));
}

TEST_CASE("a slower run exits with 99, an equal one with 0, one that cannot be judged with 90") {
  const auto before = run_of(20), equal = run_of(20), slower = run_of(30);
  const auto code_of = [&](const report::History& run) {
    const auto compared = compare_with(before, run, {});
    return compared ? exit_code_of(*compared) : std::to_underlying(compared.error().code);
  };
  CHECK(code_of(equal) == 0);
  CHECK(code_of(slower) == 99);
  auto saturated = run_of(20);
  saturated.summary["generator"]["verdict"] = "SATURATED";
  CHECK(code_of(saturated) == 90);
  auto steered = run_of(20);
  steered.summary["events"] = {{{"at_s", 1}, {"what", "paused"}, {"by", "alice"}}};
  CHECK(code_of(steered) == 2);
}

TEST_CASE("with a baseline, the forms of a report that can say how the run differs do") {
  const auto before = run_of(20), slower = run_of(30);
  const auto compared = compare_with(before, slower, {});
  REQUIRE(compared);
  for (const Format& format : formats()) {
    CAPTURE(format.name);
    const auto alone = format.render(slower, {});
    const auto beside =
        format.render(slower, {.every = {}, .metric = {}, .text = {}, .comparison = &*compared});
    REQUIRE(alone.has_value() == beside.has_value());
    if (!alone) continue;
    const bool tells = contains("text markdown json html", std::string{format.name});
    CHECK((*alone != *beside) == tells);
    if (tells) CHECK(contains(*beside, "worse"));
  }
}
