#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "extract/json_document.h"
#include "observe/prometheus_text.h"
#include "observe/source.h"

namespace gend::observe {

// What one answer says of one series: a value, or why there is none, or neither: a rate has no
// value before the second answer.
struct Reading {
  std::optional<double> value;
  std::string fault;
};

// Reads the answers of one source, one after the other; remembers counters for their rates.
class AnswerReader {
 public:
  explicit AnswerReader(const Source& source);  // which must outlive it

  // One reading for each series, in their order; the error says why the whole answer is none. Only
  // the capacity of `body` changes. `at`: when it came.
  std::expected<std::vector<Reading>, std::string> read(std::string& body, TimePoint at);

 private:
  // The counters of a series in the answer before, by their labels.
  using Counters = std::map<std::string, double>;
  struct Before {
    TimePoint at{};
    Counters counters;
  };

  std::expected<std::vector<Reading>, std::string> read_prometheus(const std::string& body,
                                                                   TimePoint at);
  std::expected<std::vector<Reading>, std::string> read_json(std::string& body, TimePoint at);
  std::vector<double> rates(Before& before, Counters now, TimePoint at) const;
  Reading number_at(const JsonNumber& what, Before& before, TimePoint at);

  const Source& source_;
  Names wanted_;
  std::vector<Before> before_;
  extract::JsonDocument document_;
};

}  // namespace gend::observe
