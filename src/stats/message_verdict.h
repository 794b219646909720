#pragma once

#include "base/time.h"
#include "stats/histogram.h"
#include "stats/verdict.h"

namespace gend::stats {

// The verdict on a generator that only talked over sessions (WebSocket, Socket.IO). As judge(), but
// lateness condemns the run from p90 of the messages on, not from p99: users who open their
// sessions at one moment are late with their first message, each once, and a delivery is measured
// from when its message was really sent, so that lateness is in none of them. What is late at p99
// still makes the run SUSPECT. `message_p50`: the median of what was measured of messages.
GeneratorVerdict judge_messages(const GeneratorHealth& health, const Histogram& lag,
                                Duration message_p50);

}  // namespace gend::stats
