// The thread between a run and a destination: bounded, counting, never waited for. The transport
// does what the test says; nothing here looks at a clock.
#include "export/exporter.h"

#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/export_limits.h"
#include "export/seconds.h"

using namespace gend;
using namespace std::chrono_literals;
using exporter::Delivery;
using exporter::Destination;
using exporter::Exporter;

namespace {

// Shared by the test and the transport, which the exporter owns.
struct Wire {
  std::mutex mutex;
  std::condition_variable changed;
  Delivery next;
  bool open = true;  // else deliver() waits
  std::size_t tried = 0, done = 0;
  std::vector<std::string> bodies;

  void set(Delivery delivery) {
    const std::lock_guard lock{mutex};
    next = std::move(delivery);
  }
  void gate(bool is_open) {
    const std::lock_guard lock{mutex};
    open = is_open;
    changed.notify_all();
  }
  void wait_for_tries(std::size_t n) {
    std::unique_lock lock{mutex};
    REQUIRE(changed.wait_for(lock, 60s, [&] { return tried >= n; }));
  }
};

class FakeTransport final : public exporter::Transport {
 public:
  explicit FakeTransport(Wire& wire) : wire_{wire} {}
  Delivery deliver(const exporter::Message& message) override {
    std::unique_lock lock{wire_.mutex};
    ++wire_.tried;
    wire_.changed.notify_all();
    wire_.changed.wait(lock, [this] { return wire_.open; });
    if (wire_.next.result == Delivery::Result::kDone) {
      ++wire_.done;
      wire_.bodies.push_back(message.bytes);
    }
    return wire_.next;
  }

 private:
  Wire& wire_;
};

Destination influx() {
  Destination to;
  to.kind = Destination::Kind::kInfluxdb;
  to.address = "http://127.0.0.1:1/k6";
  to.every = 1s;
  return to;
}

struct Bed {
  test::SampleRun run;
  Wire wire;
  Exporter exporter{influx(), run.schema, std::make_unique<FakeTransport>(wire)};

  void push(int from, int to) {
    for (int i = from; i < to; ++i)
      exporter.push(test::sample_second(run, 1000 * (i + 1), std::chrono::seconds{i}));
  }
};

}  // namespace

TEST_CASE("every second arrives, in order, and the run's end waits for the last") {
  Bed bed;
  bed.push(0, 5);
  bed.exporter.close(60s);
  bed.exporter.join();
  REQUIRE(bed.wire.bodies.size() == 5);
  for (std::size_t i = 0; i < 5; ++i)
    CHECK(bed.wire.bodies[i].ends_with(fmt::format(" {}\n", 1000 * (i + 1))));
  const auto account = bed.exporter.account();
  CHECK(account.sent > 0);
  CHECK(account.dropped == 0);
  CHECK_FALSE(account.failing);
}

TEST_CASE("a destination that hangs holds nobody up, and what it misses is counted") {
  Bed bed;
  bed.wire.gate(false);
  bed.push(0, 1);
  bed.wire.wait_for_tries(1);  // the thread is in it now
  const int more = static_cast<int>(limits::kExportSeconds) + 7;
  bed.push(1, 1 + more);  // returns: it waits for nothing
  CHECK(bed.exporter.account().seconds_dropped == 7);
  bed.wire.gate(true);
  bed.exporter.close(60s);
  bed.exporter.join();
  CHECK(bed.wire.done == 1 + limits::kExportSeconds);
}

TEST_CASE("what is refused for good is dropped, counted and said; the next goes on") {
  Bed bed;
  bed.wire.set({Delivery::Result::kRefused, "HTTP 400: no"});
  bed.push(0, 2);
  bed.wire.wait_for_tries(2);
  bed.exporter.close(60s);
  bed.exporter.join();
  const auto account = bed.exporter.account();
  CHECK(account.sent == 0);
  CHECK(account.dropped > 0);
  CHECK(account.failures == 2);
  CHECK(account.failing);
  CHECK(account.trouble == "HTTP 400: no");
}

TEST_CASE("what may be taken later is tried again, and nothing is lost when it is") {
  Bed bed;
  bed.wire.set({Delivery::Result::kAgain, "HTTP 503"});
  bed.push(0, 3);
  bed.wire.wait_for_tries(1);
  bed.wire.set({});
  bed.exporter.close(60s);
  bed.exporter.join();
  CHECK(bed.wire.done == 3);
  const auto account = bed.exporter.account();
  CHECK(account.failures >= 1);
  CHECK(account.dropped == 0);
  CHECK_FALSE(account.failing);
}

TEST_CASE("the end of a run does not wait longer than it is told for what nobody takes") {
  Bed bed;
  bed.wire.set({Delivery::Result::kAgain, "Couldn't connect to server"});
  bed.push(0, 3);
  bed.wire.wait_for_tries(1);
  bed.exporter.close(Duration{});
  bed.exporter.join();
  const auto account = bed.exporter.account();
  CHECK(account.sent == 0);
  CHECK(account.dropped > 0);
  CHECK(account.trouble == "Couldn't connect to server");
}

TEST_CASE("nothing is taken any more after the end") {
  Bed bed;
  bed.exporter.close(60s);
  bed.push(0, 1);
  bed.exporter.join();
  CHECK(bed.wire.tried == 0);
}
