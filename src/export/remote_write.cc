#include "export/remote_write.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>

#include <snappy-c.h>

#include "base/assert.h"
#include "base/export_limits.h"
#include "export/buckets.h"
#include "stats/utf8.h"

namespace gend::exporter {
namespace {

// Fields of prompb: types.proto and remote.proto of Prometheus.
constexpr std::uint32_t kRequestSeries = 1;
constexpr std::uint32_t kSeriesLabel = 1, kSeriesSample = 2, kSeriesHistogram = 4;
constexpr std::uint32_t kLabelName = 1, kLabelValue = 2;
constexpr std::uint32_t kSampleValue = 1, kSampleTime = 2;
constexpr std::uint32_t kHistogramCount = 1, kHistogramSum = 3, kHistogramSchema = 4,
                        kHistogramZeroThreshold = 5, kHistogramZeroCount = 6,
                        kHistogramSpans = 11, kHistogramDeltas = 12, kHistogramTime = 15;
constexpr std::uint32_t kSpanOffset = 1, kSpanLength = 2;

constexpr int kSchema = 3;                 // 2^(1/8): the factor of 1.1 that k6 asks for
constexpr double kZeroThreshold = 0x1p-128;  // client_golang's default

void put_sample(ProtoWriter& inner, ProtoWriter& series, double value, std::int64_t wall_ms) {
  inner.clear();
  inner.number(kSampleValue, value);
  inner.int64(kSampleTime, wall_ms);
  series.text(kSeriesSample, inner.bytes());
}

}  // namespace

void RemoteWrite::family(std::string_view name, std::string_view type, std::string_view,
                         std::string_view) {
  name_ = name;
  grows_ = type == "counter" || type == "histogram";
}

// Sorted by name, as the specification asks; a label of the series itself goes before a fixed one.
void RemoteWrite::put_labels(std::string_view suffix, const Labels& labels) {
  std::map<std::string_view, std::string_view> all;
  const std::string name = name_ + std::string{suffix};
  all.emplace("__name__", name);
  for (const auto& [key, value] : labels) all.emplace(key, value);
  for (const auto& [key, value] : fixed_) all.emplace(key, value);
  series_.clear();
  for (const auto& [key, value] : all) {
    if (value.empty()) continue;  // the same as none, and not allowed
    inner_.clear();
    inner_.text(kLabelName, key);
    inner_.text(kLabelValue, stats::valid_utf8(value));
    series_.text(kSeriesLabel, inner_.bytes());
  }
}

void RemoteWrite::sample(std::string_view suffix, const Labels& labels, double value) {
  GEND_ASSERT(std::isfinite(value));
  put_labels(suffix, labels);
  // Unless that would be the same moment twice.
  const bool first = grows_ && moment_.before_ms < moment_.now_ms &&
                     begun_.insert(series_.bytes()).second;
  if (first) put_sample(inner_, series_, 0, moment_.before_ms);
  put_sample(inner_, series_, value, moment_.now_ms);
  close_series();
}

void RemoteWrite::sample(std::string_view suffix, const Labels& labels, std::uint64_t value) {
  sample(suffix, labels, static_cast<double>(value));
}

void RemoteWrite::histogram(const Labels& labels, const stats::Histogram& trend,
                            stats::Contains contains) {
  if (trends_ == Trends::kBuckets) return write_buckets(*this, labels, trend, contains);
  put_labels("", labels);
  series_.text(kSeriesHistogram, native_histogram(trend, contains, moment_.now_ms));
  close_series();
}

void RemoteWrite::close_series() {
  request_.text(kRequestSeries, series_.bytes());
  if (++in_request_ == limits::kExportSeriesAtOnce) close_request();
}

void RemoteWrite::close_request() {
  done_.push_back({snappy_compressed(request_.bytes()), in_request_});
  request_.clear();
  in_request_ = 0;
}

std::vector<Message> RemoteWrite::finish() && {
  if (in_request_ > 0) close_request();
  return std::move(done_);
}

std::string native_histogram(const stats::Histogram& trend, stats::Contains contains,
                             std::int64_t wall_ms) {
  std::map<std::int64_t, std::uint64_t> counts;  // by the bucket's number: up to 2^(n / 8)
  std::uint64_t zeros = 0;
  for (std::size_t i = trend.first_touched(); i < trend.last_touched(); ++i) {
    const std::uint64_t count = trend.buckets()[i];
    if (count == 0) continue;
    const std::int64_t low = stats::Histogram::lower_bound(i);
    const std::int64_t width = stats::Histogram::lower_bound(i + 1) - low;
    const double value = (static_cast<double>(low) + static_cast<double>(width - 1) / 2) /
                         ticks_of_one(contains);
    if (value == 0) zeros += count;
    else counts[std::lround(std::ceil(std::log2(value) * (1 << kSchema)))] += count;
  }
  ProtoWriter out, spans, deltas;
  out.varint(kHistogramCount, trend.count());
  out.number(kHistogramSum, trend.sum() / ticks_of_one(contains));
  out.sint(kHistogramSchema, kSchema);
  out.number(kHistogramZeroThreshold, kZeroThreshold);
  out.varint(kHistogramZeroCount, zeros);
  std::int64_t next = 0, before = 0;
  for (auto at = counts.begin(); at != counts.end();) {
    const std::int64_t begin = at->first;
    std::int64_t end = begin;
    for (; at != counts.end() && at->first == end; ++at, ++end) {
      const auto count = static_cast<std::int64_t>(at->second);
      deltas.raw_varint(ProtoWriter::zigzag(count - before));
      before = count;
    }
    spans.clear();
    spans.sint(kSpanOffset, begin - next);
    spans.varint(kSpanLength, static_cast<std::uint64_t>(end - begin));
    out.text(kHistogramSpans, spans.bytes());
    next = end;
  }
  if (!counts.empty()) out.text(kHistogramDeltas, deltas.bytes());
  out.int64(kHistogramTime, wall_ms);
  return out.bytes();
}

std::string snappy_compressed(std::string_view bytes) {
  std::size_t size = snappy_max_compressed_length(bytes.size());
  std::string packed(size, '\0');
  const auto status = snappy_compress(bytes.data(), bytes.size(), packed.data(), &size);
  GEND_ASSERT(status == SNAPPY_OK);  // fails only when there is too little room
  packed.resize(size);
  return packed;
}

}  // namespace gend::exporter
