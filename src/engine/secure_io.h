#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/limits.h"
#include "base/time.h"
#include "engine/byte_pool.h"
#include "engine/work_queue.h"
#include "net/counters.h"
#include "net/event.h"
#include "ring/wait.h"
#include "tls/session.h"

namespace gend::engine {

// An Io with TLS on the endpoints that want it: the same calls and events as the Io inside, with
// the handshake between its kConnected and ours, and plain text on our side. Plain endpoints pass
// through; a plan without TLS costs one branch an event.
//
// Handshakes cost some hundred microseconds each. They wait in a queue that is worked off for
// kBudget a turn, so that a thousand at once delay what is due by no more than that.
template <class Io>
class SecureIo {
 public:
  static constexpr Duration kBudget = std::chrono::microseconds{500};

  enum class Transport : std::uint8_t { kPlain, kTls };

  // Without a context all endpoints are plain. The context's peers are the endpoints, by index.
  SecureIo(std::unique_ptr<Io> inner, std::unique_ptr<tls::Context> context,
           std::vector<Transport> endpoints, std::size_t connections)
      : inner_{std::move(inner)}, context_{std::move(context)}, endpoints_{std::move(endpoints)} {
    if (context_) channels_.resize(connections);
  }

  Expected<void> enable() { return inner_->enable(); }
  TimePoint now() const { return inner_->now(); }
  net::Stamps stamps() const { return inner_->stamps(); }

  net::ConnectionId open(std::uint32_t owner, std::uint16_t endpoint);
  // The bytes are copied into their records: they need not stay.
  void send(net::ConnectionId id, const char* data, std::size_t size);
  // As net::Io's; records are sent as ever.
  void post(net::ConnectionId id, const char* data, std::size_t size) {
    if (secured(id) == nullptr) return inner_->post(id, data, size);
    send(id, data, size);
  }
  void close(net::ConnectionId id);

  TimePoint asked_at(net::ConnectionId id) const { return inner_->asked_at(id); }
  // Of the latest connect or send() of ours: the handshake's own messages do not count.
  TimePoint submitted_at(net::ConnectionId id) const {
    const Channel* c = secured(id);
    return c == nullptr || c->submitted_at == kInner ? inner_->submitted_at(id) : c->submitted_at;
  }
  TimePoint sent_at(net::ConnectionId id) const {
    const Channel* c = secured(id);
    return c == nullptr ? inner_->sent_at(id) : c->sent_at;
  }
  bool sending(net::ConnectionId id) const {
    const Channel* c = secured(id);
    return c == nullptr ? inner_->sending(id) : c->request != Request::kNone;
  }
  // When the handshake could begin; kNever before that, and without TLS.
  TimePoint tcp_connected_at(net::ConnectionId id) const {
    const Channel* c = secured(id);
    return c == nullptr ? kNever : c->tcp_connected_at;
  }
  // Whether the handshake went on from an earlier session.
  bool resumed(net::ConnectionId id) const {
    const Channel* c = secured(id);
    return c != nullptr && c->session.resumed();
  }

  void ring_doorbell() { inner_->ring_doorbell(); }
  Duration cpu_time() const { return inner_->cpu_time(); }
  std::size_t open_connections() const { return inner_->open_connections(); }
  net::IoCounters counters() const {
    net::IoCounters all = inner_->counters();
    all.tls_handshakes = handshakes_;
    all.tls_resumed = resumed_;
    all.tls_failed = failed_;
    return all;
  }
  // Handshakes wait for their turn: wait() will not sleep.
  bool has_work() const { return !going_on_.empty() || !beginning_.empty(); }

  template <class Sink>
  void wait(const ring::Wait& how, Sink&& sink) {
    if (!context_) return inner_->wait(how, sink);
    const ring::Wait at_once{.deadline = inner_->now()};
    inner_->wait(has_work() ? at_once : how,
                 [&](const net::Event& event) { on_inner(event, sink); });
    work_off(sink);
  }

