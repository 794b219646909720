// The poller against a server of a few lines on a loopback socket.
#include "observe/poller.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include "base/limits.h"
#include "sources.h"

using namespace gend;
using namespace gend::observe;
using namespace std::chrono_literals;

namespace {

struct AnyAddress final : AddressRule {
  bool allows(const sockaddr*, socklen_t) const override { return true; }
};
struct NoAddress final : AddressRule {
  bool allows(const sockaddr*, socklen_t) const override { return false; }
};

// Answers one connection after the other with what `reply` says to its request.
class Server {
 public:
  using Reply = std::function<std::string(const std::string& request)>;

  explicit Server(Reply reply) : reply_{std::move(reply)} {
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(listening_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listening_, 16) == 0);
    socklen_t length = sizeof address;
    REQUIRE(::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread{[this] { serve(); }};
  }
  ~Server() {
    ending_ = true;
    thread_.join();
    ::close(listening_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/metrics"; }

 private:
  // Looks for its end now and then.
  bool readable(int fd) const {
    pollfd watched{fd, POLLIN, 0};
    while (!ending_)
      if (::poll(&watched, 1, 20) > 0) return true;
    return false;
  }
  void serve() {
    while (readable(listening_)) {
      const int peer = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      std::string request;
      char buffer[4096];
      while (request.find("\r\n\r\n") == request.npos && readable(peer)) {
        const ssize_t n = ::read(peer, buffer, sizeof buffer);
        if (n <= 0) break;
        request.append(buffer, static_cast<std::size_t>(n));
      }
      std::string answer = reply_(request);
      for (std::string_view rest = answer; !rest.empty();) {
        const ssize_t n = ::send(peer, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (n <= 0) break;
        rest.remove_prefix(static_cast<std::size_t>(n));
      }
      ::close(peer);
    }
  }

  Reply reply_;
  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

std::string http(const std::string& body, const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

std::vector<Source> one(std::string url) {
  std::vector<Source> sources;
  sources.push_back(support::prometheus({"a"}));
  sources.back().url = std::move(url);
  sources.back().every = 10ms;  // plans ask for 1s at least
  sources.back().timeout = 2s;
  return sources;
}

// Takes what comes until `enough` says so; whoever waits in vain is ended by the test's timeout.
Poller::News wait_for(Poller& poller, const std::function<bool(const Poller::News&)>& enough) {
  Poller::News all;
  while (!enough(all)) {
    Poller::News news = poller.take();
    all.values.insert(all.values.end(), news.values.begin(), news.values.end());
    all.changes.insert(all.changes.end(), news.changes.begin(), news.changes.end());
    std::this_thread::yield();
  }
  return all;
}
bool has_change(const Poller::News& news) { return !news.changes.empty(); }

std::string first_fault(const std::vector<Source>& sources, const AddressRule& rule) {
  const Trust trust;
  Poller poller{sources, trust, rule};
  poller.start();
  wait_for(poller, has_change);
  const Status status = poller.statuses().at(0);
  CHECK_FALSE(status.answers);
  return status.last_fault;
}

}  // namespace

TEST_CASE("a source is asked again and again, and its values arrive") {
  std::atomic<int> asked{0};
  const Server server{[&](const std::string&) { return http("a " + std::to_string(++asked)); }};
  const auto sources = one(server.url());
  const AnyAddress rule;
  const Trust trust;
  Poller poller{sources, trust, rule};
  poller.start();
  const auto news =
      wait_for(poller, [](const Poller::News& so_far) { return so_far.values.size() >= 3; });
  CHECK(news.values[0].value == 1);
  CHECK(news.values[1].value == 2);
  CHECK(news.values[2].value == 3);
  CHECK(news.changes.empty());
  CHECK(poller.statuses().at(0).polls >= 3);
  CHECK(poller.statuses().at(0).failed == 0);
}

TEST_CASE("headers of the plan are sent, what the kind of answer is asked for, and no proxy used") {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  std::string request;
  std::atomic<bool> seen{false};
  {
    const Server server{[&](const std::string& text) {
      if (!seen) request = text;
      seen = true;
      return http("a 1");
    }};
    auto sources = one(server.url());
    sources[0].headers = {"Authorization: Bearer s3cr3t"};
    const AnyAddress rule;
    const Trust trust;
    Poller poller{sources, trust, rule};
    poller.start();
    wait_for(poller, [](const Poller::News& news) { return !news.values.empty(); });
  }
  ::unsetenv("http_proxy");
  CHECK(request.starts_with("GET /metrics HTTP/1.1\r\n"));
  CHECK(request.find("\r\nAuthorization: Bearer s3cr3t\r\n") != request.npos);
  CHECK(request.find("\r\nAccept: text/plain;version=0.0.4") != request.npos);
}

TEST_CASE("a source that is not there is told, and comes back when it is") {
  std::atomic<bool> dead{true};
  const Server server{[&](const std::string&) { return dead ? std::string{} : http("a 7"); }};
  const auto sources = one(server.url());
  const AnyAddress rule;
  const Trust trust;
  Poller poller{sources, trust, rule};
  poller.start();
  const auto lost = wait_for(poller, has_change);
  CHECK(lost.changes[0].words.starts_with("observe app: no values from http://127.0.0.1:"));
  dead = false;
  const auto back = wait_for(poller, has_change);
  CHECK(back.changes[0].words.find("answers again") != std::string::npos);
  wait_for(poller, [](const Poller::News& news) { return !news.values.empty(); });
}

TEST_CASE("every way not to answer has its words") {
  const AnyAddress any;
  // Bound and never listened to: nobody else can take it meanwhile.
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  socklen_t length = sizeof address;
  REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0);
  const std::string nobody = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
  CHECK(first_fault(one(nobody), any) == "Connection refused");
  ::close(fd);

  const auto fault = [&](const std::string& answer) {
    const Server server{[&](const std::string&) { return answer; }};
    return first_fault(one(server.url()), any);
  };
  CHECK(fault(http("x", "503 Service Unavailable")) == "it answered 503");
  CHECK(fault("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n") ==
        "it answered 302, and redirects are not followed");
  CHECK(fault(http("<html>")) == "the answer is no Prometheus text: line 1: this is no metric");
  CHECK_FALSE(fault("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\na 1").empty());
  CHECK_FALSE(fault("\x01\x02 nonsense\r\n\r\n").empty());
  CHECK(fault(http(std::string(limits::kObserveBytes + 1, 'x'))) ==
        "the answer is larger than 16 MiB");
}

TEST_CASE("an answer that never ends is given up") {
  std::atomic<bool> over{false};
  const Server server{[&](const std::string&) {
    while (!over) std::this_thread::yield();
    return std::string{};
  }};
  auto sources = one(server.url());
  sources[0].timeout = 50ms;
  const AnyAddress rule;
  const std::string fault = first_fault(sources, rule);
  over = true;
  CHECK(fault == "no whole answer within 0.05 s");
}

TEST_CASE("an address that is not allowed is never connected to") {
  std::atomic<int> asked{0};
  const Server server{[&](const std::string&) { return ++asked, http("a 1"); }};
  const NoAddress rule;
  CHECK(first_fault(one(server.url()), rule) ==
        "its address 127.0.0.1 is not on this host's list of allowed targets");
  CHECK(asked == 0);
}

TEST_CASE("a poller that was stopped asks no more") {
  std::atomic<int> asked{0};
  const Server server{[&](const std::string&) { return http("a " + std::to_string(++asked)); }};
  const auto sources = one(server.url());
  const AnyAddress rule;
  const Trust trust;
  Poller poller{sources, trust, rule};
  poller.start();
  wait_for(poller, [](const Poller::News& news) { return !news.values.empty(); });
  poller.stop();
  poller.stop();
  const auto polls = poller.statuses().at(0).polls;
  CHECK(polls >= 1);
  CHECK(poller.statuses().at(0).polls == polls);
}

TEST_CASE("a poller ends at once while an answer is under way, and without any source") {
  std::atomic<bool> over{false}, asked{false};
  const Server server{[&](const std::string&) {
    asked = true;
    while (!over) std::this_thread::yield();
    return std::string{};
  }};
  auto sources = one(server.url());
  sources[0].timeout = 1h;
  const AnyAddress rule;
  const Trust trust;
  {
    Poller poller{sources, trust, rule};
    poller.start();
    while (!asked) std::this_thread::yield();
  }
  over = true;
  const std::vector<Source> none;
  Poller idle{none, trust, rule};
  idle.start();
  CHECK(idle.take().values.empty());
}
