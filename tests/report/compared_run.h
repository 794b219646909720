#pragma once

#include <string>

#include "report/history.h"
#include "stats/synthetic.h"

namespace gend::test {

// A finished run of a plan with two steps, "orders" and "search", second by second.
struct ComparedServer {
  Server orders{}, search{.requests = 20, .median_ms = 5};
  double fails = 0.01;  // share of requests
};
report::History run_of(const std::string& id, const ComparedServer& server, Rng& rng);

}  // namespace gend::test
