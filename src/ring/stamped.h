#pragma once

#include <cstdint>
#include <string_view>

namespace gend::ring {

// What a receive of receive_stamped() has put into its buffer.
struct Stamped {
  std::string_view bytes;        // empty: the end of the stream
  std::int64_t realtime_ns = 0;  // CLOCK_REALTIME when the host had all of them; 0: unknown
};

// The bytes that the kernel puts before those of the connection.
inline constexpr std::size_t kStampedOverhead = 80;

// Reads struct io_uring_recvmsg_out and the SCM_TIMESTAMPING after it. The view is into `buffer`.
Stamped read_stamped(std::string_view buffer);

// Has the kernel stamp what this socket receives (SO_TIMESTAMPING). 0 or a negative errno.
int stamp_receives(int fd);

}  // namespace gend::ring
