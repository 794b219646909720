#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "stats/snapshot.h"
#include "stats/tally.h"
#include "stats/verdict.h"

namespace gend::stats {

// One interval of a run as it is kept: only the series that have anything in it. Slots are those
// of the run's Schema. Its size is that of what happened, not that of the plan.
struct Frame {
  Duration from{}, to{};  // since the run began

  struct Trend {
    std::uint32_t slot = 0;
    Histogram::Slice slice;
  };
  struct Count {
    std::uint32_t slot = 0;
    std::uint64_t n = 0;
  };
  struct RateAt {
    std::uint32_t slot = 0;
    Rate rate;
  };
  struct GaugeAt {
    std::uint32_t slot = 0;
    Gauge gauge;  // `carried` says that it was not sampled in this interval
  };
  struct TallyAt {
    std::uint32_t slot = 0;
    std::vector<std::pair<std::uint16_t, std::uint64_t>> keys;  // ascending; Tally::key() and count
  };
  // Each ascending by slot.
  std::vector<Trend> trends;
  std::vector<Count> counts;
  std::vector<RateAt> rates;
  std::vector<GaugeAt> gauges;
  std::vector<TallyAt> tallies;
  GeneratorHealth health;
};

// What an interval's snapshot holds; `from` and `to` count from the start of the run.
Frame frame_of(const Schema& schema, const Snapshot& snapshot, Duration from, Duration to);

// Adds a frame to a snapshot of the same schema as a later interval. Frames hold no samples.
void merge(Snapshot& into, const Frame& frame);

// True when every slot and key of the frame is one of the schema's.
bool fits(const Frame& frame, const Schema& schema);

// A byte for the version, then little-endian base-128 numbers: some 20 bytes for a trend of a few
// samples. What decode_frame() returns is whole and consistent (counts add up, slots ascend),
// whatever the bytes were; nothing for anything else.
std::string encode(const Frame& frame);
std::optional<Frame> decode_frame(std::string_view bytes);

}  // namespace gend::stats
