#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace gend::exporter {

// Writes Protocol Buffers, as far as remote write needs them
// (https://protobuf.dev/programming-guides/encoding/). Fields of value 0 are left out, as proto3
// does.
class ProtoWriter {
 public:
  void text(std::uint32_t field, std::string_view value) {
    key(field, 2);
    raw_varint(value.size());
    bytes_ += value;
  }
  void varint(std::uint32_t field, std::uint64_t value) {
    if (value == 0) return;
    key(field, 0);
    raw_varint(value);
  }
  // int64: two's complement, ten bytes when negative.
  void int64(std::uint32_t field, std::int64_t value) {
    varint(field, static_cast<std::uint64_t>(value));
  }
  void sint(std::uint32_t field, std::int64_t value) { varint(field, zigzag(value)); }
  void number(std::uint32_t field, double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    if (bits == 0) return;
    key(field, 1);
    for (int shift = 0; shift < 64; shift += 8)
      bytes_ += static_cast<char>((bits >> shift) & 0xFF);
  }
  void raw_varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>((value & 0x7F) | 0x80);
    bytes_ += static_cast<char>(value);
  }
  static std::uint64_t zigzag(std::int64_t value) {
    return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  }

  const std::string& bytes() const { return bytes_; }
  void clear() { bytes_.clear(); }

 private:
  void key(std::uint32_t field, std::uint32_t wire) {
    raw_varint((std::uint64_t{field} << 3) | wire);
  }
  std::string bytes_;
};

}  // namespace gend::exporter
