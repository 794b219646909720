#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/outcome.h"

// permessage-deflate (RFC 7692) without context takeover: no message refers to an earlier one, so
// one of each of these serves all sessions of a shard, and a session has no window of its own.
namespace gend::ws {

// How long the payload of a compressed message may be: some more than the message, since what
// cannot be compressed grows a little.
constexpr std::uint64_t compressed_limit(std::uint64_t message_bytes) {
  return message_bytes + message_bytes / 8 + 64;
}

// About 40 KiB, and the largest message so far up to limits::kInflatedSpareBytes.
class Inflater {
 public:
  struct Result {
    Outcome outcome = Outcome::kOk;  // or kWsDeflate, or kWsTooLarge: more than `limit` bytes
    std::string_view message;        // valid until the next call
  };

  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // `payload` is that of a whole message, its frames put together. Memory grows with what comes
  // out, never beyond `limit`.
  Result inflate(std::string_view payload, std::uint64_t limit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// About 260 KiB, and the largest payload so far.
class Deflater {
 public:
  // `level` is zlib's: 1 the fastest, 9 the smallest.
  explicit Deflater(int level = 6);
  ~Deflater();
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  // The payload of a frame that says Compressed::kYes; valid until the next call.
  std::string_view deflate(std::string_view message);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gend::ws
