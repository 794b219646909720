#include "cli/formats.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "cli/options.h"
#include "cli/run_source.h"
#include "control/temp_dir.h"
#include "report/summary_json.h"

using namespace gend;
using namespace gend::cli;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

void put(const std::string& path, const std::string& text) {
  std::ofstream{path, std::ios::binary} << text;
}
std::string get(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream{path, std::ios::binary}.rdbuf();
  return text.str();
}

report::History some_history() {
  report::History history;
  history.schema = std::make_unique<stats::Schema>();
  const auto slot = history.schema->add("http_req_duration", {{"scenario", "a"}});
  stats::Snapshot second{*history.schema};
  second.recorder.trend(slot, 5ms);
  history.frames.push_back(stats::frame_of(*history.schema, second, 0s, 1s));
  history.summary = {{"run", {{"name", "x"}, {"exit_code", 0}, {"state", "finished"}}},
                     {"metrics", nlohmann::ordered_json::object()}};
  return history;
}

}  // namespace

TEST_CASE("every format has a name and an option of its own, and renders a run") {
  const report::History history = some_history();
  std::set<std::string_view> names, options;
  for (const Format& format : formats()) {
    CHECK(names.insert(format.name).second);
    if (format.option != nullptr) CHECK(options.insert(format.option).second);
    CHECK(find_format(format.name) == &format);
    const auto text = format.render(history, {});
    REQUIRE_MESSAGE(text, format.name);
    CHECK_FALSE(text->empty());
  }
  CHECK(find_format("pdf") == nullptr);
}

TEST_CASE("a path that cannot be written is refused before anything happens") {
  const test::TempDir folder;
  put(folder / "file", "x");
  for (const std::string& path : {folder / "missing/report.md", folder / "", folder / "file/x"}) {
    const auto outputs = Outputs::open({{"markdown", path}});
    REQUIRE_FALSE(outputs);
    CHECK(outputs.error().message.starts_with("--markdown " + path + ": "));
    CHECK(outputs.error().code == ExitCode::kUsage);
  }
}

TEST_CASE("a file that was never written to goes again, and one that was there stays as it was") {
  const test::TempDir folder;
  put(folder / "old.md", "of last week");
  {
    const auto outputs =
        Outputs::open({{"markdown", folder / "old.md"}, {"junit", folder / "new.xml"}});
    REQUIRE(outputs);
    CHECK(fs::exists(folder / "new.xml"));
  }
  CHECK_FALSE(fs::exists(folder / "new.xml"));
  CHECK(get(folder / "old.md") == "of last week");
}

TEST_CASE("outputs are written, each when what it needs is known, and replace what was there") {
  const test::TempDir folder;
  const report::History history = some_history();
  put(folder / "report.md", std::string(100'000, 'x'));
  auto outputs = Outputs::open({{"markdown", folder / "report.md"}, {"csv", folder / "run.csv"}});
  REQUIRE(outputs);
  CHECK(outputs->needs() == Needs::kHistory);
  CHECK(outputs->words().empty());
  CHECK(outputs->write(history, Needs::kSummary, {}) == 0);
  CHECK(outputs->words() == folder / "report.md");
  CHECK(get(folder / "run.csv").empty());
  CHECK(get(folder / "report.md").starts_with("## ✓ PASSED `x`"));
  CHECK(get(folder / "report.md").find("xxx") == std::string::npos);
  CHECK(outputs->write(history, Needs::kHistory, {}) == 0);
  CHECK(get(folder / "run.csv").starts_with("time,"));
  CHECK(outputs->words() == folder / "report.md" + ", " + (folder / "run.csv"));
}

TEST_CASE("a full disk is said, with the option that it hit, and the other outputs are written") {
  const test::TempDir folder;
  auto outputs = Outputs::open({{"markdown", "/dev/full"}, {"junit", folder / "junit.xml"}});
  REQUIRE(outputs);
  CHECK(outputs->write(some_history(), Needs::kSummary, {}) ==
        static_cast<int>(ExitCode::kHostCannotCarry));
  CHECK(get(folder / "junit.xml").starts_with("<?xml"));
}

TEST_CASE("two results do not go into one file") {
  const test::TempDir folder;
  put(folder / "a", "");
  fs::create_hard_link(folder / "a", folder / "b");
  const auto same = Outputs::open({{"markdown", folder / "a"}, {"junit", folder / "b"}});
  REQUIRE_FALSE(same);
  CHECK(same.error().message == "--markdown and --junit name the same file, " + (folder / "b"));
  CHECK_FALSE(Outputs::open({{"markdown", "-"}, {"json", "-"}}));
  CHECK(Outputs::open({{"markdown", "/dev/null"}, {"json", "/dev/null"}}));
}

TEST_CASE("what has a dot or a slash is a file, and a run's id is neither") {
  CHECK(names_a_file("run.gendrun"));
  CHECK(names_a_file("./run"));
  CHECK_FALSE(names_a_file("20261121-014309-villages"));
  CHECK_FALSE(names_a_file(""));
  CHECK(check_run_or_file("20261121-014309-villages").empty());
  CHECK(check_run_or_file("../x y.json").empty());
  CHECK_FALSE(check_run_or_file("a b").empty());
  CHECK_FALSE(check_run_or_file("run?x").empty());
}

TEST_CASE("runs come from run files, and from summaries where those will do") {
  const test::TempDir folder;
  const report::History history = some_history();
  put(folder / "run.gendrun", report::encode(history));
  put(folder / "summary.json", report::json_text(history.summary));
  for (const char* name : {"run.gendrun", "summary.json"}) {
    const auto loaded = load_run({}, folder / name, Needs::kSummary);
    REQUIRE(loaded);
    CHECK(loaded->summary == history.summary);
  }
  const auto whole = load_run({}, folder / "run.gendrun", Needs::kHistory);
  REQUIRE(whole);
  CHECK(whole->frames.size() == 1);
  const auto part = load_run({}, folder / "summary.json", Needs::kHistory);
  REQUIRE_FALSE(part);
  CHECK(part.error().message ==
        folder / "summary.json" + ": a summary, in which the intervals of the run are not");
}

TEST_CASE("what is no run file is said to be none, with its path") {
  const test::TempDir folder;
  const auto complaint = [&](const std::string& name) {
    const auto loaded = load_run({}, folder / name, Needs::kSummary);
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().code == ExitCode::kUsage);
    CHECK(loaded.error().message.starts_with((folder / name) + ": "));
    return loaded.error().message.substr((folder / name).size() + 2);
  };
  put(folder / "empty", "");
  put(folder / "json", "{\"metrics\": 1}");
  put(folder / "text", "hello");
  fs::create_directory(folder / "folder");
  put(folder / "cut", report::encode(some_history()).substr(0, 50));
  std::string newer = report::encode(some_history());
  newer[7] = 2;
  put(folder / "newer", newer);
  for (const char* name : {"empty", "json", "text"})
    CHECK(complaint(name) == "neither a run file nor a summary");
  CHECK(complaint("folder") == "is a directory");
  CHECK(complaint("missing") == "No such file or directory");
  CHECK(complaint("cut") == "the run file is damaged or was not written to its end");
  CHECK(complaint("newer") == "a run file of another version of gend: read it with that one");
}

TEST_CASE("a report without a daemon says how to have one") {
  Options options;
  options.socket.emplace("/nonexistent/gend.sock");
  const auto loaded = load_run(options, "", Needs::kSummary);
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().code == ExitCode::kNoDaemon);
}
