// Microbenchmarks of the parts, each beside another known implementation that does the same work:
// PART/CASE/CONTENDER, gend's own first. Takes Google Benchmark's options; for figures to keep:
//
//   micro --benchmark_format=json --benchmark_repetitions=5 --benchmark_report_aggregates_only=true
#include <benchmark/benchmark.h>

#include "parts.h"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  using namespace gend::bench;
  add_parsers();
  add_frames();
  add_histograms();
  add_timers();
  add_renderers();
  add_extracting();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
