#include "engine/session_record.h"

#include <algorithm>

#include "engine/record.h"
#include "stats/tally.h"

namespace gend::engine {

void record_error(stats::Snapshot& into, const plan::SessionSeries& series, Outcome outcome) {
  into.recorder.tally(series.errors, stats::Tally::key(outcome, 0));
  count_host_limit(into.health, outcome);
}

void record_opened(stats::Snapshot& into, const plan::SessionSeries& series, Duration connecting) {
  into.recorder.rate(series.connect_failed, false);
  into.recorder.trend(series.connecting, std::max(connecting, Duration::zero()));
}

void record_refusal(stats::Snapshot& into, const plan::SessionSeries& series, Outcome outcome,
                    int status) {
  if (outcome == Outcome::kNotUpgraded) {
    const Outcome as = status >= 500 ? Outcome::kStatus5xx : Outcome::kStatus4xx;
    into.recorder.tally(series.errors, stats::Tally::key(as, status));
  } else {
    record_error(into, series, outcome);
  }
  if (!says_nothing_of_the_target(outcome)) into.recorder.rate(series.connect_failed, true);
}

void record_end(stats::Snapshot& into, const plan::SessionSeries& series, Outcome outcome,
                Duration lasting) {
  into.recorder.trend(series.duration, lasting);
  if (!says_nothing_of_the_target(outcome))
    into.recorder.rate(series.failed, outcome != Outcome::kOk);
}

}  // namespace gend::engine