 private:
  static constexpr TimePoint kInner = TimePoint::min();  // the stamp of the Io inside holds

  enum class State : std::uint8_t {
    kGone,  // closed, or never opened
    kPlain,
    kConnecting,
    kHandshaking,
    kOpen
  };
  enum class Request : std::uint8_t { kNone, kPending, kSending };  // where the bytes of send() are

  // What a connection needs beside the socket. Buffers are held only while there are bytes in them.
  struct Channel {
    State state = State::kGone;
    Request request = Request::kNone;
    bool queued = false;  // waits for a step of its handshake
    bool broken = false;  // could not encrypt; told in its next step
    std::uint16_t endpoint = 0;
    std::uint32_t owner = 0;
    std::uint32_t life = 0;  // one up with every open()
    tls::Session session;
    std::string incoming;  // ciphertext that waits for a step
    std::string pending;   // ciphertext that waits for the send under way
    std::string sending;   // what the kernel holds: until it was sent, or until the slot is reused
    TimePoint tcp_connected_at = kNever, submitted_at = kNever, sent_at = kNever;
  };

  const Channel* secured(net::ConnectionId id) const {
    if (channels_.empty() || channels_[id].state == State::kPlain) return nullptr;
    return &channels_[id];
  }

  void queue(WorkQueue& in, net::ConnectionId id) {
    Channel& c = channels_[id];
    if (!std::exchange(c.queued, true)) in.push({id, c.life});
  }
  void keep(Channel& c);
  void flush(net::ConnectionId id);
  void let_go(Channel& c);

  template <class Sink>
  void on_inner(const net::Event& event, Sink& sink);
  template <class Sink>
  void on_sent(const net::Event& event, Sink& sink);
  template <class Sink>
  void on_received(const net::Event& event, Sink& sink);
  template <class Sink>
  void on_end(net::Event event, Sink& sink);
  template <class Sink>
  void work_off(Sink& sink);
  template <class Sink>
  void step(net::ConnectionId id, Sink& sink);
  template <class Sink>
  void drive(net::ConnectionId id, std::string_view in, TimePoint at, Sink& sink);
  template <class Sink>
  void end_session(net::ConnectionId id, const net::Event& event, Sink& sink);

