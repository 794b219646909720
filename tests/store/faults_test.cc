// Disks and files as they should not be.
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <sys/resource.h>

#include "control/temp_dir.h"
#include "store/layout.h"
#include "store/made_run.h"
#include "support/seed.h"

using namespace gend;
using report::RunState;
using store::Store;
using test::MadeRun;

namespace {

std::string read(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}
void write(const std::string& path, const std::string& bytes) {
  std::ofstream{path, std::ios::binary} << bytes;
}

// What opening `dir` is refused with; it must not change the file.
Error refusal(const test::TempDir& dir) {
  const std::string before = read(dir / "results.db");
  const auto store = Store::open(dir.str(), {});
  REQUIRE_FALSE(store.has_value());
  CHECK(read(dir / "results.db") == before);
  CHECK(store.error().code == ExitCode::kHostCannotCarry);
  CHECK(store.error().message.find(dir / "results.db") != std::string::npos);
  CHECK_FALSE(store.error().remedy.empty());
  return store.error();
}

// A disk that takes no more than so many bytes into one file, while this lives.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) {
    before_ = ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &limit_);
    const rlimit small{.rlim_cur = bytes, .rlim_max = limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~SmallDisk() {
    ::setrlimit(RLIMIT_FSIZE, &limit_);
    ::signal(SIGXFSZ, before_);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  rlimit limit_{};
  void (*before_)(int) = nullptr;
};

void make_a_run(const std::string& dir, int seconds) {
  const auto store = test::open_store(dir);
  MadeRun run{"r"};
  store->begin(run.beginning());
  run.tell(*store, seconds);
  REQUIRE(store->end(run.standing(RunState::kFinished)).empty());
}

}  // namespace

TEST_CASE("what is no database is refused and left alone") {
  const test::TempDir dir;
  for (const std::string& text : {std::string{"hello"}, std::string(100'000, 'x')}) {
    write(dir / "results.db", text);
    CHECK(refusal(dir).message.find("is damaged, or no results of gend") != std::string::npos);
  }
}

TEST_CASE("a database of another program is refused and left alone") {
  const test::TempDir dir;
  {
    auto other = store::Database::open(dir / "results.db", store::Database::Access::kWrite);
    REQUIRE(other.has_value());
    REQUIRE(other->script("CREATE TABLE t(x); INSERT INTO t VALUES(1)").has_value());
  }
  CHECK(refusal(dir).message.find("another program") != std::string::npos);
}

TEST_CASE("a database of a newer gend is refused, with both versions") {
  const test::TempDir dir;
  make_a_run(dir.str(), 2);
  {
    auto newer = store::Database::open(dir / "results.db", store::Database::Access::kWrite);
    REQUIRE(newer.has_value());
    REQUIRE(newer->script("PRAGMA user_version=2").has_value());
  }
  const Error error = refusal(dir);
  CHECK(error.message.find("newer gend (layout 2; this one") != std::string::npos);
  CHECK(error.message.find("knows 1)") != std::string::npos);
}

TEST_CASE("a damaged database is refused or read around, and never brings anything down") {
  const test::TempDir dir;
  make_a_run(dir / "whole", 40);
  const std::string whole = read(dir / "whole/results.db");
  Rng rng{test::seed()};
  int refused = 0, unreadable = 0;
  for (int i = 0; i < 150; ++i) {
    const std::string place = dir / std::to_string(i);
    std::filesystem::create_directory(place);
    std::string bytes = whole;
    if (i % 3 == 0) bytes.resize(rng.below(bytes.size()));
    else
      for (int n = 0; n < 200; ++n)
        bytes[rng.below(bytes.size())] = static_cast<char>(rng.below(256));
    write(place + "/results.db", bytes);
    const auto store = Store::open(place, {});
    if (!store) {
      ++refused;
      continue;
    }
    const auto file = (*store)->run_file("r", {});
    unreadable += file.has_value() ? 0 : 1;
    (void)(*store)->list();
    MadeRun run{"another"};
    (*store)->begin(run.beginning());
    run.tell(**store, 2);
    (void)(*store)->end(run.standing(RunState::kFinished));
  }
  CHECK(refused > 0);
  MESSAGE(refused << " refused, " << unreadable << " with a run that cannot be read");
}

TEST_CASE("two daemons cannot share a state directory") {
  const test::TempDir dir;
  const auto first = test::open_store(dir.str());
  const auto second = Store::open(dir.str(), {});
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().message.find("another gend") != std::string::npos);
}

TEST_CASE("a state directory that cannot be is refused") {
  const test::TempDir dir;
  write(dir / "file", "x");
  const auto store = Store::open(dir / "file", {});
  REQUIRE_FALSE(store.has_value());
  CHECK_FALSE(store.error().remedy.empty());
}

TEST_CASE("results of an older gend are left alone, and that is said") {
  const test::TempDir dir;
  std::filesystem::create_directory(dir / "runs");
  write(dir / "runs/1.json", "{}");
  const auto remarks = test::open_store(dir.str())->take_remarks();
  REQUIRE(remarks.size() == 1);
  CHECK(remarks[0].find("/runs: results of an older gend") != std::string::npos);
  CHECK(read(dir / "runs/1.json") == "{}");
}

TEST_CASE("a disk that takes nothing is said; when it takes again, nothing is missing") {
  const test::TempDir dir;
  const auto store = test::open_store(dir.str());
  MadeRun run{"r"};
  store->begin(run.beginning());
  run.tell(*store, 10);
  store->settle();
  CHECK(store->not_written().empty());
  {
    const SmallDisk disk{4096};
    run.tell(*store, 150);
    store->settle();
    CHECK(store->not_written().find("results.db: ") != std::string::npos);
    // What was committed can be read meanwhile.
    CHECK(test::history_of(*store, "r").frames.size() == 10);
    // The end of a run is waited for, but not for ever.
    CHECK_FALSE(store->end(run.standing(RunState::kFinished)).empty());
    CHECK(store->find("r").value()->state == RunState::kRunning);
  }
  store->settle();
  CHECK(store->not_written().empty());
  CHECK(store->find("r").value()->state == RunState::kFinished);
  CHECK(test::history_of(*store, "r").frames.size() == 160);
}

TEST_CASE("what finds no place in memory while the disk takes nothing is counted, not hidden") {
  const test::TempDir dir;
  const auto store = test::open_store(dir.str());
  MadeRun run{"r"};
  store->begin(run.beginning());
  store->settle();
  {
    const SmallDisk disk{4096};
    // Seconds of 8 MB that do not shrink: more than eight of them do not fit.
    Rng rng{test::seed()};
    for (int i = 0; i < 12; ++i) {
      store::Second second = run.second();
      stats::Histogram::Slice slice;
      slice.min = 0;
      for (std::uint32_t bucket = 0; bucket < stats::Histogram::kBuckets; ++bucket) {
        slice.buckets.emplace_back(bucket, (rng() >> 2) / stats::Histogram::kBuckets + 1);
        slice.count += slice.buckets.back().second;
      }
      slice.max = stats::Histogram::kMaxValue;
      // The same slot again and again: it is only size that matters.
      second.frame.trends.assign(200, {.slot = 0, .slice = slice});
      store->add(std::move(second));
      store->settle();
    }
    CHECK(store->not_written().find("seconds are missing on disk") != std::string::npos);
  }
  store->settle();
  CHECK(store->not_written().find("seconds are missing on disk") != std::string::npos);
}
