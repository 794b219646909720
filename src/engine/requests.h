#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/outcome.h"
#include "base/time.h"
#include "base/timer_queue.h"
#include "engine/exchange.h"
#include "engine/inspector.h"
#include "engine/made_up.h"
#include "engine/pool.h"
#include "engine/record.h"
#include "engine/request_bytes.h"
#include "engine/retry.h"
#include "engine/sample.h"
#include "engine/vu.h"
#include "http/redirect.h"
#include "net/event.h"
#include "plan/program.h"
#include "plan/render.h"
#include "stats/snapshot.h"

namespace gend::engine {

// Carries one HTTP request of a user through connecting, sending, receiving, redirects and further
// attempts, and records each of them. Owner is told when it is over:
//   owner.request_over(vu, RequestEnd, at) · owner.render_context(vu, now)
template <class Io, class Owner>
class Requests {
 public:
  Requests(const plan::Program& program, Io& io, TimerQueue& timers, Vu* users, std::size_t count,
           Owner& owner)
      : program_{program},
        io_{io},
        timers_{timers},
        users_{users},
        owner_{owner},
        endpoints_{program.endpoints.size()},
        connections_(count * endpoints_, net::kNoConnection),
        inspector_{program, io} {}

  void record_into(stats::Snapshot* snapshot) {
    into_ = snapshot;
    inspector_.record_into(snapshot);
  }
  void set_start(TimePoint run_start) { run_start_ = run_start; }

  // Begins the request at the user's step; its `times` hold when it was wanted.
  void begin(Vu& vu, TimePoint now) {
    const plan::HttpRequest& r = request(vu);
    ++waiting_;
    vu.attempt = vu.hops = 0;
    vu.endpoint = r.endpoint;
    vu.exchange = exchanges_.take();
    vu.exchange->begin();
    times(vu) = {.intended = vu.intended, .ready = vu.ready};
    connect_or_send(vu, r, now);
  }

  // The user waited long enough to try again.
  void try_again(Vu& vu, TimePoint now) {
    const plan::HttpRequest& r = request(vu);
    vu.hops = 0;
    vu.endpoint = r.endpoint;
    vu.exchange->begin();
    times(vu) = {.intended = times(vu).intended, .ready = vu.deadline};
    connect_or_send(vu, r, now);
  }

  void on_event(Vu& vu, const net::Event& event) {
    const bool asked = event.connection == vu.connection &&
                       (vu.state == VuState::kConnecting || vu.state == VuState::kWaiting);
    if (!asked) return on_unasked(vu, event);
    switch (event.kind) {
      case net::EventKind::kConnected: return on_connected(vu, event.at);
      case net::EventKind::kConnectFailed:
        read_stamps(vu);
        forget(vu, event.connection);
        return finish(vu, net::connect_outcome(event.error), event.at);
      case net::EventKind::kTlsFailed:
        read_stamps(vu);
        forget(vu, event.connection);
        return finish(vu, event.outcome, event.at);
      case net::EventKind::kSent: return;
      case net::EventKind::kReceived: return on_received(vu, event);
      case net::EventKind::kClosed:
      case net::EventKind::kFailed: return on_ended(vu, event);
      case net::EventKind::kAccepted: break;
    }
    GEND_ASSERT(!"an event that no user can wait for");
  }

  // The timer of a user with a request under way. Deadlines are looked at lazily: most are long
  // over when their timer comes round.
  void on_timer(Vu& vu, TimePoint now) {
    if (now < vu.deadline) return timers_.arm(vu, vu.deadline);
    const Outcome outcome = timeout_outcome(vu);
    drop_connection(vu);
    finish(vu, outcome, now);
  }

  // Cuts the request off, because the run or its time ends.
  void interrupt(Vu& vu, TimePoint now) {
    --waiting_;
    if (vu.state != VuState::kRetrying) {
      drop_connection(vu);
      times(vu).done = now;
      record_request(*into_, request(vu), series(vu), times(vu), {Outcome::kInterrupted, 0});
    }
    release(vu);
  }

