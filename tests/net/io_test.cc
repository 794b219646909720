// Io on the real kernel, over loopback, under every io_uring profile that this kernel can play. The
// cases are the mistakes that completion-based network code usually makes.
#include "net/io.h"

#include <doctest/doctest.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/rng.h"
#include "net/peer.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::net;
using namespace gend::test;
using namespace std::chrono_literals;

namespace {

// An Io of this thread and everything that happened on it, by connection.
struct Client {
  struct Seen {
    bool connected = false, closed = false;
    int failed = 0, connect_failed = 0, sent = 0;
    std::string bytes;
  };
  std::unique_ptr<Io> io;
  std::map<std::uint32_t, Seen> seen;  // by owner
  std::function<void(const Event&)> also;

  explicit Client(IoOptions options, char profile = 0) {
    auto features = ring::probe(profile);
    REQUIRE(features.has_value());
    options.features = *features;
    auto made = Io::create(options);
    REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().message));
    io = std::move(*made);
    REQUIRE(io->enable().has_value());
  }

  void once(Duration longest = 0s) {
    io->wait({.deadline = io->now() + longest}, [this](const Event& event) { note(event); });
  }
  // Turns until `done` says so; gives up after ten seconds, which no test should ever need.
  bool until(const std::function<bool()>& done) {
    const TimePoint give_up = io->now() + 10s;
    while (!done()) {
      if (io->now() > give_up) return false;
      once(20ms);
    }
    return true;
  }
  void note(const Event& event) {
    Seen& s = seen[event.owner];
    switch (event.kind) {
      case EventKind::kConnected: s.connected = true; break;
      case EventKind::kConnectFailed: s.connect_failed = event.error; break;
      case EventKind::kSent: ++s.sent; break;
      case EventKind::kReceived: s.bytes += event.bytes; break;
      case EventKind::kClosed: s.closed = true; break;
      case EventKind::kFailed: s.failed = event.error; break;
      case EventKind::kTlsFailed:
      case EventKind::kAccepted: break;
    }
    if (also) also(event);
  }
};

IoOptions options_to(const Address& address, unsigned connections = 16) {
  IoOptions options;
  options.connections = connections;
  options.receive_buffers = 256;
  options.endpoints = {{address}};
  return options;
}

std::string numbered(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 2654435761U) >> 13);
  return bytes;
}

// One connection, of owner 1, that is made. The test closes the peer's end.
struct Linked {
  Listener listener;
  Client client;
  struct Ends {
    ConnectionId id;
    int peer;
  };
  Ends ends;

  explicit Linked(Stamps stamps = Stamps::kOurs)
      : client{options_of(listener, stamps)}, ends{.id = client.io->open(1, 0), .peer = accept()} {
    REQUIRE(client.until([&] { return client.seen[1].connected; }));
  }

 private:
  static IoOptions options_of(const Listener& listener, Stamps stamps) {
    IoOptions options = options_to(listener.address());
    options.stamps = stamps;
    return options;
  }
  int accept() {
    client.once();
    return listener.accept();
  }
};

}  // namespace

TEST_CASE("a connection is made, bytes go both ways, and both ends see the close") {
  Stamps stamps = Stamps::kOurs;
  SUBCASE("by our clock") {}
  SUBCASE("by the kernel's") { stamps = Stamps::kKernel; }
  for (const char profile : {'A', 'B', 'C', 'D', 'E'}) {
    CAPTURE(profile);
    auto available = ring::probe(profile);
    if (!available) {
      MESSAGE("profile " << profile << " skipped: " << available.error().message);
      continue;
    }
    Listener listener;
    IoOptions options = options_to(listener.address());
    options.stamps = stamps;
    Client client{options, profile};
    const ConnectionId id = client.io->open(7, 0);
    client.once();
    const int peer = listener.accept();
    REQUIRE(client.until([&] { return client.seen[7].connected; }));
    const std::string question = "how are you?";
    client.io->send(id, question.data(), question.size());
    REQUIRE(client.until([&] { return client.seen[7].sent == 1; }));
    CHECK(read_exactly(peer, question.size()) == question);
    write_all(peer, "fine, ");
    write_all(peer, "thank you");
    REQUIRE(client.until([&] { return client.seen[7].bytes == "fine, thank you"; }));
    CHECK(client.io->asked_at(id) <= client.io->submitted_at(id));
    CHECK(client.io->submitted_at(id) <= client.io->sent_at(id));
    ::close(peer);
    REQUIRE(client.until([&] { return client.seen[7].closed; }));
    REQUIRE(client.until([&] { return client.io->open_connections() == 0; }));
  }
}