  std::unique_ptr<Io> inner_;
  std::unique_ptr<tls::Context> context_;
  std::vector<Transport> endpoints_;
  std::vector<Channel> channels_;  // by connection; none when nothing is secured
  WorkQueue going_on_, beginning_;
  BytePool pool_;
  std::string out_;  // what the OpenSSL call under way wants to send
  std::uint64_t handshakes_ = 0, resumed_ = 0, failed_ = 0;
};

// ---- calls -------------------------------------------------------------------------------------

template <class Io>
net::ConnectionId SecureIo<Io>::open(std::uint32_t owner, std::uint16_t endpoint) {
  const net::ConnectionId id = inner_->open(owner, endpoint);
  if (id == net::kNoConnection || !context_) return id;
  Channel& c = channels_[id];
  GEND_ASSERT(c.state == State::kGone || c.state == State::kPlain);
  pool_.give_back(c.sending);
  ++c.life;
  c.state = endpoints_[endpoint] == Transport::kTls ? State::kConnecting : State::kPlain;
  c.request = Request::kNone;
  c.queued = c.broken = false;
  c.endpoint = endpoint;
  c.owner = owner;
  c.tcp_connected_at = c.sent_at = kNever;
  c.submitted_at = kInner;
  return id;
}

template <class Io>
void SecureIo<Io>::send(net::ConnectionId id, const char* data, std::size_t size) {
  if (secured(id) == nullptr) return inner_->send(id, data, size);
  Channel& c = channels_[id];
  GEND_ASSERT(c.state == State::kOpen && c.request == Request::kNone);
  c.submitted_at = c.sent_at = kNever;
  c.request = Request::kPending;
  if (!c.session.encrypt({data, size}, out_)) {
    out_.clear();
    c.broken = true;
    return queue(going_on_, id);
  }
  keep(c);
  flush(id);
}

template <class Io>
void SecureIo<Io>::close(net::ConnectionId id) {
  if (secured(id) != nullptr) {
    Channel& c = channels_[id];
    GEND_ASSERT(c.state != State::kGone);
    if (c.state == State::kOpen && !inner_->sending(id)) {
      c.session.close_notify(out_);
      keep(c);
      flush(id);
    }
    let_go(c);
  }
  inner_->close(id);
}

// The session ends; the stamps stay for whoever hears of the end, and `sending` for the kernel.
template <class Io>
void SecureIo<Io>::let_go(Channel& c) {
  c.state = State::kGone;
  c.session = {};
  pool_.give_back(c.incoming);
  pool_.give_back(c.pending);
}

// Takes over what an OpenSSL call wants to send.
template <class Io>
void SecureIo<Io>::keep(Channel& c) {
  if (out_.empty()) return;
  if (c.pending.empty()) {
    std::swap(c.pending, out_);
    pool_.give_back(out_);
    out_ = pool_.take();
  } else {
    c.pending += out_;
    out_.clear();
  }
}

template <class Io>
void SecureIo<Io>::flush(net::ConnectionId id) {
  Channel& c = channels_[id];
  if (c.pending.empty() || inner_->sending(id)) return;
  pool_.give_back(c.sending);
  std::swap(c.sending, c.pending);
  if (c.request == Request::kPending) {
    c.request = Request::kSending;
    c.submitted_at = kInner;
  }
  inner_->send(id, c.sending.data(), c.sending.size());
}

// ---- events ------------------------------------------------------------------------------------

template <class Io>
template <class Sink>
void SecureIo<Io>::on_inner(const net::Event& event, Sink& sink) {
  if (secured(event.connection) == nullptr) return sink(event);
  Channel& c = channels_[event.connection];
  switch (event.kind) {
    case net::EventKind::kConnected:
      c.state = State::kHandshaking;
      c.tcp_connected_at = event.at;
      c.submitted_at = inner_->submitted_at(event.connection);
      return queue(beginning_, event.connection);
    case net::EventKind::kConnectFailed: c.state = State::kGone; return sink(event);
    case net::EventKind::kSent: return on_sent(event, sink);
    case net::EventKind::kReceived: return on_received(event, sink);
    case net::EventKind::kClosed:
    case net::EventKind::kFailed: return on_end(event, sink);
    case net::EventKind::kTlsFailed:
    case net::EventKind::kAccepted: break;
  }
  GEND_ASSERT(!"an event that a client's socket cannot have");
}

template <class Io>
template <class Sink>
void SecureIo<Io>::on_sent(const net::Event& event, Sink& sink) {
  Channel& c = channels_[event.connection];
  pool_.give_back(c.sending);
  const bool ours = c.request == Request::kSending;
  if (ours) {
    c.request = Request::kNone;
    c.submitted_at = inner_->submitted_at(event.connection);
    c.sent_at = inner_->sent_at(event.connection);
  }
  flush(event.connection);
  if (ours) sink(event);
}

template <class Io>
template <class Sink>
void SecureIo<Io>::on_received(const net::Event& event, Sink& sink) {
  Channel& c = channels_[event.connection];
  if (c.state == State::kOpen && !c.broken)
    return drive(event.connection, event.bytes, event.at, sink);
  if (c.incoming.empty()) c.incoming = pool_.take();
  c.incoming += event.bytes;
  if (c.incoming.size() > limits::kTlsFlightBytes)
    return end_session(event.connection,
                       {.kind = net::EventKind::kTlsFailed,
                        .owner = c.owner,
                        .connection = event.connection,
                        .at = event.at,
                        .outcome = Outcome::kTlsProtocol},
                       sink);
  queue(going_on_, event.connection);
}

// The socket inside is gone. In a handshake the last bytes say why, if anything does.
template <class Io>
template <class Sink>
void SecureIo<Io>::on_end(net::Event event, Sink& sink) {
  Channel& c = channels_[event.connection];
  if (c.state == State::kHandshaking) {
    event.kind = net::EventKind::kTlsFailed;
    event.outcome = Outcome::kTls;
    std::string_view in = c.incoming, plain;
    if (c.session && c.session.advance(in, out_, plain) == tls::Session::Event::kFailed)
      event.outcome = c.session.outcome();
    out_.clear();
    ++failed_;
  } else if (event.kind == net::EventKind::kClosed) {
    event.outcome = Outcome::kTruncated;  // close_notify would have ended it before
  }
  let_go(c);
  sink(event);
}

template <class Io>
template <class Sink>
void SecureIo<Io>::work_off(Sink& sink) {
  if (!has_work()) return;
  const TimePoint end = inner_->now() + kBudget;
  do {
    // Those that have begun come first: they hold memory, and somebody waits for them.
    const WorkQueue::Entry next = going_on_.empty() ? beginning_.pop() : going_on_.pop();
    Channel& c = channels_[next.connection];
    if (c.life == next.life && c.state != State::kGone) {
      c.queued = false;
      step(next.connection, sink);
    }
  } while (has_work() && inner_->now() < end);
}

template <class Io>
template <class Sink>
void SecureIo<Io>::step(net::ConnectionId id, Sink& sink) {
  Channel& c = channels_[id];
  net::Event failed{.kind = net::EventKind::kTlsFailed,
                    .owner = c.owner,
                    .connection = id,
                    .at = inner_->now(),
                    .outcome = Outcome::kHostMemory};
  if (c.broken) {
    failed.outcome = c.session.outcome();
    return end_session(id, failed, sink);
  }
  if (!c.session) c.session = tls::Session{*context_, c.endpoint};
  if (!c.session) return end_session(id, failed, sink);
  std::string in = std::move(c.incoming);
  c.incoming.clear();
  drive(id, in, failed.at, sink);
  pool_.give_back(in);
}

// Feeds ciphertext to a session and tells what comes of it. Whoever is told may close.
template <class Io>
template <class Sink>
void SecureIo<Io>::drive(net::ConnectionId id, std::string_view in, TimePoint at, Sink& sink) {
  Channel& c = channels_[id];
  net::Event event{.kind = net::EventKind::kReceived, .owner = c.owner, .connection = id, .at = at};
  do {
    const auto progress = c.session.advance(in, out_, event.bytes);
    keep(c);
    switch (progress) {
      case tls::Session::Event::kNeedMore: return flush(id);
      case tls::Session::Event::kPlain: sink(event); break;
      case tls::Session::Event::kConnected:
        c.state = State::kOpen;
        ++handshakes_;
        resumed_ += c.session.resumed() ? 1 : 0;
        at = inner_->now();  // the handshake's own work is part of it
        sink(net::Event{net::EventKind::kConnected, c.owner, id, at});
        event.at = at;
        break;
      case tls::Session::Event::kClosed:
        return end_session(id, {net::EventKind::kClosed, c.owner, id, at}, sink);
      case tls::Session::Event::kFailed:
        event = {.kind = net::EventKind::kTlsFailed,
                 .owner = c.owner,
                 .connection = id,
                 .at = at,
                 .outcome = c.session.outcome()};
        return end_session(id, event, sink);
    }
  } while (c.state == State::kOpen && !c.broken);
}

// Ends a connection from our side, with an alert or close_notify when there is one to send.
template <class Io>
template <class Sink>
void SecureIo<Io>::end_session(net::ConnectionId id, const net::Event& event, Sink& sink) {
  Channel& c = channels_[id];
  if (event.kind == net::EventKind::kTlsFailed) {
    ++failed_;
  } else if (!inner_->sending(id)) {
    c.session.close_notify(out_);
    keep(c);
  }
  flush(id);
  let_go(c);
  inner_->close(id);
  sink(event);
}

}  // namespace gend::engine