  void close_connections(Vu& vu) {
    for (std::size_t e = 0; e < endpoints_; ++e) {
      net::ConnectionId& id = connections_[vu.slot * endpoints_ + e];
      if (id != net::kNoConnection) io_.close(id);
      id = net::kNoConnection;
    }
  }

  // Makes sure that the timer looks at `deadline` in time; an earlier look costs little.
  void watch(Vu& vu, TimePoint deadline) {
    vu.deadline = deadline;
    if (vu.armed() && vu.at() <= deadline) return;
    timers_.cancel(vu);
    timers_.arm(vu, deadline);
  }

  // A moving mean of what requests took lately; the wait policy keeps its batching well below it.
  Duration typical_service() const { return typical_service_; }
  std::uint64_t waiting() const { return waiting_; }  // users with a request under way
  Io& io() { return io_; }

 private:
  // Of the request under way.
  static RequestTimes& times(const Vu& vu) { return vu.exchange->times; }
  static http::ResponseParser& parser(const Vu& vu) { return vu.exchange->parser; }
  const plan::HttpRequest& request(const Vu& vu) const {
    return program_.requests[program_.steps[vu.pc].body];
  }
  const plan::ScenarioSeries& series(const Vu& vu) const {
    return program_.scenarios[vu.scenario].series;
  }
  net::ConnectionId& connection_of(const Vu& vu) {
    return connections_[vu.slot * endpoints_ + vu.endpoint];
  }

  // ---- out --------------------------------------------------------------------------------------

  void connect_or_send(Vu& vu, const plan::HttpRequest& r, TimePoint now) {
    vu.exchange->total_deadline = now + r.timeout.total;
    vu.connection = connection_of(vu);
    vu.fresh = vu.connection == net::kNoConnection;
    if (!vu.fresh) return send(vu, r, now);
    connect(vu, r, now);
  }

  void connect(Vu& vu, const plan::HttpRequest& r, TimePoint now) {
    vu.fresh = true;
    vu.state = VuState::kConnecting;
    vu.connection = connection_of(vu) = io_.open(vu.slot, vu.endpoint);
    if (vu.connection == net::kNoConnection) return finish(vu, Outcome::kHostDescriptors, now);
    watch(vu, std::min(now + r.timeout.connect, vu.exchange->total_deadline));
  }

  void on_connected(Vu& vu, TimePoint at) {
    times(vu).begun = std::min(times(vu).begun, io_.asked_at(vu.connection));
    times(vu).connect_submitted = io_.submitted_at(vu.connection);
    times(vu).connected = at;
    times(vu).tcp_connected = io_.tcp_connected_at(vu.connection);
    const Duration trip = std::min(times(vu).tcp_connected, at) - times(vu).connect_submitted;
    vu.round_trip = static_cast<std::uint32_t>(std::min<std::int64_t>(trip.count(), ~0U));
    if (times(vu).tcp_connected != kNever) {
      into_->recorder.count(series(vu).tls_handshakes);
      into_->recorder.rate(series(vu).tls_resumed, io_.resumed(vu.connection));
    }
    send(vu, request(vu), at);
  }

