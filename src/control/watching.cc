#include "control/watching.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "stats/words.h"

namespace gend::control {

namespace {

using namespace std::chrono_literals;

constexpr Duration kHostSpan = 500ms;

observe::Trust trust_of(const plan::Tls& tls) {
  return {.verify = tls.verify ? observe::Trust::Verify::kYes : observe::Trust::Verify::kNo,
          .ca_pem = tls.ca_pem,
          .certificate_pem = tls.certificate_pem,
          .key_pem = tls.key_pem};
}

// Gauges are kept in millionths.
void record(stats::Recorder& interval, const std::vector<observe::Value>& values) {
  for (const observe::Value& value : values) {
    const double level = std::clamp(value.value, -limits::kObserveMost, limits::kObserveMost);
    interval.gauge(value.slot, std::llround(level * 1e6));
  }
}

}  // namespace

Watching::Watching(const plan::Program& program, const std::vector<std::string>& allow)
    : sources_{program.observe},
      allowed_{allow},
      trust_{trust_of(program.tls)},
      host_{program.schema},
      poller_{sources_, trust_, allowed_} {}

void Watching::begin() {
  host_read_ = MonotonicClock::now();
  host_.read(host_read_);  // what comes is measured from here
  poller_.start();
}

void Watching::end() { poller_.stop(); }

void Watching::sample(stats::Recorder& interval, TimePoint now) {
  // The last interval may be too short to say anything of shares.
  if (now - host_read_ >= kHostSpan) {
    host_read_ = now;
    record(interval, host_.read(now));
  }
  observe::Poller::News news = poller_.take();
  record(interval, news.values);
  std::ranges::move(news.changes, std::back_inserter(changes_));
}

std::vector<report::RunEvent> Watching::news(TimePoint run_began) {
  std::vector<report::RunEvent> events;
  for (observe::Change& change : std::exchange(changes_, {}))
    events.push_back({.at = std::max(Duration{}, change.at - run_began),
                      .what = std::move(change.words),
                      .by = "gend"});
  return events;
}

std::vector<report::ObservedFacts> Watching::facts(TimePoint run_began) const {
  std::vector<report::ObservedFacts> facts;
  const std::vector<observe::Status> statuses = poller_.statuses();
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const observe::Source& source = sources_[i];
    const observe::Status& status = statuses[i];
    report::ObservedFacts& fact = facts.emplace_back();
    fact.name = source.name;
    fact.kind = observe::name_of(source.kind);
    fact.url = source.url;
    fact.every = source.every;
    fact.polls = status.polls;
    fact.failed = status.failed;
    fact.answers = status.answers;
    fact.last_fault = status.last_fault;
    if (status.failed > 0) fact.failed_at = std::max(Duration{}, status.failed_at - run_began);
    for (const observe::Series& series : source.series)
      fact.series.push_back({series.metric, series.written});
  }
  return facts;
}

std::vector<std::string> warnings_on(const std::vector<report::ObservedFacts>& sources) {
  std::vector<std::string> warnings;
  for (const report::ObservedFacts& source : sources) {
    if (source.failed == 0) continue;
    warnings.push_back(fmt::format(
        "observe {}: {} of {} without an answer from {}, the last time at {}: {}", source.name,
        source.failed, stats::counted(source.polls, "poll"), source.url,
        stats::duration_text(source.failed_at), source.last_fault));
  }
  return warnings;
}

}  // namespace gend::control
