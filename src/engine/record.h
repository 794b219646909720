#pragma once

#include <optional>

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

// A limit of our own host, or the run was over.
bool says_nothing_of_the_target(Outcome outcome);

// Service time, done - sent: zero when nothing was sent.
Duration service_time(const RequestTimes& times);

// How one attempt ended. `status` is 0 when no answer came.
struct Ending {
  Outcome outcome = Outcome::kOk;
  int status = 0;
  bool expected() const { return outcome == Outcome::kOk; }
};

// What the steps of a user hear of a request that is over, all its attempts and redirects included.
struct RequestEnd {
  bool ok = false;  // answered as expected, and every `expect` held
  int status = 0;   // of the last answer; 0: none
  std::optional<plan::FailReason> failed{};  // it was never made
};

// Books one finished request. A limit of our own host and an interruption are tallied by name and
// otherwise left out: they say nothing of the target.
void record_request(stats::Snapshot& into, const plan::HttpRequest& request,
                    const plan::ScenarioSeries& scenario, const RequestTimes& times,
                    const Ending& ending);

// Counts it where the verdict on the generator looks; other outcomes are none of its business.
void count_host_limit(stats::GeneratorHealth& health, Outcome outcome);

// The same request, seen through a tag that changes while the run goes on.
void record_facet(stats::Snapshot& into, const plan::FacetSeries& series, const RequestTimes& times,
                  const Ending& ending);

}  // namespace gend::engine