  void send(Vu& vu, const plan::HttpRequest& r, TimePoint now) {
    Exchange& exchange = *vu.exchange;
    http::CookieJar& cookies = users_[vu.user].jar;
    http::CookieJar* jar = r.sends_cookies && cookies.size() > 0 ? &cookies : nullptr;
    const plan::Endpoint& endpoint = program_.endpoints[vu.endpoint];
    std::string_view bytes = r.wire;
    if (exchange.redirected || r.lifetime != plan::Lifetime::kFixed || jar != nullptr) {
      const plan::RenderContext context = owner_.render_context(vu, now);
      const plan::RenderFault fault = render_bytes(r, endpoint, jar, context, exchange);
      if (fault != plan::RenderFault::kNone) return give_up(vu, plan::reason_of(fault), now);
      bytes = exchange.rendered.view();
    }
    vu.state = VuState::kWaiting;
    if constexpr (MakesUpAnswers<Io>) {
      io_.asking(vu.connection, vu, users_[vu.user], r);
    } else {
      exchange.kept.want_body = r.reads_body;
      exchange.kept.want_headers = r.reads_headers;
    }
    const bool to_head =
        exchange.redirected ? exchange.method == plan::Method::kHead
                            : r.method == plan::Method::kHead;
    parser(vu).begin(to_head, &exchange.kept);
    const bool first_byte_counts = r.timeout.first_byte > Duration::zero();
    watch(vu, first_byte_counts ? std::min(vu.exchange->total_deadline, now + r.timeout.first_byte)
                                : vu.exchange->total_deadline);
    into_->recorder.count(series(vu).data_sent, bytes.size());
    // What went before on this connection was answered, so nothing of it is unsent: a request of a
    // few kilobytes fits into the socket's buffer (tcp_wmem begins at 4 KiB) and needs no
    // completion.
    constexpr std::size_t kFits = 2048;
    if (bytes.size() <= kFits)
      io_.post(vu.connection, bytes.data(), bytes.size());
    else
      io_.send(vu.connection, bytes.data(), bytes.size());
  }

  // The request could not be made at all: the plan's doing, so nothing of it is recorded.
  void give_up(Vu& vu, plan::FailReason reason, TimePoint now) {
    --waiting_;
    release(vu);
    owner_.request_over(vu, {.ok = false, .failed = reason}, now);
  }

  // ---- in ---------------------------------------------------------------------------------------

  void on_received(Vu& vu, const net::Event& event) {
    into_->recorder.count(series(vu).data_received, event.bytes.size());
    read_stamps(vu);
    if (vu.state == VuState::kConnecting) {  // spoke before it was asked
      drop_connection(vu);
      return finish(vu, Outcome::kStrayBytes, event.at);
    }
    if (times(vu).first_byte == kNever) {
      times(vu).first_byte = event.at;
      vu.deadline = vu.exchange->total_deadline;
    }
    const auto progress = parser(vu).feed(event.bytes, &known_heads_);
    switch (progress.state) {
      case http::ResponseParser::State::kNeedMore: return;
      case http::ResponseParser::State::kFailed:
        drop_connection(vu);
        return finish(vu, parser(vu).outcome(), event.at);
      case http::ResponseParser::State::kComplete: break;
    }
    // Left-over bytes answer nothing, and a request that is still being sent was answered early.
    const bool reusable = parser(vu).keep_alive() && request(vu).keep_alive &&
                          progress.consumed == event.bytes.size() && !io_.sending(vu.connection);
    if (!reusable) drop_connection(vu);
    finish_answered(vu, event.at);
  }

  void on_ended(Vu& vu, const net::Event& event) {
    read_stamps(vu);
    forget(vu, event.connection);
    const bool closed = event.kind == net::EventKind::kClosed;
    // An idle connection that the server gave up in the very moment it was used again: an end that
    // comes sooner than a round trip after the request cannot be an answer to it. The request goes
    // out once more on a connection of its own, as RFC 9112 9.3.1 has it for idempotent methods.
    if (!vu.fresh && !parser(vu).started() && is_idempotent(vu) &&
        event.at - times(vu).sent < Duration{vu.round_trip}) {
      into_->recorder.count(series(vu).reconnects);
      RequestTimes& t = times(vu);
      t.connect_submitted = t.tcp_connected = t.connected = t.sent = t.taken = kNever;
      return connect(vu, request(vu), event.at);
    }
    if (!closed) {
      const bool began = parser(vu).started();
      return finish(vu, began ? Outcome::kResetInResponse : Outcome::kResetBeforeResponse,
                    event.at);
    }
    if (parser(vu).finish() == http::ResponseParser::State::kComplete) {
      if (event.outcome == Outcome::kOk) return finish_answered(vu, event.at);
      return finish(vu, event.outcome, event.at);  // TLS ended without a word: it may be forged
    }
    finish(vu, parser(vu).outcome(), event.at);
  }

