#include "ws/deflate.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <zlib.h>

#include "base/assert.h"
#include "base/limits.h"

namespace gend::ws {
namespace {

// RFC 7692 7.2.1: what every message ends with, and what is not sent.
constexpr std::string_view kTail{"\0\0\xff\xff", 4};
constexpr std::size_t kLeastOutput = 16 * 1024;
constexpr std::size_t kWindowBytes = 32 * 1024;
constexpr int kRaw = -MAX_WBITS;

// z_stream::data_type behind the end of a block that is not the last one, on a whole byte.
constexpr int kBetweenBlocks = 128;

Bytef* bytes_of(const char* bytes) {  // zlib does not write there, but does not say so
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes));
}

void set_input(z_stream& stream, std::string_view bytes) {
  GEND_ASSERT(bytes.size() <= ~uInt{0});
  stream.next_in = bytes_of(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
}

}  // namespace

struct Inflater::Impl {
  Impl() {
    const int result = inflateInit2(&stream, kRaw);
    GEND_ASSERT(result == Z_OK);
  }
  ~Impl() { inflateEnd(&stream); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Outcome take(std::string_view bytes, std::uint64_t limit);
  void start_again();

  z_stream stream{};
  std::vector<char> output;
  std::size_t size = 0;
};

// Behind a block that calls itself the last (RFC 7692 7.2.3.4) the message goes on, and may refer
// to what was before.
void Inflater::Impl::start_again() {
  inflateReset(&stream);
  const std::size_t window = std::min(size, kWindowBytes);
  const int result = inflateSetDictionary(&stream, bytes_of(output.data() + size - window),
                                          static_cast<uInt>(window));
  GEND_ASSERT(result == Z_OK);
}

Outcome Inflater::Impl::take(std::string_view bytes, std::uint64_t limit) {
  set_input(stream, bytes);
  for (;;) {
    if (size == output.size())
      output.resize(std::min<std::uint64_t>(std::max(2 * size, kLeastOutput), limit + 1));
    const std::size_t room = std::min<std::size_t>(output.size() - size, ~uInt{0});
    stream.next_out = bytes_of(output.data() + size);
    stream.avail_out = static_cast<uInt>(room);
    const int result = ::inflate(&stream, Z_SYNC_FLUSH);
    size += room - stream.avail_out;
    if (size > limit) return Outcome::kWsTooLarge;
    if (result == Z_STREAM_END) {
      start_again();
      if (stream.avail_in == 0) return Outcome::kOk;
      continue;
    }
    if (result != Z_OK && result != Z_BUF_ERROR) return Outcome::kWsDeflate;
    if (stream.avail_out != 0) return Outcome::kOk;  // all input is taken
  }
}

Inflater::Inflater() : impl_{std::make_unique<Impl>()} {}
Inflater::~Inflater() = default;

Inflater::Result Inflater::inflate(std::string_view payload, std::uint64_t limit) {
  Impl& impl = *impl_;
  if (payload.empty()) return {};  // RFC 7692 7.2.3.6 asks for a byte; it is clear without
  if (impl.output.size() > limits::kInflatedSpareBytes) std::vector<char>{}.swap(impl.output);
  impl.size = 0;
  inflateReset(&impl.stream);
  Outcome outcome = impl.take(payload, limit);
  // Nothing behind a last block: such a payload has its end, and needs no tail.
  const bool ended = outcome == Outcome::kOk && impl.stream.total_in == 0;
  if (outcome == Outcome::kOk && !ended) {
    outcome = impl.take(kTail, limit);
    if (outcome == Outcome::kOk && impl.stream.data_type != kBetweenBlocks)
      outcome = Outcome::kWsDeflate;
  }
  if (outcome != Outcome::kOk) return {outcome, {}};
  return {outcome, {impl.output.data(), impl.size}};
}

struct Deflater::Impl {
  explicit Impl(int level) {
    const int result =
        deflateInit2(&stream, level, Z_DEFLATED, kRaw, MAX_MEM_LEVEL - 1, Z_DEFAULT_STRATEGY);
    GEND_ASSERT(result == Z_OK);
  }
  ~Impl() { deflateEnd(&stream); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  z_stream stream{};
  std::vector<char> output;
};

Deflater::Deflater(int level) : impl_{std::make_unique<Impl>(level)} {}
Deflater::~Deflater() = default;

std::string_view Deflater::deflate(std::string_view message) {
  Impl& impl = *impl_;
  z_stream& stream = impl.stream;
  deflateReset(&stream);
  // deflateBound() is for Z_FINISH; a flush adds the empty block.
  const std::size_t room = deflateBound(&stream, message.size()) + 16;
  if (impl.output.size() < room) impl.output.resize(room);
  set_input(stream, message);
  stream.next_out = bytes_of(impl.output.data());
  stream.avail_out = static_cast<uInt>(impl.output.size());
  const int result = ::deflate(&stream, Z_SYNC_FLUSH);
  GEND_ASSERT(result == Z_OK && stream.avail_in == 0 && stream.avail_out > 0);
  const std::string_view bytes{impl.output.data(), impl.output.size() - stream.avail_out};
  GEND_ASSERT(bytes.ends_with(kTail));
  return bytes.substr(0, bytes.size() - kTail.size());
}

}  // namespace gend::ws
