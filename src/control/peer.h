#pragma once

#include <sys/types.h>

#include <string>

namespace gend::control {

// Who is at the other end of a Unix socket, as the kernel recorded it at connect() (SO_PEERCRED).
struct Peer {
  uid_t uid = 0;
  pid_t pid = 0;
  std::string name;  // of the account; empty when the uid has none

  std::string str() const;  // "alice (uid 1000)", "uid 1000"
};

Peer peer_of(int socket_fd);
Peer this_process();

// The id of a group, or -1 when there is none of that name.
long group_id(const char* name);

}  // namespace gend::control
