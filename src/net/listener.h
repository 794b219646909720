#pragma once

#include "base/error.h"
#include "net/address.h"

namespace gend::net {

// A listening TCP socket that several threads may have each for themselves (SO_REUSEPORT). With
// port 0 the kernel chooses one; `address` then says which. The caller owns the descriptor.
Expected<int> listen_on(Address& address);

}  // namespace gend::net
