#include "stats/histogram.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "base/rng.h"
#include "support/seed.h"

using namespace gend;
using stats::Histogram;

namespace {

// The answer by definition: sort, take the ceil(p/100*n)-th. `permille_tenths` is p * 100, so that
// the rank is integer arithmetic and owes nothing to the code under test.
std::int64_t exact_percentile(const std::vector<std::int64_t>& sorted, std::uint64_t hundredths) {
  const std::uint64_t n = sorted.size();
  const std::uint64_t rank = std::max<std::uint64_t>(1, (hundredths * n + 9999) / 10000);
  return sorted[rank - 1];
}

void check_against_sorted(std::vector<std::int64_t> samples) {
  Histogram histogram;
  long double sum = 0;
  for (const auto s : samples) {
    histogram.add(s);
    sum += static_cast<long double>(s);
  }
  std::ranges::sort(samples);
  REQUIRE(histogram.count() == samples.size());
  CHECK(histogram.min() == samples.front());
  CHECK(histogram.max() == samples.back());
  const auto mean = static_cast<double>(sum / static_cast<long double>(samples.size()));
  CHECK(histogram.mean() == doctest::Approx(mean).epsilon(1e-14));
  for (const std::uint64_t p : {0u, 1u, 100u, 1000u, 2500u, 5000u, 7500u, 9000u, 9500u, 9900u,
                                9990u, 9999u, 10000u}) {
    const auto exact = static_cast<double>(exact_percentile(samples, p));
    const double got = histogram.percentile(static_cast<double>(p) / 100);
    CAPTURE(p);
    CAPTURE(samples.size());
    CHECK(std::abs(got - exact) <= exact * 0.004);
  }
}

std::vector<std::int64_t> drawn(std::size_t n, const std::function<double(Rng&)>& draw) {
  Rng rng{test::seed()};
  std::vector<std::int64_t> samples(n);
  for (auto& s : samples) s = static_cast<std::int64_t>(draw(rng));
  return samples;
}

double normal(Rng& rng) {
  return std::sqrt(-2 * std::log(1 - rng.unit())) * std::cos(6.283185307179586 * rng.unit());
}

bool same(const Histogram& a, const Histogram& b) {
  return a.count() == b.count() && a.min() == b.min() && a.max() == b.max() && a.sum() == b.sum() &&
         std::ranges::equal(a.buckets(), b.buckets());
}

}  // namespace

