#pragma once

#include <string_view>

#include "base/outcome.h"
#include "base/rng.h"
#include "base/time.h"
#include "plan/http_request.h"

namespace gend::engine {

// Whether a request that ended like this is to be made again. Limits of our own host never are.
bool is_retried(const plan::Retry& retry, Outcome outcome, int status);

// How long to wait before attempt `attempt` + 1 (the first one has number 0). `retry_after` is what
// the answer said, in whole seconds (RFC 9110 10.2.3), or empty; dates are not looked at.
Duration retry_wait(const plan::Retry& retry, unsigned attempt, std::string_view retry_after,
                    Rng& rng);

// initial x factor^attempt, at most max, with its jitter.
Duration backoff(const plan::Backoff& backoff, unsigned attempt, Rng& rng);

}  // namespace gend::engine
