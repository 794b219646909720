// What bare_ring and bare_epoll share: connecting, the size of one response, and what is printed.
#pragma once

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

namespace bare {

inline std::int64_t now_ns() {
  timespec ts{};
  ::clock_gettime(CLOCK_MONOTONIC, &ts);
  return ts.tv_sec * 1'000'000'000LL + ts.tv_nsec;
}

[[noreturn]] inline void fail(const char* what, int error) {
  std::fprintf(stderr, "%s: %d\n", what, error);
  std::exit(1);
}

inline int connect_to(const char* ip, int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, ip, &to.sin_addr);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) fail("connect", errno);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

inline std::string get_request(const std::string& path, const char* ip, const char* port) {
  return "GET " + path + " HTTP/1.1\r\nHost: " + ip + ":" + port + "\r\n\r\n";
}

// A response is taken to be over when as many bytes have come as the first one had.
inline std::size_t size_of_one_response(const char* ip, int port, const std::string& request) {
  const int fd = connect_to(ip, port);
  if (::write(fd, request.data(), request.size()) < 0) fail("write", errno);
  char bytes[65536];
  std::size_t size = 0;
  const auto patience = [&](timeval time) {
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  };
  patience({.tv_sec = 10, .tv_usec = 0});
  for (ssize_t n; (n = ::read(fd, bytes, sizeof bytes)) > 0;) {
    size += static_cast<std::size_t>(n);
    patience({.tv_sec = 0, .tv_usec = 200'000});  // nothing more within that: it was all
  }
  ::close(fd);
  if (size == 0) fail("no response", 0);
  return size;
}

// Connecting is not what is compared: the clock and the CPU count start when all are connected.
class Count {
 public:
  Count() { ::getrusage(RUSAGE_SELF, &before_); }

  std::int64_t start() const { return start_; }

  // One line of JSON.
  void print(std::uint64_t responses, std::uint64_t system_calls) const {
    rusage after{};
    ::getrusage(RUSAGE_SELF, &after);
    const double wall = static_cast<double>(now_ns() - start_) / 1e9;
    const auto n = static_cast<double>(responses);
    const double user = seconds(after.ru_utime) - seconds(before_.ru_utime);
    const double system = seconds(after.ru_stime) - seconds(before_.ru_stime);
    std::printf("{\"requests\":%llu,\"seconds\":%.3f,\"rate\":%.0f,\"cpu_us_per_request\":%.3f,"
                "\"user_us_per_request\":%.3f,\"enters_per_request\":%.3f,"
                "\"voluntary_switches\":%ld,\"involuntary_switches\":%ld}\n",
                static_cast<unsigned long long>(responses), wall, n / wall,
                (user + system) / n * 1e6, user / n * 1e6, static_cast<double>(system_calls) / n,
                after.ru_nvcsw - before_.ru_nvcsw, after.ru_nivcsw - before_.ru_nivcsw);
  }

 private:
  static double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  }

  rusage before_{};
  std::int64_t start_ = now_ns();
};

}  // namespace bare
