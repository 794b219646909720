#pragma once

#include <string>
#include <string_view>

namespace gend::plan {

// "a, b, c". Not fmt::join: at -O3 g++ 12 warns of an overflow inside of fmt 9 that is none.
template <class Words>
std::string joined(const Words& words, std::string_view between = ", ") {
  std::string out;
  for (const auto& word : words) {
    if (!out.empty()) out += between;
    out += word;
  }
  return out;
}

}  // namespace gend::plan
