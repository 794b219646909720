#include "store/store.h"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include <nlohmann/json.hpp>

#include "control/temp_dir.h"
#include "store/made_run.h"
#include "store/sqlite.h"
#include "support/seed.h"

using namespace gend;
using namespace std::chrono_literals;
using report::RunState;
using store::Store;
using test::MadeRun;

namespace {

// One number out of the file, as anybody may ask for it.
std::int64_t asked(const Store& store, const std::string& sql) {
  auto database = store::Database::open(store.path(), store::Database::Access::kRead);
  REQUIRE(database.has_value());
  const auto number = database->number(sql);
  if (!number) FAIL(sql << ": " << number.error().words);
  return *number;
}

void finish(Store& store, MadeRun& run, int seconds) {
  store.begin(run.beginning());
  run.tell(store, seconds);
  REQUIRE(store.end(run.standing(RunState::kFinished)).empty());
}

// The sweeper works when nobody wants anything.
void wait_until_swept(const Store& store) {
  while (asked(store, "SELECT count(*) FROM removed") > 0) std::this_thread::yield();
}

}  // namespace

TEST_CASE("a finished run comes back as it was told: standing, summary, every second") {
  const test::TempDir dir;
  MadeRun run{"20260101-000000-a", test::seed()};
  std::vector<std::string> told;
  {
    const auto store = test::open_store(dir / "state");
    store->begin(run.beginning());
    for (int i = 0; i < 130; ++i) {
      store::Second second = run.second();
      told.push_back(stats::encode(second.frame));
      store->add(std::move(second));
    }
    CHECK(store->end(run.standing(RunState::kFinished)).empty());
    CHECK(store->not_written().empty());
  }
  const auto store = test::open_store(dir / "state");
  CHECK(store->take_remarks().empty());
  const auto list = store->list();
  REQUIRE(list.has_value());
  REQUIRE(list->size() == 1);
  const report::RunStatus& status = list->front();
  CHECK(status.id == run.id());
  CHECK(status.owner == "alice (uid 7)");
  CHECK(status.state == RunState::kFinished);
  CHECK(status.elapsed == 130s);
  CHECK(status.planned == 60s);
  CHECK(status.started_wall_ms == run.started_ms);
  const report::History history = test::history_of(*store, run.id());
  CHECK(history.summary["run"]["id"] == run.id());
  CHECK(history.plan_text == "name: n\n");
  REQUIRE(history.frames.size() == told.size());
  for (std::size_t i = 0; i < told.size(); ++i) CHECK(stats::encode(history.frames[i]) == told[i]);
}

