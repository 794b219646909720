#include "stats/frame.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stats/varint.h"

namespace gend::stats {
namespace {

constexpr std::uint64_t kVersion = 1;

// ---- health ------------------------------------------------------------------------------------

// The counts of GeneratorHealth in the order in which they are written: append only.
template <class Health, class Visit>
void for_each_count(Health& h, Visit&& visit) {
  visit(h.planned);
  visit(h.started);
  visit(h.completed);
  visit(h.interrupted);
  visit(h.dropped_no_user);
  visit(h.dropped_stopped);
  visit(h.dropped_no_time);
  visit(h.buffer_starved);
  visit(h.cq_overflows);
  visit(h.host_descriptors);
  visit(h.host_ports);
  visit(h.host_memory);
  visit(h.host_other);
  visit(h.loops);
  visit(h.syscalls);
}

void write(VarintWriter& out, const GeneratorHealth& h) {
  for_each_count(h, [&](std::uint64_t n) { out.number(n); });
  out.zigzag(h.busy.count());
  out.zigzag(h.wall.count());
  out.zigzag(h.longest_stall.count());
  out.zigzag(h.memory_bytes);
  out.number(h.busiest_shard);
  out.real(h.busiest);
}

std::uint32_t small(VarintReader& in) {
  const std::uint64_t n = in.number();
  if (n > std::numeric_limits<std::uint32_t>::max()) in.reject();
  return static_cast<std::uint32_t>(n);
}

// No run is longer, so that sums of what is read stay in range.
Duration length(VarintReader& in) {
  const std::int64_t ns = in.zigzag();
  if (ns < 0 || ns > Histogram::kMaxValue) in.reject();
  return Duration{in.ok() ? ns : 0};
}

void read(VarintReader& in, GeneratorHealth& h) {
  for_each_count(h, [&](std::uint64_t& n) { n = in.number(); });
  h.busy = length(in);
  h.wall = length(in);
  h.longest_stall = length(in);
  h.memory_bytes = in.zigzag();
  h.busiest_shard = small(in);
  h.busiest = in.real();
  if (!(h.busiest >= 0) || !std::isfinite(h.busiest)) in.reject();
}

// ---- histograms --------------------------------------------------------------------------------

void write(VarintWriter& out, const Histogram::Slice& slice) {
  out.number(slice.buckets.size());
  std::uint32_t before = 0;
  for (const auto& [bucket, n] : slice.buckets) {
    out.number(bucket - before);
    out.number(n);
    before = bucket;
  }
  out.number(static_cast<std::uint64_t>(slice.sum));
  out.number(static_cast<std::uint64_t>(slice.sum >> 64));
  out.number(static_cast<std::uint64_t>(slice.min));
  out.number(static_cast<std::uint64_t>(slice.max));
}

// Values above the last bucket's are possible: max is exact, and so is sum.
bool is_sound(const Histogram::Slice& slice) {
  if (slice.buckets.empty() || slice.min < 0 || slice.max < slice.min) return false;
  return Histogram::bucket_of(slice.min) == slice.buckets.front().first &&
         Histogram::bucket_of(slice.max) == slice.buckets.back().first;
}

void read(VarintReader& in, Histogram::Slice& slice) {
  slice.buckets.resize(in.size());
  std::uint64_t bucket = 0;
  for (std::size_t i = 0; i < slice.buckets.size(); ++i) {
    const std::uint64_t further = in.number();
    const std::uint64_t n = in.number();
    if (further >= Histogram::kBuckets || (i > 0 && further == 0) || n == 0) in.reject();
    bucket += further;
    if (bucket >= Histogram::kBuckets || slice.count + n < n) in.reject();
    if (!in.ok()) return;
    slice.buckets[i] = {static_cast<std::uint32_t>(bucket), n};
    slice.count += n;
  }
  const std::uint64_t low = in.number();
  const std::uint64_t high = in.number();
  slice.sum = (decltype(slice.sum){high} << 64) | low;
  slice.min = static_cast<std::int64_t>(in.number());
  slice.max = static_cast<std::int64_t>(in.number());
  if (!is_sound(slice)) in.reject();
}

// ---- the kinds of series -----------------------------------------------------------------------

void write(VarintWriter& out, const Frame::Trend& at) { write(out, at.slice); }
void write(VarintWriter& out, const Frame::Count& at) { out.number(at.n); }
void write(VarintWriter& out, const Frame::RateAt& at) {
  out.number(at.rate.hits);
  out.number(at.rate.total);
}
void write(VarintWriter& out, const Frame::GaugeAt& at) {
  out.number(at.gauge.carried ? 1 : 0);
  out.zigzag(at.gauge.value);
  out.zigzag(at.gauge.min);
  out.zigzag(at.gauge.max);
}
void write(VarintWriter& out, const Frame::TallyAt& at) {
  out.number(at.keys.size());
  for (const auto& [key, n] : at.keys) {
    out.number(key);
    out.number(n);
  }
}

void read(VarintReader& in, Frame::Trend& at) { read(in, at.slice); }
void read(VarintReader& in, Frame::Count& at) { at.n = in.number(); }
void read(VarintReader& in, Frame::RateAt& at) {
  at.rate.hits = in.number();
  at.rate.total = in.number();
  if (at.rate.hits > at.rate.total) in.reject();
}
void read(VarintReader& in, Frame::GaugeAt& at) {
  const std::uint64_t carried = in.number();
  if (carried > 1) in.reject();
  at.gauge = {.value = in.zigzag(), .min = in.zigzag(), .max = in.zigzag(), .set = true,
              .carried = carried == 1};
}
void read(VarintReader& in, Frame::TallyAt& at) {
  at.keys.resize(in.size());
  std::int64_t before = -1;
  for (auto& [key, n] : at.keys) {
    const std::uint64_t number = in.number();
    n = in.number();
    if (number >= Tally::kKeys || static_cast<std::int64_t>(number) <= before || n == 0)
      in.reject();
    if (!in.ok()) return;
    before = static_cast<std::int64_t>(number);
    key = static_cast<std::uint16_t>(number);
  }
}

template <class At>
void write_all(VarintWriter& out, const std::vector<At>& all) {
  out.number(all.size());
  std::uint32_t before = 0;
  for (const At& at : all) {
    out.number(at.slot - before);
    write(out, at);
    before = at.slot;
  }
}

template <class At>
void read_all(VarintReader& in, std::vector<At>& all) {
  all.resize(in.size());
  std::uint64_t slot = 0;
  for (std::size_t i = 0; i < all.size() && in.ok(); ++i) {
    const std::uint64_t further = small(in);
    slot += further;
    if ((i > 0 && further == 0) || slot > std::numeric_limits<std::uint32_t>::max()) in.reject();
    all[i].slot = static_cast<std::uint32_t>(slot);
    read(in, all[i]);
  }
}

Frame::TallyAt tally_of(std::uint32_t slot, const Tally& tally) {
  Frame::TallyAt at{.slot = slot, .keys = {}};
  for (std::size_t key = 0; key < Tally::kKeys; ++key)
    if (tally.counts[key] > 0)
      at.keys.emplace_back(static_cast<std::uint16_t>(key), tally.counts[key]);
  return at;
}

}  // namespace

Frame frame_of(const Schema& schema, const Snapshot& snapshot, Duration from, Duration to) {
  const Recorder& recorder = snapshot.recorder;
  Frame frame;
  frame.from = from;
  frame.to = to;
  frame.health = snapshot.health;
  for (std::uint32_t i = 0; i < schema.slots(Kind::kTrend); ++i)
    if (recorder.trend_at(i).count() > 0) frame.trends.push_back({i, recorder.trend_at(i).slice()});
  for (std::uint32_t i = 0; i < schema.slots(Kind::kCounter); ++i)
    if (recorder.counter_at(i) > 0) frame.counts.push_back({i, recorder.counter_at(i)});
  for (std::uint32_t i = 0; i < schema.slots(Kind::kRate); ++i)
    if (recorder.rate_at(i).total > 0) frame.rates.push_back({i, recorder.rate_at(i)});
  for (std::uint32_t i = 0; i < schema.slots(Kind::kGauge); ++i)
    if (recorder.gauge_at(i).set) frame.gauges.push_back({i, recorder.gauge_at(i)});
  for (std::uint32_t i = 0; i < schema.slots(Kind::kTally); ++i)
    if (recorder.tally_at(i).touched) frame.tallies.push_back(tally_of(i, recorder.tally_at(i)));
  return frame;
}

void merge(Snapshot& into, const Frame& frame) {
  into.recorder.merge(frame);
  into.health.merge(frame.health);
}

bool fits(const Frame& frame, const Schema& schema) {
  const auto all_of = [&](const auto& series, Kind kind) {
    return series.empty() || series.back().slot < schema.slots(kind);
  };
  return all_of(frame.trends, Kind::kTrend) && all_of(frame.counts, Kind::kCounter) &&
         all_of(frame.rates, Kind::kRate) && all_of(frame.gauges, Kind::kGauge) &&
         all_of(frame.tallies, Kind::kTally);
}

std::string encode(const Frame& frame) {
  std::string bytes;
  VarintWriter out{bytes};
  out.number(kVersion);
  out.zigzag(frame.from.count());
  out.zigzag(frame.to.count());
  write(out, frame.health);
  write_all(out, frame.trends);
  write_all(out, frame.counts);
  write_all(out, frame.rates);
  write_all(out, frame.gauges);
  write_all(out, frame.tallies);
  return bytes;
}

std::optional<Frame> decode_frame(std::string_view bytes) {
  VarintReader in{bytes};
  if (in.number() != kVersion) return std::nullopt;
  Frame frame;
  frame.from = length(in);
  frame.to = length(in);
  if (frame.to < frame.from) in.reject();
  read(in, frame.health);
  read_all(in, frame.trends);
  read_all(in, frame.counts);
  read_all(in, frame.rates);
  read_all(in, frame.gauges);
  read_all(in, frame.tallies);
  if (!in.at_end()) return std::nullopt;
  return frame;
}

}  // namespace gend::stats
