#pragma once

#include "engine/record.h"
#include "engine/vu.h"
#include "plan/http_request.h"
#include "stats/samples.h"

namespace gend::engine {

// What a report shows of one request: its times, what was sent (the first line), what came back
// (the beginning of the body, the request id). `vu` carried it out for `user`.
stats::Sample make_sample(const Vu& vu, const Vu& user, const plan::HttpRequest& request,
                          const Ending& ending);

}  // namespace gend::engine
