#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "extract/pattern.h"

namespace gend::observe {

// One label of a sample: names are unique, sorted where samples are read.
struct Label {
  std::string name, value;
  friend bool operator==(const Label&, const Label&) = default;
  friend auto operator<=>(const Label&, const Label&) = default;
};

// What a label must be, PromQL's four ways. A label that is not there is the empty text.
struct Matcher {
  enum class How : std::uint8_t { kEqual, kNotEqual, kMatches, kMatchesNot };
  std::string name{};
  How how = How::kEqual;
  std::string value{};                                 // as written
  std::unique_ptr<const extract::Pattern> pattern{};   // of kMatches and kMatchesNot: anchored
};

// Which samples of an answer make one number: all of that name whose labels match, folded.
struct Selector {
  enum class Reading : std::uint8_t {
    kLevel,
    kRate  // what each sample grew by per second since the answer before
  };
  enum class Fold : std::uint8_t { kSum, kMax, kMin, kAverage, kCount };
  std::string name;
  std::vector<Matcher> labels;
  Reading reading = Reading::kLevel;
  Fold fold = Fold::kSum;

  bool matches(std::span<const Label> of_sample) const;
};

// The error says what was found, what was expected, and where (offset into the text).
struct SelectorError {
  std::string what, remedy;
  std::size_t offset = 0;
};

// The part of PromQL that names one number of one answer:
//   process_resident_memory_bytes          node_network_receive_bytes_total{device=~"eth.*"}
//   rate(process_cpu_seconds_total)        max(rate(node_cpu_seconds_total{mode="system"}))
std::expected<Selector, SelectorError> parse_selector(std::string_view text);

// Whether a text is the name of a metric, and of a label.
bool is_metric_name(std::string_view text);
bool is_label_name(std::string_view text);

}  // namespace gend::observe
