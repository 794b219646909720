#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace gend {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "gend: bug: %s does not hold at %s:%d\n", condition, file, line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace gend
