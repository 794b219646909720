#include "target/bucket.h"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using namespace gend;
using namespace gend::target;
using namespace std::chrono_literals;

namespace {
TimePoint at(Duration d) {
  return TimePoint{d};
}
}  // namespace

TEST_CASE("a bucket gives its tokens, refuses, and has new ones a window after the first request") {
  Bucket bucket;
  CHECK(bucket.take(2, 1s, at(100s)).remaining == 1);
  CHECK(bucket.take(2, 1s, at(100s + 999ms)).granted);
  const Grant refused = bucket.take(2, 1s, at(100s + 999ms));
  CHECK_FALSE(refused.granted);
  CHECK(refused.until_refill == 1ms);
  CHECK(bucket.take(2, 1s, at(101s)).remaining == 1);
  // What was not used is not saved up.
  CHECK(bucket.take(2, 1s, at(500s)).remaining == 1);
  CHECK(bucket.take(2, 1s, at(500s)).remaining == 0);
  CHECK_FALSE(bucket.take(2, 1s, at(500s)).granted);
}

TEST_CASE("a stamp that is a little older does not open an earlier window again") {
  Bucket bucket;
  CHECK(bucket.take(1, 1s, at(10s)).granted);
  CHECK_FALSE(bucket.take(1, 1s, at(9s)).granted);
  CHECK(bucket.take(1, 1s, at(11s)).granted);
  CHECK_FALSE(bucket.take(1, 1s, at(10s + 900ms)).granted);
}

TEST_CASE("threads that race for tokens get exactly as many as there are") {
  Bucket bucket;
  std::atomic<unsigned> granted{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) granted += bucket.take(1234, 1h, at(5s)).granted ? 1 : 0;
    });
  for (auto& thread : threads) thread.join();
  CHECK(granted == 1234);
}
