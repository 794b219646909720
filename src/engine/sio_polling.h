#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "base/outcome.h"
#include "base/time.h"
#include "engine/exchange.h"
#include "engine/handshake_bytes.h"
#include "engine/pool.h"
#include "engine/request_bytes.h"
#include "engine/session.h"
#include "engine/sio_state.h"
#include "http/response_parser.h"
#include "net/event.h"
#include "plan/program.h"
#include "plan/render.h"
#include "sio/open.h"
#include "sio/payload.h"
#include "stats/snapshot.h"
#include "ws/frame.h"

namespace gend::engine {

// One of the two connections of a session that polls: requests on it, one after the other.
struct PollChannel {
  enum class State : std::uint8_t { kIdle, kConnecting, kWaiting };
  State state = State::kIdle;
  net::ConnectionId connection = net::kNoConnection;
  Exchange exchange;
};

struct PollState {
  PollChannel get, post;
  std::deque<std::string> bodies;  // to post, each no larger than the server takes
  enum class Upgrade : std::uint8_t { kNone, kConnecting, kProbing, kPausing } upgrade{};
  TimePoint upgrade_began = kNever;
};

// HTTP long-polling of Engine.IO 4: packets come as the answer to a GET that waits for them, and go
// out as POSTs; and the way from there to a WebSocket.
//   up.on_packet(s, packet, at) · up.on_lost(s, outcome, at) · up.on_polled_out(s, at)
//   up.fail_soon(s, outcome, at)     the same, by the session's timer
//   up.inspect_handshake(s, status, kept, at)   the first answer
//   up.connect_wire(s, at) · up.wire() · up.book_error(s, outcome) · up.now()
//   up.user_context(s, now) · up.jar(s) · up.scenario_of(s)
template <class Io, class Up>
class SioPolling {
 public:
  SioPolling(const plan::Program& program, Io& io, Up& up)
      : program_{program}, io_{io}, up_{up} {}

  void record_into(stats::Snapshot* snapshot) { into_ = snapshot; }

  // Not (any more) on a WebSocket alone.
  static bool is_used(const Session& s) { return of(s) != nullptr; }

  void begin(Session& s, TimePoint now) {
    s.sio->poll = states_.take();
    PollState& p = *of(s);
    p.bodies.clear();
    p.upgrade = PollState::Upgrade::kNone;
    for (PollChannel* each : {&p.get, &p.post}) {
      each->state = PollChannel::State::kIdle;
      each->connection = net::kNoConnection;
    }
    begin_request(s, p.get, now);
  }

  void drop(Session& s) {
    if (!is_used(s)) return;
    for (PollChannel* each : {&of(s)->get, &of(s)->post})
      if (each->connection != net::kNoConnection) io_.close(each->connection);
    states_.put(s.sio->poll);
  }

  void add_query(const Session& s, std::string_view transport, plan::TextBuffer& out) {
    if (s.sio == nullptr && program_.sessions[s.plan].kind != plan::SessionKind::kSocketIo) return;
    query_.assign("EIO=4&transport=").append(transport);
    if (is_used(s) && !s.sio->sid.empty()) {
      query_.append("&sid=");
      append_encoded(s.sio->sid);
    }
    engine::add_query(out, query_);
  }

  // ---- packets out ------------------------------------------------------------------------------

  template <class Render>
  plan::RenderFault send(Session& s, ws::Opcode opcode, Render&& render) {
    if (!is_used(s)) return plan::RenderFault::kNone;  // the connection has just gone
    packet_.clear();
    const plan::RenderFault fault = render(packet_);
    if (fault != plan::RenderFault::kNone) return fault;
    PollState& p = *of(s);
    const bool binary = opcode == ws::Opcode::kBinary;
    const std::uint64_t most = s.sio->open.max_payload;
    const std::size_t so_far = p.bodies.empty() ? 0 : p.bodies.back().size();
    const std::size_t size = packet_.size();
    const std::size_t grown = so_far + (binary ? sio::binary_growth(so_far, size)
                                               : sio::packet_growth(so_far, size));
    // The first body is no longer ours when it is on its way.
    const bool under_way = p.bodies.size() == 1 && p.post.state == PollChannel::State::kWaiting;
    if (p.bodies.empty() || under_way || (most > 0 && grown > most)) p.bodies.emplace_back();
    if (binary)
      sio::append_binary_packet(p.bodies.back(), packet_.view());
    else
      sio::append_packet(p.bodies.back(), packet_.view());
    if (p.upgrade != PollState::Upgrade::kPausing) flush(s, up_.now());
    return fault;
  }

  // ---- to a WebSocket ---------------------------------------------------------------------------

  // The session has begun: it tries for a WebSocket when the plan and the server want one.
  void on_opened(Session& s, TimePoint at) {
    if (!is_used(s)) return;
    const bool wanted =
        program_.sessions[s.plan].transports == plan::Transports::kUpgrade &&
        s.sio->open.upgrade == sio::WebSocketUpgrade::kOffered;
    if (!wanted) return;
    of(s)->upgrade = PollState::Upgrade::kConnecting;
    of(s)->upgrade_began = at;
    up_.connect_wire(s, at);
  }

