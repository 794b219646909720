#pragma once

#include <cstddef>

#include "base/time.h"
#include "report/history.h"
#include "stats/recorder.h"

namespace gend::report {

// The intervals of a run put together into longer ones of one length, which begin at multiples of
// it after the run's start; a rest at the end (is_rest) belongs to the one before. Exact:
// histograms and counts add.
//   for (Windows windows{history, every}; windows.next();) use(windows.recorder());
class Windows {
 public:
  // `history` must outlive this and have a schema; `every` is at least a nanosecond.
  Windows(const History& history, Duration every);
  // Goes on to the next window in which anything was kept; false after the last one.
  bool next();
  Duration from() const { return from_; }  // of what was kept in the window
  Duration to() const { return to_; }
  const stats::Recorder& recorder() const { return recorder_; }

 private:
  const History& history_;
  Duration every_;
  std::size_t at_ = 0;
  Duration from_{}, to_{};
  stats::Recorder recorder_;
};

// What a table of the whole run is made of when nobody says: a second for a run of up to an hour,
// ten for one of up to ten, else a minute, so that there are some thousand windows at most.
Duration usual_window(Duration elapsed);

}  // namespace gend::report
