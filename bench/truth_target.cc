// A target whose latency is known: it holds every request for a time drawn from a seeded
// distribution, and records for how long it really did, from when it knew of the request until it
// sent the answer.
//
//   truth_target lognormal MEDIAN_MS P99_MS SEED       times of that distribution
//   truth_target stall SERVICE_MS FROZEN_MS EVERY_MS   held for SERVICE_MS; from the middle of each
//                                                      EVERY_MS nothing is answered for FROZEN_MS
//
// Prints its port. GET /truth answers with the percentiles of what was held (nearest rank),
// GET /reset begins anew; with `stall`, the first request after that begins the first period.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <queue>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "bare.h"

namespace {

using bare::fail;
using bare::now_ns;

constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n";
constexpr double kNsOfMs = 1e6;

// The distribution. All times in ns.
class Hold {
 public:
  Hold(bool stalls, double first_ms, double second_ms, double third)
      : stalls_(stalls),
        first_(first_ms * kNsOfMs),
        second_(second_ms * kNsOfMs),
        every_(third * kNsOfMs),
        sigma_(std::log(second_ms / first_ms) / kNormalP99),
        random_(static_cast<std::uint64_t>(third)) {}

  // When a request of this moment is answered.
  std::int64_t due(std::int64_t now) {
    if (!stalls_)
      return now + static_cast<std::int64_t>(first_ * std::exp(sigma_ * normal_(random_)));
    if (start_ == 0) start_ = now;
    const double at = std::fmod(static_cast<double>(now - start_), every_);
    const double frozen = every_ / 2, thawed = frozen + second_;
    const double wait = at >= frozen && at < thawed ? thawed - at : 0;
    return now + static_cast<std::int64_t>(wait + first_);
  }
  void reset() { start_ = 0; }

 private:
  static constexpr double kNormalP99 = 2.3263478740408408;  // of the standard normal distribution

  bool stalls_;
  double first_, second_, every_, sigma_;
  std::int64_t start_ = 0;
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_{};
};

struct Held {
  std::int64_t due, since;
  int fd;
  bool operator>(const Held& other) const { return due > other.due; }
};

class Target {
 public:
  explicit Target(Hold hold) : hold_(hold) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) fail("bind", errno);
    if (::listen(listener_, 16384) != 0) fail("listen", errno);
    watch(listener_);
    socklen_t size = sizeof at;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    std::printf("%d\n", ntohs(at.sin_port));
    std::fflush(stdout);
  }

  [[noreturn]] void run() {
    for (;;) {
      epoll_event events[256];
      timespec left = until_next();
      const int n = ::epoll_pwait2(epoll_, events, 256, held_.empty() ? nullptr : &left, nullptr);
      const std::int64_t now = now_ns();
      answer_what_is_due(now);
      for (int i = 0; i < n; ++i)
        if (events[i].data.fd == listener_)
          accept_all();
        else
          take(events[i].data.fd, now);
    }
  }

 private:
  void watch(int fd) const {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl", errno);
  }

  void accept_all() const {
    constexpr int kFlags = SOCK_NONBLOCK | SOCK_CLOEXEC;
    for (int fd; (fd = ::accept4(listener_, nullptr, nullptr, kFlags)) >= 0;) {
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      watch(fd);
    }
  }

  // Requests are small, without a body and never pipelined: what a read gives is one of them.
  void take(int fd, std::int64_t now) {
    char bytes[8192];
    const ssize_t n = ::read(fd, bytes, sizeof bytes);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
      ::close(fd);
      return;
    }
    const std::string_view request{bytes, static_cast<std::size_t>(n)};
    if (request.starts_with("GET /truth ")) return say(fd, percentiles());
    if (request.starts_with("GET /reset ")) {
      taken_.clear();
      hold_.reset();
      return say(fd, "{}");
    }
    held_.push({hold_.due(now), now, fd});
  }

  timespec until_next() const {
    const std::int64_t due = held_.empty() ? 0 : held_.top().due;
    const std::int64_t left = std::max<std::int64_t>(due - now_ns(), 0);
    return {.tv_sec = left / 1'000'000'000, .tv_nsec = left % 1'000'000'000};
  }

  void answer_what_is_due(std::int64_t now) {
    while (!held_.empty() && held_.top().due <= now) {
      const Held held = held_.top();
      held_.pop();
      taken_.push_back(now_ns() - held.since);
      // A client that has gone meanwhile is seen by the next read.
      (void)::send(held.fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
    }
  }

  static void say(int fd, const std::string& body) {
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    (void)::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
  }

  std::string percentiles() {
    std::vector<std::int64_t> sorted = taken_;
    std::sort(sorted.begin(), sorted.end());
    const auto at = [&](double share) {
      if (sorted.empty()) return 0.0;
      const auto rank = std::ceil(share * static_cast<double>(sorted.size()));
      const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
      return static_cast<double>(sorted[index]) / kNsOfMs;
    };
    char text[200];
    std::snprintf(text, sizeof text,
                  "{\"count\":%zu,\"p50\":%.6f,\"p95\":%.6f,\"p99\":%.6f,\"p99.9\":%.6f,"
                  "\"max\":%.6f}",
                  sorted.size(), at(0.5), at(0.95), at(0.99), at(0.999), at(1));
    return text;
  }

  Hold hold_;
  int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  std::priority_queue<Held, std::vector<Held>, std::greater<>> held_;
  std::vector<std::int64_t> taken_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string_view kind = argc == 5 ? argv[1] : "";
  if (kind != "lognormal" && kind != "stall") {
    std::fprintf(stderr, "usage: truth_target lognormal MEDIAN_MS P99_MS SEED | stall SERVICE_MS "
                         "FROZEN_MS EVERY_MS\n");
    return 2;
  }
  Target{Hold{kind == "stall", std::atof(argv[2]), std::atof(argv[3]), std::atof(argv[4])}}.run();
}
