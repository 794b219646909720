#include "ring/stamped.h"

#include <liburing.h>
#include <linux/net_tstamp.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace gend::ring {
namespace {

struct Stamps {
  timespec software, deprecated, hardware;  // struct scm_timestamping
};
constexpr std::size_t kControl = CMSG_SPACE(sizeof(Stamps));
static_assert(sizeof(io_uring_recvmsg_out) + kControl == kStampedOverhead);

}  // namespace

Stamped read_stamped(std::string_view buffer) {
  io_uring_recvmsg_out out{};
  if (buffer.size() < kStampedOverhead) return {};
  std::memcpy(&out, buffer.data(), sizeof out);
  Stamped seen;
  seen.bytes = buffer.substr(kStampedOverhead);
  seen.bytes = seen.bytes.substr(0, out.payloadlen);
  if (out.controllen < CMSG_LEN(sizeof(Stamps))) return seen;
  cmsghdr head{};
  std::memcpy(&head, buffer.data() + sizeof out, sizeof head);
  if (head.cmsg_level != SOL_SOCKET || head.cmsg_type != SO_TIMESTAMPING) return seen;
  Stamps stamps{};
  std::memcpy(&stamps, buffer.data() + sizeof out + CMSG_LEN(0), sizeof stamps);
  seen.realtime_ns = std::int64_t{stamps.software.tv_sec} * 1'000'000'000 + stamps.software.tv_nsec;
  return seen;
}

int stamp_receives(int fd) {
  const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  return ::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) == 0 ? 0 : -errno;
}

}  // namespace gend::ring
