#include "control/run_store.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "control/temp_dir.h"

using namespace gend;
using control::RunRecord;
using control::RunStore;
using report::RunState;

namespace {

RunRecord record(const std::string& id, RunState state) {
  RunRecord made;
  made.status = {.id = id,
                 .name = "n",
                 .plan_file = "p.yaml",
                 .owner = "alice (uid 7)",
                 .state = state,
                 .exit_code = ExitCode::kThresholdsFailed,
                 .end_reason = "finished",
                 .started_wall_ms = 1'700'000'000'123,
                 .elapsed = std::chrono::seconds{12},
                 .planned = std::chrono::seconds{60},
                 .not_written = {}};
  made.summary = "{\"run\":{\"id\":\"" + id + "\"}}";
  return made;
}

}  // namespace

TEST_CASE("a finished run comes back as it was written") {
  const test::TempDir dir;
  const auto store = RunStore::open(dir.str());
  REQUIRE(store.has_value());
  REQUIRE(store->write(record("20260101-000000-a", RunState::kFinished)).has_value());
  CHECK(store->has("20260101-000000-a"));
  const auto back = store->newest(10);
  REQUIRE(back.size() == 1);
  const control::RunStatus& status = back[0].status;
  CHECK(status.id == "20260101-000000-a");
  CHECK(status.owner == "alice (uid 7)");
  CHECK(status.state == RunState::kFinished);
  CHECK(status.exit_code == ExitCode::kThresholdsFailed);
  CHECK(status.started_wall_ms == 1'700'000'000'123);
  CHECK(status.elapsed == std::chrono::seconds{12});
  CHECK(back[0].summary.find("20260101-000000-a") != std::string::npos);
}

TEST_CASE("a run that was going on when its daemon died comes back as lost, with its numbers") {
  const test::TempDir dir;
  const auto store = RunStore::open(dir.str());
  REQUIRE(store.has_value());
  REQUIRE(store->write(record("r", RunState::kRunning)).has_value());
  const auto back = store->newest(10);
  REQUIRE(back.size() == 1);
  CHECK(back[0].status.state == RunState::kFailed);
  CHECK(back[0].status.exit_code == ExitCode::kRunLost);
  CHECK(back[0].status.end_reason.find("12") != std::string::npos);
  CHECK_FALSE(back[0].summary.empty());
}

TEST_CASE("the newest are returned, oldest of them first") {
  const test::TempDir dir;
  const auto store = RunStore::open(dir.str());
  REQUIRE(store.has_value());
  for (const char* id : {"20260103-a", "20260101-a", "20260102-a"})
    REQUIRE(store->write(record(id, RunState::kFinished)).has_value());
  const auto back = store->newest(2);
  REQUIRE(back.size() == 2);
  CHECK(back[0].status.id == "20260102-a");
  CHECK(back[1].status.id == "20260103-a");
}

TEST_CASE("files that are no records are skipped and left alone, also when cut at any byte") {
  const test::TempDir dir;
  const auto store = RunStore::open(dir.str());
  REQUIRE(store.has_value());
  REQUIRE(store->write(record("whole", RunState::kFinished)).has_value());
  const std::string whole = store->path_of("whole"), cut = store->path_of("cut");
  const std::size_t size = std::filesystem::file_size(whole);
  // The last byte is the newline: without it the document is still whole.
  for (std::size_t n = 0; n + 1 < size; ++n) {
    std::filesystem::copy_file(whole, cut, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(cut, n);
    CHECK(store->newest(10).size() == 1);
    CHECK(std::filesystem::file_size(cut) == n);
  }
}

TEST_CASE("no temporary file is left behind") {
  const test::TempDir dir;
  const auto store = RunStore::open(dir.str());
  REQUIRE(store.has_value());
  REQUIRE(store->write(record("r", RunState::kFinished)).has_value());
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator{dir / "runs"})
    ++files;
  CHECK(files == 1);
}

TEST_CASE("a state directory that cannot be is refused before anything runs") {
  const test::TempDir dir;
  std::ofstream{dir / "file"} << "x";
  CHECK_FALSE(RunStore::open(dir / "file").has_value());
}
