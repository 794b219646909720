#pragma once

#include <memory>

#include "export/transport.h"

namespace gend::exporter {

// POSTs each message; one connection, kept open.
std::unique_ptr<Transport> make_http(const Destination& destination, const Fence& fence,
                                     const GiveUp& give_up);

}  // namespace gend::exporter
