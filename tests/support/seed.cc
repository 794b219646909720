#include "support/seed.h"

#include <cstdlib>
#include <random>

namespace gend::test {

std::uint64_t seed() {
  static const std::uint64_t chosen = [] {
    if (const char* given = std::getenv("GEND_TEST_SEED")) return std::strtoull(given, nullptr, 10);
    return static_cast<unsigned long long>(std::random_device{}());
  }();
  return chosen;
}

}  // namespace gend::test
