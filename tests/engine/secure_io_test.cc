// TLS on the engine's side of the socket: against OpenSSL servers on real sockets, and against a
// made-up Io where time stands still until it is asked for.
#include "engine/secure_io.h"

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "net/io.h"
#include "net/peer.h"
#include "tls/authority.h"

using namespace gend;
using namespace gend::test;
using namespace std::chrono_literals;
using engine::SecureIo;
using net::ConnectionId;
using net::Event;
using net::EventKind;

namespace {

using NetIo = SecureIo<net::Io>;
using Transport = NetIo::Transport;

struct Bed {
  Identity ca = make_identity({.name = "ca", .alternatives = "", .authority = true});
  Identity server = make_identity({.issuer = &ca});
  tls::Options options{.ca_pem = ca.certificate, .servers = {"server.test", "server.test"}};

  std::unique_ptr<tls::Context> context() const {
    auto made = tls::Context::create(options);
    REQUIRE(made.has_value());
    return std::move(*made);
  }
};

// A server with a thread for each of the connections that it expects.
class SecureServer {
 public:
  using Behave = std::function<void(SSL*, int fd)>;  // after the handshake

  SecureServer(const ServerContext& context, int connections, Behave behave)
      : quiet_{std::signal(SIGPIPE, SIG_IGN)},
        thread_{[this, &context, connections, behave = std::move(behave)] {
          std::vector<std::thread> each;
          for (int i = 0; i < connections; ++i)
            each.emplace_back([this, &context, &behave, fd = listener_.accept()] {
              const tls::SslHandle ssl{SSL_new(context.get())};
              SSL_set_fd(ssl.get(), fd);
              if (SSL_accept(ssl.get()) == 1) {
                behave(ssl.get(), fd);
              } else {
                ++refused_;
              }
              ERR_clear_error();
              ::close(fd);
            });
          for (std::thread& one : each) one.join();
        }} {}
  ~SecureServer() { join(); }
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  const net::Address& address() const { return listener_.address(); }
  int refused() const { return refused_; }  // after join()

 private:
  Listener listener_;
  void (*quiet_)(int);  // OpenSSL writes into sockets that we closed
  std::atomic<int> refused_{0};
  std::thread thread_;
};

std::string read_some(SSL* ssl, std::size_t size) {
  std::string all;
  char chunk[4096];
  while (all.size() < size) {
    const int n = SSL_read(ssl, chunk, sizeof chunk);
    if (n <= 0) break;
    all.append(chunk, static_cast<std::size_t>(n));
  }
  return all;
}
void write(SSL* ssl, const std::string& bytes) {
  SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size()));
}
void until_closed(SSL* ssl) {
  read_some(ssl, ~std::size_t{0});
}

struct Client {
  std::unique_ptr<NetIo> io;
  std::map<std::uint32_t, std::vector<EventKind>> kinds;  // by owner, kReceived once in a row
  std::map<std::uint32_t, std::string> bytes;
  std::map<std::uint32_t, Outcome> outcome;
  std::function<void(const Event&)> also;

  Client(const Bed& bed, std::vector<net::Address> addresses, std::vector<Transport> transports,
         unsigned connections = 16) {
    net::IoOptions options;
    auto features = ring::probe(0);
    REQUIRE(features.has_value());
    options.features = *features;
    options.connections = connections;
    options.receive_buffers = 256;
    for (const net::Address& address : addresses) options.endpoints.push_back({address});
    auto inner = net::Io::create(options);
    REQUIRE(inner.has_value());
    io = std::make_unique<NetIo>(std::move(*inner), bed.context(), std::move(transports),
                                 connections);
    REQUIRE(io->enable().has_value());
  }
  bool until(const std::function<bool()>& done) {
    const TimePoint give_up = io->now() + 20s;
    while (!done()) {
      if (io->now() > give_up) return false;
      io->wait({.deadline = io->now() + 20ms}, [this](const Event& event) { note(event); });
    }
    return true;
  }
  void note(const Event& event) {
    auto& list = kinds[event.owner];
    if (event.kind != EventKind::kReceived || list.empty() || list.back() != event.kind)
      list.push_back(event.kind);
    bytes[event.owner] += event.bytes;
    outcome[event.owner] = event.outcome;
    if (also) also(event);
  }
  bool saw(std::uint32_t owner, EventKind kind) const {
    const auto found = kinds.find(owner);
    return found != kinds.end() && std::ranges::count(found->second, kind) > 0;
  }
  bool gone() { return until([&] { return io->open_connections() == 0; }); }
};

}  // namespace

