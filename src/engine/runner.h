#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/outcome.h"
#include "base/time.h"
#include "base/timer_queue.h"
#include "engine/checks.h"
#include "engine/record.h"
#include "engine/think.h"
#include "engine/vu.h"
#include "net/event.h"
#include "plan/program.h"
#include "plan/render.h"
#include "stats/snapshot.h"

namespace gend::engine {

// Wall clock for what is rendered into requests; given by the shard, so that no clock is read here.
struct WallClock {
  std::int64_t at_start_ms = 0;  // ms since 1970
  TimePoint start{};
  std::int64_t at(TimePoint t) const { return at_start_ms + (t - start).count() / 1'000'000; }
};

// Carries users through the steps of the program. Io is the one seam between users and the world:
// net::Io in production, sim::Io in virtual time. Iterations that end are noted in finished(); who
// begins next is the business of the scenario's executor (scenario_run.h).
template <class Io>
class Runner {
 public:
  struct Finished {
    std::uint32_t slot;
    TimePoint at;
  };

  Runner(const plan::Program& program, Io& io, TimerQueue& timers, Vu* users, std::size_t count)
      : program_{program},
        io_{io},
        timers_{timers},
        users_{users},
        endpoints_{program.endpoints.size()},
        connections_(count * endpoints_, net::kNoConnection) {
    finished_.reserve(count);
  }

  void record_into(stats::Snapshot* snapshot) { into_ = snapshot; }
  void set_wall_clock(const WallClock& clock) { wall_ = clock; }

  // Begins an iteration that was wanted at `intended` and for which its user was free at `ready`.
  void start(Vu& vu, TimePoint intended, TimePoint ready, TimePoint now) {
    GEND_ASSERT(vu.state == VuState::kIdle);
    vu.iteration_intended = intended;
    ++into_->health.started;
    into_->recorder.count(series(vu).started);
    begin_step(vu, program_.scenarios[vu.scenario].first_step, intended, ready, now);
  }

  void on_event(const net::Event& event) {
    Vu& vu = users_[event.owner];
    const bool asked = event.connection == vu.connection &&
                       (vu.state == VuState::kConnecting || vu.state == VuState::kWaiting);
    if (!asked) return on_unasked(vu, event);
    switch (event.kind) {
      case net::EventKind::kConnected: return on_connected(vu, event.at);
      case net::EventKind::kConnectFailed:
        read_stamps(vu);
        forget(vu, event.connection);
        return finish_request(vu, net::connect_outcome(event.error), event.at);
      case net::EventKind::kSent: return;
      case net::EventKind::kReceived: return on_received(vu, event);
      case net::EventKind::kClosed: return on_closed(vu, event);
      case net::EventKind::kFailed:
        read_stamps(vu);
        forget(vu, event.connection);
        return finish_request(
            vu, vu.parser.started() ? Outcome::kResetInResponse : Outcome::kResetBeforeResponse,
            event.at);
      case net::EventKind::kTlsFailed:
        read_stamps(vu);
        forget(vu, event.connection);
        return finish_request(vu, event.outcome, event.at);
      case net::EventKind::kAccepted: break;
    }
    GEND_ASSERT(!"an event that no user can wait for");
  }

  // The timer of a user fired: a think time is over, or a deadline may have passed.
  void on_timer(Vu& vu, TimePoint now) {
    switch (vu.state) {
      case VuState::kIdle: return;  // left over from a request that was answered
      case VuState::kThinking: {
        if (now < vu.deadline) return timers_.arm(vu, vu.deadline);
        const TimePoint over = vu.deadline;  // not the moment we got round to it
        return begin_step(vu, current(vu).on_success, over, over, now);
      }
      case VuState::kConnecting:
      case VuState::kWaiting: break;
    }
    // Deadlines are looked at lazily: most are long over when their timer comes round.
    if (now < vu.deadline) return timers_.arm(vu, vu.deadline);
    const Outcome outcome = timeout_outcome(vu);
    drop_connection(vu);
    finish_request(vu, outcome, now);
  }

  // Cuts the user's iteration off: the run ends, or its time to end gracefully is over.
  void interrupt(Vu& vu, TimePoint now) {
    GEND_ASSERT(vu.state != VuState::kIdle);
    if (vu.state != VuState::kThinking) {
      --waiting_;
      drop_connection(vu);
      vu.times.done = now;
      record_request(*into_, request(vu), series(vu), vu.times, Outcome::kInterrupted, 0, false);
    }
    timers_.cancel(vu);
    vu.state = VuState::kIdle;
    ++into_->health.interrupted;
  }

  void close_connections(Vu& vu) {
    for (std::size_t e = 0; e < endpoints_; ++e) {
      net::ConnectionId& id = connections_[vu.slot * endpoints_ + e];
      if (id != net::kNoConnection) io_.close(id);
      id = net::kNoConnection;
    }
  }

  std::vector<Finished>& finished() { return finished_; }
  // A moving mean of what requests took lately; the wait policy keeps its batching well below it.
  Duration typical_service() const { return typical_service_; }
  std::uint64_t waiting() const { return waiting_; }  // users with a request under way