  void on_wire(Session& s, Outcome outcome, TimePoint) {
    if (outcome != Outcome::kOk) return give_up_upgrade(s);
    of(s)->upgrade = PollState::Upgrade::kProbing;
    up_.wire().send_bytes(s, ws::Opcode::kText, sio::kProbeMessage);
  }

  // The first answer on the WebSocket. Then nothing more is asked for by polling, and what is under
  // way is waited for: the server ends it with a noop.
  void on_probe(Session& s, std::string_view payload, TimePoint at) {
    if (s.state == SessionState::kClosing) return;  // it ends by polling
    if (payload != sio::kProbeAnswer) return give_up_upgrade(s);
    of(s)->upgrade = PollState::Upgrade::kPausing;
    finish_upgrade(s, at);
  }
  void give_up_upgrade(Session& s) {
    up_.book_error(s, Outcome::kSioUpgrade);
    of(s)->upgrade = PollState::Upgrade::kNone;
    up_.wire().drop(s);
  }

  // ---- packets in -------------------------------------------------------------------------------

  void on_event(Session& s, const net::Event& event) {
    if (!is_used(s)) return;
    PollChannel* const channel = event.connection == of(s)->get.connection    ? &of(s)->get
                                 : event.connection == of(s)->post.connection ? &of(s)->post
                                                                               : nullptr;
    if (channel == nullptr) return;
    switch (event.kind) {
      case net::EventKind::kConnected: return send_request(s, *channel, event.at);
      case net::EventKind::kReceived: return on_received(s, *channel, event);
      case net::EventKind::kSent:
      case net::EventKind::kAccepted: return;
      case net::EventKind::kConnectFailed:
        return lose(s, *channel, net::connect_outcome(event.error), event.at);
      case net::EventKind::kTlsFailed: return lose(s, *channel, event.outcome, event.at);
      case net::EventKind::kClosed:
      case net::EventKind::kFailed: return on_ended(s, *channel, event);
    }
  }

  // Says that the session ends; up.on_polled_out() when the server has heard it.
  // In the last phase of an upgrade all of it goes out by the WebSocket, with a close frame behind.
  // In a request of its own, as Socket.IO's client does it: a server closes at once when it reads
  // this, and what stands before it in the same body is never looked at (engine.io 6, polling.ts).
  void close(Session& s) {
    if (is_used(s) && !of(s)->bodies.empty()) of(s)->bodies.emplace_back();
    send(s, ws::Opcode::kText, [](plan::TextBuffer& out) {
      out.append(sio::kCloseMessage);
      return plan::RenderFault::kNone;
    });
  }

 private:
  const plan::HttpRequest& request(const Session& s) const {
    return program_.sessions[s.plan].request;
  }
  const plan::ScenarioSeries& scenario_of(const Session& s) const {
    return program_.scenarios[up_.scenario_of(s)].series;
  }

