#pragma once

#include "export/exposition.h"

namespace gend::exporter {

// A trend as a classic histogram: _bucket with `le`, _sum and _count. The bounds are those of
// Prometheus' native histograms, so that quantiles from either agree: two in each power of two
// (schema 1, a factor of 1.414) from 0.5 ms to 64 s for times, one (schema 0) from 1/1024 to
// 524,288 for values that are no times. A bucket of ours is up to 0.8 % wide, so a count at a
// bound may be off by the samples within 0.4 % of it; _sum and _count are exact.
void write_buckets(Exposition& out, const Exposition::Labels& labels,
                   const stats::Histogram& trend, stats::Contains contains);

// What a trend's ticks are divided by for seconds, or for the value as the plan gave it.
double ticks_of_one(stats::Contains contains);

}  // namespace gend::exporter
