#include "cli/dashboard.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/messages.h"
#include "report/page.h"
#include "report/summary_json.h"
#include "report/timeline.h"

namespace gend::cli {

namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;
using control::Client;

constexpr Duration kRefresh = 1s;
// Refreshing takes at most the eleventh part of a CPU: the daemon's share of it, and ours.
constexpr int kRestFor = 10;
// A stream that says nothing for longer is closed by the server (http_server.cc).
constexpr Duration kSilence = 5s;
constexpr Duration kTryAgain = 1s;
constexpr Duration kFarewell = 3s;  // for the last lines of the streams to be sent

constexpr const char* kRun = "run";  // the hub's only one

std::string_view name_of(Dashboard::State state) {
  switch (state) {
    case Dashboard::State::kRunning: return "running";
    case Dashboard::State::kOver: return "over";
    case Dashboard::State::kLost: return "lost";
  }
  return "";
}

std::string event_of(std::string_view event, std::string_view data) {
  return fmt::format("event: {}\ndata: {}\n\n", event, data);
}

}  // namespace

Dashboard::Dashboard(std::string socket_path, std::string run_id)
    : socket_path_{std::move(socket_path)},
      run_id_{std::move(run_id)} {
  refreshing_ = std::thread{[this] { refresh_in_turns(); }};
  following_ = std::thread{[this] { follow(); }};  // it waits for the other one
}

Dashboard::~Dashboard() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    changed_.notify_all();
  }
  following_.join();
  if (refreshing_.joinable()) refreshing_.join();
}

Dashboard::State Dashboard::state() const {
  const std::lock_guard lock{mutex_};
  return state_;
}

void Dashboard::wait_for_data(Duration max_wait) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, max_wait,
                    [this] { return version_ > 0 || state_ != State::kRunning; });
}

void Dashboard::end_streams() {
  hub_.end_all();
  hub_.wait_until_empty(kFarewell);
}

void Dashboard::see_off(Duration max_wait) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, max_wait, [this] { return state_ == State::kOver; });
}

std::string Dashboard::data() {
  const std::lock_guard lock{mutex_};
  if (!data_.empty()) return data_;
  return report::page_json({.summary = nullptr, .timeline = nullptr, .comparison = nullptr,
                            .plan_text = {}, .live = {{"id", run_id_}, {"version", 0}}});
}

// Who comes later is told how things stand; the others hear it again.
std::unique_ptr<control::StreamHub::Subscription> Dashboard::subscribe() {
  auto subscription = hub_.subscribe(kRun);
  const std::lock_guard lock{mutex_};
  hub_.publish(kRun, "retry: 1000\n\n");
  if (!second_.empty()) hub_.publish(kRun, event_of("second", second_));
  hub_.publish(kRun, event_of("run", run_event()));
  hub_.publish(kRun, event_of("data", newer_event()));
  changed_.notify_all();
  return subscription;
}

control::HttpReply Dashboard::command(const std::string& verb, std::string_view body) const {
  const auto reply = Client{socket_path_}.post("/v1/runs/" + run_id_ + "/" + verb, body);
  if (!reply)
    return control::reply_with({.status = 502, .type = "daemon", .title = "gend does not answer",
                                .detail = reply.error().message, .remedy = reply.error().remedy,
                                .errors = {}, .exit_code = reply.error().code});
  control::HttpReply answer;
  answer.status = reply->status;
  if (!reply->ok()) answer.content_type = "application/problem+json";
  answer.body = reply->body;
  return answer;
}

bool Dashboard::stopping() const {
  const std::lock_guard lock{mutex_};
  return stopping_;
}

Client::Go Dashboard::go_on() const {
  return stopping() ? Client::Go::kAway : Client::Go::kOn;
}

bool Dashboard::sleep_for(Duration length) {
  std::unique_lock lock{mutex_};
  return !changed_.wait_for(lock, length, [this] { return stopping_; });
}

void Dashboard::publish(std::string_view event, std::string_view data) {
  {
    const std::lock_guard lock{mutex_};
    published_ = MonotonicClock::now();
  }
  hub_.publish(kRun, event_of(event, data));
}

void Dashboard::beat() {
  {
    const std::lock_guard lock{mutex_};
    if (MonotonicClock::now() - published_ < kSilence) return;
    published_ = MonotonicClock::now();
  }
  hub_.publish(kRun, ":\n\n");
}

