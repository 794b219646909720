#pragma once

#include <cstdint>
#include <string>

namespace gend::engine {

// What came of making the rings that a load would have, and giving them back.
struct RingTrial {
  std::string ring;             // ring::Features::describe(); empty: none could be made
  char profile = 0;             // 'A' to 'E'
  std::string trouble, remedy;  // why not
};

// `shards` rings at once, each as large as one for its share of `connections` is: that is what
// RLIMIT_MEMLOCK and the kernel are asked when a run begins. Large numbers are tried with less.
RingTrial try_rings(char profile, unsigned shards, std::uint64_t connections);

}  // namespace gend::engine
