#pragma once

#include <memory>
#include <vector>

#include "report/run_result.h"

namespace gend::test {

// A finished run with known content. `villages`: an open-model scenario `peak` with two steps and a
// closed one `browse` with one, ten seconds long.
//   peak/login POST: 900 answers 200, service 1..900 ms / 10 (0.1 ms steps), corrected twice that;
//                    60 answers 503, 30 timeouts (total), 10 resets in the response: 1000 requests
//   peak/cart  GET:  500 answers 200, service 20 ms, corrected 20 ms
//   browse/home GET: 480 answers 200 and 20 expected 404, service and corrected 5 ms
//   checks: "status is 200" 1380 of 1500, "body contains welcome" 500 of 500, "never reached" 0
//   metrics of the plan: basket_size 1, 2, … 10; orders 12.5
//   home's 500 requests by the facet `village`: 300 of 7, the others of 8, with all 404
//   users: peak 50 during the first interval, browse 20 in the second
class SampleRun {
 public:
  SampleRun();
  SampleRun(const SampleRun&) = delete;
  SampleRun& operator=(const SampleRun&) = delete;

  report::RunResult result;  // points into the members below
  stats::Schema schema;
  std::unique_ptr<stats::Snapshot> total;
  std::unique_ptr<stats::Snapshot> latest;  // an interval of one second, not set in `result`
  std::vector<stats::Threshold> thresholds;

 private:
  struct Slots;
  void fill(stats::Snapshot& snapshot, const Slots& slots);
  void add_threshold(const char* selector, const char* source);
  void describe();
};

}  // namespace gend::test
