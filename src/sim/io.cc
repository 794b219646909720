#include "sim/io.h"

#include <cerrno>

namespace gend::sim {

net::ConnectionId Io::open(std::uint32_t owner, std::uint16_t) {
  const net::ConnectionId id = connections_.take();
  if (id == Slab<Connection>::kNone) return net::kNoConnection;
  Connection& connection = connections_[id];
  connection.owner = owner;
  connection.open = true;
  connection.wants_connect = true;
  connection.wants_send = false;
  connection.asked_at = connection.submitted_at = connection.sent_at = kNever;
  to_submit_.push_back(id);
  return id;
}

void Io::send(net::ConnectionId id, const char*, std::size_t) {
  Connection& connection = connections_[id];
  GEND_ASSERT(connection.open && !connection.wants_connect && !connection.wants_send);
  connection.wants_send = true;
  connection.sent_at = kNever;
  to_submit_.push_back(id);
}

void Io::close(net::ConnectionId id) {
  GEND_ASSERT(connections_[id].open);
  release(id);
}

void Io::release(net::ConnectionId id) {
  Connection& connection = connections_[id];
  connection.open = connection.wants_connect = connection.wants_send = false;
  ++connection.generation;
  connections_.put(id);
}

void Io::submit() {
  for (const net::ConnectionId id : to_submit_) {
    Connection& connection = connections_[id];
    if (!connection.open) continue;
    if (connection.asked_at == kNever) connection.asked_at = world_.now();
    connection.submitted_at = world_.now();
    if (connection.wants_connect)
      submit_connect(id);
    else if (connection.wants_send)
      submit_send(id);
  }
  to_submit_.clear();
}

void Io::submit_connect(net::ConnectionId id) {
  connections_[id].wants_connect = false;
  const TimePoint done = world_.target().on_connect(world_.now());
  if (done == kNever)
    post(id, world_.now(), net::EventKind::kConnectFailed, ECONNREFUSED);
  else
    post(id, done, net::EventKind::kConnected);
}

void Io::submit_send(net::ConnectionId id) {
  connections_[id].wants_send = false;
  post(id, world_.now(), net::EventKind::kSent);
  const Reply reply = world_.target().on_request(world_.now());
  switch (reply.kind) {
    case Reply::Kind::kAnswer:
      return post(id, reply.at, net::EventKind::kReceived, 0, reply.status, reply.body);
    case Reply::Kind::kReset: return post(id, reply.at, net::EventKind::kFailed, ECONNRESET);
    case Reply::Kind::kClose: return post(id, reply.at, net::EventKind::kClosed);
    case Reply::Kind::kNever: return;
  }
}

void Io::post(net::ConnectionId id, TimePoint at, net::EventKind kind, int error, int status,
              std::uint32_t body) {
  events_.push({at, order_++, kind, id, connections_[id].generation, error, status, body});
}

std::string_view Io::response(int status, std::uint32_t body) {
  response_ = "HTTP/1.1 " + std::to_string(status) +
              " Simulated\r\ncontent-length: " + std::to_string(body) + "\r\n\r\n";
  response_.append(body, 'x');
  return response_;
}

}  // namespace gend::sim
