#pragma once

#include <sys/types.h>

#include <string>

#include "base/error.h"
#include "control/fd.h"

namespace gend::control {

// A listening Unix socket that this process owns: made by it, and removed with it. A lock file
// beside the socket ("<path>.lock") is held for as long as the socket is, so that "is this socket
// stale?" has one answer even when two daemons start at the same moment.
class OwnedSocket {
 public:
  struct Access {
    mode_t mode = 0660;
    const char* group = nullptr;  // given to the socket when a group of this name exists
  };
  // A socket file that nobody listens on is replaced; a live one is an error that names its owner.
  static Expected<OwnedSocket> listen_on(const std::string& path, const Access& access);

  OwnedSocket(OwnedSocket&&) noexcept = default;
  OwnedSocket& operator=(OwnedSocket&&) = delete;
  ~OwnedSocket();

  // The descriptor to accept from. It stays ours until release_listener().
  int fd() const { return listener_.get(); }
  int release_listener() { return listener_.release(); }
  const std::string& path() const { return path_; }

 private:
  OwnedSocket(std::string path, Fd lock, Fd listener);
  std::string path_;  // empty after a move
  Fd lock_, listener_;
};

// 0 when something accepts connections at `path`, otherwise connect()'s errno: ENOENT, ECONNREFUSED
// (a file that nobody listens on), EACCES, …
int probe_socket(const std::string& path);

}  // namespace gend::control
