#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "export/exposition.h"
#include "export/message.h"
#include "export/protobuf.h"

namespace gend::exporter {

enum class Trends : std::uint8_t {
  kBuckets,  // classic: _bucket, _sum, _count
  kNative    // native histograms of schema 3, a factor of 1.09, as k6's
};

// Families as Prometheus remote write 1.0
// (https://prometheus.io/docs/specs/prw/remote_write_spec/): protobuf, compressed with snappy. A
// series that grows begins with a 0 at the push before its first one, so that rate() and increase()
// miss nothing.
class RemoteWrite final : public Exposition {
 public:
  struct Moment {
    std::int64_t before_ms = 0, now_ms = 0;  // wall clock: of the push before (of the run's begin)
  };
  // `begun`: the series that have their 0 already; kept from one push to the next.
  RemoteWrite(const FixedLabels& labels, Trends trends, Moment moment,
              std::unordered_set<std::string>& begun)
      : fixed_{labels}, trends_{trends}, moment_{moment}, begun_{begun} {}

  void family(std::string_view name, std::string_view type, std::string_view unit,
              std::string_view help) override;
  void sample(std::string_view suffix, const Labels& labels, double value) override;
  void sample(std::string_view suffix, const Labels& labels, std::uint64_t value) override;
  void histogram(const Labels& labels, const stats::Histogram& trend,
                 stats::Contains contains) override;

  // Bodies of requests, in order.
  std::vector<Message> finish() &&;

 private:
  void put_labels(std::string_view suffix, const Labels& labels);
  void close_series();
  void close_request();

  const FixedLabels& fixed_;
  Trends trends_;
  Moment moment_;
  std::unordered_set<std::string>& begun_;
  std::string name_;
  bool grows_ = false;  // a counter, or the buckets of a histogram
  ProtoWriter series_, inner_, request_;
  std::uint64_t in_request_ = 0;
  std::vector<Message> done_;
};

// A native histogram (prompb.Histogram) as protobuf: zero bucket for what is 0, schema 3.
std::string native_histogram(const stats::Histogram& trend, stats::Contains contains,
                             std::int64_t wall_ms);

std::string snappy_compressed(std::string_view bytes);

}  // namespace gend::exporter
