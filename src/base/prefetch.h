#pragma once

#include <cstddef>

namespace gend {

// Asks for all cache lines of an object that is about to be written to.
template <class T>
void prefetch(const T& object) {
  constexpr std::size_t kLine = 64;
  const char* const first = reinterpret_cast<const char*>(&object);
  for (std::size_t at = 0; at < sizeof(T); at += kLine) __builtin_prefetch(first + at, 1);
}

}  // namespace gend
