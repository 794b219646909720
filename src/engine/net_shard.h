#pragma once

#include "engine/shard.h"
#include "net/io.h"

namespace gend::engine {

// The shard of production, on a real ring; instantiated once, in net_shard.cc.
using NetShard = Shard<net::Io>;
extern template class Shard<net::Io>;

}  // namespace gend::engine
