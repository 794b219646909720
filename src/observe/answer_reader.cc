#include "observe/answer_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"

namespace gend::observe {
namespace {

// Gauges are kept in millionths, in 64 bits.
Reading kept(double value) {
  if (std::isnan(value)) return {{}, "it is not a number (NaN)"};
  if (std::abs(value) > limits::kObserveMost)
    return {{}, fmt::format("{:g} is too large to be kept, at most {:g}", value,
                            limits::kObserveMost)};
  return {value, {}};
}

double folded(const std::vector<double>& values, Selector::Fold fold) {
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  switch (fold) {
    case Selector::Fold::kSum: return sum;
    case Selector::Fold::kMax: return *std::ranges::max_element(values);
    case Selector::Fold::kMin: return *std::ranges::min_element(values);
    case Selector::Fold::kAverage: return sum / static_cast<double>(values.size());
    case Selector::Fold::kCount: return static_cast<double>(values.size());
  }
  return sum;
}

// Lengths make it unambiguous, whatever the values hold.
std::string key_of(const Sample& sample) {
  std::string key;
  for (const Label& label : sample.labels)
    key += fmt::format("{}:{}{}:{}", label.name.size(), label.name, label.value.size(),
                       label.value);
  return key;
}

std::optional<double> number_in(std::string_view text) {
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// How messages call what is no number.
std::string_view words_for(extract::JsonKind kind) {
  switch (kind) {
    case extract::JsonKind::kText: return "text that is no number";
    case extract::JsonKind::kNull: return "null";
    case extract::JsonKind::kObject: return "an object";
    case extract::JsonKind::kArray: return "a list";
    case extract::JsonKind::kNumber:
    case extract::JsonKind::kBoolean: break;
  }
  return "no number";
}

}  // namespace

AnswerReader::AnswerReader(const Source& source)
    : source_{source}, before_(source.series.size()) {
  for (const Series& series : source.series)
    if (const auto* selector = std::get_if<Selector>(&series.what)) wanted_.insert(selector->name);
}

std::expected<std::vector<Reading>, std::string> AnswerReader::read(std::string& body,
                                                                    TimePoint at) {
  switch (source_.kind) {
    case Kind::kPrometheus: return read_prometheus(body, at);
    case Kind::kJson: return read_json(body, at);
  }
  return std::unexpected{std::string{"a source is one of two kinds"}};
}

// A counter that is smaller than before began again at 0: what it counted since is what it says.
// One that was not there before has grown by an unknown number.
std::vector<double> AnswerReader::rates(Before& before, Counters now, TimePoint at) const {
  std::vector<double> grown;
  const double seconds = to_seconds(at - before.at);
  for (const auto& [key, value] : now) {
    const auto earlier = before.counters.find(key);
    if (earlier == before.counters.end() || seconds <= 0) continue;
    grown.push_back((value < earlier->second ? value : value - earlier->second) / seconds);
  }
  before = {at, std::move(now)};
  return grown;
}

std::expected<std::vector<Reading>, std::string> AnswerReader::read_prometheus(
    const std::string& body, TimePoint at) {
  const auto samples = read_exposition(body, wanted_);
  if (!samples)
    return std::unexpected{fmt::format("the answer is no Prometheus text: line {}: {}",
                                       samples.error().line, samples.error().what)};
  std::vector<Reading> readings;
  for (std::size_t i = 0; i < source_.series.size(); ++i) {
    const auto& selector = std::get<Selector>(source_.series[i].what);
    std::vector<double> values;
    Counters counters;
    for (const Sample& sample : *samples) {
      if (sample.name != selector.name || !selector.matches(sample.labels)) continue;
      values.push_back(sample.value);
      if (selector.reading == Selector::Reading::kRate) counters[key_of(sample)] = sample.value;
    }
    if (values.empty()) {
      readings.push_back({{}, fmt::format("the answer has no {}", source_.series[i].written)});
      continue;
    }
    if (selector.reading == Selector::Reading::kRate)
      values = rates(before_[i], std::move(counters), at);
    readings.push_back(values.empty() ? Reading{} : kept(folded(values, selector.fold)));
  }
  return readings;
}

std::expected<std::vector<Reading>, std::string> AnswerReader::read_json(std::string& body,
                                                                         TimePoint at) {
  if (!document_.parse(body))
    return std::unexpected{fmt::format("the answer is no JSON: {}", document_.fault())};
  std::vector<Reading> readings;
  for (std::size_t i = 0; i < source_.series.size(); ++i)
    readings.push_back(number_at(std::get<JsonNumber>(source_.series[i].what), before_[i], at));
  return readings;
}

Reading AnswerReader::number_at(const JsonNumber& what, Before& before, TimePoint at) {
  std::string text;
  const auto kind = document_.find(what.path, text);
  if (!kind) return {{}, fmt::format("the answer has no {}", what.path.source)};
  std::optional<double> value;
  if (*kind == extract::JsonKind::kBoolean) value = text == "true" ? 1 : 0;
  if (*kind == extract::JsonKind::kNumber || *kind == extract::JsonKind::kText)
    value = number_in(text);
  if (!value)
    return {{}, fmt::format("{} in the answer is {}", what.path.source, words_for(*kind))};
  if (what.reading == Selector::Reading::kLevel) return kept(*value);
  const std::vector<double> grown = rates(before, {{"", *value}}, at);
  return grown.empty() ? Reading{} : kept(grown.front());
}

}  // namespace gend::observe
