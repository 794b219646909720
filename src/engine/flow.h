#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/time.h"
#include "engine/vu.h"
#include "extract/json_document.h"
#include "plan/program.h"
#include "plan/render.h"
#include "stats/snapshot.h"

namespace gend::engine {

// The steps that need nothing from the world: jumps, loops, choices, groups, values, metrics,
// waits. Moves a user from one step to the next; requests, bursts and ends are the runner's.
class Flow {
 public:
  explicit Flow(const plan::Program& program) : program_{program} {}

  void record_into(stats::Snapshot* snapshot) { into_ = snapshot; }
  // Of a simulation (made_up.h); must outlive this.
  void assume_rounds(std::span<const std::uint64_t> by_loop) { assumed_rounds_ = by_loop; }

  // Where a step leads. `intended` is when the next step is wanted: the moment this one ended, the
  // schedule's own moment in a loop with a rate. Later than `ready`: the user waits until then.
  struct Next {
    std::uint32_t pc = 0;
    TimePoint intended{};
    std::optional<plan::FailReason> failed{};  // the iteration ends; `pc` means nothing
    bool aborted = false;                      // and so does the run
  };
  // `at` is when the user came to the step.
  Next take(Vu& vu, const plan::Step& step, TimePoint at, const plan::RenderContext& context);

 private:
  Next enter_loop(Vu& vu, const plan::Step& step, TimePoint at, const plan::RenderContext& context);
  Next next_round(Vu& vu, const plan::Step& step, TimePoint at, const plan::RenderContext& context);
  bool is_assumed(std::uint32_t loop) const {
    return !assumed_rounds_.empty() && assumed_rounds_[loop] > 0;
  }
  Next choose(Vu& vu, const plan::Step& step, TimePoint at);
  Next assign(const plan::Step& step, TimePoint at, const plan::RenderContext& context);
  Next measure(const plan::Step& step, TimePoint at, const plan::RenderContext& context);
  plan::RenderFault give_item(const plan::Loop& loop, std::int64_t round,
                              const plan::RenderContext& context);

  const plan::Program& program_;
  stats::Snapshot* into_ = nullptr;
  plan::TextBuffer scratch_;
  extract::JsonList list_;
  std::string item_;
  std::span<const std::uint64_t> assumed_rounds_;
};

}  // namespace gend::engine
