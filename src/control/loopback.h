#pragma once

#include <cstdint>

#include "base/error.h"
#include "control/fd.h"

namespace gend::control {

struct Loopback {
  Fd listener;
  std::uint16_t port = 0;
};

// Listens on 127.0.0.1, and nowhere else; port 0: the kernel chooses one.
Expected<Loopback> listen_on_loopback(std::uint16_t port);

}  // namespace gend::control
