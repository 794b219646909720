#include <algorithm>

#include "base/base64.h"
#include "base/limits.h"
#include "plan/load_message.h"

namespace gend::plan {

namespace {

// ---- binary ---------------------------------------------------------------------------------

struct BinaryParts {
  std::optional<Template> bytes;
};

constexpr Key<BinaryParts> kBinaryKeys[] = {
    {"text", "text", "The bytes of this text.",
     [](Reader& r, const YamlNode& n, BinaryParts& into) {
       if (auto text = r.message(n, Escaping::kNone, "text")) into.bytes = std::move(text->text);
     }},
    {"file", "file", "The bytes of this file.",
     [](Reader& r, const YamlNode& n, BinaryParts& into) {
       const auto file = r.file(n, "the name of a file");
       if (file) append(into.bytes.emplace(), file->content);
     }},
};

std::optional<Template> read_base64(Reader& reader, const YamlNode& node) {
  auto text = reader.private_text(node, "bytes in base64");
  if (!text) return std::nullopt;
  // A folded block has blanks where its lines end.
  std::erase_if(*text, [](char c) { return c == ' ' || c == '\n'; });
  const auto bytes = decode_base64(*text, Base64::kStandard);
  if (!bytes) {
    reader.complain(node.place, fmt::format("{} is not base64", quote(node.text)),
                    "write {text: …} for the bytes of a text, {file: …} for those of a file");
    return std::nullopt;
  }
  Template out;
  append(out, *bytes);
  return out;
}

// ---- reply ----------------------------------------------------------------------------------

struct ReplyParts {
  ReplyText text;
  bool has_key = false, has_is = false;
};

struct KeyWord {
  std::string_view name;
  Part part;
};
constexpr KeyWord kKeyWords[] = {
    {"json", Part::kJson}, {"regex", Part::kRegex}, {"body", Part::kBody}};

void read_reply_key(Reader& reader, const YamlNode& node, ReplyParts& into) {
  into.has_key = true;
  if (!reader.is_scalar(node, "a part of the message (json PATH, regex RE or body)")) return;
  const auto word = std::ranges::find_if(
      kKeyWords, [&](const KeyWord& known) { return is_form(node.text, known.name); });
  if (word == std::end(kKeyWords)) {
    reader.complain(node.place, fmt::format("{} is no part of a message (json PATH, regex RE, "
                                            "body)",
                                            quote(node.text)));
    return;
  }
  into.text.reply.key.part = word->part;
  if (word->part != Part::kBody)
    read_extraction(reader, node, word->name, into.text.reply.key, into.text.pattern);
}

// Rendered once more for the reply, so what is new each time would not be the message's.
void read_reply_value(Reader& reader, const YamlNode& node, ReplyParts& into) {
  into.has_is = true;
  auto text = reader.message(node, Escaping::kNone, "what the reply says");
  if (!text) return;
  const auto is_new = [](const Piece& piece) {
    return lifetime_of(piece.source) == Lifetime::kPerMessage;
  };
  if (std::ranges::any_of(text->text.pieces, is_new)) {
    reader.complain(node.place,
                    fmt::format("{} is another one here than in the message", quote(node.text)),
                    "keep it first: set: {id: \"${uuid}\"}, and use ${id} in both");
    return;
  }
  into.text.reply.is = std::move(text->text);
}

constexpr Key<ReplyParts> kReplyKeys[] = {
    {"key", "part of the response", "Where a message says what it answers: json PATH, regex RE or "
     "body.",
     read_reply_key},
    {"is", "text", "What the reply to this message says there.", read_reply_value},
    {"timeout", "duration", "Until the reply is there; 10s.",
     [](Reader& r, const YamlNode& n, ReplyParts& into) {
       read_wait(r, n, into.text.reply.timeout);
     }},
};

// ---- send -----------------------------------------------------------------------------------

struct SendParts {
  const YamlNode *text = nullptr, *json = nullptr, *binary = nullptr, *room = nullptr;
  const YamlNode *reply = nullptr, *session = nullptr;
};

template <const YamlNode* SendParts::*kPart>
void remember(Reader&, const YamlNode& node, SendParts& into) {
  into.*kPart = &node;
}

constexpr Key<SendParts> kSendKeys[] = {
    {"text", "text", "A text message.", remember<&SendParts::text>},
    {"json", "anything", "A text message that is JSON.", remember<&SendParts::json>},
    {"binary", "binary", "A binary message: base64, {text: …} or {file: …}.",
     remember<&SendParts::binary>},
    {"room", "text", "Where it goes to, for `${stamp}`; the room that is listened to.",
     remember<&SendParts::room>},
    {"reply", "mapping", "The message that answers it, found by what it says.",
     remember<&SendParts::reply>},
    {"session", "text", "The name of the session; the innermost.", remember<&SendParts::session>},
};

std::optional<Template> payload_of(Reader& reader, const SendParts& parts) {
  return with_stamps(reader, [&]() -> std::optional<Template> {
    if (parts.binary != nullptr) return read_binary(reader, *parts.binary);
    if (parts.json != nullptr) return json_of(reader, *parts.json);
    auto text = reader.message(*parts.text, Escaping::kNone, "text");
    if (!text) return std::nullopt;
    return std::move(text->text);
  });
}

void read_reply(Reader& reader, const YamlNode& node, SendText& into) {
  ReplyParts parts;
  read_mapping<ReplyParts>(reader, kReplyKeys, node, "{key: json $.id, is: \"${id}\"}", parts);
  if (node.kind != YamlNode::Kind::kMapping) return;
  if (!parts.has_key) reader.complain(node.place, "the reply has no `key`", "add key: json $.id");
  if (!parts.has_is) reader.complain(node.place, "the reply has no `is`", "add is: \"${id}\"");
  into.reply = std::move(parts.text);
}

bool has_one_payload(Reader& reader, const YamlNode& node, const SendParts& parts) {
  const int given = (parts.text != nullptr) + (parts.json != nullptr) + (parts.binary != nullptr);
  if (given == 1) return true;
  reader.complain(node.place,
                  given == 0 ? "the message says nothing" : "a message has one content",
                  "give one of text, json and binary");
  return false;
}

}  // namespace

bool has_stamp(const Template& text) {
  return std::ranges::find(text.pieces, Source::kStamp, &Piece::source) != text.pieces.end();
}

std::optional<Template> read_binary(Reader& reader, const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kMapping) return read_base64(reader, node);
  if (node.entries.size() != 1) {
    reader.complain(node.place, fmt::format("expected one key, found {}", node.entries.size()),
                    "write base64, {text: …} or {file: …}");
    return std::nullopt;
  }
  BinaryParts parts;
  read_mapping<BinaryParts>(reader, kBinaryKeys, node, "bytes", parts);
  return std::move(parts.bytes);
}

