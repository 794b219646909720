#include "report/windows.h"

#include <chrono>

#include "base/assert.h"
#include "report/timeline_parts.h"

namespace gend::report {

Windows::Windows(const History& history, Duration every)
    : history_{history}, every_{every}, recorder_{*history.schema} {
  GEND_ASSERT(every > Duration::zero());
}

bool Windows::next() {
  if (at_ == history_.frames.size()) return false;
  recorder_.clear();
  from_ = history_.frames[at_].from;
  const auto window = from_ / every_;
  const auto belongs = [&] {
    return at_ < history_.frames.size() && (history_.frames[at_].from / every_ == window ||
                                            is_rest(history_.frames, at_));
  };
  for (; belongs(); ++at_) {
    recorder_.merge(history_.frames[at_]);
    to_ = history_.frames[at_].to;
  }
  return true;
}

Duration usual_window(Duration elapsed) {
  using namespace std::chrono_literals;
  if (elapsed <= 1h) return 1s;
  return elapsed <= 10h ? 10s : 60s;
}

}  // namespace gend::report
