#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace gend::stats {

// Numbers as bytes, seven bits each, the lowest first; the top bit says that more follow (LEB128).
class VarintWriter {
 public:
  explicit VarintWriter(std::string& out) : out_{out} {}

  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
    out_ += static_cast<char>(value);
  }
  // Small negative numbers stay small.
  void zigzag(std::int64_t value) {
    number((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void real(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (int shift = 0; shift < 64; shift += 8) out_ += static_cast<char>(bits >> shift);
  }

 private:
  std::string& out_;
};

// Reads what VarintWriter wrote. After the first thing that is not there everything is 0 and ok()
// is false.
class VarintReader {
 public:
  explicit VarintReader(std::string_view bytes) : rest_{bytes} {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint64_t byte = next();
      if (shift == 63 && byte > 1) break;  // more than 64 bits
      value |= (byte & 0x7F) << shift;
      if (byte < 0x80) return ok_ ? value : 0;
    }
    ok_ = false;
    return 0;
  }
  std::int64_t zigzag() {
    const std::uint64_t word = number();
    return static_cast<std::int64_t>((word >> 1) ^ (0 - (word & 1)));
  }
  double real() {
    std::uint64_t bits = 0;
    for (int shift = 0; shift < 64; shift += 8) bits |= next() << shift;
    return ok_ ? std::bit_cast<double>(bits) : 0;
  }
  // How many of something follow, each at least one byte long: never more than there are bytes.
  std::size_t size() {
    const std::uint64_t n = number();
    if (n > rest_.size()) ok_ = false;
    return ok_ ? static_cast<std::size_t>(n) : 0;
  }

  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && rest_.empty(); }
  void reject() { ok_ = false; }

 private:
  std::uint64_t next() {
    if (rest_.empty()) ok_ = false;
    if (!ok_) return 0;
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace gend::stats
