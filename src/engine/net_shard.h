#pragma once

#include "engine/secure_io.h"
#include "engine/shard.h"
#include "net/io.h"

namespace gend::engine {

// The shard of production, on a real ring; instantiated once, in net_shard.cc.
using NetIo = SecureIo<net::Io>;
using NetShard = Shard<NetIo>;
extern template class Shard<NetIo>;

}  // namespace gend::engine
