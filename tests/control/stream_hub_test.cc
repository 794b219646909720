#include "control/stream_hub.h"

#include <doctest/doctest.h>

using namespace gend;
using control::StreamHub;
using Got = StreamHub::Subscription::Got;

TEST_CASE("a watcher sees the lines of its run and no others, in order") {
  StreamHub hub;
  const auto watcher = hub.subscribe("a");
  hub.publish("a", "1\n");
  hub.publish("b", "x\n");
  hub.finish("a", "2\n");
  std::string line;
  CHECK(watcher->next(line, Duration{}) == Got::kLine);
  CHECK(line == "1\n");
  CHECK(watcher->next(line, Duration{}) == Got::kLine);
  CHECK(line == "2\n");
  CHECK(watcher->next(line, Duration{}) == Got::kEnd);
  CHECK(watcher->next(line, Duration{}) == Got::kEnd);
}

TEST_CASE(
    "a watcher that never reads loses the oldest lines, is told how many, and gets the last") {
  StreamHub hub;
  const auto watcher = hub.subscribe("a");
  const int published = static_cast<int>(control::kStreamLines) + 10;
  for (int i = 0; i < published; ++i) hub.publish("a", std::to_string(i) + "\n");
  hub.finish("a", "end\n");  // pushes one more out

  std::string line;
  REQUIRE(watcher->next(line, Duration{}) == Got::kLine);
  CHECK(line == "{\"skipped\":11}\n");
  REQUIRE(watcher->next(line, Duration{}) == Got::kLine);
  CHECK(line == "11\n");
  std::string last = line;
  std::size_t lines = 1;
  while (watcher->next(line, Duration{}) == Got::kLine) {
    last = line;
    ++lines;
  }
  CHECK(lines == control::kStreamLines);
  CHECK(last == "end\n");
  CHECK(hub.skipped() == 11);
}

TEST_CASE("nothing to read is not the end") {
  StreamHub hub;
  const auto watcher = hub.subscribe("a");
  std::string line;
  CHECK(watcher->next(line, Duration{}) == Got::kNothing);
  hub.end_all();
  CHECK(watcher->next(line, Duration{}) == Got::kEnd);
}

TEST_CASE("the stream of a finished run is its last line") {
  StreamHub hub;
  const auto watcher = hub.subscribe_finished("a", "end\n");
  std::string line;
  CHECK(watcher->next(line, Duration{}) == Got::kLine);
  CHECK(line == "end\n");
  CHECK(watcher->next(line, Duration{}) == Got::kEnd);
}

TEST_CASE("the hub knows when the last watcher has gone") {
  StreamHub hub;
  auto watcher = hub.subscribe("a");
  CHECK(hub.subscribers() == 1);
  CHECK_FALSE(hub.wait_until_empty(Duration{}));
  watcher.reset();
  CHECK(hub.wait_until_empty(Duration{}));
}
