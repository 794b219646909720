#pragma once

#include "base/outcome.h"
#include "base/time.h"
#include "plan/program.h"
#include "stats/snapshot.h"

namespace gend::engine {

// The stamps of one request (docs/measurement.md says where each is taken); kNever: it did not come
// to that.
struct RequestTimes {
  TimePoint intended = kNever;  // when the schedule wanted it
  TimePoint ready = kNever;     // when its user was free; later than intended: no user was free
  TimePoint begun = kNever;     // its first operation (connect or send) was handed to the kernel
  TimePoint connect_submitted = kNever;  // only when it made a connection
  TimePoint tcp_connected = kNever;      // only with TLS: before its handshake
  TimePoint connected = kNever;
  TimePoint sent = kNever;        // its bytes were handed to the kernel
  TimePoint taken = kNever;       // the kernel had taken all of them
  TimePoint first_byte = kNever;  // of the response
  TimePoint done = kNever;
};

// Service time, done - sent: zero when nothing was sent.
Duration service_time(const RequestTimes& times);

// Books one finished request. `status` is 0 when no response came. A limit of our own host and an
// interruption are tallied by name and otherwise left out: they say nothing of the target.
void record_request(stats::Snapshot& into, const plan::HttpRequest& request,
                    const plan::ScenarioSeries& scenario, const RequestTimes& times,
                    Outcome outcome, int status, bool expected);

}  // namespace gend::engine
