#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "control/client.h"
#include "control/http_server.h"
#include "control/stream_hub.h"
#include "report/history.h"

namespace gend::cli {

// What a dashboard shows of one run: the data of its page, made anew while the run goes on, and
// what happens, as lines of server-sent events (HTML, 9.2):
//   second   the line of the control stream, as it is
//   data     {"version": N}: there are newer data, to be fetched by who looks at them
//   final    the last data, whole: whoever serves them may be gone before they could be fetched
//   run      {"state": "running" | "over" | "lost", "why": …}
class Dashboard {
 public:
  Dashboard(std::string socket_path, std::string run_id);
  ~Dashboard();  // every subscription must be gone
  Dashboard(const Dashboard&) = delete;
  Dashboard& operator=(const Dashboard&) = delete;

  enum class State : std::uint8_t { kRunning, kOver, kLost };
  State state() const;
  // Waits for the first data, or for why there are none; at most `max_wait`.
  void wait_for_data(Duration max_wait);

  std::string data();  // report::page_json()
  std::unique_ptr<control::StreamHub::Subscription> subscribe();
  // POST /v1/runs/ID/`verb`, and what the daemon answers.
  control::HttpReply command(const std::string& verb, std::string_view body) const;
  // When the run is over: until its end was sent on its way to all who watch; at most `max_wait`.
  void see_off(Duration max_wait);
  void end_streams();  // no more lines for anybody; those that are there are sent first
  const std::string& run_id() const { return run_id_; }

 private:
  void follow();
  bool follow_once(const control::Client& client);
  void take_line(std::string_view line);
  void set_state(State state, const std::string& why);
  void end(const control::Client& client);
  bool stopping() const;
  control::Client::Go go_on() const;
  bool sleep_for(Duration length);  // false: it is over
  void beat();
  void publish(std::string_view event, std::string_view data);

  void refresh_in_turns();
  bool refresh(const control::Client& client);  // false: the data are as they were
  bool load(const control::Client& client);
  std::string newer_event() const;
  std::string run_event() const;  // needs the lock

  const std::string socket_path_, run_id_;
  control::StreamHub hub_;

  // Of the thread that refreshes, and of whoever makes the last data when it has ended.
  std::optional<report::History> history_;

  // Of data_; it changes with them, under the lock.
  std::atomic<std::uint64_t> version_ = 0;

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  State state_ = State::kRunning;
  std::string why_, second_, data_;
  TimePoint published_{};
  bool ended_ = false;     // the run, and with it the thread that refreshes
  bool stopping_ = false;  // this object

  std::thread following_, refreshing_;
};

}  // namespace gend::cli
