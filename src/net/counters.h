#pragma once

#include <cstdint>

namespace gend::net {

// What a shard's sockets and ring have counted since they were made.
struct IoCounters {
  std::uint64_t bytes_sent = 0, bytes_received = 0;
  std::uint64_t buffer_starved = 0;     // receives that found no buffer (ENOBUFS): our limit
  std::uint64_t stale_completions = 0;  // data for connections that are being closed
  std::uint64_t posts_refused = 0;      // sends that the kernel did not take at once
  std::uint64_t rearmed = 0;            // multishot receives that the kernel ended
  std::uint64_t socket_calls = 0;       // system calls beside io_uring_enter
  std::uint64_t enters = 0;             // io_uring_enter
  std::uint64_t completions = 0;
  std::uint64_t overflows = 0;  // completion ring full
  std::uint64_t tls_handshakes = 0;  // that came to their end, resumed ones included
  std::uint64_t tls_resumed = 0, tls_failed = 0;
};

}  // namespace gend::net
