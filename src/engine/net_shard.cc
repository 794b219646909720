#include "engine/net_shard.h"

namespace gend::engine {

template class Shard<net::Io>;

}  // namespace gend::engine
