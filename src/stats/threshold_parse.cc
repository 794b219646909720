// The texts of thresholds. The grammar is k6's (metrics/thresholds_parser.go); the messages are
// ours, because k6's name only the whole text.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "stats/threshold.h"

namespace gend::stats {
namespace {

constexpr std::string_view kAggregations = "count, rate, value, avg, min, max, med or p(N)";
constexpr std::string_view kDriftOperators = "<, <=, > or >=";
constexpr std::string_view kOperators = "<, <=, >, >=, ==, === or !=";

struct Word {
  std::string_view text;
  Aggregation aggregation;
};
constexpr std::array<Word, 7> kWords{{{"count", Aggregation::kCount},
                                      {"rate", Aggregation::kRate},
                                      {"value", Aggregation::kValue},
                                      {"avg", Aggregation::kAvg},
                                      {"min", Aggregation::kMin},
                                      {"max", Aggregation::kMax},
                                      {"med", Aggregation::kMed}}};

struct Symbol {
  std::string_view text;
  Comparison comparison;
};
// Longer ones first, so that "===" is not read as "==" and a rest.
constexpr std::array<Symbol, 7> kSymbols{{{"===", Comparison::kEqual},
                                          {"<=", Comparison::kLessEqual},
                                          {">=", Comparison::kGreaterEqual},
                                          {"==", Comparison::kEqual},
                                          {"!=", Comparison::kNotEqual},
                                          {"<", Comparison::kLess},
                                          {">", Comparison::kGreater}}};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '.';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Reads one assertion from left to right; `at_` is the column of the next character.
class AssertionParser {
 public:
  explicit AssertionParser(std::string_view text) : text_{text} {}

  std::expected<Assertion, ThresholdError> parse() {
    if (trimmed(text_).empty())
      return fail(0, "the threshold is empty; expected AGGREGATION OPERATOR NUMBER, such as "
                     "p(95)<300");
    Assertion result{};
    if (auto read = judged(result); !read) return std::unexpected{read.error()};
    if (auto read = comparison(result); !read) return std::unexpected{read.error()};
    if (auto read = limit(result); !read) return std::unexpected{read.error()};
    return result;
  }

 private:
  using Step = std::expected<void, ThresholdError>;

  static std::unexpected<ThresholdError> fail(std::size_t column, std::string message) {
    return std::unexpected{ThresholdError{std::move(message), column}};
  }
  std::string found(std::size_t from) const {
    const auto rest = trimmed(text_.substr(from));
    return rest.empty() ? "the end" : fmt::format("'{}'", rest);
  }
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  // A decimal number with an optional sign and exponent. Never NaN, infinite or hexadecimal.
  std::optional<double> number() {
    const char* first = text_.data() + at_;
    const char* last = text_.data() + text_.size();
    const char* digits = first != last && *first == '-' ? first + 1 : first;
    if (digits == last || !(is_digit(*digits) || *digits == '.')) return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(first, last, value);
    if (error != std::errc{} || !std::isfinite(value)) return std::nullopt;
    at_ += static_cast<std::size_t>(end - first);
    return value;
  }

  // "drift(AGGREGATION)", "leak", or an aggregation.
  Step judged(Assertion& result) {
    skip_space();
    const std::size_t start = at_;
    while (is_word(peek())) ++at_;
    const auto word = text_.substr(start, at_ - start);
    if (word == "leak") {
      result.aggregation = Aggregation::kValue;
      result.judging = Judging::kLeak;
      return {};
    }
    if (word != "drift") {
      at_ = start;
      return aggregation(result);
    }
    result.judging = Judging::kDrift;
    skip_space();
    if (peek() != '(') return fail(at_, "expected what drifts, such as drift(p(95))");
    ++at_;
    if (auto read = aggregation(result); !read) return read;
    skip_space();
    if (peek() != ')')
      return fail(at_, fmt::format("found {}, expected ')' after what drifts", found(at_)));
    ++at_;
    return {};
  }

  Step aggregation(Assertion& result) {
    skip_space();
    const std::size_t start = at_;
    while (is_word(peek())) ++at_;
    const auto word = text_.substr(start, at_ - start);
    skip_space();
    if (word == "p" && peek() == '(') return percentile(result);
    const auto known = std::ranges::find(kWords, word, &Word::text);
    if (known != kWords.end()) {
      result.aggregation = known->aggregation;
      return {};
    }
    if (word.empty())
      return fail(start, fmt::format("found {}, expected {}", found(start), kAggregations));
    const bool like_p95 = word.size() > 1 && word[0] == 'p' && is_digit(word[1]);
    const auto hint = like_p95 ? fmt::format("; did you mean p({})?", word.substr(1)) : "";
    return fail(start, fmt::format("found '{}', expected {}{}", word, kAggregations, hint));
  }

