#include <algorithm>
#include <array>

#include "base/limits.h"
#include "http/chars.h"
#include "plan/load_parts.h"

// Sessions: what a user opens, and how it behaves. What is said within one: load_send.cc and on.
namespace gend::plan {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct SessionParts {
  HttpText http;
  Session session;
  const YamlNode* flow = nullptr;
};

// ---- the handshake --------------------------------------------------------------------------

bool begins_with(std::string_view url, std::string_view scheme) {
  return url.size() >= scheme.size() &&
         http::equals_ignoring_case(url.substr(0, scheme.size()), scheme);
}

// The handshake is an HTTP request (RFC 6455, 3): ws://host is http://host, wss:// is https://.
void read_session_url(Reader& reader, const YamlNode& node, SessionParts& into) {
  read_url(reader, node, into.http);
  if (into.http.url.pieces.empty()) return;
  Piece& first = into.http.url.pieces.front();
  if (first.source != Source::kLiteral) return;
  for (const std::string_view scheme : {"ws://", "wss://"}) {
    if (begins_with(first.text, scheme)) first.text.replace(0, 2, "http");
  }
}

// A URL without a path would lead to the root, where no Socket.IO server listens.
void read_socketio_url(Reader& reader, const YamlNode& node, SessionParts& into) {
  read_session_url(reader, node, into);
  if (into.http.url.pieces.empty()) return;
  const std::string_view first = into.http.url.pieces.front().text;
  const std::size_t scheme = first.find("://");
  if (scheme == std::string_view::npos || into.http.url.pieces.size() > 1) return;
  const std::size_t path = first.find('/', scheme + 3);
  if (path != std::string_view::npos && path + 1 < first.size()) return;
  reader.complain(node.place, fmt::format("{} has no path", quote(node.text)),
                  "Socket.IO servers listen at /socket.io/ unless they are told otherwise; a "
                  "namespace is given as `namespace`");
}

constexpr std::string_view kOurHeaders[] = {
    "upgrade", "sec-websocket-key", "sec-websocket-version", "sec-websocket-accept",
    "sec-websocket-extensions", "sec-websocket-protocol"};

void read_session_headers(Reader& reader, const YamlNode& node, SessionParts& into) {
  read_headers(reader, node, into.http.headers);
  for (const HeaderText& header : into.http.headers) {
    for (const std::string_view ours : kOurHeaders) {
      if (!http::equals_ignoring_case(header.name, ours)) continue;
      reader.complain(header.place, fmt::format("the header {} is written by gend", ours),
                      ours.ends_with("protocol")     ? "use `subprotocols`"
                      : ours.ends_with("extensions") ? "use `compression`"
                                                     : "leave it out");
    }
  }
}

// ---- settings -------------------------------------------------------------------------------

// A word of a subprotocol is a token (RFC 6455, 4.1).
void read_subprotocols(Reader& reader, const YamlNode& node, SessionParts& into) {
  const auto add = [&](const YamlNode& item) {
    const auto name = reader.text(item, "a subprotocol");
    if (!name) return;
    if (!http::is_token(*name)) {
      reader.complain(item.place, fmt::format("{} is not a subprotocol", quote(*name)),
                      "it is one word; write a list for several");
    } else if (std::ranges::count(into.session.subprotocols, *name) > 0) {
      reader.complain(item.place, fmt::format("{} is in the list twice", quote(*name)));
    } else {
      into.session.subprotocols.push_back(*name);
    }
  };
  if (node.kind != YamlNode::Kind::kSequence) return add(node);
  for (const YamlNode* item : node.items) add(*item);
}

void read_masking(Reader& reader, const YamlNode& node, SessionParts& into) {
  const auto text = reader.text(node, "random or fixed");
  if (!text) return;
  if (*text != "random" && *text != "fixed") {
    reader.complain(node.place, fmt::format("{} is not a masking", quote(*text)),
                    hint(*text, {"random", "fixed"}));
  }
  into.session.fixed_mask = *text == "fixed";
}

void read_flag(Reader& reader, const YamlNode& node, bool& into) {
  if (const auto flag = reader.boolean(node)) into = *flag;
}

void read_message_limit(Reader& reader, const YamlNode& node, SessionParts& into) {
  const auto text = reader.text(node, "a size");
  if (!text) return;
  const auto size = parse_size(*text);
  if (size && *size > 0 && *size <= limits::kMessageBytesMost) {
    into.session.message_bytes = *size;
    return;
  }
  reader.complain(node.place,
                  fmt::format("{} is not a size of a message ({}; at most {} MiB)", quote(*text),
                              kSizeForms, limits::kMessageBytesMost >> 20));
}

void read_namespace(Reader& reader, const YamlNode& node, SessionParts& into) {
  auto name = reader.text(node, "a namespace");
  if (!name) return;
  // A comma ends it in a packet (Socket.IO protocol 5); a query is no part of it any more.
  if (!name->starts_with('/') || name->find_first_of(",?") != std::string::npos) {
    reader.complain(node.place, fmt::format("{} is not a namespace", quote(*name)),
                    "begin it with /, as in /admin; without commas and without a query");
    return;
  }
  into.session.name_space = std::move(*name);
}

void read_connect_auth(Reader& reader, const YamlNode& node, SessionParts& into) {
  if (reader.is_mapping(node, "what is sent with CONNECT ({token: \"${token}\"})"))
    into.session.auth = json_of(reader, node);
}

void read_transports(Reader& reader, const YamlNode& node, SessionParts& into) {
  bool polling = false, websocket = false, first_is_polling = false;
  const auto add = [&](const YamlNode& item) {
    const auto text = reader.text(item, "polling or websocket");
    if (!text) return;
    bool& transport = *text == "polling" ? polling : websocket;
    if (*text != "polling" && *text != "websocket") {
      reader.complain(item.place, fmt::format("{} is not a transport of gend's", quote(*text)),
                      hint(*text, {"polling", "websocket"}));
    } else if (transport) {
      reader.complain(item.place, fmt::format("{} is in the list twice", quote(*text)));
    }
    if (!websocket && *text == "polling") first_is_polling = true;
    transport = true;
  };
  if (node.kind == YamlNode::Kind::kSequence) {
    for (const YamlNode* item : node.items) add(*item);
    if (node.items.empty()) reader.complain(node.place, "no transport is left");
  } else {
    add(node);
  }
  if (polling && websocket && !first_is_polling) {
    reader.complain(node.place, "an upgrade goes from polling to websocket",
                    "write [polling, websocket], or [websocket] alone");
  }
  into.session.transports = !polling    ? Transports::kWebSocket
                            : websocket ? Transports::kUpgrade
                                        : Transports::kPolling;
}

// ---- reconnect ------------------------------------------------------------------------------

struct ReconnectParts {
  std::optional<std::uint32_t> max;
  BackoffText backoff;
};

constexpr std::int64_t kAttemptsMax = 1'000'000;

constexpr Key<ReconnectParts> kReconnectKeys[] = {
    {"max", "whole number", "Attempts in a row at most, 0 to 1000000.",
     [](Reader& r, const YamlNode& n, ReconnectParts& into) {
       if (const auto max = r.integer(n, {0, kAttemptsMax, "a number of attempts"}))
         into.max = static_cast<std::uint32_t>(max->value);
     }},
    {"backoff", "mapping", "How long to wait before each attempt.",
     [](Reader& r, const YamlNode& n, ReconnectParts& into) { read_backoff(r, n, into.backoff); }},
};

// As socket.io-client waits; its randomizationFactor of 0.5 is nearest to `equal`.
constexpr Backoff kSocketIoBackoff{
    .initial = seconds{1}, .factor = 2, .max = seconds{5}, .jitter = Jitter::kEqual};

void read_reconnect(Reader& reader, const YamlNode& node, SessionParts& into) {
  Reconnect& reconnect = into.session.reconnect;
  if (node.kind == YamlNode::Kind::kScalar && node.text == "false") return;
  ReconnectParts parts;
  read_mapping<ReconnectParts>(reader, kReconnectKeys, node,
                               "a mapping ({max: 10, backoff: {initial: 500ms}}) or false", parts);
  if (node.kind != YamlNode::Kind::kMapping) return;
  if (node.find("max") == nullptr)
    reader.complain(node.place, "`max` is missing: how often to try again", "add max: 10");
  reconnect.max = parts.max.value_or(0);
  Backoff& backoff = reconnect.backoff;
  if (into.session.kind == SessionKind::kSocketIo) backoff = kSocketIoBackoff;
  if (parts.backoff.initial) backoff.initial = parts.backoff.initial->value;
  if (parts.backoff.max) backoff.max = parts.backoff.max->value;
  backoff.factor = parts.backoff.factor.value_or(backoff.factor);
  backoff.jitter = parts.backoff.jitter.value_or(backoff.jitter);
  if (backoff.initial > backoff.max) {
    reader.complain(node.place, "the first wait (`initial`) is longer than the longest (`max`)");
  }
}

// ---- keys -----------------------------------------------------------------------------------

constexpr std::array<Key<SessionParts>, 17> kCommonKeys{{
    {"name", "text", "The name tag; the URL as written when absent.",
     [](Reader& r, const YamlNode& n, SessionParts& into) {
       into.http.name = r.text(n, "the name of the step");
     }},
    {"headers", "mapping of text", "Sent with the handshake; they replace the defaults.",
     read_session_headers},
    {"query", "mapping of text or lists", "Appended to the URL, percent-encoded.",
     [](Reader& r, const YamlNode& n, SessionParts& into) {
       into.http.query = read_pairs(r, n, "a query (name: value)");
     }},
    {"timeout", "duration or mapping", "How long the handshake may take.",
     [](Reader& r, const YamlNode& n, SessionParts& into) {
       read_timeout(r, n, into.http.timeout);
     }},
    {"tags", "mapping of text", "On every measurement of the session.",
     [](Reader& r, const YamlNode& n, SessionParts& into) { read_tags(r, n, into.http.tags); }},
    {"capture", "mapping of captures", "Variables taken from the handshake's answer.",
     [](Reader& r, const YamlNode& n, SessionParts& into) {
       read_captures(r, n, into.http.captures);
     }},
    {"check", "mapping of checks", "What should hold of the handshake's answer; nothing stops.",
     [](Reader& r, const YamlNode& n, SessionParts& into) { read_checks(r, n, into.http.checks); }},
    {"expect", "mapping of checks", "What must hold of it; the iteration ends when it does not.",
     [](Reader& r, const YamlNode& n, SessionParts& into) { read_expect(r, n, into.http); }},
    {"traceparent", "true or false", "Send a W3C trace context, a new one each time.",
     [](Reader& r, const YamlNode& n, SessionParts& into) {
       into.http.traceparent = r.boolean(n);
     }},
    {"requestId", "true or false", "Send an x-request-id, a new one each time.",
     [](Reader& r, const YamlNode& n, SessionParts& into) {
       into.http.request_id = r.boolean(n);
     }},
    {"reconnect", "mapping or false",
     "Open the session again when it is lost: how often, and how soon.", read_reconnect},
    {"inflight", "whole number", "Messages without an answer at most; sending waits meanwhile.",
     [](Reader& r, const YamlNode& n, SessionParts& into) {
       const IntegerRange range{1, static_cast<std::int64_t>(limits::kInflight),
                                "a number of messages"};
       if (const auto most = r.integer(n, range))
         into.session.inflight = static_cast<std::uint32_t>(most->value);
     }},
    {"idleTimeout", "duration", "The session is lost when nothing came for so long; never.",
     [](Reader& r, const YamlNode& n, SessionParts& into) { read_wait(r, n, into.session.idle); }},
    {"closeTimeout", "duration", "Until the server answers a close; 5s.",
     [](Reader& r, const YamlNode& n, SessionParts& into) { read_wait(r, n, into.session.close); }},
    {"maxMessage", "size", "Bytes of a message that is received, at most; 1MiB.",
     read_message_limit},
    {"compression", "true or false", "Offer permessage-deflate (RFC 7692); false.",
     [](Reader& r, const YamlNode& n, SessionParts& into) {
       read_flag(r, n, into.session.deflate);
     }},
    {"flow", "list of steps, or a flow's name", "What is done while the session is open.",
     [](Reader&, const YamlNode& n, SessionParts& into) { into.flow = &n; }},
}};

template <std::size_t kSize>
constexpr auto with_common(const std::array<Key<SessionParts>, kSize>& own) {
  std::array<Key<SessionParts>, kSize + kCommonKeys.size()> all{};
  const auto rest = std::ranges::copy(own, all.begin()).out;
  std::ranges::copy(kCommonKeys, rest);
  return all;
}

constexpr auto kWebSocketKeys = with_common(std::array<Key<SessionParts>, 7>{{
    {"websocket", "path or URL", "A WebSocket session.", read_session_url},
    {"auth", "mapping or none", "Credentials of the handshake; none switches the default off.",
     [](Reader& r, const YamlNode& n, SessionParts& into) { read_auth(r, n, into.http.auth); }},
    {"subprotocols", "text or list", "Offered to the server, the best one first.",
     read_subprotocols},
    {"masking", "random or fixed", "A new key for each frame, or one for all; random.",
     read_masking},
    {"utf8", "true or false", "Whether text that comes must be UTF-8; true.",
     [](Reader& r, const YamlNode& n, SessionParts& into) {
       read_flag(r, n, into.session.validates_utf8);
     }},
    {"pingInterval", "duration", "Send a ping so often; only the plan's own when absent.",
     [](Reader& r, const YamlNode& n, SessionParts& into) {
       read_wait(r, n, into.session.ping_every);
     }},
    {"pongTimeout", "duration", "Until a ping is answered; 10s.",
     [](Reader& r, const YamlNode& n, SessionParts& into) { read_wait(r, n, into.session.pong); }},
}});

constexpr auto kSocketIoKeys = with_common(std::array<Key<SessionParts>, 4>{{
    {"socketio", "path or URL", "A Socket.IO session.", read_socketio_url},
    {"namespace", "text", "The namespace that is connected to; /.", read_namespace},
    {"auth", "mapping of values", "Sent with CONNECT, as JSON.", read_connect_auth},
    {"transports", "list", "[polling, websocket] upgrades, as clients do; or one of them alone.",
     read_transports},
}});

// What stands in other steps and in other tools, and what to write here.
struct Foreign {
  std::string_view name, remedy;
};
constexpr Foreign kForeign[] = {
    {"json", "send it as a message: put `send` into the `flow`"},
    {"form", "a handshake has no body"},
    {"body", "a handshake has no body; put `send` into the `flow`"},
    {"bodyFile", "a handshake has no body"},
    {"multipart", "a handshake has no body"},
    {"retry", "use `reconnect`"},
    {"redirects", "a handshake that is redirected has failed: leave it out"},
    {"protocols", "use `subprotocols`"},
    {"subprotocol", "use `subprotocols`"},
    {"extraHeaders", "use `headers`"},
    {"params", "use `headers`, `tags` and `query`"},
    {"perMessageDeflate", "use `compression`"},
    {"connectTimeout", "use timeout: {connect: 2s}"},
    {"onMessage", "put `receive` or `listen` into the `flow`"},
    {"onOpen", "put the steps into the `flow`"},
};
constexpr Foreign kForeignToSocketIo[] = {
    {"pingInterval", "the server says how often it pings"},
    {"pongTimeout", "the server says until when a ping must come"},
    {"subprotocols", "Socket.IO has none"},
    {"masking", "frames of a Socket.IO session have random keys"},
    {"utf8", "text of a Socket.IO session is always looked at"},
    {"reconnection", "use `reconnect`"},
    {"forceNew", "each session is a new one: leave it out"},
    {"path", "write it behind `socketio`: socketio: /socket.io/"},
    {"nsp", "use `namespace`"},
    {"upgrade", "use transports: [polling, websocket], or [websocket]"},
};
constexpr Foreign kForeignToWebSocket[] = {
    {"namespace", "use `socketio` for a Socket.IO server"},
    {"transports", "use `socketio` for a Socket.IO server"},
};

bool complain_of_foreign(Reader& reader, const YamlNode& key, std::span<const Foreign> all,
                         std::string_view step) {
  const auto found = std::ranges::find(all, key.text, &Foreign::name);
  if (found == all.end()) return false;
  reader.complain(key.place, fmt::format("{} is no key of a `{}` step", quote(key.text), step),
                  std::string{found->remedy});
  return true;
}

void read_session_flow(Reader& reader, const SessionParts& parts, FlowText& into) {
  std::string ignored;
  reader.flow().sessions.push_back(
      {parts.http.name.value_or(parts.http.url_source), parts.session.kind});
  read_flow_or_name(reader, *parts.flow, ignored, into);
  reader.flow().sessions.pop_back();
}

void read_session(Reader& reader, const YamlNode& step, SessionKind kind, StepText& into) {
  const bool is_ws = kind == SessionKind::kWebSocket;
  const std::string_view word = is_ws ? "websocket" : "socketio";
  const std::span<const Key<SessionParts>> keys =
      is_ws ? std::span<const Key<SessionParts>>{kWebSocketKeys} : kSocketIoKeys;
  const std::span<const Foreign> foreign =
      is_ws ? std::span<const Foreign>{kForeignToWebSocket} : kForeignToSocketIo;
  SessionParts parts;
  parts.session.kind = kind;
  parts.http.opens_session = true;
  for (const YamlNode::Entry& entry : step.entries) {
    const bool complained = complain_of_foreign(reader, *entry.key, kForeign, word) ||
                            complain_of_foreign(reader, *entry.key, foreign, word);
    if (!complained) read_entry(reader, keys, entry, parts);
  }
  if (reader.flow().bursts > 0) {
    reader.complain(step.place, "a session within a burst: its hands only make requests",
                    "put the burst into the flow of the session, or more users into the scenario");
    return;
  }
  auto text = std::make_unique<SessionText>();
  if (parts.flow != nullptr) {
    read_session_flow(reader, parts, text->flow);
  } else if (step.find("flow") == nullptr) {
    reader.complain(step.place, "the session has no `flow`",
                    "say what is done while it is open: flow: [{hold: 30s}], or flow: []");
  }
  text->handshake = std::move(parts.http);
  text->session = std::move(parts.session);
  into.what = std::move(text);
}

}  // namespace