  void append_encoded(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    for (const char c : text) {
      const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                         (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.' || c == '~';
      if (plain) {
        query_.push_back(c);
        continue;
      }
      const auto byte = static_cast<unsigned char>(c);
      query_.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
  }

  void begin_request(Session& s, PollChannel& channel, TimePoint now) {
    if (channel.connection != net::kNoConnection) return send_request(s, channel, now);
    channel.state = PollChannel::State::kConnecting;
    channel.connection = io_.open(Up::Wire::kOwner | s.index, request(s).endpoint);
    // Told by the timer: who asks is in the middle of something.
    if (channel.connection == net::kNoConnection) up_.fail_soon(s, Outcome::kHostDescriptors, now);
  }

  void send_request(Session& s, PollChannel& channel, TimePoint at) {
    const plan::HttpRequest& r = request(s);
    s.waits_since = std::min(s.waits_since, io_.submitted_at(channel.connection));
    channel.exchange.begin();
    plan::TextBuffer& out = channel.exchange.rendered;
    const auto fault = render_bytes(r, program_.endpoints[r.endpoint], up_.jar(s),
                                    up_.user_context(s, at), channel.exchange);
    if (fault != plan::RenderFault::kNone) return up_.on_unrendered(s, fault, at);
    add_query(s, "polling", out);
    if (&channel == &of(s)->post) make_post(out, of(s)->bodies.front());
    channel.state = PollChannel::State::kWaiting;
    channel.exchange.kept.want_body = channel.exchange.kept.want_headers = true;
    channel.exchange.parser.begin(false, &channel.exchange.kept);
    into_->recorder.count(scenario_of(s).data_sent, out.size());
    io_.send(channel.connection, out.data(), out.size());
  }

  void make_post(plan::TextBuffer& out, std::string_view body) {
    post_.assign("POST").append(out.view().substr(std::string_view{"GET"}.size()));
    out.clear();
    out.append(post_);
    lines_.assign("Content-Type: text/plain;charset=UTF-8\r\nContent-Length: ");
    lines_.append(std::to_string(body.size())).append("\r\n");
    add_header_lines(out, lines_);
    out.append(body);
  }

  void flush(Session& s, TimePoint now) {
    PollState& p = *of(s);
    const bool opened = !s.sio->sid.empty();
    if (opened && !p.bodies.empty() && p.post.state == PollChannel::State::kIdle)
      begin_request(s, p.post, now);
  }

  void on_received(Session& s, PollChannel& channel, const net::Event& event) {
    into_->recorder.count(scenario_of(s).data_received, event.bytes.size());
    s.last_received = event.at;
    if (channel.state != PollChannel::State::kWaiting)
      return lose(s, channel, Outcome::kStrayBytes, event.at);
    const auto progress = channel.exchange.parser.feed(event.bytes);
    switch (progress.state) {
      case http::ResponseParser::State::kNeedMore: return;
      case http::ResponseParser::State::kFailed:
        return lose(s, channel, channel.exchange.parser.outcome(), event.at);
      case http::ResponseParser::State::kComplete: break;
    }
    if (!channel.exchange.parser.keep_alive() || progress.consumed != event.bytes.size()) {
      io_.close(channel.connection);
      channel.connection = net::kNoConnection;
    }
    answered(s, channel, event.at);
  }

  void answered(Session& s, PollChannel& channel, TimePoint at) {
    channel.state = PollChannel::State::kIdle;
    http::Kept& kept = channel.exchange.kept;
    if (s.sio->sid.empty()) up_.inspect_handshake(s, channel.exchange.parser.status(), kept, at);
    if (channel.exchange.parser.status() != 200)
      return up_.on_lost(s, sio::refusal(channel.exchange.parser.status(), kept.body), at);
    if (&channel == &of(s)->post) return posted(s, at);
    const std::uint16_t life = s.life;
    const PollState* const mine = of(s);
    sio::PayloadReader reader{{kept.body.data(), kept.body.size()}};
    while (!reader.done()) {
      const auto packet = reader.next();
      if (!packet) return up_.on_lost(s, packet.error(), at);
      up_.on_packet(s, *packet, at);
      if (s.life != life || of(s) != mine) return;
    }
    if (of(s)->upgrade == PollState::Upgrade::kPausing) return finish_upgrade(s, at);
    flush(s, at);
    if (s.state != SessionState::kClosing) begin_request(s, channel, at);
  }

  void posted(Session& s, TimePoint at) {
    PollState& p = *of(s);
    p.bodies.pop_front();
    if (p.upgrade == PollState::Upgrade::kPausing) return finish_upgrade(s, at);
    if (!p.bodies.empty()) return flush(s, at);
    if (s.state == SessionState::kClosing) up_.on_polled_out(s, at);
  }

  // Nothing is under way by polling: from now on all goes over the WebSocket.
  void finish_upgrade(Session& s, TimePoint at) {
    PollState& p = *of(s);
    if (p.get.state != PollChannel::State::kIdle || p.post.state != PollChannel::State::kIdle)
      return;
    into_->recorder.trend(program_.sessions[s.plan].series.upgrade, at - p.upgrade_began);
    up_.wire().send_bytes(s, ws::Opcode::kText, sio::kUpgradeMessage);
    for (std::string& body : p.bodies) send_over_wire(s, body);
    drop(s);
    if (s.state == SessionState::kClosing) up_.wire().close(s, 1000, {});
  }
  void send_over_wire(Session& s, std::string& body) {
    sio::PayloadReader reader{{body.data(), body.size()}};
    while (!reader.done()) {
      const auto packet = reader.next();
      GEND_ASSERT(packet.has_value());
      if (packet->content == sio::Content::kBinary) {
        up_.wire().send_bytes(s, ws::Opcode::kBinary, packet->data);
        continue;
      }
      post_.assign(1, sio::digit_of(packet->type)).append(packet->data);
      up_.wire().send_bytes(s, ws::Opcode::kText, post_);
    }
  }

  void on_ended(Session& s, PollChannel& channel, const net::Event& event) {
    channel.connection = net::kNoConnection;
    const bool reset = event.kind == net::EventKind::kFailed;
    if (channel.state == PollChannel::State::kIdle) return;  // an idle connection was given up
    if (!reset && channel.state == PollChannel::State::kWaiting &&
        channel.exchange.parser.finish() == http::ResponseParser::State::kComplete)
      return answered(s, channel, event.at);
    const bool started = channel.exchange.parser.started();
    const Outcome outcome = reset ? (started ? Outcome::kResetInResponse
                                             : Outcome::kResetBeforeResponse)
                                  : channel.exchange.parser.outcome();
    up_.on_lost(s, outcome, event.at);
  }

  // The connection that failed to be made has gone already; others are closed.
  void lose(Session& s, PollChannel& channel, Outcome outcome, TimePoint at) {
    if (channel.state == PollChannel::State::kConnecting) channel.connection = net::kNoConnection;
    up_.on_lost(s, outcome, at);
  }

  static PollState* of(const Session& s) { return s.sio == nullptr ? nullptr : s.sio->poll; }

  const plan::Program& program_;
  Io& io_;
  Up& up_;
  Pool<PollState> states_;
  plan::TextBuffer packet_;
  std::string query_, post_, lines_;
  stats::Snapshot* into_ = nullptr;
};

}  // namespace gend::engine