  bool is_idempotent(const Vu& vu) const {
    const plan::Method method =
        vu.exchange->redirected ? vu.exchange->method : request(vu).method;
    return method != plan::Method::kPost && method != plan::Method::kPatch;
  }

  void finish_answered(Vu& vu, TimePoint at) {
    const plan::HttpRequest& r = request(vu);
    const int status = parser(vu).status();
    Exchange& exchange = *vu.exchange;
    store_cookies(vu, at);
    if (http::is_redirect(status) && r.redirects > 0 && !is_wanted_redirect(r, status)) {
      const RedirectStep step =
          follow_redirect(program_, r, status, vu.endpoint, vu.hops, exchange);
      if (step.outcome != Outcome::kOk) return finish(vu, step.outcome, at);
      return follow(vu, step.endpoint, at);
    }
    const Outcome decoded = decode_body(r, exchange, decoder_);
    if (decoded != Outcome::kOk) return finish(vu, decoded, at);
    if (in_ranges(r.expected_statuses, status)) return finish(vu, Outcome::kOk, at);
    finish(vu, status >= 500 ? Outcome::kStatus5xx : Outcome::kStatus4xx, at);
  }

  // A plan that says `expect: {status: 302}` wants to see the redirect itself.
  static bool is_wanted_redirect(const plan::HttpRequest& r, int status) {
    return r.stops_on_failure && in_ranges(r.expected_statuses, status) &&
           !in_ranges(r.expected_statuses, 200);
  }

  void follow(Vu& vu, std::uint16_t endpoint, TimePoint at) {
    const plan::HttpRequest& r = request(vu);
    times(vu).done = at;
    record(vu, Outcome::kOk, parser(vu).status());
    ++vu.hops;
    vu.endpoint = endpoint;
    vu.exchange->rendered.clear();
    vu.exchange->kept.clear();
    times(vu) = {.intended = at, .ready = at};
    connect_or_send(vu, r, at);
  }

  void store_cookies(Vu& vu, TimePoint at) {
    const plan::Scenario& scenario = program_.scenarios[vu.scenario];
    const std::string_view lines = vu.exchange->kept.set_cookies;
    if (lines.empty() || scenario.cookies == plan::Scenario::Cookies::kOff) return;
    const plan::RenderContext context = owner_.render_context(vu, at);
    const http::CookieJar::Place from = cookie_place(
        program_.endpoints[vu.endpoint], sent_target(request(vu), *vu.exchange));
    users_[vu.user].jar.store_all(lines, from, context.wall_ms / 1000);
  }

  // ---- the end ----------------------------------------------------------------------------------

  void record(Vu& vu, Outcome outcome, int status) {
    const plan::HttpRequest& r = request(vu);
    record_request(*into_, r, series(vu), times(vu), {outcome, status});
    for (const std::uint16_t facet : r.facets) {
      const plan::Facet& f = program_.facets[facet];
      const std::size_t value = f.data == plan::Facet::kStage
                                    ? vu.stage
                                    : f.value_of_row[users_[vu.user].rows[f.data]];
      record_facet(*into_, f.series[std::min(value, f.series.size() - 1)], times(vu),
                   {outcome, status});
    }
    const Duration service = service_time(times(vu));
    typical_service_ += (service - typical_service_) / 64;
  }

  void finish(Vu& vu, Outcome outcome, TimePoint at) {
    const plan::HttpRequest& r = request(vu);
    const bool expected = outcome == Outcome::kOk;
    const bool answered =
        expected || outcome == Outcome::kStatus4xx || outcome == Outcome::kStatus5xx;
    const int status = answered ? parser(vu).status() : 0;
    times(vu).done = at;
    record(vu, outcome, status);
    if (vu.attempt < r.retry.max && is_retried(r.retry, outcome, status)) {
      sample(vu, {outcome, status}, -1);
      return back_off(vu, r, at);
    }
    --waiting_;
    RequestEnd end{.ok = expected, .status = status};
    sample(vu, {outcome, status}, inspect(vu, r, status, end, at));
    release(vu);
    owner_.request_over(vu, end, at);
  }

