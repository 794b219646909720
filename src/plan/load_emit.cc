#include <algorithm>

#include "plan/load_message.h"

namespace gend::plan {

namespace {

// Names that mean something to Socket.IO itself, so no client may emit them.
constexpr std::string_view kReserved[] = {"connect",       "connect_error", "disconnect",
                                          "disconnecting", "newListener",   "removeListener"};

// ---- the acknowledgement --------------------------------------------------------------------

struct AckParts {
  Ack ack;
  const YamlNode *check = nullptr, *expect = nullptr, *capture = nullptr;
};

template <const YamlNode* AckParts::*kPart>
void remember_of_ack(Reader&, const YamlNode& node, AckParts& into) {
  into.*kPart = &node;
}

constexpr Key<AckParts> kAckKeys[] = {
    {"timeout", "duration", "Until the acknowledgement is there; 10s.",
     [](Reader& r, const YamlNode& n, AckParts& into) { read_wait(r, n, into.ack.timeout); }},
    {"wait", "true or false", "Whether the user waits for it; true.",
     [](Reader& r, const YamlNode& n, AckParts& into) {
       if (const auto waits = r.boolean(n)) into.ack.waits = *waits;
     }},
    {"check", "mapping of checks", "What should hold of its arguments; counted, nothing stops.",
     remember_of_ack<&AckParts::check>},
    {"expect", "mapping of checks",
     "What must hold, and that it comes at all; the iteration ends when it does not.",
     remember_of_ack<&AckParts::expect>},
    {"capture", "mapping of captures", "Variables taken from its arguments.",
     remember_of_ack<&AckParts::capture>},
};

void read_ack(Reader& reader, const YamlNode& node, EmitText& into) {
  AckParts parts;
  if (node.kind != YamlNode::Kind::kNull)
    read_mapping<AckParts>(reader, kAckKeys, node, "{timeout: 2s}, or {}", parts);
  AckText& text = into.ack.emplace();
  text.ack = std::move(parts.ack);
  AnswerText& answer = text.answer;
  if (parts.check != nullptr)
    read_answer_checks(reader, *parts.check, into.session, answer.checks);
  if (parts.capture != nullptr)
    read_answer_captures(reader, *parts.capture, into.session, answer.captures);
  answer.has_expect = parts.expect != nullptr;
  if (parts.expect != nullptr)
    read_answer_checks(reader, *parts.expect, into.session, answer.expects);
  if (!answer.has_expect || text.ack.waits) return;
  reader.complain(parts.expect->place, "`expect` of an ack that nobody waits for",
                  "use `check`, or leave `wait: false` out");
}

// ---- the event and its arguments ------------------------------------------------------------

struct EmitParts {
  const YamlNode *emit = nullptr, *ack = nullptr, *room = nullptr, *session = nullptr;
};

template <const YamlNode* EmitParts::*kPart>
void remember(Reader&, const YamlNode& node, EmitParts& into) {
  into.*kPart = &node;
}

constexpr Key<EmitParts> kKeys[] = {
    {"emit", "list or text", "The event and its arguments; {binary: …} is bytes.",
     remember<&EmitParts::emit>},
    {"ack", "mapping or nothing", "Asks for an acknowledgement, and what is asked of it.",
     remember<&EmitParts::ack>},
    {"room", "text", "Where it goes to, for `${stamp}`; the room that is listened to.",
     remember<&EmitParts::room>},
    {"session", "text", "The name of the session; the innermost.", remember<&EmitParts::session>},
};

bool is_binary(const YamlNode& node) {
  return node.kind == YamlNode::Kind::kMapping && node.entries.size() == 1 &&
         node.find("binary") != nullptr;
}

// Bytes follow the message on their own; what stands in it says which they are (Socket.IO
// protocol 5, binary events).
void append_argument(Reader& reader, const YamlNode& node, Emit& into) {
  Template& payload = into.message.payload;
  append(payload, ",");
  if (!is_binary(node)) return append(payload, json_of(reader, node));
  append(payload,
         fmt::format("{{\"_placeholder\":true,\"num\":{}}}", into.attachments.size()));
  auto bytes = read_binary(reader, *node.find("binary"));
  if (!bytes) return;
  if (has_stamp(*bytes)) {
    reader.complain(node.place, "receivers look for `${stamp}` in the text of a message only",
                    "put it into another argument");
  }
  into.attachments.push_back(std::move(*bytes));
}

void append_event(Reader& reader, const YamlNode& node, Emit& into) {
  Template& payload = into.message.payload;
  append(payload, "[\"");
  if (std::ranges::find(kReserved, node.text) != std::end(kReserved)) {
    reader.complain(node.place, fmt::format("the event {} is Socket.IO's own", quote(node.text)),
                    "a client cannot emit it; use another name");
  }
  const auto event = reader.message(node, Escaping::kJsonString, "the name of an event");
  if (!event) return;
  if (!event->secret.empty()) {
    reader.complain(node.place, fmt::format("the secret {} would be printed: events stand in "
                                            "reports",
                                            quote(event->secret)));
  }
  if (event->text.pieces.empty()) reader.complain(node.place, "the event has no name");
  append(payload, event->text);
  append(payload, "\"");
  into.event = node.text;
}

void complain_of_mapping(Reader& reader, const YamlNode& node) {
  const bool artillery = node.find("channel") != nullptr || node.find("data") != nullptr;
  reader.complain(node.place,
                  artillery ? "`channel` and `data` are Artillery's words"
                            : "expected an event and its arguments, found a mapping",
                  "write emit: [event, {text: hello}]; `ack` stands beside `emit`");
}

// False after a complaint.
bool read_event(Reader& reader, const YamlNode& node, Emit& into) {
  const std::size_t before = reader.reporter().count();
  if (node.kind == YamlNode::Kind::kMapping) {
    complain_of_mapping(reader, node);
  } else if (node.kind == YamlNode::Kind::kSequence && node.items.empty()) {
    reader.complain(node.place, "an empty list: the event is missing",
                    "write emit: [event, argument]");
  } else if (node.kind == YamlNode::Kind::kSequence) {
    append_event(reader, *node.items.front(), into);
    for (std::size_t i = 1; i < node.items.size(); ++i)
      append_argument(reader, *node.items[i], into);
  } else {
    append_event(reader, node, into);
  }
  append(into.message.payload, "]");
  return reader.reporter().count() == before;
}

constexpr std::pair<std::string_view, std::string_view> kForeign[] = {
    {"response", "use `ack` for an acknowledgement, a `receive` step for another event"},
    {"acknowledge", "use `ack`"},
    {"timeout", "write it into the ack: ack: {timeout: 2s}"},
    {"channel", "write emit: [event, argument]"},
    {"data", "write emit: [event, argument]"},
    {"namespace", "it is the session's: write it beside `socketio`"}};

void read_entries(Reader& reader, const YamlNode& step, EmitParts& into) {
  for (const YamlNode::Entry& entry : step.entries) {
    const auto foreign = std::ranges::find(kForeign, entry.key->text,
                                           &std::pair<std::string_view, std::string_view>::first);
    if (foreign == std::end(kForeign)) {
      read_entry<EmitParts>(reader, kKeys, entry, into);
      continue;
    }
    reader.complain(entry.key->place, fmt::format("unknown key {}", quote(entry.key->text)),
                    std::string{foreign->second});
  }
}

}  // namespace

void describe_emit(std::vector<Section>& into) {
  into.push_back(section_of<EmitParts>("emit", kKeys));
  into.push_back(section_of<AckParts>("ack", kAckKeys));
}

void read_emit(Reader& reader, const YamlNode& step, StepText& into) {
  EmitParts parts;
  read_entries(reader, step, parts);
  const auto session = session_of(reader, step.place, "emit", parts.session);
  if (!session) return;
  if (!is_socketio(reader, *session) && !reader.flow().uncalled) {
    reader.complain(step.place, "`emit` in a WebSocket session",
                    "write send: {json: …}; or open the session with `socketio`");
    return;
  }
  EmitText text;
  text.session = *session;
  const bool good =
      with_stamps(reader, [&] { return read_event(reader, *parts.emit, text.emit); });
  if (!good || !is_good_size(reader, step, text.emit.message.payload)) return;
  text.emit.message.stamped = has_stamp(text.emit.message.payload);
  if (parts.room != nullptr) text.emit.message.room = read_room(reader, *parts.room);
  if (parts.ack != nullptr) read_ack(reader, *parts.ack, text);
  into.what = std::move(text);
}

}  // namespace gend::plan
