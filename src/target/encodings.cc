// Bodies in other codings.
#include <brotli/encode.h>
#include <zlib.h>

#include "base/assert.h"
#include "target/handlers.h"
#include "target/text.h"

namespace gend::target {
namespace {

constexpr std::uint32_t kMostEncoded = 16 * 1024 * 1024;
constexpr std::size_t kBombBytes = 100 * 1024 * 1024;
constexpr int kGzipWindow = 15 + 16, kZlibWindow = 15;

// Compresses `times` repetitions of `piece`.
std::string deflated(std::string_view piece, std::size_t times, int window) {
  z_stream stream{};
  const int begun = ::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window, 8,
                                   Z_DEFAULT_STRATEGY);
  GEND_ASSERT(begun == Z_OK);
  std::string out;
  char buffer[16 * 1024];
  for (std::size_t i = 0; i < times; ++i) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    stream.avail_in = static_cast<uInt>(piece.size());
    const int flush = i + 1 == times ? Z_FINISH : Z_NO_FLUSH;
    do {
      stream.next_out = reinterpret_cast<Bytef*>(buffer);
      stream.avail_out = sizeof buffer;
      ::deflate(&stream, flush);
      out.append(buffer, sizeof buffer - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  ::deflateEnd(&stream);
  return out;
}

std::string brotli(std::string_view text) {
  std::size_t size = ::BrotliEncoderMaxCompressedSize(text.size());
  std::string out(size, '\0');
  constexpr int kQuality = 5;
  const auto done = ::BrotliEncoderCompress(
      kQuality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, text.size(),
      reinterpret_cast<const std::uint8_t*>(text.data()), &size,
      reinterpret_cast<std::uint8_t*>(out.data()));
  GEND_ASSERT(done == BROTLI_TRUE);
  out.resize(size);
  return out;
}

// A JSON object of exactly that many bytes, {"ok":true,"text":"…"} from 22 on; spaces below.
std::string sample(std::size_t bytes) {
  constexpr std::string_view kBegin = R"({"ok":true,"text":")", kEnd = "\"}";
  if (bytes < kBegin.size() + kEnd.size()) return std::string(bytes, ' ');
  constexpr std::string_view kText = "the quick brown fox jumps over the lazy dog, ";
  std::string text{kBegin};
  while (text.size() + kEnd.size() < bytes)
    text += kText.substr(0, std::min(kText.size(), bytes - kEnd.size() - text.size()));
  return text.append(kEnd);
}

}  // namespace

void answer_encoded(Call& call) {
  const auto bytes = query_number(call, "bytes", 1000, kMostEncoded);
  if (!bytes) return;
  const std::string_view coding = call.parameters[0];
  const std::string plain = sample(*bytes);
  if (coding == "gzip")
    call.response.body = deflated(plain, 1, kGzipWindow);
  else if (coding == "deflate")
    call.response.body = deflated(plain, 1, kZlibWindow);
  else if (coding == "br")
    call.response.body = brotli(plain);
  else
    return refuse(call.response, 404, "codings are gzip, deflate and br");
  call.response.add_header("Content-Encoding", coding);
}

void answer_bomb(Call& call) {
  static const std::string bomb =
      deflated(std::string(1024 * 1024, '0'), kBombBytes / (1024 * 1024), kGzipWindow);
  call.response.type = "text/plain";
  call.response.body = bomb;
  call.response.add_header("Content-Encoding", "gzip");
}

}  // namespace gend::target