TEST_CASE("what is asked for by SQL is what was measured") {
  const test::TempDir dir;
  const auto store = test::open_store(dir.str());
  MadeRun run{"r", test::seed()};
  run.events = {{.at = 1s, .what = "users set to 5", .by = "bob"}};
  finish(*store, run, 130);
  CHECK(asked(*store, "SELECT sum(requests) FROM seconds") == 390);
  CHECK(asked(*store, "SELECT sum(failed) FROM seconds") == 0);
  CHECK(asked(*store, "SELECT sum(received) FROM seconds") == 39'000);
  CHECK(asked(*store, "SELECT min(users) FROM seconds") == 5);
  CHECK(asked(*store, "SELECT count(*) FROM seconds WHERE p50<=p95 AND p95<=p99 AND p99<=max"
                      " AND p50>=1 AND max<=1000") == 130);
  CHECK(asked(*store, "SELECT count(*) FROM seconds WHERE lag_p99 IS NOT NULL") == 0);
  CHECK(asked(*store, "SELECT count(DISTINCT minute) FROM minutes") == 3);
  CHECK(asked(*store, "SELECT sum(count) FROM minutes JOIN series USING(run, series)"
                      " WHERE metric='http_req_duration'") == 390);
  CHECK(asked(*store, "SELECT count FROM minutes JOIN series USING(run, series)"
                      " WHERE metric='http_reqs' AND minute=2") == 30);
  CHECK(asked(*store, "SELECT count(*) FROM events WHERE what='users set to 5' AND by='bob'"
                      " AND at_s=1") == 1);
  CHECK(asked(*store, "SELECT ok FROM thresholds WHERE threshold='rate<0.01'") == 1);
  CHECK(asked(*store, "SELECT count(*) FROM verdicts WHERE verdict='CLEAN'") == 1);
  CHECK(asked(*store, "SELECT count(*) FROM runs JOIN hosts USING(run) JOIN plans USING(run)"
                      " WHERE latency='http_req_duration' AND shards=2") == 1);
}

TEST_CASE("a run that went on when its daemon was killed is interrupted, with all its seconds") {
  const test::TempDir dir;
  MadeRun run{"r"};
  const auto store = test::open_store(dir / "a");
  store->begin(run.beginning());
  run.tell(*store, 75);
  store->settle();
  std::filesystem::create_directory(dir / "b");
  for (const char* name : {"results.db", "results.db-wal"})
    std::filesystem::copy_file(dir / "a/" + name, dir / "b/" + name);

  const auto after = test::open_store(dir / "b");
  const auto remarks = after->take_remarks();
  REQUIRE(remarks.size() == 1);
  CHECK(remarks[0].find("run r: interrupted") != std::string::npos);
  const auto status = after->find("r");
  REQUIRE(status.has_value());
  REQUIRE(status->has_value());
  CHECK((*status)->state == RunState::kInterrupted);
  CHECK((*status)->exit_code == ExitCode::kRunLost);
  CHECK((*status)->elapsed == 75s);
  const auto history = test::history_of(*after, "r");
  CHECK(history.frames.size() == 75);
  CHECK(history.summary["run"]["state"] == "interrupted");
  CHECK(history.summary["run"]["exit_code"] == 95);
  CHECK(history.summary["run"]["elapsed_s"] == 75);
  CHECK(history.summary["run"]["summary_until_s"] == 0);
  // Also the minute that was under way.
  CHECK(asked(*after, "SELECT sum(count) FROM minutes JOIN series USING(run, series)"
                      " WHERE metric='http_req_duration'") == 225);
  // Once interrupted, it stays so.
  CHECK(asked(*after, "SELECT exit_code FROM runs") == 95);
}

TEST_CASE("power may fail at any byte: what was committed is there, in order, without a gap") {
  const test::TempDir dir;
  MadeRun run{"r"};
  const auto store = test::open_store(dir / "a");
  store->begin(run.beginning());
  store->settle();
  for (int i = 0; i < 12; ++i) {
    run.tell(*store, 1);
    store->settle();  // a transaction each
  }
  const auto size = std::filesystem::file_size(dir / "a/results.db-wal");
  Rng rng{test::seed()};
  std::size_t most = 0;
  for (int i = 0; i < 60; ++i) {
    const std::uint64_t cut = i == 0 ? size : rng.below(size);
    const std::string place = dir / ("b" + std::to_string(i));
    std::filesystem::create_directory(place);
    std::filesystem::copy_file(dir / "a/results.db", place + "/results.db");
    std::filesystem::copy_file(dir / "a/results.db-wal", place + "/results.db-wal");
    std::filesystem::resize_file(place + "/results.db-wal", cut);
    const auto after = test::open_store(place);
    const auto list = after->list();
    REQUIRE(list.has_value());
    if (list->empty()) continue;  // cut off before the run began
    const auto frames = test::history_of(*after, "r").frames;
    for (std::size_t n = 0; n < frames.size(); ++n) CHECK(frames[n].from == n * 1s);
    most = std::max(most, frames.size());
  }
  CHECK(most == 12);
}

TEST_CASE("two readers follow a run that is written, and each sees whole seconds only") {
  const test::TempDir dir;
  const auto store = test::open_store(dir.str());
  MadeRun run{"r"};
  store->begin(run.beginning());
  store->settle();
  std::atomic<bool> over = false;
  std::atomic<int> reads = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i)
    readers.emplace_back([&] {
      std::size_t seen = 0;
      for (bool last = false; !last;) {
        last = over;
        const auto file = store->run_file("r", {});
        const auto history = file && *file ? report::decode_history(**file) : std::unexpected{""};
        if (!history || history->frames.size() < seen) {
          over = true;
          break;
        }
        seen = history->frames.size();
        ++reads;
      }
      if (seen == 300) ++reads;
    });
  for (int i = 0; i < 300; ++i) {
    run.tell(*store, 1);
    store->settle();
  }
  CHECK_FALSE(over.exchange(true));
  const int before = reads;
  for (std::thread& each : readers) each.join();
  CHECK(reads >= before + 4);  // a last look of each, that found everything
  CHECK(store->not_written().empty());
}

