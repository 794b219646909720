#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace gend::bench {

// What every parser says of a response that came in pieces.
struct Told {
  int status = 0;
  std::uint64_t body_bytes = 0;
  bool keep_alive = false, complete = false;
  bool operator==(const Told&) const = default;
};
using Pieces = std::span<const std::string_view>;
using Parse = Told (*)(Pieces pieces);

// Null where the library was not there to build with.
Parse http_parser_contender();
Parse llhttp_contender();

}  // namespace gend::bench
