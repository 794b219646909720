#include "engine/net_shard.h"

namespace gend::engine {

template class Shard<NetIo>;

}  // namespace gend::engine
