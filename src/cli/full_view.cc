#include "cli/full_view.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "report/watch_screen.h"

namespace gend::cli {

namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

constexpr Duration kPatience = 2s;
constexpr Duration kEscape = 50ms;   // after which an ESC alone is the key
constexpr Duration kMessage = 8s;    // how long the answer to a command stands there
// Of the time that a summary takes to come and be read this part at most: with thousands of rooms
// it is megabytes.
constexpr int kSummaryShare = 5;
constexpr std::size_t kAroundPanel = 6;  // lines above and below it

}  // namespace

FullView::FullView(const control::Client& client, std::string run_id, report::Colour colour)
    : client_{client.socket_path(), kPatience}, run_id_{std::move(run_id)}, colour_{colour},
      heard_{MonotonicClock::now()}, typed_{heard_}, said_{heard_}, summary_at_{heard_} {
  read_summary();
  draw();
}

int FullView::wake_fd() const { return STDIN_FILENO; }

void FullView::show(Json interval) {
  report::take_interval(state_, std::move(interval));
  heard_ = MonotonicClock::now();
  news_ = true;
}

control::Client::Go FullView::idle() {
  bool changed = screen_.obey_signals();
  switch (read_keys()) {
    case Read::kLeave: return control::Client::Go::kAway;
    case Read::kKeys: changed = true; break;
    case Read::kNothing: break;
  }
  // Asked for only when the daemon has just shown that it is there.
  if (std::exchange(news_, false)) {
    changed = true;
    if (MonotonicClock::now() >= summary_at_) read_summary();
  }
  changed |= note_silence();
  if (!state_.message.empty() && MonotonicClock::now() - said_ > kMessage) {
    state_.message.clear();
    changed = true;
  }
  if (changed) draw();
  return control::Client::Go::kOn;
}

FullView::Read FullView::read_keys() {
  const auto typed = screen_.typed();
  if (!typed) return Read::kLeave;
  const TimePoint now = MonotonicClock::now();
  if (!typed->empty()) {
    keys_.feed(*typed);
    typed_ = now;
  } else if (now - typed_ > kEscape) {
    keys_.rest();
  }
  Read read = Read::kNothing;
  const std::size_t rows = screen_.size().rows;
  const std::size_t page = rows > kAroundPanel ? rows - kAroundPanel : 1;
  while (const auto key = keys_.next()) {
    read = Read::kKeys;
    const Wanted wanted = press(state_, *key, page);
    said_ = now;
    if (wanted.wish == Wish::kLeave) return Read::kLeave;
    obey(wanted);
    draw();  // so that the end of a panel is known to the next key
  }
  return read;
}

void FullView::read_summary() {
  const TimePoint from = MonotonicClock::now();
  const auto reply = client_.get("/v1/runs/" + run_id_ + "/summary");
  if (reply && reply->ok())
    if (Json json = Json::parse(reply->body, nullptr, false); json.is_object())
      state_.summary = std::move(json);
  const TimePoint to = MonotonicClock::now();
  summary_at_ = to + (to - from) * kSummaryShare;
}

// Whole seconds without a line; a run that waits for its beginning has little to tell.
bool FullView::note_silence() {
  const bool waits = report::at(state_.interval, "waiting_until").is_string();
  const double silent = waits ? 0 : std::floor(to_seconds(MonotonicClock::now() - heard_));
  return std::exchange(state_.silent_s, silent) != silent;
}

void FullView::obey(const Wanted& wanted) {
  switch (wanted.wish) {
    case Wish::kNothing: case Wish::kLeave: return;
    case Wish::kStop:
      return send("stop", R"({"mode":"graceful"})", "the run is ending; s again cuts it off");
    case Wish::kStopNow: return send("stop", R"({"mode":"now"})", "the run is cut off");
    case Wish::kPause: return send("pause", "{}", "paused; p goes on");
    case Wish::kResume: return send("resume", "{}", "it goes on");
    case Wish::kUsers:
      // Digits only, as press() lets them through; the daemon knows how many may be.
      return send("users", fmt::format(R"({{"users":{}}})", std::strtoull(wanted.value.c_str(),
                                                                         nullptr, 10)),
                  "users set to " + wanted.value);
    case Wish::kRate:
      return send("rate", Json{{"rate", wanted.value}}.dump(), "rate set to " + wanted.value);
  }
}

void FullView::send(const char* verb, const std::string& body, const std::string& done) {
  const auto reply = client_.post("/v1/runs/" + run_id_ + "/" + verb, body);
  if (!reply) {
    state_.message = reply.error().message;
  } else if (reply->ok()) {
    state_.message = done;
  } else {
    const control::Problem problem = control::problem_of(*reply);
    state_.message = problem.detail.empty() ? problem.title : problem.detail;
  }
}

void FullView::draw() {
  const report::WatchScreen screen = report::draw_watch(state_, screen_.size(), colour_);
  state_.scroll = screen.scroll;
  screen_.draw(screen.lines);
}

}  // namespace gend::cli