bool is_good_size(Reader& reader, const YamlNode& node, const Template& payload) {
  std::size_t size = 0;
  for (const Piece& piece : payload.pieces) size += piece.text.size();
  if (size <= limits::kRequestBytes) return true;
  reader.complain(node.place, fmt::format("a message of {} bytes, at most {}", size,
                                          limits::kRequestBytes));
  return false;
}

void describe_send(std::vector<Section>& into) {
  into.push_back(section_of<SendParts>("send", kSendKeys));
  into.push_back(section_of<ReplyParts>("reply", kReplyKeys));
  into.push_back(section_of<BinaryParts>("binary", kBinaryKeys));
}

void read_send(Reader& reader, const YamlNode& node, StepText& into) {
  SendParts parts;
  if (node.kind == YamlNode::Kind::kScalar) {
    parts.text = &node;
  } else {
    read_mapping<SendParts>(reader, kSendKeys, node, "a message ({text: hello})", parts);
    if (node.kind != YamlNode::Kind::kMapping || !has_one_payload(reader, node, parts)) return;
  }
  const auto session = session_of(reader, node.place, "send", parts.session);
  if (!session) return;
  if (is_socketio(reader, *session)) {
    reader.complain(node.place, "`send` in a Socket.IO session",
                    "write emit: [event, …]; socket.send(x) of its clients is emit: [message, x]");
    return;
  }
  SendText text;
  text.session = *session;
  auto payload = payload_of(reader, parts);
  if (!payload || !is_good_size(reader, node, *payload)) return;
  text.message.payload = std::move(*payload);
  text.message.binary = parts.binary != nullptr;
  text.message.stamped = has_stamp(text.message.payload);
  if (parts.room != nullptr) text.message.room = read_room(reader, *parts.room);
  if (parts.reply != nullptr) read_reply(reader, *parts.reply, text);
  into.what = std::move(text);
}

}  // namespace gend::plan
