#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/rng.h"
#include "stats/histogram.h"

// Series whose properties are known because they were made that way.
namespace gend::test {

double normal(Rng& rng);  // standard normal (Box, Muller)

// Standard normal values of which each resembles the one before it: correlation `phi`.
std::vector<double> wandering(std::size_t n, double phi, Rng& rng);

// A run of a server: in each second `requests` durations, log-normal around a median that wanders.
struct Server {
  std::size_t seconds = 60, requests = 50;
  double median_ms = 20;
  double sigma = 0.5;       // of the logarithm of one request's duration
  double wander = 0.1, phi = 0;  // of the logarithm of a second's median
  double slower_by_the_end = 0;  // 1: the median of the last second is twice that of the first
};
std::vector<stats::Histogram::Slice> seconds_of(const Server& server, Rng& rng);

// How many simulations a rate is measured with: GEND_TRIALS, or `usual`. Told when it is given.
int trials(int usual);
// A rate out of so many trials, as a share; printed when GEND_TRIALS is given.
double told(const std::string& what, int hits, int of);
// The highest share that chance makes of a true one in so many trials: 4 standard deviations.
double at_most(double share, int of);

}  // namespace gend::test