 private:
  const plan::Step& current(const Vu& vu) const { return program_.steps[vu.pc]; }
  const plan::HttpRequest& request(const Vu& vu) const {
    return program_.requests[current(vu).body];
  }
  const plan::ScenarioSeries& series(const Vu& vu) const {
    return program_.scenarios[vu.scenario].series;
  }

  // A step that follows another is wanted the moment the one before it ended: dependent steps take
  // their intended start from their predecessor.
  void begin_step(Vu& vu, std::uint32_t pc, TimePoint intended, TimePoint ready, TimePoint now) {
    vu.pc = pc;
    vu.times = RequestTimes{.intended = intended, .ready = ready};
    switch (current(vu).kind) {
      case plan::StepKind::kHttp: return begin_request(vu, now);
      case plan::StepKind::kThink: return begin_think(vu);
      case plan::StepKind::kEnd: return finish_iteration(vu, intended);
    }
  }

  void begin_think(Vu& vu) {
    vu.state = VuState::kThinking;
    watch(vu, vu.times.intended + think_time(program_.thinks[current(vu).body], vu.rng));
  }

  void finish_iteration(Vu& vu, TimePoint at) {
    into_->recorder.count(series(vu).iterations);
    into_->recorder.trend(series(vu).iteration_duration, at - vu.iteration_intended);
    ++into_->health.completed;
    ++vu.iteration;
    vu.state = VuState::kIdle;
    finished_.push_back({vu.slot, at});
  }

  // ---- one request -----------------------------------------------------------------------------

  void begin_request(Vu& vu, TimePoint now) {
    const plan::HttpRequest& r = request(vu);
    ++waiting_;
    net::ConnectionId& connection = connections_[vu.slot * endpoints_ + r.endpoint];
    vu.total_deadline = now + r.timeout.total;
    if (connection != net::kNoConnection) {
      vu.connection = connection;
      return send(vu, r, now);
    }
    vu.state = VuState::kConnecting;
    vu.connection = connection = io_.open(vu.slot, r.endpoint);
    if (connection == net::kNoConnection) return finish_request(vu, Outcome::kHostDescriptors, now);
    watch(vu, std::min(now + r.timeout.connect, vu.total_deadline));
  }

  void on_connected(Vu& vu, TimePoint at) {
    vu.times.begun = io_.asked_at(vu.connection);
    vu.times.connect_submitted = io_.submitted_at(vu.connection);
    vu.times.connected = at;
    vu.times.tcp_connected = io_.tcp_connected_at(vu.connection);
    if (vu.times.tcp_connected != kNever) {
      into_->recorder.count(series(vu).tls_handshakes);
      into_->recorder.rate(series(vu).tls_resumed, io_.resumed(vu.connection));
    }
    send(vu, request(vu), at);
  }

  void send(Vu& vu, const plan::HttpRequest& r, TimePoint now) {
    vu.state = VuState::kWaiting;
    http::Kept* kept = nullptr;
    if (r.reads_body || r.reads_headers) {
      if (!vu.kept) vu.kept = std::make_unique<http::Kept>();  // once for each user
      kept = vu.kept.get();
      kept->want_body = r.reads_body;
      kept->want_headers = r.reads_headers;
    }
    vu.parser.begin(r.method == plan::Method::kHead, kept);
    const bool first_byte_counts = r.timeout.first_byte > Duration::zero();
    watch(vu, first_byte_counts ? std::min(vu.total_deadline, now + r.timeout.first_byte)
                                : vu.total_deadline);
    const char* data = r.wire.data();
    vu.sent_bytes = r.wire.size();
    if (r.lifetime != plan::Lifetime::kFixed) {
      render(vu, r, now);
      vu.sent_bytes = vu.rendered.size();
      data = vu.rendered.data();
    }
    into_->recorder.count(series(vu).data_sent, vu.sent_bytes);
    io_.send(vu.connection, data, vu.sent_bytes);
  }

  void render(Vu& vu, const plan::HttpRequest& r, TimePoint now) {
    const plan::RenderContext context{
        .vu = vu.number + 1, .iteration = vu.iteration, .rng = &vu.rng, .wall_ms = wall_.at(now)};
    vu.rendered.clear();
    plan::render(r, context, {}, vu.rendered);
  }

  void on_received(Vu& vu, const net::Event& event) {
    into_->recorder.count(series(vu).data_received, event.bytes.size());
    read_stamps(vu);
    if (vu.state == VuState::kConnecting) {  // spoke before it was asked
      drop_connection(vu);
      return finish_request(vu, Outcome::kStrayBytes, event.at);
    }
    if (vu.times.first_byte == kNever) {
      vu.times.first_byte = event.at;
      vu.deadline = vu.total_deadline;
    }
    const auto progress = vu.parser.feed(event.bytes);
    switch (progress.state) {
      case http::ResponseParser::State::kNeedMore: return;
      case http::ResponseParser::State::kFailed:
        drop_connection(vu);
        return finish_request(vu, vu.parser.outcome(), event.at);
      case http::ResponseParser::State::kComplete: break;
    }
    // Left-over bytes answer nothing, and a request that is still being sent was answered early.
    const bool reusable = vu.parser.keep_alive() && request(vu).keep_alive &&
                          progress.consumed == event.bytes.size() && !io_.sending(vu.connection);
    if (!reusable) drop_connection(vu);
    finish_answered(vu, event.at);
  }

