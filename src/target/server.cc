#include "target/server.h"

#include <algorithm>
#include <chrono>
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

std::string_view reason(int status) {
  switch (status) {
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 302: return "Found";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 426: return "Upgrade Required";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "Status";
  }
}

bool has_no_body(int status) {
  return status == 101 || status == 204 || status == 304;
}

// A request for a plain route whose headers nobody has to look at, which is nearly all of them in a
// benchmark: it has no body, lies in one piece before us, and names no header of ours (X-…).
bool is_bare(std::string_view bytes) {
  constexpr std::size_t kUsual = 1024;
  if (bytes.size() > kUsual || !bytes.starts_with("GET /") || !bytes.ends_with("\r\n\r\n"))
    return false;
  const std::string_view path = bytes.substr(4);
  if (!path.starts_with("/ ") && !path.starts_with("/bytes/") && !path.starts_with("/delay/") &&
      !path.starts_with("/status/"))
    return false;
  return bytes.find("\nX-") == bytes.npos && bytes.find("\nx-") == bytes.npos;
}

std::int64_t unix_ms_now() {
  using std::chrono::system_clock;
  const auto since = system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

// Buffers of a session that once carried something large are given back.
constexpr std::size_t kKeptCapacity = 64 * 1024;
void trim(std::string& buffer) {
  if (buffer.capacity() > kKeptCapacity) std::string{}.swap(buffer);
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
      sessions_{std::make_unique<Session[]>(options.connections)} {
  if (options_.app == nullptr) return;
  lane_ = options_.app->lane(options.index);
  hub_ = std::make_unique<Hub>(*options_.app, options.index, *io_, options.connections);
}

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
    const TimePoint now = io_->now();
    timers_.expire(now, [&](Timer& timer) { answer(static_cast<Session&>(timer)); });
    if (hub_)
      hub_->turn(
          now,
          [&](const EngineLink& link, int status, std::string_view body) {
            return answer_poll(link, status, body);
          },
          [&](net::ConnectionId id) { close(sessions_[id]); });
    const TimePoint deadline = hub_ ? std::min(timers_.next(), hub_->next()) : timers_.next();
    io_->wait({.deadline = deadline}, [&](const net::Event& event) { on_event(event); });
  }
  return {};
}

