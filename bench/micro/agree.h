#pragma once

#include <cstdio>
#include <cstdlib>

namespace gend::bench {

// Contenders must do the same work: who gets another result than gend is not compared with it.
inline void agree(bool same, const char* contender) {
  if (same) return;
  std::fprintf(stderr, "%s gives another result than gend\n", contender);
  std::exit(1);
}

}  // namespace gend::bench
