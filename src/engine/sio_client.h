#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/outcome.h"
#include "base/time.h"
#include "engine/conversation.h"
#include "engine/pool.h"
#include "engine/session.h"
#include "engine/sio_state.h"
#include "plan/program.h"
#include "plan/render.h"
#include "sio/connect.h"
#include "sio/session.h"
#include "stats/snapshot.h"
#include "ws/frame.h"

namespace gend::engine {

// Engine.IO and Socket.IO on the messages of a session.
//   up.on_joined(s, at)            its namespace has taken it
//   up.on_refused(s, outcome, at)  or not
//   up.on_event(s, Incoming, at) · up.on_ack(s, id, Incoming, at)
//   up.on_lost(s, outcome, at)     the session is of no more use
//   up.user_context(s, now)
//   transport.send_bytes(s, opcode, payload) · transport.send(s, opcode, render)
template <class Transport, class Up>
class SioClient {
 public:
  SioClient(const plan::Program& program, Transport& transport, Up& up)
      : program_{program}, transport_{transport}, up_{up} {}

  void record_into(stats::Snapshot* snapshot) { into_ = snapshot; }

  void begin(Session& s) {
    if (s.sio == nullptr) {
      s.sio = states_.take();
      s.sio->pid.clear();
      s.sio->offset.clear();
    }
    SioState& state = *s.sio;
    state.protocol = sio::Session{program_.sessions[s.plan].name_space};
    state.sid.clear();
    state.held.clear();
    state.next_ack = 0;
    state.ping_deadline = kNever;
  }
  void release(Session& s) { states_.put(s.sio); }

  // A message of the WebSocket, or a packet of a poll.
  void take(Session& s, const sio::EnginePacket& packet, TimePoint at) {
    const auto fact = s.sio->protocol.take(packet);
    if (!fact) return up_.on_lost(s, fact.error(), at);
    switch (fact->meaning) {
      case sio::Meaning::kNothing: return;
      case sio::Meaning::kOpened: return opened(s, fact->open, at);
      case sio::Meaning::kPing: return answer_ping(s, at);
      case sio::Meaning::kJoined:
        s.sio->pid.assign(fact->joined.pid);
        return up_.on_joined(s, at);
      case sio::Meaning::kRefused: return up_.on_refused(s, Outcome::kSioRefused, at);
      case sio::Meaning::kEvent:
      case sio::Meaning::kAck:
        if (fact->whole == sio::Fact::Whole::kYes) return hear(s, fact->packet, at);
        s.sio->held.assign(packet.data);
        return;
      case sio::Meaning::kAttachment: {
        if (fact->whole != sio::Fact::Whole::kYes) return;
        const auto held = sio::parse_packet(s.sio->held);
        GEND_ASSERT(held.has_value());
        return hear(s, *held, at);
      }
      case sio::Meaning::kDisconnected:
        into_->recorder.count(program_.sessions[s.plan].series.disconnects);
        return up_.on_lost(s, Outcome::kSioDisconnected, at);
      case sio::Meaning::kClosed:
        return up_.on_lost(s, s.sio->protocol.waits_for_attachments() ? Outcome::kSioAttachment
                                                                      : Outcome::kWsClosed, at);
    }
  }

  std::uint64_t next_ack(Session& s) { return s.sio->next_ack++; }

  template <class Render>
  plan::RenderFault send_event(Session& s, const plan::Emit& emit,
                               std::optional<std::uint64_t> ack, Render&& render,
                               const plan::RenderContext& context) {
    const auto attachments = static_cast<std::uint32_t>(emit.attachments.size());
    const auto fault = transport_.send(s, ws::Opcode::kText, [&](plan::TextBuffer& out) {
      head_.clear();
      sio::append_head(head_, {.type = sio::PacketType::kEvent,
                               .space = program_.sessions[s.plan].name_space,
                               .id = ack,
                               .attachments = attachments});
      out.append(head_);
      return render(out);
    });
    if (fault != plan::RenderFault::kNone) return fault;
    for (const plan::Template& each : emit.attachments) {
      const auto cut = transport_.send(s, ws::Opcode::kBinary, [&](plan::TextBuffer& out) {
        return plan::render(each, context, out);
      });
      if (cut != plan::RenderFault::kNone) return cut;
    }
    return fault;
  }

  // We leave the namespace; the connection is closed by others.
  void leave(Session& s) {
    head_.clear();
    sio::append_disconnect(head_, program_.sessions[s.plan].name_space);
    transport_.send_bytes(s, ws::Opcode::kText, head_);
    s.sio->protocol.leaving();
  }

  // The server must have pinged by now; true when it had not, and Up was told.
  bool on_timer(Session& s, TimePoint now) {
    if (s.sio == nullptr || now < s.sio->ping_deadline) return false;
    into_->recorder.count(program_.sessions[s.plan].series.ping_missed);
    up_.on_lost(s, Outcome::kSioPingTimeout, now);
    return true;
  }
  static TimePoint next_look(const Session& s) {
    return s.sio == nullptr ? kNever : s.sio->ping_deadline;
  }

 private:
  void opened(Session& s, const sio::Open& open, TimePoint at) {
    SioState& state = *s.sio;
    state.sid.assign(open.sid);
    state.open = open;
    state.open.sid = state.sid;
    state.ping_deadline = sio::ping_deadline(at, open);
    const plan::Session& p = program_.sessions[s.plan];
    auth_.clear();
    if (p.auth) {
      const auto fault = plan::render(*p.auth, up_.user_context(s, at), auth_);
      if (fault != plan::RenderFault::kNone) return up_.on_unrendered(s, fault, at);
    }
    head_.clear();
    sio::append_connect(head_, p.name_space, auth_.view(), {state.pid, state.offset});
    state.protocol.joining();
    transport_.send_bytes(s, ws::Opcode::kText, head_);
    up_.on_opened(s, at);
  }

  // Not once we have said that we go: by polling the server knows the session no more then, and
  // over a WebSocket nothing follows a close frame (RFC 6455 §5.5.1).
  void answer_ping(Session& s, TimePoint at) {
    if (s.state == SessionState::kClosing) return;
    s.sio->ping_deadline = sio::ping_deadline(at, s.sio->open);
    transport_.send_bytes(s, ws::Opcode::kText, sio::kPongMessage);
  }

  // JSON paths address the array of the arguments, without the event's name.
  void hear(Session& s, const sio::Packet& packet, TimePoint at) {
    body_.assign("[").append(packet.arguments).append("]");
    const Incoming in{packet.payload, body_, packet.name};
    if (sio::is_ack(packet.type)) return up_.on_ack(s, *packet.id, in, at);
    if (!s.sio->pid.empty()) {
      const std::string_view offset = sio::offset_of(packet);
      if (!offset.empty()) s.sio->offset.assign(offset);
    }
    up_.on_event(s, in, at);
  }

  const plan::Program& program_;
  Transport& transport_;
  Up& up_;
  Pool<SioState> states_;
  plan::TextBuffer auth_;
  std::string head_, body_;
  stats::Snapshot* into_ = nullptr;
};

}  // namespace gend::engine