TEST_CASE("a question and an answer through TLS, with the stamps of each phase in order") {
  const Bed bed;
  const ServerContext context{bed.server};
  SecureServer server{context, 1, [](SSL* ssl, int) {
                        if (read_some(ssl, 8) == "question") write(ssl, "answer");
                        until_closed(ssl);
                      }};
  Client client{bed, {server.address()}, {Transport::kTls}};
  const ConnectionId id = client.io->open(3, 0);
  TimePoint connected = kNever, submitted = kNever;
  client.also = [&](const Event& event) {
    if (event.kind != EventKind::kConnected) return;
    connected = event.at;
    submitted = client.io->submitted_at(id);
    client.io->send(id, "question", 8);
    CHECK(client.io->sending(id));
    CHECK(client.io->sent_at(id) == kNever);
  };
  REQUIRE(client.until([&] { return client.bytes[3] == "answer"; }));
  CHECK(client.kinds[3] ==
        std::vector{EventKind::kConnected, EventKind::kSent, EventKind::kReceived});
  CHECK(client.io->asked_at(id) <= submitted);
  CHECK(submitted <= client.io->tcp_connected_at(id));
  CHECK(client.io->tcp_connected_at(id) <= connected);
  CHECK(connected <= client.io->submitted_at(id));
  CHECK(client.io->submitted_at(id) <= client.io->sent_at(id));
  CHECK_FALSE(client.io->sending(id));
  CHECK(client.io->counters().tls_handshakes == 1);
  client.io->close(id);
  CHECK(client.gone());
}

TEST_CASE("a plain endpoint beside a TLS one passes through untouched") {
  const Bed bed;
  const ServerContext context{bed.server};
  SecureServer secure{context, 1, [](SSL* ssl, int) {
                        write(ssl, read_some(ssl, 5));
                        until_closed(ssl);
                      }};
  Listener plain;
  Client client{bed, {secure.address(), plain.address()}, {Transport::kTls, Transport::kPlain}};
  const ConnectionId a = client.io->open(0, 0), b = client.io->open(1, 1);
  client.also = [&](const Event& event) {
    if (event.kind == EventKind::kConnected)
      client.io->send(event.connection, event.owner == 0 ? "first" : "other", 5);
  };
  REQUIRE(client.until([&] { return client.saw(1, EventKind::kSent); }));
  const int peer = plain.accept();
  CHECK(read_exactly(peer, 5) == "other");
  write_all(peer, "plain");
  REQUIRE(client.until([&] { return client.bytes[0] == "first" && client.bytes[1] == "plain"; }));
  CHECK(client.io->tcp_connected_at(b) == kNever);
  client.io->close(a);
  client.io->close(b);
  CHECK(client.gone());
  ::close(peer);
}

TEST_CASE("a certificate that is not trusted ends the connection, and the server hears why") {
  const Bed bed;
  const Identity stranger = make_identity({});
  const ServerContext context{stranger};
  SecureServer server{context, 3, [](SSL* ssl, int) { until_closed(ssl); }};
  Client client{bed, {server.address()}, {Transport::kTls}, 1};
  for (std::uint32_t round = 0; round < 3; ++round) {
    REQUIRE(client.io->open(round, 0) != net::kNoConnection);
    REQUIRE(client.until([&] { return client.saw(round, EventKind::kTlsFailed); }));
    CHECK(client.outcome[round] == Outcome::kTlsCertificateSelfSigned);
    CHECK(client.kinds[round].size() == 1);
    REQUIRE(client.gone());
  }
  CHECK(client.io->counters().tls_failed == 3);
}

