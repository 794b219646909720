#pragma once

#include <memory>

#include "base/error.h"
#include "engine/net_shard.h"
#include "net/io.h"
#include "plan/program.h"
#include "tls/context.h"

namespace gend::engine {

// What the plan says of TLS, in the words of the TLS layer: one peer for each endpoint. A shard of
// few connections keeps their buffers.
tls::Options tls_options(const plan::Program& program, unsigned connections);

// One shard's sockets, with TLS where an endpoint wants it. Certificates that cannot be used end
// here, before the first packet.
Expected<std::unique_ptr<NetIo>> secure_io(const plan::Program& program,
                                           const net::IoOptions& options);

}  // namespace gend::engine