  void back_off(Vu& vu, const plan::HttpRequest& r, TimePoint at) {
    into_->recorder.count(r.series.retries);
    const Duration wait = retry_wait(r.retry, vu.attempt, vu.exchange->kept.retry_after, vu.rng);
    ++vu.attempt;
    vu.state = VuState::kRetrying;
    watch(vu, at + wait);
  }

  // Checks and captures, on the answer that counts. Returns the first check that failed, or -1.
  std::int32_t inspect(Vu& vu, const plan::HttpRequest& r, int status, RequestEnd& end,
                       TimePoint at) {
    const Inspection what{r.checks, r.expects, r.captures};
    if (what.empty()) return -1;
    const Exchange& exchange = *vu.exchange;
    const Answer answer{.status = status,
                        .latency = service_time(times(vu)),
                        .kept = &exchange.kept,
                        .body = exchange.kept.body,
                        .body_bytes = parser(vu).body_bytes(),
                        .url = sent_target(r, exchange)};
    const Inspected seen = inspector_.look(answer, what, &r, owner_.render_context(vu, at));
    end.ok = end.ok && seen.expects_held;
    return seen.first_failed;
  }

  // Keeps what is worth looking at: the slowest, and some of those that failed.
  void sample(const Vu& vu, const Ending& ending, std::int32_t failed_check) {
    if (says_nothing_of_the_target(ending.outcome)) return;
    const plan::HttpRequest& r = request(vu);
    const bool open_model = program_.scenarios[vu.scenario].open_model;
    const Duration slowness =
        open_model ? times(vu).done - times(vu).intended : service_time(times(vu));
    stats::Samples& samples = into_->samples;
    const auto index = static_cast<std::uint32_t>(&r - program_.requests.data());
    const bool failed = !ending.expected() || failed_check >= 0;
    const bool wanted_failed =
        failed && samples.wants_failed(index, ending.outcome,
                                       static_cast<std::uint16_t>(ending.status));
    if (!wanted_failed && !samples.wants_slow(slowness)) return;
    stats::Sample sample = make_sample(vu, users_[vu.user], r, ending);
    sample.at = times(vu).intended - run_start_;
    sample.slowness = slowness;
    sample.request = index;
    sample.failed_check = failed_check;
    if (wanted_failed) samples.offer_failed(sample);
    samples.offer_slow(sample);
  }

  void release(Vu& vu) {
    exchanges_.put(vu.exchange);
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
    if (vu.state == VuState::kConnecting) {
      const bool connected = io_.tcp_connected_at(vu.connection) != kNever;
      return connected ? Outcome::kTlsTimeout : Outcome::kConnectTimeout;
    }
    const bool is_total = vu.deadline >= vu.exchange->total_deadline;
    return is_total ? Outcome::kTimeoutTotal : Outcome::kTimeoutFirstByte;
  }

  // The stamps that the connection keeps, read before it may go.
  void read_stamps(Vu& vu) {
    if (vu.state == VuState::kConnecting) {
      times(vu).begun = std::min(times(vu).begun, io_.asked_at(vu.connection));
      return;
    }
    times(vu).sent = io_.submitted_at(vu.connection);
    times(vu).taken = io_.sent_at(vu.connection);
    if (times(vu).begun == kNever) times(vu).begun = times(vu).sent;
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
  Owner& owner_;
  std::size_t endpoints_;
  std::vector<net::ConnectionId> connections_;  // user x endpoint
  Pool<Exchange> exchanges_;
  Inspector<Io> inspector_;
  http::ContentDecoder decoder_;
  http::KnownHeads known_heads_;
  stats::Snapshot* into_ = nullptr;
  TimePoint run_start_{};
  Duration typical_service_{};
  std::uint64_t waiting_ = 0;
};

}  // namespace gend::engine
