#pragma once

#include <cstdint>

namespace gend::store {

// What is kept at most; 0: no limit. The newest run always stays, and so does the one going on.
struct Keep {
  std::uint64_t runs = 1000;
  std::uint64_t bytes = 10'000'000'000;
  std::uint64_t days = 0;
};

}  // namespace gend::store
