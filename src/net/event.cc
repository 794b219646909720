#include "net/event.h"

#include <cerrno>

namespace gend::net {

Outcome connect_outcome(int error) noexcept {
  switch (error) {
    case ECONNREFUSED: return Outcome::kConnectRefused;
    case ETIMEDOUT: return Outcome::kConnectTimeout;
    case EHOSTUNREACH:
    case ENETUNREACH: return Outcome::kConnectUnreachable;
    case ECONNRESET:
    case EPIPE: return Outcome::kConnectFailed;
    case EADDRNOTAVAIL: return Outcome::kHostPorts;  // every local port to that target is in use
    case EMFILE:
    case ENFILE: return Outcome::kHostDescriptors;
    case ENOMEM:
    case ENOBUFS: return Outcome::kHostMemory;
    case EPERM:
    case EACCES: return Outcome::kHostOther;  // a firewall or sandbox of this host
    default: return Outcome::kConnectFailed;
  }
}

}  // namespace gend::net