TEST_CASE("a server that goes in the middle of the handshake is a failure of TLS") {
  const Bed bed;
  Listener listener;
  Client client{bed, {listener.address()}, {Transport::kTls}};
  client.io->open(1, 0);
  client.io->open(2, 0);
  client.io->open(3, 0);
  REQUIRE(client.until([&] { return client.io->counters().bytes_sent > 3 * 100; }));
  const int silent = listener.accept(), plain = listener.accept(), reset = listener.accept();
  write_all(plain, "HTTP/1.1 400 Bad Request\r\n\r\n");
  reset_on_close(reset);
  for (const int fd : {silent, plain, reset}) ::close(fd);
  REQUIRE(client.gone());
  std::map<Outcome, int> counted;
  for (const std::uint32_t owner : {1U, 2U, 3U}) {
    CHECK(client.kinds[owner] == std::vector{EventKind::kTlsFailed});
    ++counted[client.outcome[owner]];
  }
  // Closing with our hello unread is a reset too; only bytes say more.
  CHECK(counted[Outcome::kTls] >= 2);
  CHECK(counted[Outcome::kTls] + counted[Outcome::kTlsProtocol] == 3);
}

TEST_CASE("an end with close_notify is an end; one without may be forged") {
  const Bed bed;
  const ServerContext context{bed.server};
  SecureServer server{context, 2, [](SSL* ssl, int) {
                        const std::string how = read_some(ssl, 1);
                        write(ssl, "all of it");
                        if (how == "y") SSL_shutdown(ssl);
                      }};
  Client client{bed, {server.address()}, {Transport::kTls}};
  client.io->open(0, 0);
  client.io->open(1, 0);
  client.also = [&](const Event& event) {
    if (event.kind == EventKind::kConnected)
      client.io->send(event.connection, event.owner == 0 ? "y" : "n", 1);
  };
  REQUIRE(client.until(
      [&] { return client.saw(0, EventKind::kClosed) && client.saw(1, EventKind::kClosed); }));
  CHECK(client.bytes[0] == "all of it");
  CHECK(client.bytes[1] == "all of it");
  CHECK(client.outcome[0] == Outcome::kOk);
  CHECK(client.outcome[1] == Outcome::kTruncated);
  CHECK(client.gone());
}

