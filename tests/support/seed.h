#pragma once

#include <cstdint>

namespace gend::test {

// The seed of this test process: GEND_TEST_SEED, or one drawn at start and printed.
std::uint64_t seed();

}  // namespace gend::test