  void on_closed(Vu& vu, const net::Event& event) {
    read_stamps(vu);
    forget(vu, event.connection);
    if (vu.parser.finish() == http::ResponseParser::State::kComplete) {
      if (event.outcome == Outcome::kOk) return finish_answered(vu, event.at);
      return finish_request(vu, event.outcome, event.at);
    }
    finish_request(vu, vu.parser.outcome(), event.at);
  }

  void finish_answered(Vu& vu, TimePoint at) {
    const int status = vu.parser.status();
    if (in_ranges(request(vu).expected_statuses, status)) return finish(vu, Outcome::kOk, at);
    finish(vu, status >= 500 ? Outcome::kStatus5xx : Outcome::kStatus4xx, at);
  }

  void finish_request(Vu& vu, Outcome outcome, TimePoint at) {
    GEND_ASSERT(outcome != Outcome::kOk);
    finish(vu, outcome, at);
  }

  void finish(Vu& vu, Outcome outcome, TimePoint at) {
    const plan::HttpRequest& r = request(vu);
    const bool expected = outcome == Outcome::kOk;
    const bool answered =
        expected || outcome == Outcome::kStatus4xx || outcome == Outcome::kStatus5xx;
    const int status = answered ? vu.parser.status() : 0;
    vu.times.done = at;
    --waiting_;
    record_request(*into_, r, series(vu), vu.times, outcome, status, expected);
    const Duration service = service_time(vu.times);
    typical_service_ += (service - typical_service_) / 64;
    for (const plan::Check& check : r.checks)
      into_->recorder.rate(check.series, holds(check, {status, service, vu.kept.get()}));
    begin_step(vu, expected ? current(vu).on_success : current(vu).on_failure, at, at, at);
  }

  // Something happened on a connection that nobody waits for.
  void on_unasked(Vu& vu, const net::Event& event) {
    switch (event.kind) {
      case net::EventKind::kReceived:  // stray bytes: never matched to the next request
        into_->recorder.count(series(vu).data_received, event.bytes.size());
        io_.close(event.connection);
        return forget(vu, event.connection);
      case net::EventKind::kClosed:
      case net::EventKind::kFailed:
      case net::EventKind::kTlsFailed:
      case net::EventKind::kConnectFailed: return forget(vu, event.connection);
      case net::EventKind::kSent:
      case net::EventKind::kConnected:
      case net::EventKind::kAccepted: return;
    }
  }

  Outcome timeout_outcome(const Vu& vu) const {
    if (vu.state == VuState::kConnecting)
      return io_.tcp_connected_at(vu.connection) == kNever ? Outcome::kConnectTimeout
                                                           : Outcome::kTlsTimeout;
    return vu.deadline < vu.total_deadline ? Outcome::kTimeoutFirstByte : Outcome::kTimeoutTotal;
  }

  // Makes sure that the timer looks at `deadline` in time; an earlier look costs little.
  void watch(Vu& vu, TimePoint deadline) {
    vu.deadline = deadline;
    if (vu.armed() && vu.at() <= deadline) return;
    timers_.cancel(vu);
    timers_.arm(vu, deadline);
  }

  // The stamps that the connection keeps, read before it may go.
  void read_stamps(Vu& vu) {
    if (vu.state == VuState::kConnecting) {
      vu.times.begun = io_.asked_at(vu.connection);
      return;
    }
    vu.times.sent = io_.submitted_at(vu.connection);
    vu.times.taken = io_.sent_at(vu.connection);
    if (vu.times.begun == kNever) vu.times.begun = vu.times.sent;
  }

  void drop_connection(Vu& vu) {
    if (vu.connection == net::kNoConnection) return;
    read_stamps(vu);
    io_.close(vu.connection);
    forget(vu, vu.connection);
  }

  void forget(Vu& vu, net::ConnectionId id) {
    for (std::size_t e = 0; e < endpoints_; ++e) {
      net::ConnectionId& mine = connections_[vu.slot * endpoints_ + e];
      if (mine == id) mine = net::kNoConnection;
    }
    if (vu.connection == id) vu.connection = net::kNoConnection;
  }

  const plan::Program& program_;
  Io& io_;
  TimerQueue& timers_;
  Vu* users_;
  std::size_t endpoints_;
  std::vector<net::ConnectionId> connections_;  // user x endpoint
  std::vector<Finished> finished_;
  stats::Snapshot* into_ = nullptr;
  WallClock wall_;
  Duration typical_service_{};
  std::uint64_t waiting_ = 0;
};

}  // namespace gend::engine
