// histogram/…: recording, percentiles and merging, beside HdrHistogram_c with two significant
// digits, which is the same resolution. merge/…: a second's figures of a shard into the sum.
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "agree.h"
#include "base/rng.h"
#include "parts.h"
#include "plan/load.h"
#include "stats/histogram.h"
#include "stats/snapshot.h"

#ifdef GEND_HDR
#include <hdr_histogram.h>
#endif

namespace {

using namespace gend;
using namespace gend::bench;

constexpr std::int64_t kHour = 3'600'000'000'000;
constexpr double kPercents[] = {50, 99, 99.9};

// Latencies as they are: most near 1 ms, a long tail.
std::vector<std::int64_t> latencies(std::size_t count) {
  Rng rng{1};
  std::vector<std::int64_t> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(static_cast<std::int64_t>(1e6 / std::sqrt(1.0 - rng.unit())));
  return all;
}
const std::vector<std::int64_t>& values() {
  static const auto all = latencies(4096);
  return all;
}

struct Ours {
  stats::Histogram of;
  void add(std::int64_t value) { of.add(value); }
  double percentile(double percent) const { return of.percentile(percent); }
  void merge(const Ours& other) { of.merge(other.of); }
};

#ifdef GEND_HDR
struct Hdr {
  struct Close {
    void operator()(hdr_histogram* each) const { hdr_close(each); }
  };
  std::unique_ptr<hdr_histogram, Close> of{[] {
    hdr_histogram* made = nullptr;
    agree(hdr_init(1, kHour, 2, &made) == 0, "HdrHistogram_c");
    return made;
  }()};
  void add(std::int64_t value) { hdr_record_value(of.get(), value); }
  double percentile(double percent) const {
    return static_cast<double>(hdr_value_at_percentile(of.get(), percent));
  }
  void merge(const Hdr& other) { hdr_add(of.get(), other.of.get()); }
};
#endif

template <class H>
void record(benchmark::State& state) {
  H histogram;
  for (auto _ : state)
    for (const std::int64_t value : values()) histogram.add(value);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(values().size()));
}

template <class H>
H filled() {
  H histogram;
  for (const std::int64_t value : values()) histogram.add(value);
  return histogram;
}

template <class H>
void percentile(benchmark::State& state) {
  const H histogram = filled<H>();
  for (auto _ : state)
    for (const double percent : kPercents)
      benchmark::DoNotOptimize(histogram.percentile(percent));
  state.SetItemsProcessed(state.iterations() * 3);
}

template <class H>
void merge(benchmark::State& state) {
  const H from = filled<H>();
  H into;
  for (auto _ : state) {
    into.merge(from);
    benchmark::ClobberMemory();
  }
}

// A plan of twelve requests, each with a thousand answers in this second.
void merge_snapshot(benchmark::State& state) {
  std::string text = "name: merge\ntarget: http://127.0.0.1:1\nscenarios:\n  main:\n"
                     "    executor: constant-vus\n    vus: 1\n    duration: 1s\n    flow:\n";
  for (int i = 0; i < 12; ++i) text += "      - get: /" + std::to_string(i) + "\n";
  const auto program = plan::compile("merge", text, {});
  agree(program.has_value(), "the plan");
  stats::Snapshot from{(*program)->schema}, into{(*program)->schema};
  for (const plan::HttpRequest& request : (*program)->requests)
    for (std::size_t i = 0; i < 1000; ++i)
      for (const std::uint32_t slot : {request.series.duration[1], request.series.corrected[1],
                                       request.series.waiting[1], request.series.sending[1]})
        from.recorder.trend_ticks(slot, values()[i]);
  for (auto _ : state) {
    into.merge(from, stats::Recorder::Over::kShards);
    benchmark::ClobberMemory();
  }
}

template <class H>
void add(const std::string& contender) {
  benchmark::RegisterBenchmark(("histogram/record/" + contender).c_str(), &record<H>);
  benchmark::RegisterBenchmark(("histogram/percentile/" + contender).c_str(), &percentile<H>);
  benchmark::RegisterBenchmark(("histogram/merge/" + contender).c_str(), &merge<H>);
}

}  // namespace

void gend::bench::add_histograms() {
  add<Ours>("gend");
#ifdef GEND_HDR
  const auto ours = filled<Ours>();
  const auto theirs = filled<Hdr>();
  for (const double percent : kPercents)
    agree(std::abs(ours.percentile(percent) / theirs.percentile(percent) - 1) < 0.01,
          "HdrHistogram_c");
  add<Hdr>("hdr");
#endif
  benchmark::RegisterBenchmark("merge/snapshot/gend", &merge_snapshot);
}