void Server::on_event(const net::Event& event) {
  Session& session = sessions_[event.connection];
  switch (event.kind) {
    case net::EventKind::kAccepted: return on_accepted(session, event.connection);
    case net::EventKind::kReceived:
      if (session.upgraded) return hub_->on_bytes(session.id, event.bytes, event.at);
      return on_bytes(session, event.bytes, event.at);
    case net::EventKind::kSent:
      return session.upgraded ? hub_->on_sent(session.id) : on_sent(session, event.at);
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
  session.answering = session.upgraded = session.polling = false;
  session.pending.clear();
  session.kept.want_headers = session.kept.want_body = true;
  session.parser.begin(nullptr);
}

void Server::on_bytes(Session& session, std::string_view bytes, TimePoint now) {
  if (session.answering) {
    // A pipelining client: its next requests wait, within reason.
    if (session.pending.size() + bytes.size() > limits::kRequestBytes) return close(session);
    session.pending.append(bytes);
    return;
  }
  if (!session.parser.started())
    session.parser.begin(is_bare(bytes) || options_.app == nullptr ? nullptr : &session.kept);
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
  session.prepared = false;
  session.fault = Fault::kNone;
  session.extra.clear();
  session.route = kPlainRoute;
  session.received_at = now;
  session.keep_alive = session.parser.keep_alive();
  session.action = route.action;
  session.status = route.status;
  session.body_size = route.bytes;
  Duration delay = route.delay;
  if (route.action == Action::kApplication) {
    session.action = Action::kAnswer;
    session.route = kNoRoute;
    if (options_.app != nullptr) prepare(session, now, delay);
  } else if (route.action == Action::kAnswer && options_.app != nullptr) {
    apply_headers(session, now, delay);
  }
  // Control requests are neither counted nor frozen.
  if (session.action != Action::kAnswer) return answer(session);
  truth_.received(counts_, now);
  const TimePoint at = truth_.thawed_at(now + delay);
  if (at <= now) return answer(session);
  timers_.arm(session, at);
}

Request Server::request_of(const Session& session, TimePoint now) const {
  const std::string_view target = session.parser.target();
  const std::size_t question = target.find('?');
  Request request{.method = session.parser.method(), .path = target.substr(0, question)};
  if (question != target.npos) request.query = target.substr(question + 1);
  request.kept = &session.kept;
  request.now = now;
  request.unix_ms = unix_ms_now();
  return request;
}

// What the headers of a plain request want: only those with X-… were kept.
void Server::apply_headers(Session& session, TimePoint now, Duration& delay) {
  if (session.kept.headers.empty()) return;
  response_.clear();
  App::inject(request_of(session, now), response_);
  delay += response_.delay;
  session.fault = response_.fault;
  session.extra = response_.headers;
  if (response_.status == 200) return;
  session.status = response_.status;
  session.body_size = 0;
}

// Has the application carry the request out; `head` is the whole answer then.
void Server::prepare(Session& session, TimePoint now, Duration& delay) {
  const Request request = request_of(session, now);
  session.route = options_.app->handle(request, response_, lane_);
  const bool control =
      session.route < routes().size() && routes()[session.route].needs == Needs::kControl;
  if (control) session.action = Action::kApplication;
  delay = response_.delay;
  session.fault = response_.fault;
  session.status = response_.status;
  session.body_size = response_.body.size();
  const bool headless = has_no_body(session.status);
  std::string& head = session.head;
  head.clear();
  head += "HTTP/1.1 ";
  head += std::to_string(session.status);
  head += ' ';
  head += reason(session.status);
  head += "\r\nServer: gentarget\r\n";
  if (!headless) {
    head.append("Content-Type: ").append(response_.type).append("\r\nContent-Length: ");
    head.append(std::to_string(session.body_size)).append("\r\n");
  }
  if (!session.keep_alive) head += "Connection: close\r\n";
  head.append(response_.headers).append("\r\n");
  if (headless || request.method == "HEAD")
    session.body_size = 0;
  else
    head += response_.body;
  session.body_left = 0;
  session.prepared = true;
  if (response_.opening.kind == Opening::Kind::kNone) return;
  session.opening = std::make_unique<Opening>(std::move(response_.opening));
  session.extra = response_.headers;
}

void Server::poll(Session& session) {
  const auto opening = std::move(session.opening);
  session.polling = true;
  session.serial = ++serials_;
  hub_->on_poll(session.id, session.serial, *opening, io_->now());
}

bool Server::answer_poll(const EngineLink& link, int status, std::string_view body) {
  Session& session = sessions_[link.connection];
  if (!session.open || !session.polling || session.serial != link.serial) return false;
  session.status = status;
  session.body_size = body.size();
  session.body_left = 0;
  std::string& head = session.head;
  head = "HTTP/1.1 " + std::to_string(status) + " ";
  head.append(reason(status)).append("\r\nServer: gentarget\r\nContent-Type: ");
  head += status == 200 ? "text/plain; charset=UTF-8" : "application/json";
  head += "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  if (!session.keep_alive) head += "Connection: close\r\n";
  head.append(session.extra).append("\r\n").append(body);
  io_->send(session.id, head.data(), head.size());
  return true;
}

// The answer 101 is due: from now on the connection is the hub's.
void Server::upgrade(Session& session) {
  Truth::answered(counts_, session.route, session.status, 0, io_->now() - session.received_at);
  const auto opening = std::move(session.opening);
  const std::string early = std::exchange(session.pending, {});
  session.upgraded = true;
  hub_->open(session.id, *opening, session.head, io_->now());
  // An idle WebSocket keeps none of what the request took.
  std::string{}.swap(session.head);
  session.kept = http::Kept{};
  session.parser = http::RequestParser{};
  if (!early.empty()) hub_->on_bytes(session.id, early, io_->now());
}

void Server::fail(Session& session) {
  bump(counts_.faults);
  const Fault fault = std::exchange(session.fault, Fault::kNone);
  if (fault == Fault::kHang) return;  // until the client has had enough
  if (fault == Fault::kReset)
    io_->reset(session.id);
  else
    io_->close(session.id);
  forget(session);
}

// Of a control request, which is carried out here.
std::string Server::control_body(Session& session) {
  switch (session.action) {
    case Action::kCounts:
      return truth_.json(options_.app != nullptr ? options_.app->counts() : std::string{});
    case Action::kReset:
      truth_.reset();
      if (options_.app != nullptr) options_.app->clear_counts();
      return {};
    case Action::kStall:
      truth_.stall(target::route(session.parser.target()).stall, io_->now());
      return {};
    case Action::kAnswer:
    case Action::kApplication: return {};
  }
  return {};
}

void Server::answer(Session& session) {
  if (session.fault != Fault::kNone) return fail(session);
  if (session.opening) return session.status == 101 ? upgrade(session) : poll(session);
  if (session.prepared) return io_->send(session.id, session.head.data(), session.head.size());
  const std::string body = control_body(session);
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
  session.head += session.extra;
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
  session.prepared = false;
  session.fault = Fault::kNone;
  session.extra.clear();
  session.route = kPlainRoute;
  session.received_at = io_->now();
  session.status = status;
  session.body_size = 0;
  answer(session);
}

void Server::on_sent(Session& session, TimePoint now) {
  if (std::exchange(session.polling, false)) hub_->on_poll_sent(session.id);
  if (session.body_left > 0) {
    const std::size_t size = std::min<std::uint64_t>(session.body_left, kBlock);
    session.body_left -= size;
    return io_->send(session.id, filler().data(), size);
  }
  if (session.action == Action::kAnswer)
    Truth::answered(counts_, session.route, session.status, session.body_size,
                    now - session.received_at);
  trim(session.head);
  trim(session.kept.body);
  session.kept.headers.clear();
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
  session.opening.reset();
  if (session.upgraded) hub_->on_gone(session.id);
  if (std::exchange(session.polling, false))
    hub_->on_poll_gone(session.id, session.serial, io_->now());
  bump(counts_.closed);
}

}  // namespace gend::target