TEST_CASE("closing while a receive is armed reaches the peer as a FIN") {
  Listener listener;
  Client client{options_to(listener.address(), 64)};
  std::vector<ConnectionId> ids;
  std::vector<int> peers;
  for (std::uint32_t i = 0; i < 32; ++i) ids.push_back(client.io->open(i, 0));
  client.once();
  for (int i = 0; i < 32; ++i) peers.push_back(listener.accept());
  REQUIRE(client.until([&] { return client.seen.size() == 32; }));
  for (const ConnectionId id : ids) client.io->close(id);
  REQUIRE(client.until([&] { return client.io->open_connections() == 0; }));
  for (const int peer : peers) {
    CHECK(at_end(peer));
    ::close(peer);
  }
}

TEST_CASE("a reset by the peer is told apart from an end of stream") {
  Listener listener;
  IoOptions options = options_to(listener.address());
  SUBCASE("by our clock") {}
  SUBCASE("by the kernel's") { options.stamps = Stamps::kKernel; }
  Client client{options};
  client.io->open(1, 0);
  client.io->open(2, 0);
  client.once();
  const int first = listener.accept(), second = listener.accept();
  REQUIRE(client.until([&] { return client.seen[1].connected && client.seen[2].connected; }));
  reset_on_close(first);
  reset_on_close(second);
  ::close(first);
  ::close(second);
  REQUIRE(client.until([&] { return client.seen[1].failed != 0 && client.seen[2].failed != 0; }));
  CHECK(client.seen[1].failed == ECONNRESET);
  CHECK_FALSE(client.seen[1].closed);
}

TEST_CASE("a refused connect is an event with its errno, and its slot comes back") {
  Address nobody;
  {
    const Listener gone;
    nobody = gone.address();
  }
  Client client{options_to(nobody, 4)};
  for (std::uint32_t round = 0; round < 20; ++round) {
    REQUIRE(client.io->open(round, 0) != kNoConnection);
    REQUIRE(client.until([&] { return client.seen[round].connect_failed != 0; }));
    CHECK(connect_outcome(client.seen[round].connect_failed) == Outcome::kConnectRefused);
    REQUIRE(client.until([&] { return client.io->open_connections() == 0; }));
  }
}

TEST_CASE("with four buffers and 200 answers at once every byte arrives and nobody is closed") {
  Stamps stamps = Stamps::kOurs;
  SUBCASE("by our clock") {}
  SUBCASE("by the kernel's") { stamps = Stamps::kKernel; }
  constexpr std::uint32_t kConnections = 200;
  for (const char profile : {'A', 'E'}) {
    if (!ring::probe(profile)) continue;
    Listener listener;
    IoOptions options = options_to(listener.address(), kConnections);
    options.receive_buffers = 4;
    options.receive_buffer_size = 64 + (stamps == Stamps::kKernel ? ring::kStampedOverhead : 0);
    options.stamps = stamps;
    Client client{options, profile};
    for (std::uint32_t i = 0; i < kConnections; ++i) client.io->open(i, 0);
    std::vector<int> peers;
    while (peers.size() < kConnections) {
      client.once();
      peers.push_back(listener.accept());
    }
    REQUIRE(client.until([&] { return client.seen.size() == kConnections; }));
    const std::string answer = numbered(300);
    for (const int peer : peers) write_all(peer, answer);
    REQUIRE(client.until([&] {
      for (const auto& [owner, seen] : client.seen)
        if (seen.bytes.size() < answer.size()) return false;
      return true;
    }));
    for (const auto& [owner, seen] : client.seen) {
      CHECK(seen.bytes == answer);
      CHECK_FALSE(seen.closed);
      CHECK(seen.failed == 0);
    }
    CHECK(client.io->counters().buffer_starved > 0);  // the case was really met
    for (const int peer : peers) ::close(peer);
  }
}