TEST_CASE("a run that is removed is gone at once, and so is what it took") {
  const test::TempDir dir;
  const auto store = test::open_store(dir.str());
  MadeRun gone{"gone"}, stays{"stays"};
  finish(*store, gone, 1200);
  finish(*store, stays, 5);
  const auto pages = asked(*store, "PRAGMA page_count");
  CHECK(store->remove("gone").value());
  CHECK_FALSE(store->remove("gone").value());
  CHECK_FALSE(store->remove("never there").value());
  CHECK_FALSE(store->find("gone").value().has_value());
  CHECK_FALSE(store->run_file("gone", {}).value().has_value());
  wait_until_swept(*store);
  CHECK(asked(*store, "SELECT count(*) FROM seconds") == 5);
  CHECK(asked(*store, "SELECT count(DISTINCT run) FROM minutes") == 1);
  CHECK(asked(*store, "SELECT count(DISTINCT run) FROM series") == 1);
  CHECK(asked(*store, "PRAGMA page_count") < pages);
  CHECK(test::history_of(*store, "stays").frames.size() == 5);
}

TEST_CASE("the run that goes on cannot be removed") {
  const test::TempDir dir;
  const auto store = test::open_store(dir.str());
  MadeRun run{"r"};
  store->begin(run.beginning());
  run.tell(*store, 2);
  CHECK_FALSE(store->remove("r").value());
  CHECK(store->end(run.standing(RunState::kFinished)).empty());
  CHECK(store->remove("r").value());
}

TEST_CASE("no more runs are kept than is asked for: the oldest go, and it is said") {
  const test::TempDir dir;
  const auto store = test::open_store(dir.str(), {.runs = 2, .bytes = 0, .days = 0});
  for (const char* id : {"a", "b", "c", "d"}) {
    MadeRun run{id};
    finish(*store, run, 3);
  }
  while (asked(*store, "SELECT count(*) FROM runs") > 2) std::this_thread::yield();
  wait_until_swept(*store);
  const auto list = store->list();
  REQUIRE(list.has_value());
  REQUIRE(list->size() == 2);
  CHECK(list->front().id == "c");
  CHECK(list->back().id == "d");
  std::vector<std::string> remarks;
  while (remarks.size() < 2)
    for (std::string& each : store->take_remarks()) remarks.push_back(std::move(each));
  CHECK(remarks[0].find("run a: removed") != std::string::npos);
}

TEST_CASE("runs beyond the bytes and the days go, but never the newest") {
  const test::TempDir dir;
  {
    const auto store = test::open_store(dir / "bytes", {.runs = 0, .bytes = 1, .days = 0});
    for (const char* id : {"a", "b"}) {
      MadeRun run{id};
      finish(*store, run, 3);
    }
    while (asked(*store, "SELECT count(*) FROM runs") > 1) std::this_thread::yield();
    CHECK(store->list().value().front().id == "b");
  }
  const auto store = test::open_store(dir / "days", {.runs = 0, .bytes = 0, .days = 1});
  MadeRun old{"old"}, recent{"recent"}, newest{"newest"};
  recent.started_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                          std::chrono::system_clock::now().time_since_epoch()).count();
  finish(*store, old, 3);
  finish(*store, recent, 3);
  finish(*store, newest, 3);  // as old as the first
  while (asked(*store, "SELECT count(*) FROM runs") > 2) std::this_thread::yield();
  CHECK(store->list().value().front().id == "recent");
}

TEST_CASE("a scratch store is as good as any, and leaves nothing behind") {
  std::string path;
  {
    auto store = Store::scratch();
    REQUIRE(store.has_value());
    path = (*store)->path();
    MadeRun run{"r"};
    finish(**store, run, 3);
    CHECK(test::history_of(**store, "r").frames.size() == 3);
    CHECK(std::filesystem::exists(path));
  }
  CHECK_FALSE(std::filesystem::exists(std::filesystem::path{path}.parent_path()));
}
