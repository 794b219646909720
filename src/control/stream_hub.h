#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/time.h"

namespace gend::control {

// One client's view of a run: a bounded queue of lines. The run never waits for a client; when the
// queue is full the oldest line goes, and the client is told how many it missed.
inline constexpr std::size_t kStreamLines = 64;

class StreamHub {
 public:
  class Subscription {
   public:
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

    enum class Got : std::uint8_t { kLine, kNothing, kEnd };
    // Waits at most `max_wait` for the next line. After the last one: kEnd, for ever.
    Got next(std::string& line, Duration max_wait);

   private:
    friend class StreamHub;
    Subscription(StreamHub& hub, std::string run_id);
    StreamHub& hub_;
    const std::string run_id_;
    std::deque<std::string> lines_;
    std::uint64_t skipped_ = 0;  // since the client was last told
    bool ended_ = false;
  };

  StreamHub() = default;
  StreamHub(const StreamHub&) = delete;
  StreamHub& operator=(const StreamHub&) = delete;
  ~StreamHub();  // every subscription must be gone

  std::unique_ptr<Subscription> subscribe(const std::string& run_id);
  // To a run that is over: one line and the end.
  std::unique_ptr<Subscription> subscribe_finished(const std::string& run_id,
                                                   const std::string& last_line);
  void publish(const std::string& run_id, const std::string& line);
  // The last line of a run; it is never the one that goes.
  void finish(const std::string& run_id, const std::string& last_line);
  void end_all();  // no more lines for anybody

  std::size_t subscribers() const;
  std::uint64_t skipped() const;  // lines that clients were too slow for, ever
  // True when the last subscription went within `max_wait`.
  bool wait_until_empty(Duration max_wait);

 private:
  void push(Subscription& to, const std::string& line);
  mutable std::mutex mutex_;  // guards all below, and the insides of every subscription
  std::condition_variable changed_;
  std::vector<Subscription*> subscriptions_;
  std::uint64_t skipped_ = 0;
  bool ended_ = false;
};

}  // namespace gend::control
