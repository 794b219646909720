#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/error.h"
#include "control/fd.h"

namespace gend::cli {

struct LocalOptions {
  std::optional<unsigned> shards;
  std::string uring_profile;
};

// A gend of our own, with its socket in a directory that only we can enter. It ends with this
// object, and also when this process dies in any way: it watches the other end of a pipe.
class LocalDaemon {
 public:
  static Expected<LocalDaemon> start(const LocalOptions& options);

  LocalDaemon(LocalDaemon&& other) noexcept;
  LocalDaemon& operator=(LocalDaemon&&) = delete;
  ~LocalDaemon();

  std::string socket_path() const { return directory_ + "/control.sock"; }
  // How it ended although nobody had told it to, with the last lines of its log; empty while it
  // lives. Waits a moment for one that has just closed its connections.
  std::string obituary() const;

 private:
  LocalDaemon(std::string directory, pid_t child, control::Fd lifeline);
  Expected<void> wait_until_ready() const;
  std::string log_path() const { return directory_ + "/gend.log"; }

  std::string directory_;
  pid_t child_ = -1;
  control::Fd lifeline_;  // closing it ends the daemon
};

// Beside genctl, then ../sbin from there, ../gend (a build tree), then PATH; GEND_BINARY goes
// before all. Empty when there is none.
std::string find_gend();
// The same for another program of ours; `variable` is what goes before all.
std::string find_program(const std::string& name, const char* variable);

// Where private gends keep this user's calibration: below $XDG_STATE_HOME, or ~/.local/state. Empty
// when there is no such folder to name.
std::string user_calibration();

}  // namespace gend::cli
