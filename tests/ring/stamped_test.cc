#include "ring/stamped.h"

#include <doctest/doctest.h>
#include <liburing.h>
#include <sys/socket.h>
#include <time.h>

#include <cstring>
#include <string>

using namespace gend::ring;

namespace {

// What the kernel lays into a buffer (io_uring_prep_recvmsg_multishot(3)).
std::string buffer_of(const std::string& payload, int type = SO_TIMESTAMPING) {
  struct {
    timespec software{.tv_sec = 1'800'000'000, .tv_nsec = 123'456'789}, deprecated{}, hardware{};
  } stamps;
  io_uring_recvmsg_out out{};
  out.controllen = CMSG_SPACE(sizeof stamps);
  out.payloadlen = static_cast<unsigned>(payload.size());
  cmsghdr head{};
  head.cmsg_len = CMSG_LEN(sizeof stamps);
  head.cmsg_level = SOL_SOCKET;
  head.cmsg_type = type;
  std::string buffer(kStampedOverhead, '\0');
  std::memcpy(buffer.data(), &out, sizeof out);
  std::memcpy(buffer.data() + sizeof out, &head, sizeof head);
  std::memcpy(buffer.data() + sizeof out + CMSG_LEN(0), &stamps, sizeof stamps);
  return buffer + payload;
}

}  // namespace

TEST_CASE("a stamped receive is its bytes and when they came") {
  const std::string buffer = buffer_of("hello");
  const Stamped seen = read_stamped(buffer);
  CHECK(seen.bytes == "hello");
  CHECK(seen.realtime_ns == 1'800'000'000'123'456'789);
}

TEST_CASE("without a stamp of ours there are the bytes alone") {
  CHECK(read_stamped(buffer_of("hello", SCM_RIGHTS)).bytes == "hello");
  CHECK(read_stamped(buffer_of("hello", SCM_RIGHTS)).realtime_ns == 0);
  std::string none = buffer_of("hello");
  io_uring_recvmsg_out out{};
  out.payloadlen = 5;
  std::memcpy(none.data(), &out, sizeof out);
  CHECK(read_stamped(none).bytes == "hello");
  CHECK(read_stamped(none).realtime_ns == 0);
}

TEST_CASE("an end of stream has no bytes, and a length that lies takes nothing of what follows") {
  CHECK(read_stamped(buffer_of("")).bytes.empty());
  CHECK(read_stamped("short").bytes.empty());
  std::string cut = buffer_of("hello");
  cut.resize(cut.size() - 2);
  CHECK(read_stamped(cut).bytes == "hel");
}
