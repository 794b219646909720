#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace gend::http {

// Cuts lines out of bytes that come in pieces, in place. Only a line that straddles two pieces is
// copied; the copy is kept until the next call, and its memory from one line to the next.
class LineReader {
 public:
  enum class Result : std::uint8_t { kLine, kPartial, kTooLong };

  // Takes bytes from the front of `bytes` up to and including the next LF. kLine: `line` is that
  // line with its LF, valid until the next call and as long as `bytes` is. kPartial: everything was
  // taken, no LF yet; `line` is what there is. kTooLong: the line is longer than `room`, whatever
  // is still to come; `line` is its first `room` bytes.
  Result next(std::string_view& bytes, std::size_t room, std::string_view& line) {
    if (!carry_.empty() && carry_.back() == '\n') carry_.clear();
    const void* end = bytes.empty() ? nullptr : std::memchr(bytes.data(), '\n', bytes.size());
    const std::size_t take =
        end ? static_cast<std::size_t>(static_cast<const char*>(end) - bytes.data()) + 1
            : bytes.size();
    if (carry_.size() + take > room) {
      carry_.append(bytes.substr(0, room - carry_.size()));
      line = carry_;
      return Result::kTooLong;
    }
    const std::string_view piece = bytes.substr(0, take);
    bytes.remove_prefix(take);
    if (end && carry_.empty()) {
      line = piece;
      return Result::kLine;
    }
    carry_.append(piece);
    line = carry_;
    return end ? Result::kLine : Result::kPartial;
  }

  // The line so far after kPartial; empty when none has begun.
  std::string_view partial() const noexcept {
    return at_line_start() ? std::string_view{} : carry_;
  }

  // Whether the next byte begins a line.
  bool at_line_start() const noexcept { return carry_.empty() || carry_.back() == '\n'; }

  // Forgets the line. A copy that grew beyond the usual is given back: there may be millions of us.
  void reset() noexcept {
    carry_.clear();
    // Not assigned: libstdc++ keeps the memory of what a short string is assigned to.
    if (carry_.capacity() > kKeptCapacity) std::string{}.swap(carry_);
  }

  // Of the copy.
  std::size_t memory() const noexcept { return carry_.capacity(); }

 private:
  static constexpr std::size_t kKeptCapacity = 1024;
  std::string carry_;
};

}  // namespace gend::http
