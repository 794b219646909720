#pragma once

#include <cstdint>

namespace gend::test {

// Calls of operator new on threads whose name begins with "gend-shard", since the process began.
// Only in binaries that link allocations.cc, which replaces the global operator new.
std::uint64_t shard_allocations();

}  // namespace gend::test
