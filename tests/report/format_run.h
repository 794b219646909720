#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/history.h"

namespace gend::test {

// A run whose every name tries to be something else (markup, a formula, a control sequence), kept
// second by second; the third of its five seconds is missing. Each hostile name is a step, a check,
// a threshold's text, an event, a person, a finding and a note. What was recorded is told apart:
// for each second and trend the raw values, in ticks.
struct FormatRun {
  struct Recorded {
    std::string metric;
    std::uint64_t second;
    std::vector<std::int64_t> values;
  };
  FormatRun();
  report::History history;
  std::vector<Recorded> recorded;
  std::uint64_t requests = 0, failed = 0;  // in all
};

// What hostile names are made of.
const std::vector<std::string>& hostile_names();

}  // namespace gend::test
