#include "plan/load_parts.h"

#include <algorithm>
#include <array>

#include "http/chars.h"
#include "http/request.h"
#include "plan/join.h"

namespace gend::plan {

namespace {

constexpr std::string_view kStatusForms = "200, 2xx, [200, 201, 3xx]";
constexpr std::string_view kTextForms =
    "contains \"x\", not contains \"x\", ~x, == \"x\", != \"x\"";

// ---- status ---------------------------------------------------------------------------------

std::optional<std::pair<std::uint16_t, std::uint16_t>> parse_status(std::string_view text) {
  if (text.size() != 3 || text[0] < '1' || text[0] > '9') return std::nullopt;
  const auto hundred = static_cast<std::uint16_t>((text[0] - '0') * 100);
  if (text.substr(1) == "xx") return std::pair{hundred, static_cast<std::uint16_t>(hundred + 99)};
  const auto number = parse_integer(text);
  if (!number || *number < 100) return std::nullopt;
  const auto status = static_cast<std::uint16_t>(*number);
  return std::pair{status, status};
}

struct Statuses {
  StatusRanges ranges;
  std::vector<std::string> words;
};

void read_status(Reader& reader, const YamlNode& node, Statuses& into) {
  auto text = reader.text(node, "a status");
  if (!text) return;
  if (const auto range = parse_status(*text)) {
    into.ranges.push_back(*range);
    into.words.push_back(std::move(*text));
  } else {
    reader.complain(node.place, fmt::format("{} is not a status ({})", quote(*text), kStatusForms));
  }
}

Statuses read_statuses(Reader& reader, const YamlNode& node) {
  Statuses statuses;
  if (node.kind != YamlNode::Kind::kSequence) {
    read_status(reader, node, statuses);
    return statuses;
  }
  if (node.items.empty()) {
    reader.complain(node.place, fmt::format("an empty list is not a status ({})", kStatusForms));
  }
  for (const YamlNode* item : node.items) read_status(reader, *item, statuses);
  return statuses;
}

// "200", "200 or 201", "200, 201 or 3xx".
std::string any_of_words(const std::vector<std::string>& words) {
  if (words.size() == 1) return words.front();
  const std::vector<std::string> first{words.begin(), words.end() - 1};
  return fmt::format("{} or {}", joined(first), words.back());
}

void read_status_check(Reader& reader, const YamlNode& node, std::vector<Check>& into) {
  Statuses statuses = read_statuses(reader, node);
  if (statuses.ranges.empty()) return;
  Check check;
  check.name = "status is " + any_of_words(statuses.words);
  check.statuses = std::move(statuses.ranges);
  into.push_back(std::move(check));
}

// ---- latency --------------------------------------------------------------------------------

struct Operator {
  std::string_view text;
  Match match;
};
constexpr std::array<Operator, 4> kComparisons{{{"<=", Match::kLessEqual},
                                                {">=", Match::kGreaterEqual},
                                                {"<", Match::kLess},
                                                {">", Match::kGreater}}};

std::string_view trim(std::string_view text) {
  return http::trim_blanks(text);
}

void read_latency_check(Reader& reader, const YamlNode& node, std::vector<Check>& into) {
  const auto text = reader.text(node, "a latency");
  if (!text) return;
  const auto op = std::ranges::find_if(
      kComparisons, [&](const Operator& o) { return trim(*text).starts_with(o.text); });
  const auto limit = op == kComparisons.end()
                         ? std::nullopt
                         : parse_duration(trim(trim(*text).substr(op->text.size())));
  if (!limit) {
    reader.complain(node.place,
                    fmt::format("{} is not a limit on latency (<500ms, >=10ms)", quote(*text)));
    return;
  }
  Check check;
  check.of.part = Part::kLatency;
  check.match = op->match;
  check.latency = *limit;
  check.name = fmt::format("latency {} {}", op->text, show_duration(*limit));
  into.push_back(std::move(check));
}

// ---- body and headers -----------------------------------------------------------------------

struct TextOperator {
  std::string_view text;   // as written
  std::string_view shown;  // in the check's name
  Match match;
};
// Longer ones first where one begins like another.
constexpr std::array<TextOperator, 5> kTextOperators{
    {{"not contains", "does not contain", Match::kNotContains},
     {"contains", "contains", Match::kContains},
     {"==", "==", Match::kIs},
     {"!=", "!=", Match::kIsNot},
     {"~", "~", Match::kContains}}};

std::string_view unquoted(std::string_view text) {
  text = trim(text);
  const bool quotes = text.size() >= 2 && text.front() == text.back() &&
                      (text.front() == '"' || text.front() == '\'');
  return quotes ? text.substr(1, text.size() - 2) : text;
}

struct TextMatch {
  Match match;
  std::string_view shown, text;
};

std::optional<TextMatch> parse_text_match(std::string_view text) {
  text = trim(text);
  for (const TextOperator& op : kTextOperators) {
    if (!text.starts_with(op.text)) continue;
    const std::string_view rest = text.substr(op.text.size());
    const bool is_word = op.text.back() == 's';
    if (is_word && !rest.empty() && rest[0] != ' ' && rest[0] != '"' && rest[0] != '\'') break;
    // Looking for nothing would always be found.
    if (unquoted(rest).empty() && op.match != Match::kIs && op.match != Match::kIsNot) break;
    return TextMatch{op.match, op.shown, unquoted(rest)};
  }
  return std::nullopt;
}

// Fills check.match, check.text and the end of check.name; false after a complaint.
bool read_text_match(Reader& reader, const YamlNode& node, std::string_view what, Check& check) {
  const auto text = reader.private_text(node, what);
  if (!text) return false;
  const auto found = parse_text_match(*text);
  // The name shows the text as written: what a variable stands for may be secret.
  const auto written = parse_text_match(node.text);
  if (!found || !written) {
    reader.complain(node.place,
                    fmt::format("{} is not {} ({})", quote(node.text), what, kTextForms));
    return false;
  }
  check.match = found->match;
  append(check.text, found->text);
  check.name += fmt::format(" {} {}", written->shown, written->text);
  return true;
}

void read_body_check(Reader& reader, const YamlNode& node, std::vector<Check>& into) {
  Check check;
  check.of.part = Part::kBody;
  check.name = "body";
  if (read_text_match(reader, node, "a check of the body", check)) into.push_back(std::move(check));
}

void read_header_check(Reader& reader, const YamlNode::Entry& entry, std::vector<Check>& into) {
  const std::string_view name = trim(std::string_view{entry.key->text}.substr(7));
  if (const auto fault = http::field_name_fault(name)) {
    reader.complain(entry.key->place, fmt::format("header {}: {}", quote(name), *fault));
    return;
  }
  Check check;
  check.of.part = Part::kHeader;
  for (const char c : name) check.of.name += http::to_lower(c);
  check.name = "header " + check.of.name;
  if (entry.value->kind == YamlNode::Kind::kScalar && trim(entry.value->text) == "exists") {
    check.match = Match::kExists;
    check.name += " exists";
    into.push_back(std::move(check));
  } else if (read_text_match(reader, *entry.value, "a check of a header", check)) {
    into.push_back(std::move(check));
  }
}

constexpr Key<std::vector<Check>> kKeys[] = {
    {"status", "status or list", "One of these: 200, 2xx, [200, 201, 3xx].", read_status_check},
    {"latency", "limit", "Service time of the request: <500ms.", read_latency_check},
    {"body", "text match", "contains \"x\", not contains \"x\", == \"x\", != \"x\".",
     read_body_check},
    {"header NAME", "text match or exists", "The same of a header, or `exists`.",
     // Read by its prefix; here it stands for the bare word.
     [](Reader& r, const YamlNode& n, std::vector<Check>&) {
       r.complain(n.place, "write the name of the header: \"header content-type\"");
     }},
    {"json PATH", "value", "A value in a JSON body.", nullptr},
};

constexpr Key<std::optional<StatusRanges>> kExpectKeys[] = {
    {"status", "status or list", "Any other status is a failure and ends the iteration.",
     [](Reader& r, const YamlNode& n, std::optional<StatusRanges>& into) {
       auto statuses = read_statuses(r, n);
       if (!statuses.ranges.empty()) into = std::move(statuses.ranges);
     }},
    {"latency", "limit", "A slower response ends the iteration.", nullptr},
    {"body", "text match", "Another body ends the iteration.", nullptr},
};

}  // namespace

void describe_checks(std::vector<Section>& into) {
  into.push_back(section_of<std::vector<Check>>("check", kKeys));
  into.push_back(section_of<std::optional<StatusRanges>>("expect", kExpectKeys));
}

void read_checks(Reader& reader, const YamlNode& node, std::vector<Check>& into) {
  if (!reader.is_mapping(node, "checks (status: 200, latency: <500ms, …)")) return;
  for (const YamlNode::Entry& entry : node.entries) {
    const std::string_view key = entry.key->text;
    if (key.starts_with("header ")) {
      read_header_check(reader, entry, into);
    } else if (key.starts_with("json ")) {
      reader.not_yet(entry.key->place, "json PATH");
    } else {
      read_entry<std::vector<Check>>(reader, kKeys, entry, into);
    }
  }
}

void read_expect(Reader& reader, const YamlNode& node, std::optional<StatusRanges>& into) {
  read_mapping<std::optional<StatusRanges>>(reader, kExpectKeys, node, "{status: 2xx}", into);
}

}  // namespace gend::plan
