#pragma once

// Each registers the benchmarks of one part, after it has seen that the contenders agree.
namespace gend::bench {

void add_extracting();
void add_frames();
void add_histograms();
void add_parsers();
void add_renderers();
void add_timers();

}  // namespace gend::bench
