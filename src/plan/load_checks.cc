#include "plan/load_parts.h"

#include <algorithm>
#include <array>

#include "http/chars.h"
#include "plan/match.h"

namespace gend::plan {

namespace {

constexpr std::string_view kTextForms =
    "contains \"x\", not contains \"x\", ~x, == \"x\", != \"x\", matches /x/";
constexpr std::string_view kFieldForms =
    "contains \"x\", not contains \"x\", ~x, == \"x\", != \"x\", matches /x/, >= 3, exists, "
    "not exists";
constexpr std::string_view kValueForms =
    "true, 3, \"x\", contains \"x\", not contains \"x\", ~x, == \"x\", != \"x\", matches /x/, "
    ">= 3, exists, not exists";
constexpr std::string_view kNumberForms = "<1000, >=1, ==0, !=0";

// What a part of a response can be asked.
struct Subject {
  std::string_view what, forms;
  bool text = true;
  bool numbers = false;
  bool exists = false;
  bool bare = false;  // a value without an operator is what it must be
};
constexpr Subject kBody{.what = "a check of the body", .forms = kTextForms};
constexpr Subject kUrl{.what = "a check of the URL", .forms = kTextForms};
constexpr Subject kField{
    .what = "a check of a header", .forms = kFieldForms, .numbers = true, .exists = true};
constexpr Subject kCookie{
    .what = "a check of a cookie", .forms = kFieldForms, .numbers = true, .exists = true};
constexpr Subject kJson{.what = "a check of a JSON value",
                        .forms = kValueForms,
                        .numbers = true,
                        .exists = true,
                        .bare = true};
constexpr Subject kRegex{.what = "a check of a match",
                         .forms = kValueForms,
                         .numbers = true,
                         .exists = true,
                         .bare = true};
constexpr Subject kSize{.what = "a limit on the size in bytes",
                        .forms = kNumberForms,
                        .text = false,
                        .numbers = true,
                        .bare = true};

bool allows(const Subject& subject, Match match) {
  switch (match) {
    case Match::kIn: return false;
    case Match::kLess:
    case Match::kLessEqual:
    case Match::kGreater:
    case Match::kGreaterEqual: return subject.numbers;
    case Match::kEqual:
    case Match::kNotEqual:
    case Match::kIs:
    case Match::kIsNot: return true;
    case Match::kContains:
    case Match::kNotContains:
    case Match::kMatches: return subject.text;
    case Match::kExists:
    case Match::kNotExists: return subject.exists;
  }
  return false;
}

// Names of checks stand in reports and on terminals.
std::string shown(std::string_view text) {
  std::string out{text};
  std::ranges::replace_if(
      out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return out;
}

// The operator and operand that the node's text is made of; empty after a complaint.
std::optional<MatchText> match_of(Reader& reader, const YamlNode& node, const Subject& subject) {
  auto match = parse_match(node.text);
  const std::string_view whole = http::trim_blanks(node.text);
  if (!match && subject.bare && !begins_with_operator(whole) && (node.quoted || !whole.empty())) {
    match = MatchText{.match = Match::kIs,
                      .shown = "is",
                      .operand = node.quoted ? std::string_view{node.text} : whole,
                      .offset = 0,
                      .quoted = node.quoted && subject.text};
  }
  if (match && allows(subject, match->match)) return match;
  reader.complain(node.place, fmt::format("{} is not {} ({})", quote(node.text), subject.what,
                                          subject.forms));
  return std::nullopt;
}

// The operand with its variables filled in, which must be fixed; empty after a complaint.
std::optional<std::string> fixed_operand(Reader& reader, const YamlNode& node,
                                         const Filled& operand, std::string_view what) {
  if (operand.text.lifetime == Lifetime::kFixed) return fixed_text(operand.text);
  reader.complain(node.place, fmt::format("{} changes while the plan runs, {} must be fixed",
                                          quote(node.text), what),
                  "use declared variables only");
  return std::nullopt;
}

bool read_number(Reader& reader, const YamlNode& node, const Filled& operand, Check& check) {
  const auto text = fixed_operand(reader, node, operand, "a number");
  if (!text) return false;
  const auto number = parse_number(*text);
  if (!number) {
    reader.complain(node.place, fmt::format("{} is not a number", quote(*text)));
    return false;
  }
  check.number = *number;
  if (check.match == Match::kIs) check.match = Match::kEqual;
  if (check.match == Match::kIsNot) check.match = Match::kNotEqual;
  return true;
}

bool read_pattern(Reader& reader, const YamlNode& node, const Filled& operand, CheckText& into) {
  const auto text = fixed_operand(reader, node, operand, "an expression to match");
  if (!text || !is_good_pattern(reader, node, *text)) return false;
  into.match_pattern = *text;
  return true;
}

// Digits that a double keeps exactly; longer numbers are compared as they are written.
constexpr std::size_t kExactDigits = 15;

// Whether the operand counts as a number: always for sizes, else when it looks like one and nobody
// has put it in quotes.
bool is_number(const Subject& subject, const MatchText& match, const Filled& operand) {
  if (!subject.text || is_comparison(match.match)) return true;
  const bool equality = match.match == Match::kIs || match.match == Match::kIsNot;
  return equality && subject.bare && !match.quoted && match.operand.size() <= kExactDigits &&
         operand.text.lifetime == Lifetime::kFixed &&
         parse_number(fixed_text(operand.text)).has_value();
}

// Fills everything of the check but where it looks; its name goes on with the match. False after a
// complaint.
bool read_match(Reader& reader, const YamlNode& node, const Subject& subject, CheckText& into) {
  Check& check = into.check;
  if (subject.bare && subject.text && node.kind == YamlNode::Kind::kNull) {
    check.match = Match::kIs;
    append(check.text, "null");
    check.name += " is null";
    return true;
  }
  if (node.kind != YamlNode::Kind::kScalar) {
    reader.complain(node.place, fmt::format("expected {} ({}), found {}", subject.what,
                                            subject.forms, describe(node)));
    return false;
  }
  const auto match = match_of(reader, node, subject);
  if (!match) return false;
  check.match = match->match;
  check.name += fmt::format(" {}", match->shown);
  if (match->match == Match::kExists || match->match == Match::kNotExists) return true;
  // The name shows the text as written: what a variable stands for may be secret.
  check.name += " " + shown(match->operand);
  auto operand = reader.message_part(node, match->offset, match->operand, Escaping::kNone);
  if (!operand) return false;
  if (match->match == Match::kMatches) return read_pattern(reader, node, *operand, into);
  if (is_number(subject, *match, *operand)) return read_number(reader, node, *operand, check);
  check.text = std::move(operand->text);
  return true;
}

template <Part kPart>
void read_whole(Reader& reader, const YamlNode& node, std::vector<CheckText>& into) {
  CheckText text;
  text.check.of.part = kPart;
  text.check.name = kPart == Part::kBody ? "body" : kPart == Part::kSize ? "size" : "url";
  const Subject& subject =
      kPart == Part::kBody ? kBody : kPart == Part::kSize ? kSize : kUrl;
  if (read_match(reader, node, subject, text)) into.push_back(std::move(text));
}

void read_status_check(Reader& reader, const YamlNode& node, std::vector<CheckText>& into) {
  StatusText statuses = read_statuses(reader, node);
  if (statuses.ranges.empty()) return;
  CheckText text;
  text.check.name = "status is " + statuses.shown();
  text.check.statuses = std::move(statuses.ranges);
  into.push_back(std::move(text));
}

void read_latency_check(Reader& reader, const YamlNode& node, std::vector<CheckText>& into) {
  const auto text = reader.text(node, "a latency");
  if (!text) return;
  const auto match = parse_match(*text);
  const auto limit =
      match && is_comparison(match->match) ? parse_duration(match->operand) : std::nullopt;
  if (!limit) {
    reader.complain(node.place,
                    fmt::format("{} is not a limit on latency (<500ms, >=10ms)", quote(*text)));
    return;
  }
  CheckText check;
  check.check.of.part = Part::kLatency;
  check.check.match = match->match;
  check.check.latency = *limit;
  check.check.name = fmt::format("latency {} {}", match->shown, show_duration(*limit));
  into.push_back(std::move(check));
}

// ---- parts that are named -------------------------------------------------------------------

struct Named {
  std::string_view word;
  Part part;
  const Subject* subject;
};
constexpr std::array<Named, 4> kNamed{{{"header", Part::kHeader, &kField},
                                       {"cookie", Part::kCookie, &kCookie},
                                       {"json", Part::kJson, &kJson},
                                       {"regex", Part::kRegex, &kRegex}}};

void read_named(Reader& reader, const Named& named, const YamlNode::Entry& entry,
                std::vector<CheckText>& into) {
  CheckText text;
  text.check.of.part = named.part;
  if (!read_extraction(reader, *entry.key, named.word, text.check.of, text.of_pattern)) return;
  const std::string_view rest =
      http::trim_blanks(http::trim_blanks(entry.key->text).substr(named.word.size()));
  const bool by_name = named.part == Part::kHeader || named.part == Part::kCookie;
  text.check.name =
      fmt::format("{} {}", named.word, by_name ? text.check.of.name : shown(rest));
  if (read_match(reader, *entry.value, *named.subject, text)) into.push_back(std::move(text));
}

constexpr Key<std::vector<CheckText>> kKeys[] = {
    {"status", "status or list", "One of these: 200, 2xx, [200, 201, 3xx].", read_status_check},
    {"latency", "limit", "Service time of the request: <500ms.", read_latency_check},
    {"size", "limit", "Bytes of the body as received: <1000.", read_whole<Part::kSize>},
    {"body", "text match", "contains \"x\", not contains \"x\", == \"x\", != \"x\", matches /x/.",
     read_whole<Part::kBody>},
    {"url", "text match", "The same of the path and query that answered, after redirects.",
     read_whole<Part::kUrl>},
    // Read by their first words; nullptr is never called.
    {"header NAME", "text match", "The same of a header, also >= 3, exists, not exists.", nullptr},
    {"cookie NAME", "text match", "The same of a cookie that the response sets.", nullptr},
    {"json PATH", "value or match", "The same of a value in a JSON body, or the value it must be.",
     nullptr},
    {"regex RE", "value or match",
     "The same of the first group of a match in the body, or of the whole match.", nullptr},
};

void complain_of_key(Reader& reader, const YamlNode& key) {
  const std::size_t blank = key.text.find_first_of(" \t");
  const std::string_view word = std::string_view{key.text}.substr(0, blank);
  std::vector<std::string_view> words;
  for (const Named& named : kNamed) words.push_back(named.word);
  const std::string_view near = nearest(word, words);
  if (blank == std::string::npos || near.empty()) {
    return complain_unknown<std::vector<CheckText>>(reader, kKeys, key);
  }
  reader.complain(key.place, fmt::format("unknown key {}", quote(key.text)),
                  fmt::format("did you mean \"{}{}\"?", near, key.text.substr(blank)));
}

}  // namespace

void read_check(Reader& reader, const YamlNode::Entry& entry, std::vector<CheckText>& into) {
  for (const Named& named : kNamed) {
    if (is_form(entry.key->text, named.word)) return read_named(reader, named, entry, into);
  }
  const auto* key = find_key<std::vector<CheckText>>(kKeys, entry.key->text);
  if (key == nullptr || key->read == nullptr) return complain_of_key(reader, *entry.key);
  key->read(reader, *entry.value, into);
}

void describe_checks(std::vector<Section>& into) {
  Section checks = section_of<std::vector<CheckText>>("check", kKeys);
  for (KeyDoc& key : checks.keys) key.runs = true;
  Section expect{"expect", checks.keys};
  expect.keys.front().doc = "Any other status is a failure and ends the iteration.";
  into.push_back(std::move(checks));
  into.push_back(std::move(expect));
}

void read_checks(Reader& reader, const YamlNode& node, std::vector<CheckText>& into) {
  if (!reader.is_mapping(node, "checks (status: 200, latency: <500ms, …)")) return;
  for (const YamlNode::Entry& entry : node.entries) read_check(reader, entry, into);
}

void read_expect(Reader& reader, const YamlNode& node, HttpText& into) {
  into.has_expect = true;
  if (!reader.is_mapping(node, "{status: 2xx}")) return;
  for (const YamlNode::Entry& entry : node.entries) {
    const std::size_t before = into.expects.size();
    read_check(reader, entry, into.expects);
    // Also says which answers are no failures.
    if (entry.key->text == "status" && into.expects.size() > before)
      into.expected_statuses = into.expects.back().check.statuses;
  }
}

}  // namespace gend::plan
