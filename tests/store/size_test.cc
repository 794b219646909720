// Eight hours of 200 series: how large they are on disk, and what storing costs.
#include <doctest/doctest.h>

#include <filesystem>

#include <sys/resource.h>

#include "control/temp_dir.h"
#include "store/made_run.h"

using namespace gend;
using report::RunState;

namespace {

constexpr int kSeconds = 8 * 3600, kTrends = 140, kTallies = 20, kRates = 20, kCounts = 20;
constexpr std::uintmax_t kMost = 200'000'000;  // bytes

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

}  // namespace

TEST_CASE("eight hours of 200 series are less than 200 MB on disk") {
  stats::Schema schema;
  const auto tags = [](int i) { return stats::Tags{{"scenario", "s" + std::to_string(i)}}; };
  for (int i = 0; i < kTrends; ++i) schema.add("http_req_duration", tags(i));
  for (int i = 0; i < kTallies; ++i) schema.add("http_reqs", tags(i));
  for (int i = 0; i < kRates; ++i) schema.add("http_req_failed", tags(i));
  for (int i = 0; i < kCounts; ++i) schema.add("data_received", tags(i));
  stats::Snapshot snapshot{schema};
  Rng rng{1};

  const test::TempDir dir;
  const auto store = test::open_store(dir.str());
  test::MadeRun run{"r"};
  store::Beginning beginning = run.beginning();
  beginning.schema = report::schema_json(schema).dump();
  store->begin(std::move(beginning));
  const double before = cpu_seconds();
  for (int second = 0; second < kSeconds; ++second) {
    snapshot.clear();
    // Each series one to four samples; latencies as they are: around 20 ms, with a long tail.
    for (std::uint32_t i = 0; i < kTrends; ++i)
      for (std::uint64_t n = 1 + rng.below(4); n > 0; --n)
        snapshot.recorder.trend(i, Duration{static_cast<std::int64_t>(
                                       5'000'000 + rng.below(30'000'000) +
                                       (rng.below(50) == 0 ? rng.below(900'000'000) : 0))});
    for (std::uint32_t i = 0; i < kTallies; ++i)
      for (std::uint64_t n = 1 + rng.below(20); n > 0; --n)
        snapshot.recorder.tally(i, rng.below(100) == 0 ? 503 : 200);
    for (std::uint32_t i = 0; i < kRates; ++i)
      snapshot.recorder.share(i, rng.below(2), 1 + rng.below(20));
    for (std::uint32_t i = 0; i < kCounts; ++i) snapshot.recorder.count(i, rng.below(1'000'000));
    store->add({.frame = stats::frame_of(schema, snapshot, std::chrono::seconds{second},
                                         std::chrono::seconds{second + 1}),
                .wall_ms = run.started_ms + second * 1000, .events = {}});
    if (second % 60 == 59) store->settle();
  }
  REQUIRE(store->end(run.standing(RunState::kFinished)).empty());
  const double cost = (cpu_seconds() - before) / kSeconds;
  std::uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator{dir.str()}) bytes += file.file_size();
  MESSAGE((bytes / 1'000'000) << " MB on disk, " << (cost * 1000) << " ms of CPU a second");
  CHECK(std::filesystem::file_size(store->path()) < kMost);
  const auto file = store->run_file("r", {});
  REQUIRE(file.has_value());
  REQUIRE(file->has_value());
  MESSAGE(((*file)->size() / 1'000'000) << " MB as a run file");
}