TEST_CASE("percentiles of known distributions are within 0.4 % of the sorted samples") {
  for (const std::size_t n : {1u, 2u, 3u, 10u, 99u, 100u, 101u, 1000u, 20'000u}) {
    check_against_sorted(drawn(n, [](Rng& r) { return r.unit() * 1e6; }));
    check_against_sorted(drawn(n, [](Rng& r) { return -std::log(1 - r.unit()) * 5e6; }));
    check_against_sorted(drawn(n, [](Rng& r) { return std::exp(14 + 2 * normal(r)); }));
  }
}

TEST_CASE("percentiles are right over the whole range from nothing to weeks") {
  // Uniform in the logarithm: every octave from 1 ns to 2^51 ns is hit.
  check_against_sorted(drawn(50'000, [](Rng& r) { return std::exp2(r.unit() * 51); }));
}

TEST_CASE("point masses come back as they went in") {
  check_against_sorted(std::vector<std::int64_t>(1000, 1'234'567));
  std::vector<std::int64_t> two(990, 1'000'000);
  two.insert(two.end(), 10, 5'000'000'000);
  check_against_sorted(two);
  Histogram histogram;
  histogram.add_n(1'234'567, 1000);
  for (const double p : {0.0, 50.0, 99.9, 100.0}) CHECK(histogram.percentile(p) == 1'234'567);
}

TEST_CASE("p(99.9) of 1000 samples is the 999th, although 99.9 is no binary number") {
  Histogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.add(i <= 998 ? 1 : i == 999 ? 100 : 200);
  CHECK(histogram.percentile(99.8) == 1);
  CHECK(histogram.percentile(99.9) == 100);
  CHECK(histogram.percentile(99.91) == 200);
  CHECK(histogram.percentile(100) == 200);
}

TEST_CASE("for every n up to 2000 the rank of common percentiles is the integer one") {
  // Values below 256 are exact, so a 0/1/2 histogram shows the very rank.
  for (std::uint64_t n = 1; n <= 2000; ++n) {
    for (const std::uint64_t hundredths : {1000u, 5000u, 9000u, 9500u, 9900u, 9990u}) {
      const std::uint64_t rank = std::max<std::uint64_t>(1, (hundredths * n + 9999) / 10000);
      Histogram histogram;
      histogram.add_n(0, rank - 1);
      histogram.add(1);
      histogram.add_n(2, n - rank);
      CAPTURE(n);
      CAPTURE(hundredths);
      CHECK(histogram.percentile(static_cast<double>(hundredths) / 100) == 1);
    }
  }
}

TEST_CASE("buckets tile the whole range, and each is at most 1/128 of its value wide") {
  CHECK(Histogram::lower_bound(0) == 0);
  for (std::size_t i = 0; i < Histogram::kBuckets; ++i) {
    const std::int64_t low = Histogram::lower_bound(i), next = Histogram::lower_bound(i + 1);
    REQUIRE(low < next);
    REQUIRE(Histogram::bucket_of(low) == i);
    REQUIRE(Histogram::bucket_of(next - 1) == i);
    if (low < 256)
      REQUIRE(next - low == 1);
    else
      REQUIRE((next - low) * 128 <= low);
  }
  CHECK(Histogram::lower_bound(Histogram::kBuckets) == Histogram::kMaxValue + 1);
}

TEST_CASE("values outside the range count in the outermost buckets and keep max and sum exact") {
  Histogram histogram;
  histogram.add(-5);
  histogram.add(Histogram::kMaxValue + 1000);
  CHECK(histogram.count() == 2);
  CHECK(histogram.min() == 0);
  CHECK(histogram.max() == Histogram::kMaxValue + 1000);
  CHECK(histogram.buckets()[0] == 1);
  CHECK(histogram.buckets()[Histogram::kBuckets - 1] == 1);
  CHECK(histogram.sum() == static_cast<double>(Histogram::kMaxValue + 1000));
}

TEST_CASE("merging is the same as adding everything to one, in any order and grouping") {
  const auto all = drawn(9000, [](Rng& r) { return std::exp2(r.unit() * 40); });
  Histogram whole, a, b, c, left, right, bc;
  for (std::size_t i = 0; i < all.size(); ++i) {
    whole.add(all[i]);
    (i % 3 == 0 ? a : i % 3 == 1 ? b : c).add(all[i]);
  }
  left.merge(a);
  left.merge(b);
  left.merge(c);
  bc.merge(c);
  bc.merge(b);
  right.merge(bc);
  right.merge(a);
  CHECK(same(left, whole));
  CHECK(same(right, whole));
  Histogram empty;
  left.merge(empty);
  CHECK(same(left, whole));
}

TEST_CASE("sums stay exact where 64 bits of nanoseconds would overflow") {
  Histogram histogram, twice;
  const std::int64_t hour = 3'600'000'000'000;
  histogram.add_n(hour, 10'000'000);  // 3.6e19 ns, more than 2^64
  CHECK(histogram.mean() == static_cast<double>(hour));
  twice.merge(histogram);
  twice.merge(histogram);
  CHECK(twice.sum() == 2 * histogram.sum());
}

TEST_CASE("a cleared histogram is as good as new") {
  const auto first = drawn(5000, [](Rng& r) { return std::exp2(r.unit() * 50); });
  const auto second = drawn(3000, [](Rng& r) { return r.unit() * 1e5; });
  Histogram used, fresh;
  for (const auto s : first) used.add(s);
  used.clear();
  CHECK(used.count() == 0);
  CHECK(used.min() == 0);
  CHECK(used.max() == 0);
  CHECK(used.mean() == 0);
  CHECK(used.percentile(99) == 0);
  CHECK(used.first_touched() == Histogram::kBuckets);
  CHECK(used.last_touched() == 0);
  for (const auto s : second) {
    used.add(s);
    fresh.add(s);
  }
  CHECK(same(used, fresh));
}

TEST_CASE("the touched range holds all samples and its ends are not empty") {
  Histogram histogram;
  for (const auto s : drawn(200, [](Rng& r) { return 1000 + r.unit() * 1e9; })) histogram.add(s);
  std::uint64_t inside = 0;
  for (std::size_t i = histogram.first_touched(); i < histogram.last_touched(); ++i)
    inside += histogram.buckets()[i];
  CHECK(inside == histogram.count());
  CHECK(histogram.buckets()[histogram.first_touched()] > 0);
  CHECK(histogram.buckets()[histogram.last_touched() - 1] > 0);
}

TEST_CASE("counting up to a value is off by no more than the samples within 0.4 % of it") {
  auto samples = drawn(20'000, [](Rng& r) { return std::exp(14 + 2 * normal(r)); });
  Histogram histogram;
  for (const auto s : samples) histogram.add(s);
  const auto below = [&](double limit) {
    return static_cast<std::uint64_t>(std::ranges::count_if(
        samples, [&](std::int64_t s) { return static_cast<double>(s) <= limit; }));
  };
  for (const std::int64_t limit : {0LL, 255LL, 100'000LL, 500'000LL, 1'000'000LL, 60'000'000'000LL}) {
    const std::uint64_t got = histogram.count_at_or_below(limit);
    const auto value = static_cast<double>(limit);
    CHECK(got >= below(value * 0.996 - 1));
    CHECK(got <= below(value * 1.004 + 1));
  }
  CHECK(histogram.count_at_or_below(histogram.max()) == histogram.count());
  CHECK(histogram.count_at_or_below(histogram.min() - 1) == 0);
}
