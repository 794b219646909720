#include "stats/samples.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "base/rng.h"
#include "stats/snapshot.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::stats;
using namespace std::chrono_literals;

static_assert(std::is_trivially_copyable_v<Sample>, "kept and handed over without a heap");

namespace {

Sample slow(Duration slowness, Duration at, std::uint32_t user = 0) {
  Sample sample;
  sample.slowness = slowness;
  sample.at = at;
  sample.user = user;
  return sample;
}

Sample failed(Duration at, std::uint32_t request, Outcome outcome, std::uint16_t status = 0) {
  Sample sample;
  sample.at = at;
  sample.request = request;
  sample.outcome = outcome;
  sample.status = status;
  return sample;
}

void fail(Samples& samples, const Sample& sample) {
  if (samples.wants_failed(sample.request, sample.outcome, sample.status))
    samples.offer_failed(sample);
}

using Key = std::tuple<std::int64_t, std::uint32_t, std::uint32_t>;
std::vector<Key> slow_keys(const Samples& samples) {
  std::vector<Key> keys;
  for (std::size_t i = 0; i < samples.slow_count(); ++i)
    keys.emplace_back(samples.slow(i).slowness.count(), samples.slow(i).user, 0);
  return keys;
}
std::vector<Key> failed_keys(const Samples& samples) {
  std::vector<Key> keys;
  for (std::size_t i = 0; i < samples.failed_count(); ++i)
    keys.emplace_back(samples.failed(i).at.count(), samples.failed(i).request,
                      samples.failed(i).status);
  return keys;
}

}  // namespace

TEST_CASE("the ten slowest requests are kept, the slowest first") {
  Rng rng = Rng{test::seed()};
  Samples samples;
  std::vector<std::int64_t> all;
  for (int i = 0; i < 1000; ++i) {
    const auto ns = static_cast<std::int64_t>(rng.below(1'000'000));
    all.push_back(ns);
    if (samples.wants_slow(Duration{ns})) samples.offer_slow(slow(Duration{ns}, i * 1ms));
  }
  std::ranges::sort(all, std::greater{});
  REQUIRE(samples.slow_count() == 10);
  for (std::size_t i = 0; i < 10; ++i) CHECK(samples.slow(i).slowness.count() == all[i]);
  CHECK_FALSE(samples.wants_slow(Duration{all[9]}));
  CHECK(samples.wants_slow(Duration{all[9] + 1}));
}

TEST_CASE("three of each way to fail are kept, and all are counted") {
  Samples samples;
  for (int i = 0; i < 100; ++i) {
    fail(samples, failed(i * 10ms, 0, Outcome::kStatus5xx, 503));
    fail(samples, failed(i * 10ms + 1ms, 1, Outcome::kStatus5xx, 503));
    fail(samples, failed(i * 10ms + 2ms, 0, Outcome::kTimeoutTotal));
  }
  CHECK(samples.failed_seen() == 300);
  REQUIRE(samples.failed_count() == 9);
  for (std::size_t i = 0; i < 9; ++i)
    CHECK(samples.failed(i).at == (i / 3) * 10ms + (i % 3) * 1ms);
}

TEST_CASE("a new way to fail makes a repetition go when there is no room") {
  Samples samples;
  for (std::uint32_t request = 0; request < 7; ++request)
    for (int i = 0; i < 3; ++i)
      fail(samples, failed(request * 10ms + i * 1ms, request, Outcome::kTimeoutTotal));
  CHECK(samples.failed_count() == 20);
  for (std::uint32_t request = 7; request < 40; ++request)
    fail(samples, failed(request * 10ms, request, Outcome::kTimeoutTotal));
  REQUIRE(samples.failed_count() == 20);
  for (std::uint32_t i = 0; i < 20; ++i) CHECK(samples.failed(i).request == i);
  CHECK(samples.failed_seen() == 21 + 33);
}

TEST_CASE("the same samples are kept in whatever order shards are merged") {
  Rng rng = Rng{test::seed()};
  for (int round = 0; round < 50; ++round) {
    std::vector<std::unique_ptr<Samples>> shards;
    for (std::uint32_t shard = 0; shard < 6; ++shard) {
      shards.push_back(std::make_unique<Samples>());
      for (int i = 0; i < 30; ++i) {
        const Duration at{static_cast<std::int64_t>(rng.below(50))};
        const Duration took{static_cast<std::int64_t>(rng.below(20))};
        if (shards[shard]->wants_slow(took))
          shards[shard]->offer_slow(slow(took, at, shard * 1000 + static_cast<std::uint32_t>(i)));
        Sample bad = failed(at, static_cast<std::uint32_t>(rng.below(12)), Outcome::kStatus5xx,
                            static_cast<std::uint16_t>(500 + rng.below(2)));
        bad.user = shard;
        bad.iteration = static_cast<std::uint64_t>(i);
        fail(*shards[shard], bad);
      }
    }
    Samples forth, back, pairs;
    for (const auto& shard : shards) forth.merge(*shard);
    for (auto shard = shards.rbegin(); shard != shards.rend(); ++shard) back.merge(**shard);
    for (std::size_t i = 0; i < 6; i += 2) {
      Samples two;
      two.merge(*shards[i + 1]);
      two.merge(*shards[i]);
      pairs.merge(two);
    }
    CHECK(slow_keys(forth) == slow_keys(back));
    CHECK(slow_keys(forth) == slow_keys(pairs));
    CHECK(failed_keys(forth) == failed_keys(back));
    CHECK(failed_keys(forth) == failed_keys(pairs));
    CHECK(forth.failed_seen() == 180);
    std::map<std::pair<std::uint32_t, std::uint32_t>, int> alike;
    for (const auto& [at, request, status] : failed_keys(forth)) ++alike[{request, status}];
    for (const auto& [kind, n] : alike) CHECK(n <= 3);
  }
}

TEST_CASE("texts are kept as far as they fit, and say when they do not") {
  ShortText<8> text;
  text.append("GET ");
  text.append("/a");
  CHECK(text.view() == "GET /a");
  CHECK_FALSE(text.cut);
  text.append("bcdef");
  CHECK(text.view() == "GET /abc");
  CHECK(text.cut);
  text.append("");
  CHECK(text.view().size() == 8);
}

TEST_CASE("snapshots carry samples along, and the first abort that any of them saw") {
  const Schema schema;
  const auto one = std::make_unique<Snapshot>(schema), two = std::make_unique<Snapshot>(schema),
             all = std::make_unique<Snapshot>(schema);
  one->samples.offer_slow(slow(5ms, 1s));
  two->samples.offer_slow(slow(7ms, 2s));
  two->aborted = 3;
  all->merge(*one, Recorder::Over::kShards);
  all->merge(*two, Recorder::Over::kShards);
  CHECK(all->samples.slow_count() == 2);
  CHECK(all->aborted == 3);
  one->aborted = 1;
  all->merge(*one, Recorder::Over::kIntervals);
  CHECK(all->aborted == 3);
  all->clear();
  CHECK(all->samples.slow_count() == 0);
  CHECK(all->aborted == 0);
}
