#include "stats/synthetic.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>

namespace gend::test {

double normal(Rng& rng) {
  const double radius = std::sqrt(-2 * std::log(1 - rng.unit()));
  return radius * std::cos(2 * std::numbers::pi * rng.unit());
}

std::vector<double> wandering(std::size_t n, double phi, Rng& rng) {
  std::vector<double> values;
  double last = normal(rng);
  const double fresh = std::sqrt(1 - phi * phi);
  for (std::size_t i = 0; i < n; ++i) {
    values.push_back(last);
    last = phi * last + fresh * normal(rng);
  }
  return values;
}

std::vector<stats::Histogram::Slice> seconds_of(const Server& server, Rng& rng) {
  const auto levels = wandering(server.seconds, server.phi, rng);
  std::vector<stats::Histogram::Slice> slices;
  stats::Histogram second;
  for (std::size_t i = 0; i < server.seconds; ++i) {
    const double done = static_cast<double>(i) / static_cast<double>(server.seconds);
    const double level = std::log(server.median_ms * 1e6 * (1 + server.slower_by_the_end * done)) +
                         server.wander * levels[i];
    for (std::size_t r = 0; r < server.requests; ++r)
      second.add(std::llround(std::exp(level + server.sigma * normal(rng))));
    slices.push_back(second.slice());
    second.clear();
  }
  return slices;
}

int trials(int usual) {
  const char* given = std::getenv("GEND_TRIALS");
  return given != nullptr ? std::atoi(given) : usual;
}

double told(const std::string& what, int hits, int of) {
  const double share = static_cast<double>(hits) / of;
  if (std::getenv("GEND_TRIALS") != nullptr)
    std::printf("%s: %.1f %% (%d of %d)\n", what.c_str(), 100 * share, hits, of);
  return share;
}

double at_most(double share, int of) {
  return share + 4 * std::sqrt(share * (1 - share) / of);
}

}  // namespace gend::test