std::string Dashboard::newer_event() const {
  return fmt::format(R"({{"version":{}}})", version_.load());
}

std::string Dashboard::run_event() const {
  return report::json_line(Json{{"state", name_of(state_)}, {"why", why_}});
}

void Dashboard::set_state(State state, const std::string& why) {
  const std::lock_guard lock{mutex_};
  if (state == state_ && why == why_) return;
  state_ = state;
  why_ = why;
  // Before anybody can act on it: who waits for the end may close the streams then.
  published_ = MonotonicClock::now();
  hub_.publish(kRun, event_of("run", run_event()));
  changed_.notify_all();
}

// Until the run is over: a daemon that went away may come back, and then it knows how it ended.
void Dashboard::follow() {
  const Client client{socket_path_};
  while (!stopping()) {
    if (follow_once(client)) {
      end(client);
      break;
    }
    if (!sleep_for(kTryAgain)) return;
    beat();
  }
  while (sleep_for(kSilence)) beat();
}

// True when the run is over.
bool Dashboard::follow_once(const Client& client) {
  bool over = false;
  const auto reply = client.follow(
      "/v1/runs/" + run_id_ + "/stream",
      {.on_line =
           [&](std::string_view line) {
             if (line.starts_with(R"({"final":)")) over = true;
             else if (!line.starts_with(R"({"skipped":)")) take_line(line);
           },
       .on_idle =
           [&] {
             beat();
             return go_on();
           }});
  if (over || stopping()) return over;
  if (!reply) set_state(State::kLost, reply.error().message);
  else if (!reply->ok()) set_state(State::kLost, control::problem_of(*reply).detail);
  else set_state(State::kLost, "its stream ended without a summary");
  return false;
}

void Dashboard::take_line(std::string_view line) {
  {
    const std::lock_guard lock{mutex_};
    second_ = line;
  }
  publish("second", line);
  set_state(State::kRunning, "");
}

// The last data are those of the report that `genctl report` writes: read as a whole.
void Dashboard::end(const Client& client) {
  {
    const std::lock_guard lock{mutex_};
    ended_ = true;
    changed_.notify_all();
  }
  refreshing_.join();
  history_.reset();
  while (!refresh(client))
    if (sleep_for(kTryAgain)) beat();
    else return;
  publish("final", data());
  set_state(State::kOver, "");
}

void Dashboard::refresh_in_turns() {
  const Client client{socket_path_};
  const auto is_over = [this] { return ended_ || stopping_; };
  for (;;) {
    const TimePoint began = MonotonicClock::now();
    if (refresh(client)) publish("data", newer_event());
    const Duration cost = MonotonicClock::now() - began;
    std::unique_lock lock{mutex_};
    if (changed_.wait_for(lock, std::max(kRefresh, kRestFor * cost), is_over)) return;
    // With nobody there, nothing is made but the first.
    changed_.wait(lock, [&] { return is_over() || version_ == 0 || hub_.subscribers() > 0; });
    if (is_over()) return;
  }
}

// Of a run that goes on only what came since. A daemon that is gone is the other thread's matter.
bool Dashboard::load(const Client& client) {
  std::string path = "/v1/runs/" + run_id_ + "/history";
  if (history_ && !history_->frames.empty())
    path += fmt::format("?from_ns={}", history_->frames.back().to.count());
  const auto reply = client.get(path, [this] { return go_on(); });
  if (!reply || !reply->ok()) return false;
  auto newer = report::decode_history(reply->body);
  if (!newer) return false;
  if (!history_) history_ = *std::move(newer);
  else if (!report::extend(*history_, *std::move(newer))) history_.reset();
  return history_.has_value();
}

bool Dashboard::refresh(const Client& client) {
  if (!load(client)) return false;
  const std::uint64_t version = version_ + 1;
  std::string data = report::page_json(
      {.summary = history_->summary, .timeline = report::timeline_json(*history_),
       .comparison = nullptr, .plan_text = history_->plan_text,
       .live = {{"id", run_id_}, {"version", version}}});
  {
    const std::lock_guard lock{mutex_};
    data_ = std::move(data);
    version_ = version;
    changed_.notify_all();
  }
  return true;
}

}  // namespace gend::cli
