#include "control/unix_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "control/peer.h"

namespace gend::control {

namespace {

constexpr int kBacklog = 128;

std::optional<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

Error failed(const std::string& path, const char* what, int error, std::string remedy = {}) {
  return {path + ": " + what + ": " + std::strerror(error), std::move(remedy),
          ExitCode::kHostCannotCarry};
}

Error taken(const std::string& path, const std::string& by) {
  return {"another gend" + by + " already listens on " + path,
          "stop it (systemctl stop gend), or give this one another socket with --control",
          ExitCode::kBusy};
}

std::string holder_of(int lock) {
  std::array<char, 32> text{};
  const ssize_t n = ::pread(lock, text.data(), text.size() - 1, 0);
  std::string pid{text.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
  std::erase_if(pid, [](char c) { return c < '0' || c > '9'; });
  return pid.empty() ? "" : " (pid " + pid + ")";
}

// "Somebody holds it" is told apart from every other error: a missing directory is not a daemon.
Expected<Fd> take_lock(const std::string& path) {
  const std::string lock_path = path + ".lock";
  Fd lock{::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!lock) {
    const char* remedy = errno == ENOENT ? "create the directory first"
                                         : "gend must be able to write in this directory";
    return std::unexpected{failed(lock_path, "cannot be opened", errno, remedy)};
  }
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::unexpected{taken(path, holder_of(lock.get()))};
    return std::unexpected{failed(lock_path, "cannot be locked", errno)};
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  // Only for the message above; a daemon whose disk is full still may start.
  if (::ftruncate(lock.get(), 0) == 0) {
    [[maybe_unused]] const ssize_t written = ::pwrite(lock.get(), pid.data(), pid.size(), 0);
  }
  return lock;
}

Expected<Fd> bind_at(const std::string& path, const sockaddr_un& address) {
  Fd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!fd) return std::unexpected{failed(path, "socket()", errno)};
  // SOCK_NONBLOCK is left out on purpose: libmicrohttpd sets what it needs.
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return std::unexpected{failed(path, "bind()", errno)};
  return fd;
}

}  // namespace

Expected<OwnedSocket> OwnedSocket::listen_on(const std::string& path, const Access& access) {
  const auto address = address_of(path);
  if (!address)
    return std::unexpected{Error{"the socket path \"" + path + "\" is empty or too long",
                                 "a Unix socket path has at most 107 bytes",
                                 ExitCode::kHostCannotCarry}};
  auto lock = take_lock(path);
  if (!lock) return std::unexpected{lock.error()};

  const int alive = probe_socket(path);
  if (alive == 0) return std::unexpected{taken(path, "")};
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0) {
    if (!S_ISSOCK(info.st_mode))
      return std::unexpected{Error{path + " exists and is no socket", "move it away, or choose "
                                   "another path with --control", ExitCode::kHostCannotCarry}};
    if (alive != ECONNREFUSED) return std::unexpected{failed(path, "connect()", alive)};
    ::unlink(path.c_str());
  }

  auto fd = bind_at(path, *address);
  if (!fd) return std::unexpected{fd.error()};
  // Until listen() nobody can connect, so the mode is right before the first client.
  if (::chmod(path.c_str(), access.mode) != 0)
    return std::unexpected{failed(path, "chmod()", errno)};
  if (const long group = access.group ? group_id(access.group) : -1; group >= 0) {
    // Not a member and not root: the socket stays with our own group, which is the safe side.
    [[maybe_unused]] const int ignored =
        ::chown(path.c_str(), static_cast<uid_t>(-1), static_cast<gid_t>(group));
  }
  if (::listen(fd->get(), kBacklog) != 0) return std::unexpected{failed(path, "listen()", errno)};
  return OwnedSocket{path, std::move(*lock), std::move(*fd)};
}

OwnedSocket::OwnedSocket(std::string path, Fd lock, Fd listener)
    : path_{std::move(path)}, lock_{std::move(lock)}, listener_{std::move(listener)} {}

OwnedSocket::~OwnedSocket() {
  // The lock file stays: removing it would let a third process lock a file that nobody can see.
  if (lock_) ::unlink(path_.c_str());
}

int probe_socket(const std::string& path) {
  const auto address = address_of(path);
  if (!address) return ENAMETOOLONG;
  // Not blocking: a full backlog (EAGAIN) means somebody listens.
  Fd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!fd) return errno;
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0)
    return 0;
  return errno == EAGAIN ? 0 : errno;
}

}  // namespace gend::control
