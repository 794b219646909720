#include "ring/buffer_ring.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "enabled_ring.h"

using namespace gend;
using namespace gend::ring;
using namespace std::chrono_literals;

namespace {

struct Pair {
  int ours = -1, theirs = -1;
  Pair() {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
    ours = fds[0];
    theirs = fds[1];
  }
  ~Pair() {
    ::close(ours);
    ::close(theirs);
  }
};

}  // namespace

TEST_CASE("a buffer is ours while its lease lives, and the kernel's again after publishing") {
  const auto ring = enabled_ring();
  auto buffers = BufferRing::create(*ring, {.buffers = 2, .size = 16});
  REQUIRE(buffers.has_value());
  Pair pair;
  REQUIRE(ring->install(0, pair.ours) == 0);
  ring->receive_multishot(1, 0, (*buffers)->group(), FirstPoll::kYes);
  for (int round = 0; round < 10; ++round) {
    const std::string sent = "round " + std::to_string(round);
    REQUIRE(::write(pair.theirs, sent.data(), sent.size()) == static_cast<ssize_t>(sent.size()));
    std::string received;
    while (received.empty()) {
      const TimePoint now = MonotonicClock::now();
      ring->submit_and_wait({.deadline = now + 1s}, now);
      ring->for_each_completion([&](const Completion& c) {
        REQUIRE(c.result > 0);
        REQUIRE(c.has_buffer());
        CHECK(c.more());
        const BufferRing::Lease lease{**buffers, c.buffer(), static_cast<std::size_t>(c.result)};
        CHECK((*buffers)->available() == 1);
        received = lease.bytes();
      });
    }
    CHECK(received == sent);
    (*buffers)->publish();
    CHECK((*buffers)->available() == 2);
  }
}

TEST_CASE("of rationed buffers the kernel has no more than its ration, until it is lifted") {
  const auto ring = enabled_ring();
  auto buffers = BufferRing::create(*ring, {.buffers = 4, .size = 16});
  REQUIRE(buffers.has_value());
  CHECK((*buffers)->available() == 4);
  (*buffers)->ration(2);
  CHECK((*buffers)->rationed());
  CHECK((*buffers)->available() == 4);  // the kernel has them: they come back used
  for (std::uint16_t id = 0; id < 3; ++id) {
    const BufferRing::Lease lease{**buffers, id, 1};
  }
  (*buffers)->publish();
  CHECK((*buffers)->available() == 2);
  (*buffers)->ration(4);
  CHECK_FALSE((*buffers)->rationed());
  (*buffers)->publish();
  CHECK((*buffers)->available() == 4);
}

TEST_CASE("an operation that was cancelled comes back as such, with its own user_data") {
  const auto ring = enabled_ring();
  auto buffers = BufferRing::create(*ring, {.buffers = 2, .size = 16});
  REQUIRE(buffers.has_value());
  Pair pair;
  REQUIRE(ring->install(2, pair.ours) == 0);
  ring->receive_multishot(77, 2, (*buffers)->group(), FirstPoll::kYes);
  ring->submit();
  ring->cancel_slot(78, 2);
  int cancelled = 0, canceller = 0;
  const TimePoint give_up = MonotonicClock::now() + 5s;
  while ((cancelled == 0 || canceller == 0) && MonotonicClock::now() < give_up) {
    const TimePoint now = MonotonicClock::now();
    ring->submit_and_wait({.deadline = now + 100ms}, now);
    ring->for_each_completion([&](const Completion& c) {
      if (c.user_data == 77) {
        CHECK(c.result == -ECANCELED);
        CHECK_FALSE(c.more());
        ++cancelled;
      } else {
        CHECK(c.user_data == 78);
        ++canceller;
      }
    });
  }
  CHECK(cancelled == 1);
  CHECK(canceller == 1);
}

TEST_CASE("a full submission ring is submitted, never refused") {
  const auto ring = enabled_ring();
  Pair pair;
  REQUIRE(ring->install(0, pair.ours) == 0);
  const std::string byte = "x";
  for (std::uint64_t i = 0; i < 200; ++i) ring->send(i, 0, byte.data(), byte.size());
  std::uint64_t done = 0;
  const TimePoint give_up = MonotonicClock::now() + 5s;
  while (done < 200 && MonotonicClock::now() < give_up) {
    const TimePoint now = MonotonicClock::now();
    ring->submit_and_wait({.deadline = now + 100ms}, now);
    ring->for_each_completion([&](const Completion& c) {
      CHECK(c.result == 1);
      ++done;
    });
  }
  CHECK(done == 200);
  CHECK(ring->counters().operations == 200);
}
