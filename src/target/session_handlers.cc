// Where WebSockets begin, and what is to go wrong with their deliveries.
#include <fmt/format.h>

#include <charconv>

#include "target/handlers.h"
#include "target/text.h"
#include "target/ws_handshake.h"

namespace gend::target {
namespace {

constexpr std::uint32_t kMostMessages = 1'000'000'000;
constexpr std::uint32_t kMostPingMs = 3'600'000;
constexpr double kMostRate = 10'000;

// Sets the response to 101 and what the connection becomes; false when it is refused.
bool shake(Call& call, Opening::Kind kind) {
  WsHandshake shaken = shake_hands(call.request);
  Response& response = call.response;
  if (shaken.status != 101) {
    refuse(response, shaken.status, shaken.why);
    response.headers += shaken.headers;
    return false;
  }
  response.status = 101;
  response.headers += shaken.headers;
  response.opening.kind = kind;
  response.opening.deflate = shaken.deflate;
  response.opening.account = call.account;
  return true;
}

// What any WebSocket can be told in its query; false when that is refused.
bool read_options(Call& call) {
  Opening& opening = call.response.opening;
  const auto asked = [&](const char* name) {
    return query_value(call.request.query, name).has_value();
  };
  if (asked("close_after")) {
    const auto after = query_number(call, "close_after", 0, kMostMessages);
    if (!after) return false;
    opening.close_after = *after;
  }
  if (asked("close_code")) {
    const auto code = query_number(call, "close_code", 1000, 4999);
    if (!code) return false;
    opening.close_code = static_cast<std::uint16_t>(*code);
  }
  if (asked("ping_ms")) {
    const auto ms = query_number(call, "ping_ms", 0, kMostPingMs);
    if (!ms) return false;
    opening.ping_every = std::chrono::milliseconds{*ms};
  }
  return true;
}

// ?token=JWT, for clients that cannot set headers; ?auth=1 wants one of either. False: refused.
bool authorize(Call& call) {
  if (const auto token = query_value(call.request.query, "token")) {
    demo::Account account;
    if (call.app.check_token(*token, call.request.unix_ms, account) != App::Credentials::kValid) {
      refuse(call.response, 401, "the token is not valid, or has expired");
      return false;
    }
    call.account = account;
  }
  if (query_value(call.request.query, "auth") != "1" || call.account) return true;
  call.response.headers += "WWW-Authenticate: Bearer\r\n";
  refuse(call.response, 401, "a token is needed: POST /auth/login");
  return false;
}

std::optional<double> rate_of(const Call& call) {
  const auto text = query_value(call.request.query, "rate").value_or("1");
  double rate = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rate);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (!(rate >= 0.001 && rate <= kMostRate)) return std::nullopt;
  return rate;
}

}  // namespace

void open_echo(Call& call) {
  if (authorize(call) && read_options(call)) shake(call, Opening::Kind::kEcho);
}

void open_rooms(Call& call) {
  if (authorize(call) && read_options(call)) shake(call, Opening::Kind::kRooms);
}

void open_feed(Call& call) {
  const auto rate = rate_of(call);
  if (!rate) return refuse(call.response, 400, "rate is a number from 0.001 to 10000");
  const auto channel = query_value(call.request.query, "channel");
  if (!channel || channel->empty()) return refuse(call.response, 400, "channel is missing");
  if (!authorize(call) || !read_options(call) || !shake(call, Opening::Kind::kFeed)) return;
  call.response.opening.channel = *channel;
  call.response.opening.rate = *rate;
}

// A new session, or a request or WebSocket for one that began with polling; with Engine.IO's own
// words when it is refused.
void open_engine(Call& call) {
  const auto refuse_engine = [&](int code, std::string_view why) {
    call.response.status = 400;
    call.response.body = fmt::format(R"({{"code":{},"message":"{}"}})", code, why);
  };
  const bool post = call.request.method == "POST";
  const auto transport = query_value(call.request.query, "transport");
  const auto sid = query_value(call.request.query, "sid");
  const bool polling = transport == "polling";
  if (!polling && transport != "websocket") return refuse_engine(0, "Transport unknown");
  if (sid && !call.app.world.sids.has(*sid)) return refuse_engine(1, "Session ID unknown");
  if (!sid && post) return refuse_engine(2, "Bad handshake method");
  if (query_value(call.request.query, "EIO") != "4")
    return refuse_engine(5, "Unsupported protocol version");
  if (post && !polling) return refuse_engine(3, "Bad request");
  if (post && call.request.body().size() > eio::kMaxPayload)
    return refuse(call.response, 413, "more than maxPayload");
  if (!authorize(call)) return;
  Opening& opening = call.response.opening;
  if (!polling && !shake(call, sid ? Opening::Kind::kCarrier : Opening::Kind::kEngine)) return;
  if (polling)
    opening.kind = post ? Opening::Kind::kPost : sid ? Opening::Kind::kPoll
                                                     : Opening::Kind::kPollOpen;
  opening.account = call.account;
  opening.sid = sid.value_or("");
  if (post) opening.body = call.request.body();
}

void show_faults(Call& call) {
  call.response.body = faults_to_json(call.app.world.faults.get()) + "\n";
}

void set_faults(Call& call) {
  const auto faults = faults_from_json(call.request.body());
  if (!faults) return refuse(call.response, 400, faults.error());
  call.app.world.faults.set(*faults);
  show_faults(call);
}

}  // namespace gend::target