void describe_session(std::vector<Section>& into) {
  into.push_back(section_of<SessionParts>("websocket", kWebSocketKeys));
  into.push_back(section_of<SessionParts>("socketio", kSocketIoKeys));
  into.push_back(section_of<ReconnectParts>("reconnect", kReconnectKeys));
}

void read_websocket(Reader& reader, const YamlNode& step, StepText& into) {
  read_session(reader, step, SessionKind::kWebSocket, into);
}

void read_socketio(Reader& reader, const YamlNode& step, StepText& into) {
  read_session(reader, step, SessionKind::kSocketIo, into);
}

std::optional<std::size_t> session_of(Reader& reader, Place place, std::string_view step,
                                      const YamlNode* session) {
  const FlowState& state = reader.flow();
  if (state.bursts > 0) {
    reader.complain(place, fmt::format("`{}` within a burst: its hands have no session", step),
                    "put the burst beside it");
    return std::nullopt;
  }
  if (state.sessions.empty()) {
    // A flow that nobody calls could be meant for any session.
    if (state.uncalled) return 0;
    reader.complain(place, fmt::format("`{}` outside of a session", step),
                    "put it into the `flow` of a `websocket` or `socketio` step");
    return std::nullopt;
  }
  if (session == nullptr) return state.sessions.size() - 1;
  const auto name = reader.text(*session, "the name of a session");
  if (!name) return std::nullopt;
  std::vector<std::string_view> names;
  for (std::size_t at = state.sessions.size(); at-- > 0;) {
    if (state.sessions[at].name == *name) return at;
    names.push_back(state.sessions[at].name);
  }
  reader.complain(session->place,
                  fmt::format("no session around this step is called {}", quote(*name)),
                  hint(*name, names));
  return std::nullopt;
}

bool is_socketio(Reader& reader, std::size_t session) {
  const FlowState& state = reader.flow();
  return session < state.sessions.size() && state.sessions[session].kind == SessionKind::kSocketIo;
}

}  // namespace gend::plan
