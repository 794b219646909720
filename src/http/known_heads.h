#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/assert.h"
#include "http/fields.h"

namespace gend::http {

// Heads of responses that came lately, with what they say. A server answers a step with the same
// head again and again, its date changes once a second: comparing then takes the place of parsing
// (1,280 instructions for nine lines, some 60 to compare them). Equal bytes say equal things, so
// nothing is guessed. One for each shard; 8 KiB that never grow.
class KnownHeads {
 public:
  static constexpr std::size_t kLongest = 1024;  // bytes of a head that may be kept

  struct Head {
    Framing framing;
    std::uint16_t size = 0;  // with its empty line; 0: none
    std::uint16_t status = 0;
    std::uint8_t minor_version = 0;
  };

  // The head at the front of `piece`, what one receive gave; null when it is not known. Valid until
  // keep().
  const Head* find(std::string_view piece) const {
    const std::size_t place = place_of(piece);
    const Head& head = heads_[place];
    if (head.size == 0 || piece.size() < head.size) return nullptr;
    return std::memcmp(piece.data(), texts_[place].data(), head.size) == 0 ? &head : nullptr;
  }

  // The head at the front of `piece`, in the place of another one.
  void keep(std::string_view piece, const Head& head) {
    GEND_ASSERT(head.size <= kLongest);
    const std::size_t place = place_of(piece);
    heads_[place] = head;
    std::memcpy(texts_[place].data(), piece.data(), head.size);
  }

 private:
  static constexpr std::size_t kPlaces = 8;

  // Steps that take turns hardly ever have responses of one size.
  static std::size_t place_of(std::string_view piece) {
    return (piece.size() ^ piece.size() >> 3) % kPlaces;
  }

  std::array<Head, kPlaces> heads_;
  std::array<std::array<char, kLongest>, kPlaces> texts_;
};

}  // namespace gend::http
