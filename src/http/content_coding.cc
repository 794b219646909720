#include "http/content_coding.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <new>
#include <optional>
#include <vector>

#include <brotli/decode.h>
#include <zlib.h>

#include "base/assert.h"
#include "base/limits.h"
#include "http/chars.h"

namespace gend::http {
namespace {

enum class Coding : std::uint8_t { kIdentity, kGzip, kDeflate, kBrotli };

constexpr int kZlib = MAX_WBITS, kRaw = -MAX_WBITS, kGzip = MAX_WBITS + 16;  // inflateInit2
constexpr std::size_t kLeastOutput = 16 * 1024;

std::optional<Coding> coding_of(std::string_view name) {
  if (name.empty() || equals_ignoring_case(name, "identity")) return Coding::kIdentity;
  if (equals_ignoring_case(name, "gzip") || equals_ignoring_case(name, "x-gzip"))
    return Coding::kGzip;
  if (equals_ignoring_case(name, "deflate")) return Coding::kDeflate;
  if (equals_ignoring_case(name, "br")) return Coding::kBrotli;
  return std::nullopt;
}

// Bytes that grow up to one more than a body may have.
class Output {
 public:
  void clear() { size_ = 0; }
  std::string_view view() const { return {bytes_.data(), size_}; }
  bool too_large() const { return size_ > limits::kBodyBytes; }
  // Room at the end; never empty unless too_large().
  char* room(std::size_t& size) {
    if (size_ == bytes_.size())
      bytes_.resize(std::min(std::max(2 * size_, kLeastOutput), limits::kBodyBytes + 1));
    size = bytes_.size() - size_;
    return bytes_.data() + size_;
  }
  void commit(std::size_t size) { size_ += size; }

 private:
  std::vector<char> bytes_;
  std::size_t size_ = 0;
};

// Memory for a brotli decoder, which is made anew for every body: freed blocks are used again.
class BlockCache {
 public:
  BlockCache() { free_.reserve(kBlocks); }
  ~BlockCache() {
    for (Block* block : free_) std::free(block);
  }
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;

  static void* allocate(void* cache, std::size_t size) {
    return static_cast<BlockCache*>(cache)->take(size);
  }
  static void release(void* cache, void* memory) {
    if (memory) static_cast<BlockCache*>(cache)->give(static_cast<Block*>(memory) - 1);
  }

 private:
  struct alignas(std::max_align_t) Block {
    std::size_t size;
  };
  static constexpr std::size_t kBlocks = 32;  // a decoder holds fewer at once

  void* take(std::size_t size) {
    std::size_t best = free_.size();
    for (std::size_t i = 0; i < free_.size(); ++i)
      if (free_[i]->size >= size && (best == free_.size() || free_[i]->size < free_[best]->size))
        best = i;
    if (best < free_.size()) {
      Block* block = free_[best];
      free_[best] = free_.back();
      free_.pop_back();
      return block + 1;
    }
    auto* block = static_cast<Block*>(std::malloc(sizeof(Block) + size));
    if (block == nullptr) return nullptr;
    block->size = size;
    return block + 1;
  }

  void give(Block* block) {
    if (free_.size() < kBlocks) return free_.push_back(block);
    const auto smallest = std::min_element(free_.begin(), free_.end(), [](auto* a, auto* b) {
      return a->size < b->size;
    });
    std::free(*smallest);
    *smallest = block;
  }

