#include <algorithm>

#include "plan/load_parts.h"

namespace gend::plan {

namespace {

struct ListenParts {
  ListenText text;
  const YamlNode *event = nullptr, *room = nullptr, *sequence = nullptr, *sent_at = nullptr;
  const YamlNode *clock = nullptr, *session = nullptr;
};

template <const YamlNode* ListenParts::*kPart>
void remember(Reader&, const YamlNode& node, ListenParts& into) {
  into.*kPart = &node;
}

constexpr Key<ListenParts> kKeys[] = {
    {"room", "text", "Whose messages the user is owed from here on; one room for the session.",
     remember<&ListenParts::room>},
    {"event", "text", "The event that brings them, in a Socket.IO session; any.",
     remember<&ListenParts::event>},
    {"sequence", "part of the response",
     "Where the server's own numbers stand, json PATH; messages need no `${stamp}` then.",
     remember<&ListenParts::sequence>},
    {"sentAt", "part of the response", "Where the server says when it sent, json PATH.",
     remember<&ListenParts::sent_at>},
    {"clock", "monotonic, realtime or realtimeNs",
     "What `sentAt` counts: ns of the host's monotonic clock, ms or ns since 1970; monotonic.",
     remember<&ListenParts::clock>},
    {"own", "true or false", "Whether the user is owed what it sends itself; true.",
     [](Reader& r, const YamlNode& n, ListenParts& into) {
       if (const auto own = r.boolean(n)) into.text.listen.own = *own;
     }},
    {"late", "duration", "A delivery that takes longer is late; 1s.",
     [](Reader& r, const YamlNode& n, ListenParts& into) {
       read_wait(r, n, into.text.listen.late);
     }},
    {"drain", "duration", "What is owed is waited for so long before it is lost; 5s.",
     [](Reader& r, const YamlNode& n, ListenParts& into) {
       if (const auto drain = r.duration(n)) into.text.listen.drain = drain->value;
     }},
    {"session", "text", "The name of the session; the innermost.",
     remember<&ListenParts::session>},
};

std::optional<extract::JsonPath> read_path(Reader& reader, const YamlNode& node,
                                           std::size_t session) {
  if (!reader.is_scalar(node, "json PATH")) return std::nullopt;
  if (!is_form(node.text, "json")) {
    reader.complain(node.place, fmt::format("{} is not json PATH", quote(node.text)),
                    "write json $.seq");
    return std::nullopt;
  }
  Extraction of;
  of.part = Part::kJson;
  std::string ignored;
  if (!read_extraction(reader, node, "json", of, ignored)) return std::nullopt;
  if (!is_good_path(reader, node, session, of)) return std::nullopt;
  return std::move(of.path);
}

struct ClockName {
  std::string_view name;
  SentClock clock;
};
constexpr ClockName kClocks[] = {{"monotonic", SentClock::kMonotonicNs},
                                 {"realtime", SentClock::kRealtimeMs},
                                 {"realtimeNs", SentClock::kRealtimeNs}};

void read_clock(Reader& reader, const YamlNode& node, Listen& into) {
  const auto text = reader.text(node, "a clock");
  if (!text) return;
  const auto known = std::ranges::find(kClocks, *text, &ClockName::name);
  if (known != std::end(kClocks)) {
    into.clock = known->clock;
    return;
  }
  reader.complain(node.place, fmt::format("{} is not a clock", quote(*text)),
                  hint(*text, {"monotonic", "realtime", "realtimeNs"}));
}

void read_stamps_of_server(Reader& reader, const ListenParts& parts, std::size_t session,
                           Listen& into) {
  if (parts.sequence != nullptr) into.sequence = read_path(reader, *parts.sequence, session);
  if (parts.sent_at != nullptr) into.sent_at = read_path(reader, *parts.sent_at, session);
  if (parts.clock != nullptr) read_clock(reader, *parts.clock, into);
  if (parts.sent_at != nullptr && parts.sequence == nullptr) {
    reader.complain(parts.sent_at->place, "`sentAt` without `sequence`",
                    "say where the server's numbers stand: sequence: json $.seq");
  }
  if (parts.clock != nullptr && parts.sent_at == nullptr) {
    reader.complain(parts.clock->place, "`clock` without `sentAt`",
                    "say where the server says when it sent: sentAt: json $.sent_at");
  }
}

void read_listen_event(Reader& reader, const YamlNode& node, ListenText& into) {
  if (!is_socketio(reader, into.session) && !reader.flow().uncalled) {
    reader.complain(node.place, "messages of a WebSocket have no `event`", "leave it out");
    return;
  }
  into.listen.event = reader.text(node, "the name of an event");
}

}  // namespace

std::optional<Template> read_room(Reader& reader, const YamlNode& node) {
  auto room = reader.message(node, Escaping::kNone, "the name of a room");
  if (!room) return std::nullopt;
  if (!room->secret.empty()) {
    reader.complain(node.place,
                    fmt::format("the secret {} would be printed: rooms stand in reports",
                                quote(room->secret)));
    return std::nullopt;
  }
  const auto is_new = [](const Piece& piece) {
    return lifetime_of(piece.source) == Lifetime::kPerMessage;
  };
  if (std::ranges::any_of(room->text.pieces, is_new)) {
    reader.complain(node.place,
                    fmt::format("{} is another room each time", quote(node.text)),
                    "use a column of data, or keep it first: set: {room: …}");
    return std::nullopt;
  }
  if (room->text.pieces.empty()) {
    reader.complain(node.place, "the name of the room is empty", "leave it out");
    return std::nullopt;
  }
  return std::move(room->text);
}

void describe_listen(std::vector<Section>& into) {
  into.push_back(section_of<ListenParts>("listen", kKeys));
}

void read_listen(Reader& reader, const YamlNode& node, StepText& into) {
  ListenParts parts;
  if (node.kind != YamlNode::Kind::kNull)
    read_mapping<ListenParts>(reader, kKeys, node, "{room: \"${user.room}\"}", parts);
  const auto session = session_of(reader, node.place, "listen", parts.session);
  if (!session) return;
  ListenText& text = parts.text;
  text.session = *session;
  text.place = node.place;
  if (parts.event != nullptr) read_listen_event(reader, *parts.event, text);
  if (parts.room != nullptr) {
    text.room_source = parts.room->text;
    if (auto room = read_room(reader, *parts.room)) text.listen.room = std::move(*room);
  }
  read_stamps_of_server(reader, parts, *session, text.listen);
  into.what = std::move(text);
}

}  // namespace gend::plan
