#include "sim/io.h"

#include <algorithm>
#include <cerrno>

namespace gend::sim {

net::ConnectionId Io::open(std::uint32_t owner, std::uint16_t endpoint) {
  const net::ConnectionId id = connections_.take();
  if (id == Slab<Connection>::kNone) return net::kNoConnection;
  Connection& connection = connections_[id];
  most_connections_ = std::max(most_connections_, connections_.taken());
  connection.owner = owner;
  connection.endpoint = endpoint;
  connection.tcp_connected_at = kNever;
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
  end_request(connection);
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
  Connection& connection = connections_[id];
  connection.wants_connect = false;
  const TimePoint done = world_.target().on_connect(world_.now());
  if (done == kNever) return post(id, world_.now(), net::EventKind::kConnectFailed, ECONNREFUSED);
  const TimePoint shaken = world_.target().on_handshake(done, connection.endpoint);
  if (shaken != kNever) connection.tcp_connected_at = done;
  post(id, shaken != kNever ? shaken : done, net::EventKind::kConnected);
}

// The bytes are taken at once; nobody waits for word of that.
void Io::submit_send(net::ConnectionId id) {
  Connection& connection = connections_[id];
  connection.wants_send = false;
  connection.sent_at = world_.now();
  connection.asks = true;
  under_way_[connection.group].add(world_.now());
  const Reply reply = world_.target().on_request(world_.now());
  switch (reply.kind) {
    case Reply::Kind::kAnswer: return post_answer(id, reply);
    case Reply::Kind::kReset: return post(id, reply.at, net::EventKind::kFailed, ECONNRESET);
    case Reply::Kind::kClose: return post(id, reply.at, net::EventKind::kClosed);
    case Reply::Kind::kNever: return;
  }
}

void Io::end_request(Connection& connection) {
  if (!connection.asks) return;
  connection.asks = false;
  under_way_[connection.group].remove(world_.now());
}

void Io::post(net::ConnectionId id, TimePoint at, net::EventKind kind, int error) {
  events_.push({at, order_++, kind, id, connections_[id].generation, error, 0, 0, Body::kSent});
}

void Io::post_answer(net::ConnectionId id, const Reply& reply) {
  const Connection& connection = connections_[id];
  const int status = reply.status == 200 ? connection.status : reply.status;
  events_.push({reply.at, order_++, net::EventKind::kReceived, id, connection.generation, 0, status,
                reply.body, connection.body});
}

// Most answers are like the one before.
std::string_view Io::response(const Pending& pending) {
  const bool same = response_status_ == pending.status && response_bytes_ == pending.body &&
                    response_body_ == pending.sent_body;
  if (same) return response_;
  response_status_ = pending.status;
  response_bytes_ = pending.body;
  response_body_ = pending.sent_body;
  // 204 and 304 have none by themselves (RFC 9110 6.4.1), an answer to HEAD only its length.
  const bool none = pending.status == 204 || pending.status == 304;
  response_ = "HTTP/1.1 " + std::to_string(pending.status) + " Simulated\r\n";
  if (!none) response_ += "content-length: " + std::to_string(pending.body) + "\r\n";
  response_ += "\r\n";
  if (!none && pending.sent_body == Body::kSent) response_.append(pending.body, 'x');
  return response_;
}

}  // namespace gend::sim