TEST_CASE("an overflowing completion ring ends multishots, and loses not a byte") {
  constexpr std::uint32_t kConnections = 64;
  Listener listener;
  IoOptions options = options_to(listener.address(), kConnections);
  options.sq_entries = 4;
  options.cq_entries = 8;
  SUBCASE("by our clock") {}
  SUBCASE("by the kernel's") { options.stamps = Stamps::kKernel; }
  options.connects_in_flight = 4;
  Client client{options};
  for (std::uint32_t i = 0; i < kConnections; ++i) client.io->open(i, 0);
  REQUIRE(client.until([&] {
    std::size_t connected = 0;
    for (const auto& [owner, seen] : client.seen) connected += seen.connected;
    return connected == kConnections;
  }));
  std::vector<int> peers;
  for (std::uint32_t i = 0; i < kConnections; ++i) peers.push_back(listener.accept());
  const std::string answer = numbered(1000);
  for (int round = 1; round <= 3; ++round) {
    for (const int peer : peers) write_all(peer, answer);
    REQUIRE(client.until([&] {
      for (const auto& [owner, seen] : client.seen)
        if (seen.bytes.size() < answer.size() * static_cast<std::size_t>(round)) return false;
      return true;
    }));
  }
  for (const auto& [owner, seen] : client.seen) CHECK(seen.bytes == answer + answer + answer);
  CHECK(client.io->counters().rearmed > 0);  // the case was really met
  CHECK(client.io->counters().overflows > 0);
  for (const int peer : peers) ::close(peer);
}

TEST_CASE("thousands that are closed at once leave room for their completions") {
  constexpr std::uint32_t kConnections = 9000, kAtOnce = 500;
  rlimit descriptors{};  // the peers' ends; many hosts begin with 1,024
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &descriptors) == 0);
  descriptors.rlim_cur = descriptors.rlim_max;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &descriptors) == 0);
  Listener listener;
  IoOptions options = options_to(listener.address(), kConnections);
  options.cq_entries = 8192;  // the cancels alone would be 9,000
  Client client{options};
  std::vector<ConnectionId> ids;
  std::vector<int> peers;
  while (ids.size() < kConnections) {
    for (std::uint32_t i = 0; i < kAtOnce; ++i)
      ids.push_back(client.io->open(static_cast<std::uint32_t>(ids.size()), 0));
    const auto latest = static_cast<std::uint32_t>(ids.size() - 1);
    REQUIRE(client.until([&] { return client.seen[latest].connected; }));
    while (peers.size() < ids.size()) peers.push_back(listener.accept());
  }
  REQUIRE(client.until([&] { return std::ranges::all_of(client.seen, [](const auto& each) {
    return each.second.connected;
  }); }));
  // Of those that wait for their turn some end by themselves.
  ::shutdown(peers.back(), SHUT_RDWR);
  for (const ConnectionId id : ids) client.io->close(id);
  CHECK(client.until([&] { return client.io->open_connections() == 0; }));
  CHECK(client.io->counters().overflows == 0);
  for (const int peer : peers) {
    char byte = 0;
    CHECK(::recv(peer, &byte, 1, 0) == 0);  // a FIN, and nothing before it
    ::close(peer);
  }
  // The slots are as good as new.
  CHECK(client.io->open(kConnections, 0) != kNoConnection);
  REQUIRE(client.until([&] { return client.seen[kConnections].connected; }));
  ::close(listener.accept());
}

