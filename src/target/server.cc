#include "target/server.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace gend::target {
namespace {

// Bodies are pieces of one immortal block: nothing is copied, whatever the size.
constexpr std::size_t kBlock = 256 * 1024;
const std::string& filler() {
  static const std::string block(kBlock, 'x');
  return block;
}
constexpr std::string_view kGreeting = "Hello, world\n";
constexpr std::size_t kInlineBody = 16 * 1024;  // sent together with the head

void bump(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
  // One writer: no locked instruction needed.
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

std::string_view reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 409: return "Conflict";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "Status";
  }
}

bool has_no_body(int status) {
  return status == 204 || status == 304;
}

}  // namespace

Expected<std::unique_ptr<Server>> Server::create(const Options& options, Truth& truth) {
  filler();
  auto io = net::Io::create({.features = options.features, .connections = options.connections});
  if (!io) return std::unexpected{io.error()};
  return std::unique_ptr<Server>{new Server{options, truth, std::move(*io)}};
}

Server::Server(const Options& options, Truth& truth, std::unique_ptr<net::Io> io)
    : options_{options},
      truth_{truth},
      counts_{truth.of_thread(options.index)},
      io_{std::move(io)},
      sessions_{std::make_unique<Session[]>(options.connections)} {}

Server::~Server() {
  for (unsigned i = 0; i < options_.connections; ++i) timers_.cancel(sessions_[i]);
}

void Server::stop() {
  stopping_.store(true);
  io_->ring_doorbell();
}

Expected<void> Server::run() {
  if (auto enabled = io_->enable(); !enabled) return enabled;
  io_->listen(options_.listening_fd);
  while (!stopping_.load(std::memory_order_relaxed)) {
    timers_.expire(io_->now(), [&](Timer& timer) { answer(static_cast<Session&>(timer)); });
    io_->wait({.deadline = timers_.next()}, [&](const net::Event& event) { on_event(event); });
  }
  return {};
}

void Server::on_event(const net::Event& event) {
  Session& session = sessions_[event.connection];
  switch (event.kind) {
    case net::EventKind::kAccepted: return on_accepted(session, event.connection);
    case net::EventKind::kReceived: return on_bytes(session, event.bytes, event.at);
    case net::EventKind::kSent: return on_sent(session, event.at);
    case net::EventKind::kClosed:
    case net::EventKind::kFailed: return forget(session);
    case net::EventKind::kTlsFailed:
    case net::EventKind::kConnected:
    case net::EventKind::kConnectFailed: return;
  }
}

void Server::on_accepted(Session& session, net::ConnectionId id) {
  bump(counts_.connections);
  session.id = id;
  session.open = true;
  session.answering = false;
  session.pending.clear();
  session.parser.begin(nullptr);
}

void Server::on_bytes(Session& session, std::string_view bytes, TimePoint now) {
  if (session.answering) {
    // A pipelining client: its next requests wait, within reason.
    if (session.pending.size() + bytes.size() > limits::kRequestBytes) return close(session);
    session.pending.append(bytes);
    return;
  }
  const auto progress = session.parser.feed(bytes);
  switch (progress.state) {
    case http::RequestParser::State::kNeedMore: return;
    case http::RequestParser::State::kFailed:
      bump(counts_.malformed);
      return refuse(session, session.parser.error_status());
    case http::RequestParser::State::kComplete:
      session.pending.append(bytes.substr(progress.consumed));
      return on_request(session, now);
  }
}

void Server::on_request(Session& session, TimePoint now) {
  const Route route = target::route(session.parser.target());
  session.answering = true;
  session.keep_alive = session.parser.keep_alive();
  session.action = route.action;
  session.status = route.status;
  session.body_size = route.bytes;
  if (route.action == Action::kAnswer)
    bump(counts_.requests);
  else
    return answer(session);  // control requests are neither counted nor frozen
  TimePoint at = now + route.delay;
  at = truth_.thawed_at(at);
  if (at <= now) return answer(session);
  timers_.arm(session, at);
}

void Server::answer(Session& session) {
  std::string body;
  if (session.action == Action::kCounts) body = truth_.json();
  if (session.action == Action::kReset) truth_.reset();
  if (session.action == Action::kStall)
    truth_.stall(target::route(session.parser.target()).stall, io_->now());
  if (session.action != Action::kAnswer) session.body_size = body.size();
  const bool to_head = session.parser.method() == "HEAD";
  session.head.clear();
  session.head += "HTTP/1.1 ";
  session.head += std::to_string(session.status);
  session.head += ' ';
  session.head += reason(session.status);
  session.head += "\r\nServer: gentarget\r\nContent-Type: text/plain\r\n";
  if (!has_no_body(session.status))
    session.head += "Content-Length: " + std::to_string(session.body_size) + "\r\n";
  if (!session.keep_alive) session.head += "Connection: close\r\n";
  session.head += "\r\n";
  session.body_left = 0;
  if (to_head || has_no_body(session.status))
    session.body_size = 0;
  else if (!body.empty())
    session.head += body;
  else if (session.body_size == kGreeting.size())
    session.head += kGreeting;
  else if (session.body_size <= kInlineBody)
    session.head.append(filler(), 0, session.body_size);
  else
    session.body_left = session.body_size;
  io_->send(session.id, session.head.data(), session.head.size());
}

void Server::refuse(Session& session, int status) {
  session.answering = true;
  session.keep_alive = false;
  session.action = Action::kAnswer;
  session.status = status;
  session.body_size = 0;
  answer(session);
}

void Server::on_sent(Session& session, TimePoint now) {
  if (session.body_left > 0) {
    const std::size_t size = std::min<std::uint64_t>(session.body_left, kBlock);
    session.body_left -= size;
    return io_->send(session.id, filler().data(), size);
  }
  if (session.action == Action::kAnswer) {
    bump(counts_.responses);
    bump(counts_.body_bytes, session.body_size);
    bump(counts_.statuses[static_cast<std::size_t>(session.status)]);
  }
  session.answering = false;
  if (!session.keep_alive) return close(session);
  session.parser.begin(nullptr);
  continue_pending(session, now);
}

void Server::continue_pending(Session& session, TimePoint now) {
  if (session.pending.empty()) return;
  const std::string bytes = std::exchange(session.pending, {});
  on_bytes(session, bytes, now);
}

void Server::close(Session& session) {
  io_->close(session.id);
  forget(session);
}

void Server::forget(Session& session) {
  if (!session.open) return;
  timers_.cancel(session);
  session.open = false;
  bump(counts_.closed);
}

}  // namespace gend::target
