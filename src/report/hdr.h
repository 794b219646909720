#pragma once

#include <cstdint>
#include <string>

#include "stats/histogram.h"

// HdrHistogram's formats, for the tools that people have for them.
//
// A stats::Histogram is laid out exactly as an HdrHistogram with two significant digits and a
// lowest discernible value of 1 is: 256 exact values, then 128 buckets for each power of two, and
// bucket i is counts[i] there. Nothing is rounded on the way. What those tools print for a bucket
// is its upper end, where gend's own percentiles say the midpoint: the two differ by at most 1/256
// of the value. Values are ticks: nanoseconds of times, millionths of what has no unit.
namespace gend::report {

inline constexpr int kHdrDigits = 2;

// The V2 encoding (HistogramEncoder: cookie 0x1c849313): 40 bytes, then the counts as ZigZag LEB128
// with runs of zeros. Without a sample: one count, 0.
std::string hdr_encoded(const stats::Histogram& histogram);
// The same deflated (cookie 0x1c849314), as Base64: what stands in a log, "HISTFAAAA…".
std::string hdr_base64(const stats::Histogram& histogram);

// The percentile distribution as HdrHistogram's outputPercentileDistribution() writes it (.hgrm),
// with five steps for each halving of what is left; values are divided by `ticks_per_unit`. A value
// is the upper end of its bucket, but never above the largest sample, which is exact.
std::string hgrm_text(const stats::Histogram& histogram, double ticks_per_unit);

}  // namespace gend::report