  std::vector<Block*> free_;
};

}  // namespace

struct ContentDecoder::Impl {
  Impl() {
    const int result = inflateInit2(&stream, kZlib);
    GEND_ASSERT(result == Z_OK);
  }
  ~Impl() { inflateEnd(&stream); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // From here on: kOk, kBadContentEncoding or kBodyTooLarge, and what came out in `output`.
  Outcome undo(Coding coding, std::string_view in);
  Outcome inflate_one(int format, std::string_view& in);
  Outcome gunzip(std::string_view in);
  Outcome inflate_either(std::string_view in);
  Outcome unbrotli(std::string_view in);

  z_stream stream{};
  BlockCache blocks;
  Output output;
};

// One stream; `in` becomes what stands behind it.
Outcome ContentDecoder::Impl::inflate_one(int format, std::string_view& in) {
  const int reset = inflateReset2(&stream, format);
  GEND_ASSERT(reset == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
  stream.avail_in = static_cast<uInt>(in.size());
  for (;;) {
    std::size_t room = 0;
    stream.next_out = reinterpret_cast<Bytef*>(output.room(room));
    stream.avail_out = static_cast<uInt>(room);
    const int result = inflate(&stream, Z_NO_FLUSH);
    output.commit(room - stream.avail_out);
    if (output.too_large()) return Outcome::kBodyTooLarge;
    if (result == Z_STREAM_END) {
      in.remove_prefix(in.size() - stream.avail_in);
      return Outcome::kOk;
    }
    // Room left means that there was not enough input.
    if (result != Z_OK || stream.avail_out != 0) return Outcome::kBadContentEncoding;
  }
}

// RFC 1952 2.2: members follow one another; zeros behind the last are padding, as gzip takes them.
Outcome ContentDecoder::Impl::gunzip(std::string_view in) {
  do {
    const Outcome outcome = inflate_one(kGzip, in);
    if (outcome != Outcome::kOk) return outcome;
    if (in.find_first_not_of('\0') == std::string_view::npos) return Outcome::kOk;
  } while (true);
}

// RFC 9110 8.4.1.2 means zlib's format; some servers send the bare stream.
Outcome ContentDecoder::Impl::inflate_either(std::string_view in) {
  std::string_view rest = in;
  Outcome outcome = inflate_one(kZlib, rest);
  if (outcome == Outcome::kBadContentEncoding) {
    output.clear();
    rest = in;
    outcome = inflate_one(kRaw, rest);
  }
  if (outcome == Outcome::kOk && !rest.empty()) return Outcome::kBadContentEncoding;
  return outcome;
}

Outcome ContentDecoder::Impl::unbrotli(std::string_view in) {
  const std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> decoder{
      BrotliDecoderCreateInstance(&BlockCache::allocate, &BlockCache::release, &blocks),
      &BrotliDecoderDestroyInstance};
  GEND_ASSERT(decoder != nullptr);
  const auto* next_in = reinterpret_cast<const std::uint8_t*>(in.data());
  std::size_t in_left = in.size();
  for (;;) {
    std::size_t room = 0;
    auto* next_out = reinterpret_cast<std::uint8_t*>(output.room(room));
    std::size_t out_left = room;
    const BrotliDecoderResult result = BrotliDecoderDecompressStream(
        decoder.get(), &in_left, &next_in, &out_left, &next_out, nullptr);
    output.commit(room - out_left);
    if (output.too_large()) return Outcome::kBodyTooLarge;
    if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) continue;
    const bool is_whole = result == BROTLI_DECODER_RESULT_SUCCESS && in_left == 0;
    return is_whole ? Outcome::kOk : Outcome::kBadContentEncoding;
  }
}

Outcome ContentDecoder::Impl::undo(Coding coding, std::string_view in) {
  output.clear();
  switch (coding) {
    case Coding::kGzip: return gunzip(in);
    case Coding::kDeflate: return inflate_either(in);
    case Coding::kBrotli: return unbrotli(in);
    case Coding::kIdentity: break;
  }
  return Outcome::kOk;
}

ContentDecoder::ContentDecoder() : impl_{std::make_unique<Impl>()} {}
ContentDecoder::~ContentDecoder() = default;

ContentDecoder::Decoded ContentDecoder::decode(std::string_view codings, std::string& body) {
  std::array<Coding, limits::kContentCodings> order{};
  std::size_t count = 0;
  while (!codings.empty()) {
    const std::size_t end = std::min(codings.find(','), codings.size());
    const auto coding = coding_of(trim_blanks(codings.substr(0, end)));
    codings.remove_prefix(std::min(end + 1, codings.size()));
    if (!coding) return {Result::kUnknown, Outcome::kOk};
    if (*coding == Coding::kIdentity) continue;
    if (count == order.size()) return {Result::kFailed, Outcome::kBadContentEncoding};
    order[count++] = *coding;
  }
  if (count == 0 || body.empty()) return {};
  while (count > 0) {  // they are named in the order in which they were applied
    const Outcome outcome = impl_->undo(order[--count], body);
    if (outcome != Outcome::kOk) return {Result::kFailed, outcome};
    body.assign(impl_->output.view());
  }
  return {Result::kDecoded, Outcome::kOk};
}

}  // namespace gend::http