  Step percentile(Assertion& result) {
    ++at_;
    skip_space();
    const std::size_t start = at_;
    const auto value = number();
    if (!value)
      return fail(start, fmt::format("found {}, expected a percentile from 0 to 100, such as p(95)",
                                     found(start)));
    if (*value < 0 || *value > 100)
      return fail(start, fmt::format("the percentile is {}, expected 0 to 100", *value));
    skip_space();
    if (peek() != ')')
      return fail(at_, fmt::format("found {}, expected ')' after the percentile", found(at_)));
    ++at_;
    result.aggregation = Aggregation::kPercentile;
    result.percentile = *value;
    return {};
  }

  Step comparison(Assertion& result) {
    skip_space();
    const auto rest = text_.substr(at_);
    for (const auto& [symbol, comparison] : kSymbols) {
      if (!rest.starts_with(symbol)) continue;
      const bool is_equality =
          comparison == Comparison::kEqual || comparison == Comparison::kNotEqual;
      if (is_equality && result.judging != Judging::kLevel)
        return fail(at_, fmt::format("found {}, expected one of {}: a change that is measured "
                                     "never equals a number", symbol, kDriftOperators));
      at_ += symbol.size();
      result.comparison = comparison;
      return {};
    }
    return fail(at_, fmt::format("found {}, expected an operator: {}", found(at_), kOperators));
  }

  Step limit(Assertion& result) {
    skip_space();
    const std::size_t start = at_;
    const auto value = number();
    if (!value) return fail(start, fmt::format("found {}, expected a number", found(start)));
    skip_space();
    if (at_ != text_.size())
      return fail(at_, fmt::format("found {} after the number, expected the end; numbers carry no "
                                   "unit: times are in milliseconds, data in bytes, rates from 0 "
                                   "to 1",
                                   found(at_)));
    result.limit = *value;
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// Reads "metric{key:value, key:'value'}".
class SelectorParser {
 public:
  explicit SelectorParser(std::string_view text) : text_{text} {}

  std::expected<Selector, ThresholdError> parse() {
    const auto brace = std::min(text_.find('{'), text_.size());
    Selector result{.metric = std::string{trimmed(text_.substr(0, brace))}, .tags = {}};
    if (result.metric.empty()) return fail(0, "expected the name of a metric");
    for (std::size_t i = 0; i < brace; ++i)
      if (!is_word(text_[i]) && !is_space(text_[i]))
        return fail(i, fmt::format("found '{}', expected a metric name with an optional "
                                   "{{tag:value}}", text_.substr(i)));
    if (brace == text_.size()) return result;
    at_ = brace + 1;
    for (;;) {
      if (auto read = pair(result.tags); !read) return std::unexpected{read.error()};
      const char next = text_[at_++];
      if (next == '}') break;
    }
    if (const auto rest = trimmed(text_.substr(at_)); !rest.empty())
      return fail(at_, fmt::format("found '{}' after '}}', expected the end", rest));
    std::ranges::sort(result.tags);
    return result;
  }

 private:
  static std::unexpected<ThresholdError> fail(std::size_t column, std::string message) {
    return std::unexpected{ThresholdError{std::move(message), column}};
  }

  // Leaves at_ on the ',' or '}' that ends the pair.
  std::expected<void, ThresholdError> pair(Tags& tags) {
    const std::size_t start = at_;
    const auto colon = text_.find_first_of(":,}", at_);
    const auto key = trimmed(text_.substr(at_, std::min(colon, text_.size()) - at_));
    if (colon == std::string_view::npos || text_[colon] != ':' || key.empty())
      return fail(start, "expected tag:value inside the braces");
    if (std::ranges::find(tags, key, &Tags::value_type::first) != tags.end())
      return fail(start, fmt::format("the tag '{}' is given twice", key));
    at_ = colon + 1;
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    const bool quoted = at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'');
    auto value = quoted ? quoted_value() : plain_value();
    if (!value) return std::unexpected{value.error()};
    tags.emplace_back(std::string{key}, std::move(*value));
    return {};
  }

  std::expected<std::string, ThresholdError> plain_value() {
    const std::size_t start = at_;
    at_ = text_.find_first_of(",}", at_);
    if (at_ == std::string_view::npos)
      return fail(text_.size(), "found the end, expected '}' after the tags");
    const auto value = trimmed(text_.substr(start, at_ - start));
    if (value.empty()) return fail(start, "expected a value after ':'");
    return std::string{value};
  }

  std::expected<std::string, ThresholdError> quoted_value() {
    const char quote = text_[at_];
    const auto close = text_.find(quote, at_ + 1);
    if (close == std::string_view::npos)
      return fail(at_, fmt::format("found no closing {} for the value", quote));
    std::string value{text_.substr(at_ + 1, close - at_ - 1)};
    at_ = close + 1;
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    if (at_ == text_.size() || (text_[at_] != ',' && text_[at_] != '}'))
      return fail(at_, "expected ',' or '}' after the value");
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::expected<Assertion, ThresholdError> parse_assertion(std::string_view text) {
  return AssertionParser{text}.parse();
}

std::expected<Selector, ThresholdError> parse_selector(std::string_view text) {
  return SelectorParser{text}.parse();
}

}  // namespace gend::stats