TEST_CASE("a megabyte into a slow reader with a tiny window arrives whole and in order") {
  Listener listener;
  Client client{options_to(listener.address())};
  const ConnectionId id = client.io->open(1, 0);
  client.once();
  const int peer = listener.accept();
  const int small = 4096;
  ::setsockopt(peer, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  REQUIRE(client.until([&] { return client.seen[1].connected; }));
  const std::string pattern = numbered(1 << 20);
  client.io->send(id, pattern.data(), pattern.size());
  std::string received;
  while (received.size() < pattern.size()) {
    client.once(1ms);
    char chunk[3000];
    const ssize_t n = ::recv(peer, chunk, sizeof chunk, MSG_DONTWAIT);
    if (n > 0) received.append(chunk, static_cast<std::size_t>(n));
  }
  CHECK(received == pattern);
  REQUIRE(client.until([&] { return client.seen[1].sent == 1; }));
  CHECK(client.io->counters().bytes_sent == pattern.size());
  ::close(peer);
}

TEST_CASE("a request that is posted arrives without a completion of its own") {
  Linked linked;
  Client& client = linked.client;
  const auto [id, peer] = linked.ends;
  for (int i = 0; i < 3; ++i) {
    const std::string question = numbered(2048);
    client.io->post(id, question.data(), question.size());
    client.once();
    CHECK(read_exactly(peer, question.size()) == question);
    CHECK(client.io->sent_at(id) == client.io->submitted_at(id));
    CHECK_FALSE(client.io->sending(id));
  }
  client.once(10ms);
  CHECK(client.seen[1].sent == 0);
  CHECK(client.io->counters().bytes_sent == 3 * 2048);
  ::close(peer);
}

TEST_CASE("what the kernel does not take of a post at once goes out all the same") {
  Linked linked;
  Client& client = linked.client;
  const auto [id, peer] = linked.ends;
  const std::string pattern = numbered(8 << 20);  // more than the socket's buffer may ever hold
  client.io->post(id, pattern.data(), pattern.size());
  client.once();
  CHECK(client.io->sending(id));
  std::string received;
  while (received.size() < pattern.size()) {
    client.once(1ms);
    std::string chunk(1 << 18, '\0');
    const ssize_t n = ::recv(peer, chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (n > 0) received.append(chunk, 0, static_cast<std::size_t>(n));
  }
  CHECK(received == pattern);
  REQUIRE(client.until([&] { return client.seen[1].sent == 1; }));
  CHECK(client.io->counters().bytes_sent == pattern.size());
  CHECK(client.io->counters().posts_refused == 1);
  ::close(peer);
}

TEST_CASE("a post to a peer that is gone ends like any other send") {
  Linked linked;
  Client& client = linked.client;
  const auto [id, peer] = linked.ends;
  reset_on_close(peer);
  ::close(peer);
  client.io->post(id, "anybody?", 8);
  REQUIRE(client.until([&] { return client.seen[1].failed != 0; }));
  CHECK((client.seen[1].failed == ECONNRESET || client.seen[1].failed == EPIPE));
  REQUIRE(client.until([&] { return client.io->open_connections() == 0; }));
}

TEST_CASE("by the kernel's stamps bytes came when they came, not when we looked") {
  Linked linked{Stamps::kKernel};
  Client& client = linked.client;
  const int peer = linked.ends.peer;
  TimePoint came{};
  client.also = [&](const Event& event) {
    if (event.kind == EventKind::kReceived) came = event.at;
  };
  // The kernel begins to stamp some time after it was asked to (a jump label is set by a worker).
  bool stamped = false;
  for (int i = 0; i < 200 && !stamped; ++i) {
    const TimePoint before = client.io->now();
    write_all(peer, "now");
    ::usleep(20'000);
    const TimePoint looked = client.io->now();
    const std::size_t had = client.seen[1].bytes.size();
    REQUIRE(client.until([&] { return client.seen[1].bytes.size() > had; }));
    CHECK(came >= before - 1us);  // two clocks, read one after the other
    CHECK(came <= client.io->now());
    stamped = came < looked;
  }
  CHECK(stamped);
  ::close(peer);
}

TEST_CASE("a submission ring of four entries starts a thousand connections all the same") {
  constexpr std::uint32_t kConnections = 1000;
  Listener listener;
  IoOptions options = options_to(listener.address(), kConnections);
  options.sq_entries = 4;
  Client client{options};
  for (std::uint32_t i = 0; i < kConnections; ++i) client.io->open(i, 0);
  const std::string question = "q";
  std::uint32_t answered = 0;
  client.also = [&](const Event& event) {
    if (event.kind == EventKind::kConnected)
      client.io->send(event.connection, question.data(), question.size());
    if (event.kind == EventKind::kReceived) ++answered;
  };
  std::vector<int> peers;
  REQUIRE(client.until([&] {
    std::size_t sent = 0;
    for (const auto& [owner, seen] : client.seen) sent += static_cast<std::size_t>(seen.sent);
    return sent == kConnections;
  }));
  for (std::uint32_t i = 0; i < kConnections; ++i) peers.push_back(listener.accept());
  for (const int peer : peers) write_all(peer, "a");
  REQUIRE(client.until([&] { return answered == kConnections; }));
  for (const int peer : peers) ::close(peer);
}

TEST_CASE("slots are reused a hundred times and no event ever reaches the wrong life of one") {
  Rng rng{test::seed()};
  Listener listener;
  Client client{options_to(listener.address(), 16)};
  std::map<ConnectionId, std::uint32_t> live;  // connection -> owner
  std::set<std::uint32_t> gone;
  client.also = [&](const Event& event) {
    REQUIRE_FALSE(gone.contains(event.owner));
    REQUIRE(live.at(event.connection) == event.owner);
    if (event.kind == EventKind::kReceived) CHECK(event.bytes == std::to_string(event.owner));
    if (event.kind == EventKind::kClosed || event.kind == EventKind::kFailed) {
      live.erase(event.connection);
      gone.insert(event.owner);
    }
  };
  std::vector<std::string> names(2000);
  std::map<ConnectionId, int> unused;
  for (std::uint32_t owner = 0; owner < names.size(); ++owner) {
    ConnectionId id = kNoConnection;
    REQUIRE(client.until([&] { return (id = client.io->open(owner, 0)) != kNoConnection; }));
    live[id] = owner;
    REQUIRE(client.until([&] { return client.seen[owner].connected; }));
    const int peer = listener.accept();
    names[owner] = std::to_string(owner);
    client.io->send(id, names[owner].data(), names[owner].size());
    if (rng.below(2) == 0) client.once();
    if (rng.below(2) == 0 && live.contains(id)) {
      // Answers that come when we no longer listen: they must die with their slot.
      client.once();
      write_all(peer, names[owner]);
      live.erase(id);
      gone.insert(owner);
      client.io->close(id);
    }
    if (rng.below(4) == 0) reset_on_close(peer);
    ::close(peer);
    while (live.size() > 8) {
      const auto [oldest, its_owner] = *live.begin();
      live.erase(oldest);
      gone.insert(its_owner);
      client.io->close(oldest);
      client.once();
    }
  }
  for (const auto& [id, owner] : live) client.io->close(id);
  live.clear();
  client.also = nullptr;
  CHECK(client.until([&] { return client.io->open_connections() == 0; }));
}

TEST_CASE("a thousand ready sockets are all served without one sleep in between") {
  constexpr std::uint32_t kConnections = 1000;
  Listener listener;
  Client client{options_to(listener.address(), kConnections)};
  for (std::uint32_t i = 0; i < kConnections; ++i) client.io->open(i, 0);
  std::vector<int> peers;
  while (peers.size() < kConnections) {
    client.once();
    peers.push_back(listener.accept());
  }
  std::uint32_t answered = 0;
  client.also = [&](const Event& event) { answered += event.kind == EventKind::kReceived; };
  REQUIRE(client.until([&] { return client.seen.size() == kConnections; }));
  for (const int peer : peers) write_all(peer, "a");
  // The deadline has passed already: a wait that slept would sleep for ever.
  int turns = 0;
  while (answered < kConnections && turns < 2000) {
    client.once(0s);
    ++turns;
  }
  CHECK(answered == kConnections);
  for (const int peer : peers) ::close(peer);
}

TEST_CASE("a wait ends at its deadline, and the doorbell ends it before") {
  for (const char profile : {'A', 'E'}) {
    if (!ring::probe(profile)) continue;
    Listener listener;
    Client client{options_to(listener.address()), profile};
    client.once();
    const TimePoint before = client.io->now();
    client.once(30ms);
    CHECK(client.io->now() >= before + 30ms);
    client.io->ring_doorbell();
    client.once(1h);  // would be noticed
    client.io->ring_doorbell();
    client.once(1h);
  }
}

TEST_CASE("steady traffic needs no kernel worker thread") {
  Linked linked;
  Client& client = linked.client;
  const auto [id, peer] = linked.ends;
  const std::string ping = "ping";
  for (int i = 0; i < 100; ++i) {
    client.io->send(id, ping.data(), ping.size());
    client.once();
    write_all(peer, read_exactly(peer, ping.size()));
    REQUIRE(client.until([&] { return client.seen[1].bytes.size() == ping.size() * (i + 1U); }));
  }
  client.io->close(id);
  REQUIRE(client.until([&] { return client.io->open_connections() == 0; }));
  ::close(peer);
  // io_uring's workers are threads of ours, named iou-wrk-<pid>.
  std::string names;
  if (FILE* tasks =
          ::popen(("cat /proc/" + std::to_string(::getpid()) + "/task/*/comm").c_str(), "r")) {
    char line[64];
    while (std::fgets(line, sizeof line, tasks) != nullptr) names += line;
    ::pclose(tasks);
  }
  CHECK_FALSE(names.empty());
  CHECK(names.find("iou-wrk") == std::string::npos);
}

TEST_CASE("source addresses are taken in turn") {
  Listener listener;
  IoOptions options = options_to(listener.address());
  options.sources = Block::parse("127.0.0.8/30")->addresses(16);
  REQUIRE(options.sources.size() == 2);
  Client client{options};
  std::map<std::string, int> sources;
  for (std::uint32_t i = 0; i < 4; ++i) {
    client.io->open(i, 0);
    client.once();
    const int peer = listener.accept();
    Address from;
    from.length = sizeof from.storage;
    ::getpeername(peer, reinterpret_cast<sockaddr*>(&from.storage), &from.length);
    ++sources[from.ip()];
    ::close(peer);
  }
  CHECK(sources == std::map<std::string, int>{{"127.0.0.9", 2}, {"127.0.0.10", 2}});
}
