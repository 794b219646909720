#include "engine/record.h"

#include <algorithm>

namespace gend::engine {
namespace {

Duration between(TimePoint from, TimePoint to) {
  if (from == kNever || to == kNever) return Duration::zero();
  return std::max(to - from, Duration::zero());
}

}  // namespace

void count_host_limit(stats::GeneratorHealth& health, Outcome outcome) {
  if (outcome == Outcome::kHostDescriptors) ++health.host_descriptors;
  if (outcome == Outcome::kHostPorts) ++health.host_ports;
  if (outcome == Outcome::kHostMemory) ++health.host_memory;
  if (outcome == Outcome::kHostOther) ++health.host_other;
}

bool says_nothing_of_the_target(Outcome outcome) {
  return outcome == Outcome::kInterrupted || is_host_limit(outcome);
}

Duration service_time(const RequestTimes& times) {
  return between(times.sent, times.done);
}

void record_request(stats::Snapshot& into, const plan::HttpRequest& request,
                    const plan::ScenarioSeries& scenario, const RequestTimes& times,
                    const Ending& ending) {
  stats::Recorder& recorder = into.recorder;
  const plan::HttpSeries& series = request.series;
  recorder.tally(series.reqs, stats::Tally::key(ending.outcome, ending.status));
  count_host_limit(into.health, ending.outcome);
  if (says_nothing_of_the_target(ending.outcome)) return;
  recorder.rate(series.failed, !ending.expected());
  const std::size_t as = ending.expected() ? 1 : 0;
  recorder.trend(scenario.lag, between(std::max(times.intended, times.ready), times.begun));
  // What the user of the service felt: also of connections that never came about.
  recorder.trend(series.corrected[as], between(times.intended, times.done));
  const TimePoint tcp_connected = std::min(times.tcp_connected, times.connected);
  const Duration connecting = between(times.connect_submitted, tcp_connected);
  const Duration handshaking = between(tcp_connected, times.connected);
  recorder.trend(series.connecting[as], connecting);
  recorder.trend(series.tls_handshaking[as], handshaking);
  if (times.sent == kNever) return;
  const TimePoint taken = std::min({times.taken, times.first_byte, times.done});
  const TimePoint first_byte = std::min(times.first_byte, times.done);
  recorder.trend(series.blocked[as], between(times.begun, times.sent) - connecting - handshaking);
  recorder.trend(series.duration[as], between(times.sent, times.done));
  recorder.trend(series.sending[as], between(times.sent, taken));
  recorder.trend(series.waiting[as], between(taken, first_byte));
  recorder.trend(series.receiving[as], between(first_byte, times.done));
}

void record_facet(stats::Snapshot& into, const plan::FacetSeries& series, const RequestTimes& times,
                  const Ending& ending) {
  stats::Recorder& recorder = into.recorder;
  recorder.tally(series.reqs, stats::Tally::key(ending.outcome, ending.status));
  if (says_nothing_of_the_target(ending.outcome)) return;
  recorder.rate(series.failed, !ending.expected());
  recorder.trend(series.corrected, between(times.intended, times.done));
  if (times.sent != kNever) recorder.trend(series.duration, between(times.sent, times.done));
}

}  // namespace gend::engine