TEST_CASE("our close reaches the server as close_notify") {
  const Bed bed;
  const ServerContext context{bed.server};
  std::atomic<bool> notified{false};
  SecureServer server{context, 1, [&](SSL* ssl, int) {
                        write(ssl, "hello");
                        until_closed(ssl);
                        notified = (SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
                      }};
  Client client{bed, {server.address()}, {Transport::kTls}};
  const ConnectionId id = client.io->open(1, 0);
  REQUIRE(client.until([&] { return client.bytes[1] == "hello"; }));
  client.io->close(id);
  CHECK(client.gone());
  server.join();
  CHECK(notified);
}

TEST_CASE("whoever closes while being told hears nothing more") {
  const Bed bed;
  const ServerContext context{bed.server};
  SecureServer server{context, 8, [](SSL* ssl, int) {
                        if (read_some(ssl, 1).empty()) return;
                        for (int i = 0; i < 50; ++i) write(ssl, "record");
                        until_closed(ssl);
                      }};
  Client client{bed, {server.address()}, {Transport::kTls}};
  client.also = [&](const Event& event) {
    // Owners 0 to 3 close when connected, the others at the first bytes of many.
    if (event.kind == EventKind::kConnected && event.owner >= 4)
      return client.io->send(event.connection, "?", 1);
    if (event.kind == EventKind::kSent) return;
    client.io->close(event.connection);
  };
  for (std::uint32_t owner = 0; owner < 8; ++owner) client.io->open(owner, 0);
  REQUIRE(client.until([&] { return client.kinds.size() == 8; }));
  REQUIRE(client.gone());
  for (std::uint32_t owner = 0; owner < 8; ++owner) {
    CHECK(client.kinds[owner].size() == (owner < 4 ? 1U : 3U));
    CHECK(client.bytes[owner] == (owner < 4 ? "" : "record"));
  }
}

TEST_CASE("a hundred connections at once, a megabyte each way on one of them, nothing is lost") {
  constexpr int kConnections = 100;
  const Bed bed;
  const ServerContext context{bed.server};
  std::string large(1 << 20, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 7 >> 2);
  SecureServer server{context, kConnections, [&](SSL* ssl, int) {
                        const std::string head = read_some(ssl, 8);
                        std::string body = head.substr(8);
                        const std::size_t size = std::stoul(head.substr(0, 8));
                        if (body.size() < size) body += read_some(ssl, size - body.size());
                        write(ssl, body);
                        until_closed(ssl);
                      }};
  Client client{bed, {server.address()}, {Transport::kTls}, kConnections};
  const std::string small = "00000005small", big = "01048576" + large;
  client.also = [&](const Event& event) {
    const std::string& request = event.owner == 7 ? big : small;
    if (event.kind == EventKind::kConnected)
      client.io->send(event.connection, request.data(), request.size());
  };
  std::vector<ConnectionId> ids;
  for (std::uint32_t owner = 0; owner < kConnections; ++owner)
    ids.push_back(client.io->open(owner, 0));
  REQUIRE(client.until([&] {
    std::size_t whole = 0;
    for (const auto& [owner, bytes] : client.bytes) whole += bytes.size();
    return whole == large.size() + (kConnections - 1) * 5;
  }));
  CHECK(client.bytes[7] == large);
  for (std::uint32_t owner = 0; owner < kConnections; ++owner) {
    CHECK(std::ranges::count(client.kinds[owner], EventKind::kSent) == 1);
    if (owner != 7) CHECK(client.bytes[owner] == "small");
  }
  CHECK(client.io->counters().tls_handshakes == kConnections);
  for (const ConnectionId id : ids) client.io->close(id);
  CHECK(client.gone());
}

namespace {

// An Io whose clock moves 100 us whenever somebody looks at it, and whose connects succeed at once.
struct SlowClockIo {
  struct Shared {
    TimePoint clock{};
    int sends = 0;
    TimePoint deadline = kNever;  // of the latest wait
  };
  explicit SlowClockIo(Shared& s) : shared{s} {}
  TimePoint now() const { return shared.clock += 100us; }
  ConnectionId open(std::uint32_t, std::uint16_t) { return opened++; }
  void send(ConnectionId, const char*, std::size_t) { ++shared.sends; }
  void close(ConnectionId) {}
  bool sending(ConnectionId) const { return false; }
  TimePoint submitted_at(ConnectionId) const { return shared.clock; }
  TimePoint sent_at(ConnectionId) const { return kNever; }
  template <class Sink>
  void wait(const ring::Wait& how, Sink&& sink) {
    shared.deadline = how.deadline;
    for (; told < opened; ++told) sink(Event{EventKind::kConnected, told, told, shared.clock});
  }
  Shared& shared;
  ConnectionId opened = 0, told = 0;
};

}  // namespace

TEST_CASE("a turn spends half a millisecond on handshakes, and never sleeps while some are left") {
  const Bed bed;
  SlowClockIo::Shared shared;
  using Slow = SecureIo<SlowClockIo>;
  Slow io{std::make_unique<SlowClockIo>(shared), bed.context(), {Slow::Transport::kTls}, 50};
  for (std::uint32_t i = 0; i < 50; ++i) io.open(i, 0);
  const auto nobody = [](const Event&) { CHECK(false); };
  io.wait({.deadline = TimePoint{1h}}, nobody);
  CHECK(shared.deadline == TimePoint{1h});
  // Each step looks at the clock twice: 200 us. The third ends beyond the budget.
  CHECK(shared.sends == 3);
  CHECK(io.has_work());
  int turns = 1;
  while (io.has_work()) {
    const TimePoint before = shared.clock;
    io.wait({.deadline = TimePoint{1h}}, nobody);
    CHECK(shared.deadline <= before + 100us);
    CHECK(shared.clock - before <= Slow::kBudget + 400us);
    ++turns;
  }
  CHECK(shared.sends == 50);
  CHECK(turns == 17);
  io.wait({.deadline = TimePoint{1h}}, nobody);
  CHECK(shared.deadline == TimePoint{1h});
}
