#include "observe/prometheus_selector.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace gend::observe {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

constexpr std::array<std::pair<std::string_view, Selector::Fold>, 5> kFolds{
    {{"sum", Selector::Fold::kSum},
     {"max", Selector::Fold::kMax},
     {"min", Selector::Fold::kMin},
     {"avg", Selector::Fold::kAverage},
     {"count", Selector::Fold::kCount}}};
constexpr std::string_view kForms =
    "write NAME, NAME{label=\"value\"}, rate(NAME), or sum, max, min, avg or count of these";

// Reads from the left; the first thing that is wrong ends it.
class SelectorParser {
 public:
  explicit SelectorParser(std::string_view text) : text_{text} {}

  std::expected<Selector, SelectorError> parse() {
    read_expression();
    skip_blanks();
    if (!error_ && at_ < text_.size()) fail_after();
    if (error_) return std::unexpected{*std::move(error_)};
    return std::move(selector_);
  }

 private:
  void fail(std::string what, std::string remedy = {}) {
    if (!error_) error_ = {std::move(what), std::move(remedy), at_};
  }
  void fail_after() {
    if (text_[at_] == '[')
      fail("a range has no meaning here", "leave [...] away: a rate is that between two polls");
    else
      fail("expected nothing behind it", std::string{kForms});
  }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  bool take(char c) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string_view take_name() {
    skip_blanks();
    const std::size_t from = at_;
    while (at_ < text_.size() &&
           (is_letter(text_[at_]) || text_[at_] == ':' || (at_ > from && is_digit(text_[at_]))))
      ++at_;
    return text_.substr(from, at_ - from);
  }

  void close() {
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == '[') return fail_after();
    if (!take(')')) fail("expected )");
  }

  void read_expression() {
    const std::string_view name = take_name();
    if (name.empty()) return fail("expected the name of a metric", std::string{kForms});
    const auto fold = std::ranges::find(kFolds, name, &decltype(kFolds)::value_type::first);
    if (fold == kFolds.end() || !take('(')) return read_rate_or_name(name);
    selector_.fold = fold->second;
    read_rate_or_name(take_name());
    if (!error_) close();
  }

  void read_rate_or_name(std::string_view name) {
    if (name.empty()) return fail("expected the name of a metric", std::string{kForms});
    if (name == "rate" && take('(')) {
      selector_.reading = Selector::Reading::kRate;
      read_name(take_name());
      if (!error_) close();
      return;
    }
    read_name(name);
  }

  void read_name(std::string_view name) {
    if (name.empty()) return fail("expected the name of a metric", std::string{kForms});
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == '(') {
      at_ -= std::min(at_, name.size());
      return fail("\"" + std::string{name} + "\" is no function that is known here",
                  std::string{kForms});
    }
    selector_.name = name;
    if (!take('{')) return;
    while (!error_ && !take('}')) read_label();
  }

  void read_label() {
    Matcher matcher;
    matcher.name = take_name();
    if (!is_label_name(matcher.name)) return fail("expected the name of a label");
    const auto how = take_operator();
    if (!how) return fail("expected one of = != =~ !~");
    matcher.how = *how;
    if (!take_text(matcher.value)) return;
    const bool is_pattern =
        *how == Matcher::How::kMatches || *how == Matcher::How::kMatchesNot;
    if (is_pattern) {
      // Prometheus holds expressions against the whole value.
      auto pattern = extract::Pattern::compile("^(?s:" + matcher.value + ")$");
      if (!pattern) return fail("the expression is none: " + pattern.error());
      matcher.pattern = std::move(*pattern);
    }
    selector_.labels.push_back(std::move(matcher));
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == '}') return;
    if (!take(',')) fail("expected , or }");
  }

  std::optional<Matcher::How> take_operator() {
    skip_blanks();
    const std::string_view two = text_.substr(at_, 2);
    if (two == "=~") return at_ += 2, Matcher::How::kMatches;
    if (two == "!~") return at_ += 2, Matcher::How::kMatchesNot;
    if (two == "!=") return at_ += 2, Matcher::How::kNotEqual;
    if (!two.starts_with('=')) return std::nullopt;
    ++at_;
    return Matcher::How::kEqual;
  }

  // "…" or '…' with \\, \", \' and \n.
  bool take_text(std::string& into) {
    skip_blanks();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '"' && quote != '\'') {
      fail("expected a value in quotes");
      return false;
    }
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == quote) {
        ++at_;
        return true;
      }
      if (text_[at_] != '\\' || at_ + 1 == text_.size()) {
        into += text_[at_];
        continue;
      }
      const char escaped = text_[++at_];
      if (escaped == 'n') into += '\n';
      else if (escaped == '\\' || escaped == '"' || escaped == '\'') into += escaped;
      else into.append({'\\', escaped});  // of an expression: \d
    }
    fail("the value has no closing quote");
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Selector selector_;
  std::optional<SelectorError> error_;
};

bool fits(const Matcher& matcher, std::string_view value) {
  switch (matcher.how) {
    case Matcher::How::kEqual: return value == matcher.value;
    case Matcher::How::kNotEqual: return value != matcher.value;
    case Matcher::How::kMatches: return matcher.pattern->matches(value);
    case Matcher::How::kMatchesNot: return !matcher.pattern->matches(value);
  }
  return false;
}

}  // namespace

bool is_label_name(std::string_view text) {
  return !text.empty() && !is_digit(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c); });
}

bool is_metric_name(std::string_view text) {
  return !text.empty() && !is_digit(text.front()) &&
         std::ranges::all_of(text,
                             [](char c) { return is_letter(c) || is_digit(c) || c == ':'; });
}

bool Selector::matches(std::span<const Label> of_sample) const {
  return std::ranges::all_of(labels, [&](const Matcher& matcher) {
    const auto found = std::ranges::find(of_sample, matcher.name, &Label::name);
    return fits(matcher, found == of_sample.end() ? std::string_view{} : found->value);
  });
}

std::expected<Selector, SelectorError> parse_selector(std::string_view text) {
  return SelectorParser{text}.parse();
}

}  // namespace gend::observe
