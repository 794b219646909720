#include "control/peer.h"

#include <array>

#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gend::control {
namespace {

std::string account_of(uid_t uid) {
  std::array<char, 4096> buffer;
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || !found) return {};
  return found->pw_name;
}

}  // namespace

Peer peer_of(int socket_fd) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  Peer peer;
  if (getsockopt(socket_fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    peer.uid = static_cast<uid_t>(-1);
    return peer;
  }
  peer.uid = credentials.uid;
  peer.pid = credentials.pid;
  peer.name = account_of(peer.uid);
  return peer;
}

Peer this_process() {
  return {.uid = ::geteuid(), .pid = ::getpid(), .name = account_of(::geteuid())};
}

std::string Peer::str() const {
  const std::string id = uid == static_cast<uid_t>(-1) ? "unknown" : std::to_string(uid);
  return name.empty() ? "uid " + id : name + " (uid " + id + ")";
}

long group_id(const char* name) {
  std::array<char, 16384> buffer;
  group entry{};
  group* found = nullptr;
  if (getgrnam_r(name, &entry, buffer.data(), buffer.size(), &found) != 0 || !found) return -1;
  return static_cast<long>(found->gr_gid);
}

}  // namespace gend::control
