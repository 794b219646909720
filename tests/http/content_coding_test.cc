#include "http/content_coding.h"

#include <brotli/encode.h>
#include <doctest/doctest.h>
#include <zlib.h>

#include <string>
#include <utility>

#include "base/limits.h"

namespace gend::test {
namespace {

using http::ContentDecoder;
using Result = ContentDecoder::Result;

constexpr int kGzip = 31, kZlib = 15, kRaw = -15;

std::string deflated(std::string_view text, int format) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, format, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string brotli(std::string_view text) {
  std::size_t size = BrotliEncoderMaxCompressedSize(text.size()) + 16;
  std::string out(size, '\0');
  REQUIRE(BrotliEncoderCompress(5, 22, BROTLI_MODE_GENERIC, text.size(),
                                reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                                reinterpret_cast<std::uint8_t*>(out.data())) == BROTLI_TRUE);
  out.resize(size);
  return out;
}

std::string some_text(std::size_t size) {
  std::string out;
  while (out.size() < size) out += "line " + std::to_string(out.size() * 7919 % 10007) + "\n";
  out.resize(size);
  return out;
}

struct Tried {
  Result result;
  Outcome outcome;
  std::string body;
  bool operator==(const Tried&) const = default;
};

Tried decode(std::string_view codings, std::string body) {
  static ContentDecoder decoder;  // one for all, as in a shard: no body may trouble the next
  const auto [result, outcome] = decoder.decode(codings, body);
  return {result, outcome, std::move(body)};
}

bool is_bad(std::string_view codings, std::string body) {
  const Tried tried = decode(codings, std::move(body));
  return tried.result == Result::kFailed && tried.outcome == Outcome::kBadContentEncoding;
}

TEST_CASE("each coding gives back what was put in, of any size") {
  for (const std::size_t size : {1UL, 100UL, 16'384UL, 100'000UL, limits::kBodyBytes}) {
    const std::string text = some_text(size);
    const Tried expected{Result::kDecoded, Outcome::kOk, text};
    CHECK((decode("gzip", deflated(text, kGzip)) == expected));
    CHECK((decode("x-gzip", deflated(text, kGzip)) == expected));
    CHECK((decode("deflate", deflated(text, kZlib)) == expected));
    CHECK((decode("deflate", deflated(text, kRaw)) == expected));
    CHECK((decode("br", brotli(text)) == expected));
    CHECK((decode(" GZip ", deflated(text, kGzip)) == expected));
  }
}

TEST_CASE("bytes that another gzip and zlib made are read") {
  // printf hello | gzip -n; python3: zlib.compress(b"hello")
  const std::string gzip{"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x07\x00"
                         "\x86\xa6\x10\x36\x05\x00\x00\x00", 25};
  CHECK(decode("gzip", gzip).body == "hello");
  const std::string zlib{"\x78\x9c\xcb\x48\xcd\xc9\xc9\x07\x00\x06\x2c\x02\x15", 13};
  CHECK(decode("deflate", zlib).body == "hello");
  CHECK(decode("br", "\x3b").body.empty());  // RFC 7932: an empty stream with a window of 22 bits
}

TEST_CASE("gzip members follow one another, zeros behind them are padding") {
  const std::string two = deflated("one, ", kGzip) + deflated("two", kGzip);
  CHECK(decode("gzip", two).body == "one, two");
  CHECK(decode("gzip", two + std::string(10, '\0')).body == "one, two");
  CHECK(is_bad("gzip", two + "x"));
  CHECK(is_bad("gzip", two + deflated("three", kGzip).substr(0, 15)));
}

TEST_CASE("a list is undone from its end") {
  const std::string text = some_text(5000);
  const Tried expected{Result::kDecoded, Outcome::kOk, text};
  CHECK((decode("gzip, br", brotli(deflated(text, kGzip))) == expected));
  CHECK((decode("br,deflate", deflated(brotli(text), kZlib)) == expected));
  CHECK((decode("identity, gzip,,", deflated(text, kGzip)) == expected));
  CHECK(is_bad("br, gzip", brotli(deflated(text, kGzip))));
  CHECK(is_bad("gzip,gzip,gzip,gzip,gzip", deflated(text, kGzip)));
}

TEST_CASE("an unknown coding leaves the body as it is and says so") {
  CHECK((decode("zstd", "abc") == Tried{Result::kUnknown, Outcome::kOk, "abc"}));
  CHECK((decode("gzip, zstd", "abc") == Tried{Result::kUnknown, Outcome::kOk, "abc"}));
  CHECK((decode("", "abc") == Tried{Result::kPlain, Outcome::kOk, "abc"}));
  CHECK((decode("identity", "abc") == Tried{Result::kPlain, Outcome::kOk, "abc"}));
  CHECK((decode("gzip", "") == Tried{Result::kPlain, Outcome::kOk, ""}));
}

TEST_CASE("a body cut anywhere is malformed, never a shorter body") {
  const std::string text = some_text(300);
  for (const auto& [coding, body] : {std::pair{"gzip", deflated(text, kGzip)},
                                     {"deflate", deflated(text, kZlib)},
                                     {"deflate", deflated(text, kRaw)},
                                     {"br", brotli(text)}})
    for (std::size_t size = 1; size < body.size(); ++size)
      CHECK(is_bad(coding, body.substr(0, size)));
}

TEST_CASE("what is behind the end of a stream is malformed") {
  CHECK(is_bad("deflate", deflated("abc", kZlib) + "x"));
  CHECK(is_bad("deflate", deflated("abc", kRaw) + "x"));
  CHECK(is_bad("br", brotli("abc") + "x"));
  for (const char* coding : {"gzip", "deflate", "br"}) CHECK(is_bad(coding, "<html></html>"));
}

TEST_CASE("a bomb ends at the limit") {
  const std::string zeros(20 * limits::kBodyBytes, '\0');
  const std::string over(limits::kBodyBytes + 1, 'x');
  for (const std::string& text : {zeros, over}) {
    CHECK(decode("gzip", deflated(text, kGzip)).outcome == Outcome::kBodyTooLarge);
    CHECK(decode("deflate", deflated(text, kZlib)).outcome == Outcome::kBodyTooLarge);
    CHECK(decode("deflate", deflated(text, kRaw)).outcome == Outcome::kBodyTooLarge);
    CHECK(decode("br", brotli(text)).outcome == Outcome::kBodyTooLarge);
  }
  const std::string nested = deflated(deflated(zeros, kGzip), kGzip);
  CHECK(decode("gzip, gzip", nested).outcome == Outcome::kBodyTooLarge);
}

}  // namespace
}  // namespace gend::test
