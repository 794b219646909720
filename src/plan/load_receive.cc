#include <algorithm>
#include <array>

#include "plan/load_parts.h"
#include "plan/match.h"

// What is waited for, and what is asked of it: of a message, of an acknowledgement.
namespace gend::plan {

namespace {

// Parts of an HTTP answer that a message does not have.
constexpr std::array<std::string_view, 4> kNotInMessages{"status", "header", "cookie", "url"};

bool is_in_messages(Reader& reader, const YamlNode& node) {
  for (const std::string_view word : kNotInMessages) {
    if (!is_form(node.text, word)) continue;
    reader.complain(node.place, fmt::format("a message has no `{}`", word),
                    "use json PATH, regex RE or body; what is asked of the handshake stands beside "
                    "`websocket` or `socketio`");
    return false;
  }
  return true;
}

// ---- match ----------------------------------------------------------------------------------

// Where a JSON path ends: at a blank or an operator outside of its brackets.
std::size_t end_of_path(std::string_view text) {
  char quote = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      if (c == '\\') ++at;
      if (c == quote) quote = 0;
    } else if ((c == '\'' || c == '"') && at > 0 && text[at - 1] == '[') {
      quote = c;
    } else if (std::string_view{" \t=!<>~"}.find(c) != std::string_view::npos) {
      return at;
    }
  }
  return text.size();
}

// Where the part that is looked at ends, and what is asked of it begins.
std::size_t end_of_subject(std::string_view text) {
  const std::size_t word = std::min(text.find_first_of(" \t"), text.size());
  if (is_form(text, "regex")) return text.size();
  if (!is_form(text, "json")) return word;
  const std::size_t path = text.find_first_not_of(" \t", word);
  return path == std::string_view::npos ? text.size() : path + end_of_path(text.substr(path));
}

YamlNode part_of(const Reader& reader, const YamlNode& node, std::size_t from, std::size_t to) {
  YamlNode part;
  part.kind = YamlNode::Kind::kScalar;
  part.place = reader.place_in(node, from);
  part.offset = node.offset + (node.quoted ? 1 : 0) + from;
  part.text = node.text.substr(from, to - from);
  return part;
}

// "json $.type == 'x'" is what {json $.type: == 'x'} would be among checks; "contains 'x'" is
// {body: contains 'x'}, and "json $.id" alone {json $.id: exists}.
void read_match(Reader& reader, const YamlNode& node, ReceiveText& into) {
  if (!reader.is_scalar(node, "what the message says (json $.type == 'x')")) return;
  const std::string& text = node.text;
  const bool subject = std::ranges::any_of(
      std::array<std::string_view, 5>{"json", "body", "regex", "size", "latency"},
      [&](std::string_view word) { return is_form(text, word); });
  if (!subject && is_in_messages(reader, node)) {
    YamlNode body;
    body.kind = YamlNode::Kind::kScalar;
    body.place = node.place;
    body.text = "body";
    return read_check(reader, {&body, &node}, into.match);
  }
  if (!subject) return;
  const std::size_t begin = text.find_first_not_of(" \t");
  const std::size_t end = begin + end_of_subject(std::string_view{text}.substr(begin));
  const YamlNode key = part_of(reader, node, begin, end);
  YamlNode value = part_of(reader, node, end, text.size());
  const std::size_t rest = value.text.find_first_not_of(" \t");
  if (rest == std::string::npos) {
    value.text = "exists";
  } else if (!begins_with_operator(std::string_view{value.text}.substr(rest))) {
    reader.complain(node.place, fmt::format("{} is not a match (json $.type == 'x', json $.n > 3, "
                                            "json $.id, contains 'x', matches /x/)",
                                            quote(text)));
    return;
  }
  const std::size_t before = into.match.size();
  read_check(reader, {&key, &value}, into.match);
  if (into.match.size() > before)
    is_good_path(reader, node, into.session, into.match.back().check.of);
}

// ---- receive --------------------------------------------------------------------------------

struct ReceiveParts {
  ReceiveText text;
  const YamlNode *match = nullptr, *event = nullptr, *session = nullptr;
  const YamlNode *capture = nullptr, *check = nullptr, *expect = nullptr;
};

template <const YamlNode* ReceiveParts::*kPart>
void remember(Reader&, const YamlNode& node, ReceiveParts& into) {
  into.*kPart = &node;
}

