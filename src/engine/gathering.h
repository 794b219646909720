#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "engine/interval.h"
#include "engine/mailbox.h"
#include "stats/snapshot.h"

namespace gend::engine {

// Puts together what the shards hand over. An interval of the run holds the same span of every
// shard, the spans follow each other without a gap and without an overlap, and what a shard counted
// in a span stands in its interval. Where a shard stood still for several seconds its counts cannot
// be told apart, so the interval of all of them is that long.
class Gathering {
 public:
  // The mailboxes of one shard; they must outlive this.
  struct Outlet {
    Mailbox<Delivery, 4>& deliveries;
    Mailbox<stats::Snapshot*, 4>& empties;
  };

  void add(Outlet shard) { parts_.push_back({.shard = shard}); }

  // Takes what has come; true when the next interval is whole.
  bool look();
  // The interval that look() found whole goes into `into`, which is empty, and its snapshots go
  // back to their shards.
  void merge_into(stats::Snapshot& into, TimePoint start_of_run);
  // Every shard is done, and everything was merged.
  bool finished() const;

 private:
  struct Part {
    Outlet shard;
    stats::Snapshot* held = nullptr;  // what it handed over of the interval
    std::uint64_t delivered = 0;      // intervals handed over so far
    bool finished = false;
  };
  void take(Part& part);
  static void hold(Part& part, const Delivery& delivery);

  std::vector<Part> parts_;
  std::uint64_t next_ = 0;   // index of the first second of the interval
  std::uint64_t until_ = 0;  // of its last one
};

}  // namespace gend::engine
