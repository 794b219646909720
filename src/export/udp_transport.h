#pragma once

#include <memory>

#include "export/transport.h"

namespace gend::exporter {

// One datagram a message. UDP tells of a port that nobody listens on with the datagram after, and
// of anything else never.
std::unique_ptr<Transport> make_udp(const Destination& destination, const Fence& fence);

}  // namespace gend::exporter
