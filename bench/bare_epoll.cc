// The same job as bare_ring's by readiness: one thread, epoll, non-blocking reads and writes,
// keep-alive GETs, nothing parsed, nothing measured but the count.
//
//   bare_epoll ADDRESS PORT PATH CONNECTIONS SECONDS [BUFFER_BYTES]
//
// One read a readiness, as wrk does it; a response that is larger than BUFFER_BYTES (64 KiB) is
// announced again, since readiness is by level.
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bare.h"

namespace {

constexpr int kEventsAtOnce = 1024;

struct Epoll {
  int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  std::string request;
  std::size_t response_size = 0;
  std::vector<int> sockets;
  std::vector<std::size_t> received;
  std::vector<char> buffer;
  std::uint64_t responses = 0, system_calls = 0;

  void send(unsigned slot) {
    ++system_calls;
    // A request is smaller than any socket's buffer: all of it is taken, or the connection is lost.
    const ssize_t n = ::write(sockets[slot], request.data(), request.size());
    if (n != static_cast<ssize_t>(request.size())) bare::fail("write", errno);
  }

  void add(int fd) {
    const auto slot = static_cast<unsigned>(sockets.size());
    ::fcntl(fd, F_SETFL, O_NONBLOCK);
    sockets.push_back(fd);
    received.push_back(0);
    epoll_event event{.events = EPOLLIN, .data = {.u32 = slot}};
    if (::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) bare::fail("epoll_ctl", errno);
    send(slot);
  }

  void receive(unsigned slot) {
    ++system_calls;
    const ssize_t n = ::read(sockets[slot], buffer.data(), buffer.size());
    if (n <= 0) {
      if (n < 0 && errno == EAGAIN) return;
      bare::fail("the server closed a connection", errno);
    }
    received[slot] += static_cast<std::size_t>(n);
    while (received[slot] >= response_size) {
      received[slot] -= response_size;
      ++responses;
      send(slot);
    }
  }

  void turn() {
    epoll_event events[kEventsAtOnce];
    ++system_calls;
    const int n = ::epoll_wait(epoll, events, kEventsAtOnce, 1000);
    for (int i = 0; i < n; ++i) receive(events[i].data.u32);
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6 && argc != 7) {
    std::fprintf(stderr,
                 "usage: bare_epoll ADDRESS PORT PATH CONNECTIONS SECONDS [BUFFER_BYTES]\n");
    return 2;
  }
  const int port = std::atoi(argv[2]);
  Epoll bare;
  bare.buffer.resize(argc == 7 ? static_cast<std::size_t>(std::atoi(argv[6])) : 65536);
  bare.request = bare::get_request(argv[3], argv[1], argv[2]);
  bare.response_size = bare::size_of_one_response(argv[1], port, bare.request);
  for (int i = 0; i < std::atoi(argv[4]); ++i) bare.add(bare::connect_to(argv[1], port));
  const bare::Count count;
  const std::int64_t end = count.start() + static_cast<std::int64_t>(std::atof(argv[5]) * 1e9);
  bare.responses = bare.system_calls = 0;
  while (bare::now_ns() < end) bare.turn();
  count.print(bare.responses, bare.system_calls);
}
