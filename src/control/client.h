#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/time.h"
#include "control/problem.h"

namespace gend::control {

struct Reply {
  int status = 0;
  std::string body;
  bool ok() const { return status >= 200 && status < 300; }
};

// genctl's side of the control API. One object, one thread; every call opens its own connection.
// There is no time limit on a call beyond the daemon's own: a plan that takes long to begin is not
// an error, and a daemon that dies closes the connection.
class Client {
 public:
  explicit Client(std::string socket_path) : Client{std::move(socket_path), Duration::zero()} {}
  // `patience`: how long a call, streams apart, may take as a whole; 0: for ever.
  Client(std::string socket_path, Duration patience);

  enum class Go : std::uint8_t { kOn, kAway };

  // Fails only when there was no answer: 91 nobody listens or no permission, 95 the daemon went
  // away in the middle. What the daemon refuses is a Reply.
  Expected<Reply> get(const std::string& path) const;
  // `on_idle` as in Follower; a call that was left is a Reply without a status.
  Expected<Reply> get(const std::string& path, const std::function<Go()>& on_idle) const;
  Expected<Reply> head(const std::string& path) const;
  Expected<Reply> post(const std::string& path, std::string_view body) const;
  Expected<Reply> remove(const std::string& path) const;  // DELETE
  Expected<Reply> put(const std::string& path, std::string_view body) const;  // a file

  struct Follower {
    std::function<void(std::string_view line)> on_line;  // without its newline
    std::function<Go()> on_idle;  // at least ten times a second; kAway leaves the stream
    int wake_fd = -1;             // on_idle is called at once when it can be read
  };
  // Reads a stream to its end. A stream whose last line has no newline was cut off: 95.
  Expected<Reply> follow(const std::string& path, const Follower& follower) const;

  // Nothing when a daemon answers; else why not, with what to do about it.
  Expected<void> probe() const;
  const std::string& socket_path() const { return socket_path_; }
  Duration patience() const { return patience_; }

 private:
  std::string socket_path_;
  Duration patience_;
};

// The refusal in a reply that is not ok().
Problem problem_of(const Reply& reply);

}  // namespace gend::control