constexpr Key<ReceiveParts> kKeys[] = {
    {"match", "text or list", "What the message says: json $.type == 'x', contains 'x', matches "
     "/x/; all of a list.",
     remember<&ReceiveParts::match>},
    {"event", "text", "The event, in a Socket.IO session; any.", remember<&ReceiveParts::event>},
    {"timeout", "duration", "Until the message is there; 10s.",
     [](Reader& r, const YamlNode& n, ReceiveParts& into) { read_wait(r, n, into.text.timeout); }},
    {"capture", "mapping of captures", "Variables taken from the message.",
     remember<&ReceiveParts::capture>},
    {"check", "mapping of checks", "What should hold of the message; counted, nothing stops.",
     remember<&ReceiveParts::check>},
    {"expect", "mapping of checks",
     "What must hold, and that it comes at all; the iteration ends when it does not.",
     remember<&ReceiveParts::expect>},
    {"session", "text", "The name of the session; the innermost.",
     remember<&ReceiveParts::session>},
};

void read_event(Reader& reader, const YamlNode& node, ReceiveText& into) {
  if (!is_socketio(reader, into.session) && !reader.flow().uncalled) {
    reader.complain(node.place, "messages of a WebSocket have no `event`",
                    "use match: json $.event == 'name'");
    return;
  }
  into.event = reader.text(node, "the name of an event");
}

void read_matches(Reader& reader, const YamlNode& node, ReceiveText& into) {
  if (node.kind != YamlNode::Kind::kSequence) return read_match(reader, node, into);
  for (const YamlNode* item : node.items) read_match(reader, *item, into);
}

}  // namespace

bool is_good_path(Reader& reader, const YamlNode& node, std::size_t session,
                  const Extraction& of) {
  if (!is_socketio(reader, session) || of.part != Part::kJson || of.path.steps.empty()) return true;
  if (of.path.steps.front().kind != extract::JsonPath::Kind::kName) return true;
  std::string better = of.path.source;
  if (better.starts_with('$')) better.insert(1, "[0]");
  reader.complain(node.place,
                  fmt::format("the path {} looks for a name in the array of arguments",
                              quote(of.path.source)),
                  fmt::format("write {}, for the first argument", better));
  return false;
}

void read_wait(Reader& reader, const YamlNode& node, Duration& into) {
  const auto duration = reader.duration(node);
  if (duration && duration->value == Duration{}) {
    reader.complain(node.place, "it must be longer than 0", "leave it out");
  } else if (duration) {
    into = duration->value;
  }
}

void read_answer_checks(Reader& reader, const YamlNode& node, std::size_t session,
                        std::vector<CheckText>& into) {
  if (!reader.is_mapping(node, "checks (\"json $.ok\": true, …)")) return;
  for (const YamlNode::Entry& entry : node.entries) {
    if (!is_in_messages(reader, *entry.key)) continue;
    const std::size_t before = into.size();
    read_check(reader, entry, into);
    if (into.size() > before) is_good_path(reader, *entry.key, session, into.back().check.of);
  }
}

void read_answer_captures(Reader& reader, const YamlNode& node, std::size_t session,
                          std::vector<CaptureText>& into) {
  if (!reader.is_mapping(node, "captures (name: json $.path)")) return;
  for (const YamlNode::Entry& entry : node.entries) {
    const YamlNode* from = entry.value;
    if (from->kind == YamlNode::Kind::kMapping) from = from->find("from");
    if (from != nullptr && !is_in_messages(reader, *from)) continue;
    const std::size_t before = into.size();
    read_capture(reader, entry, into);
    if (into.size() > before) is_good_path(reader, *from, session, into.back().capture.from);
  }
}

void describe_receive(std::vector<Section>& into) {
  into.push_back(section_of<ReceiveParts>("receive", kKeys));
}

void read_receive(Reader& reader, const YamlNode& node, StepText& into) {
  ReceiveParts parts;
  if (node.kind != YamlNode::Kind::kNull)
    read_mapping<ReceiveParts>(reader, kKeys, node, "a message to wait for ({timeout: 2s})", parts);
  const auto session = session_of(reader, node.place, "receive", parts.session);
  if (!session) return;
  ReceiveText& text = parts.text;
  text.session = *session;
  if (parts.event != nullptr) read_event(reader, *parts.event, text);
  if (parts.match != nullptr) read_matches(reader, *parts.match, text);
  AnswerText& answer = text.answer;
  if (parts.capture != nullptr)
    read_answer_captures(reader, *parts.capture, *session, answer.captures);
  if (parts.check != nullptr) read_answer_checks(reader, *parts.check, *session, answer.checks);
  answer.has_expect = parts.expect != nullptr;
  if (parts.expect != nullptr) read_answer_checks(reader, *parts.expect, *session, answer.expects);
  into.what = std::make_unique<ReceiveText>(std::move(text));
}

}  // namespace gend::plan
