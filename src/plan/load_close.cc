#include <algorithm>

#include "http/chars.h"
#include "plan/load_parts.h"
#include "plan/source.h"

// The small steps of a session: ping, echo, hold, close.
namespace gend::plan {

namespace {

struct UseParts {
  const YamlNode* session = nullptr;
};

constexpr Key<UseParts> kUseKeys[] = {
    {"session", "text", "The name of the session; the innermost.",
     [](Reader&, const YamlNode& n, UseParts& into) { into.session = &n; }},
};

void read_use(Reader& reader, const YamlNode& node, StepKind kind, StepText& into) {
  const std::string_view word = kind == StepKind::kPing ? "ping" : "echo";
  UseParts parts;
  if (node.kind != YamlNode::Kind::kNull)
    read_mapping<UseParts>(reader, kUseKeys, node, "{}", parts);
  const auto session = session_of(reader, node.place, word, parts.session);
  if (!session) return;
  if (is_socketio(reader, *session)) {
    reader.complain(node.place, fmt::format("`{}` in a Socket.IO session", word),
                    kind == StepKind::kPing
                        ? "the server pings; leave it out"
                        : "`receive` the event and `emit` what should go back");
    return;
  }
  into.what = UseText{kind, *session};
}

// Codes that may be sent (RFC 6455, 7.4): 1004 is reserved, 1005, 1006 and 1015 never go over a
// wire, 1010 is the client's own, 1012 to 1014 are registered since; 3000 and on are free.
bool is_sendable(std::int64_t code) {
  if (code >= 3000 && code <= 4999) return true;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

void read_code(Reader& reader, const YamlNode& node, Close& into) {
  const auto code = reader.integer(node, {0, 0xFFFF, "a close code"});
  if (!code) return;
  if (!is_sendable(code->value)) {
    reader.complain(node.place, fmt::format("a close with code {} is never sent", code->value),
                    "use 1000, another one that may be sent (1001 to 1003, 1007 to 1014), or "
                    "3000 to 4999");
    return;
  }
  into.code = static_cast<std::uint16_t>(code->value);
}

// Beside the code a close frame holds at most 123 bytes (RFC 6455, 5.5).
void read_reason(Reader& reader, const YamlNode& node, Close& into) {
  constexpr std::size_t kReasonBytes = 123;
  auto reason = reader.text(node, "a reason");
  if (!reason) return;
  if (reason->size() > kReasonBytes) {
    reader.complain(node.place,
                    fmt::format("a reason of {} bytes, at most {}", reason->size(), kReasonBytes));
    return;
  }
  into.reason = std::move(*reason);
}

constexpr Key<Close> kCloseKeys[] = {
    {"code", "whole number", "What the peer is told; 1000.", read_code},
    {"reason", "text", "And why, at most 123 bytes.", read_reason},
};

}  // namespace

void describe_close(std::vector<Section>& into) {
  into.push_back(section_of<Close>("close", kCloseKeys));
  into.push_back(section_of<UseParts>("ping", kUseKeys));
  into.push_back(section_of<UseParts>("echo", kUseKeys));
}

void read_ping(Reader& reader, const YamlNode& node, StepText& into) {
  read_use(reader, node, StepKind::kPing, into);
}

void read_echo(Reader& reader, const YamlNode& node, StepText& into) {
  read_use(reader, node, StepKind::kEcho, into);
}

void read_close(Reader& reader, const YamlNode& node, StepText& into) {
  const auto session = session_of(reader, node.place, "close", nullptr);
  if (!session) return;
  CloseText text;
  text.session = *session;
  if (node.kind == YamlNode::Kind::kMapping && node.find("session") != nullptr) {
    reader.complain(node.find("session")->place, "`close` ends the innermost session",
                    "let that one end first: steps behind it belong to the session around");
    return;
  }
  if (node.kind != YamlNode::Kind::kNull)
    read_mapping<Close>(reader, kCloseKeys, node, "{code: 1000}", text.close);
  const bool says_something = node.kind == YamlNode::Kind::kMapping && !node.entries.empty();
  if (says_something && is_socketio(reader, *session)) {
    reader.complain(node.place, "a Socket.IO session is closed without a code and a reason",
                    "write close: {}");
    return;
  }
  into.what = std::move(text);
}

void read_hold(Reader& reader, const YamlNode& node, StepText& into) {
  if (!session_of(reader, node.place, "hold", nullptr)) return;
  Think think;
  const std::size_t before = reader.reporter().count();
  read_think(reader, node, think);
  if (reader.reporter().count() > before) return;
  if (std::max(think.a, think.b) == Duration{}) {
    reader.complain(node.place, "it must be longer than 0");
    return;
  }
  think.holds = true;
  into.what = think;
}

}  // namespace gend::plan
