#include "stats/student.h"

#include <doctest/doctest.h>

using namespace gend::stats;

// From the tables of NIST's e-Handbook, 1.3.6.7.2.
TEST_CASE("quantiles of Student's t are those of the tables") {
  CHECK(student_quantile(0.975, 1) == doctest::Approx(12.706).epsilon(1e-4));
  CHECK(student_quantile(0.975, 9) == doctest::Approx(2.262).epsilon(3e-4));
  CHECK(student_quantile(0.995, 4) == doctest::Approx(4.604).epsilon(3e-4));
  CHECK(student_quantile(0.999, 20) == doctest::Approx(3.552).epsilon(3e-4));
  CHECK(student_quantile(0.95, 63) == doctest::Approx(1.669).epsilon(5e-4));
  CHECK(student_quantile(0.5, 3) == 0);
}

TEST_CASE("the lower tail mirrors the upper one") {
  CHECK(student_quantile(0.025, 9) == -student_quantile(0.975, 9));
  CHECK(normal_quantile(0.025) == -normal_quantile(0.975));
}

TEST_CASE("with many degrees of freedom t is normal") {
  CHECK(normal_quantile(0.975) == doctest::Approx(1.959963985).epsilon(1e-8));
  CHECK(normal_quantile(0.9999) == doctest::Approx(3.719016485).epsilon(1e-8));
  CHECK(student_quantile(0.9999, 1e7) == doctest::Approx(3.719016485).epsilon(1e-5));
}

// With two degrees of freedom the quantile has a closed form: (2p - 1) / sqrt(2 p (1 - p)).
TEST_CASE("far tails keep their digits") {
  CHECK(student_quantile(0.99999, 2) == doctest::Approx(223.603).epsilon(1e-4));
}
