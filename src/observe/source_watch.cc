#include "observe/source_watch.h"

#include <fmt/format.h>

#include "base/limits.h"

namespace gend::observe {

SourceWatch::SourceWatch(const Source& source)
    : source_{source}, reader_{source}, faults_(source.series.size()) {}

// A source that comes and goes for hours must not fill the list of events.
void SourceWatch::note(TimePoint at, std::string words) {
  if (told_ > limits::kObserveChanges) return;
  if (told_++ == limits::kObserveChanges) words = "it changes again and again; no more is told";
  changes_.push_back({at, fmt::format("observe {}: {}", source_.name, words)});
}

void SourceWatch::failed(std::string why, TimePoint at) {
  ++status_.polls;
  ++status_.failed;
  if (status_.answers) {
    note(at, fmt::format("no values from {}: {}", source_.url, why));
    silent_since_ = at;
  }
  status_.answers = false;
  status_.last_fault = std::move(why);
  status_.failed_at = at;
}

void SourceWatch::answered(std::string& body, TimePoint at) {
  const auto readings = reader_.read(body, at);
  if (!readings) return failed(readings.error(), at);
  ++status_.polls;
  if (!status_.answers)
    note(at, fmt::format("answers again, after {:.0f} s", to_seconds(at - silent_since_)));
  status_.answers = true;
  for (std::size_t i = 0; i < readings->size(); ++i) {
    const Series& series = source_.series[i];
    const Reading& reading = (*readings)[i];
    if (reading.value) values_.push_back({series.slot, *reading.value});
    if (reading.fault.empty() == faults_[i].empty()) continue;
    note(at, reading.fault.empty()
                 ? fmt::format("{} has values again", series.name)
                 : fmt::format("no value of {}: {}", series.name, reading.fault));
    faults_[i] = reading.fault;
  }
}

}  // namespace gend::observe
