#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "base/limits.h"
#include "http/response_parser.h"

namespace gend::test {
namespace {

using http::Kept;
using http::ResponseParser;

enum class Want : std::uint8_t { kNothing, kBody };

// Fed whole and byte by byte: both must keep the same.
Kept kept_of(std::string_view bytes, Want want = Want::kNothing) {
  Kept whole, pieces;
  whole.want_body = pieces.want_body = want == Want::kBody;
  ResponseParser parser;
  parser.begin(false, &whole);
  parser.feed(bytes);
  parser.begin(false, &pieces);
  for (const char c : bytes) {
    if (parser.feed({&c, 1}).state != ResponseParser::State::kNeedMore) break;
  }
  CHECK(whole.location == pieces.location);
  CHECK(whole.set_cookies == pieces.set_cookies);
  CHECK(whole.retry_after == pieces.retry_after);
  CHECK(whole.request_id == pieces.request_id);
  CHECK(whole.content_encoding == pieces.content_encoding);
  CHECK(whole.excerpt == pieces.excerpt);
  return whole;
}

TEST_CASE("what redirects, cookies and retries need is kept though no headers are wanted") {
  const Kept kept = kept_of(
      "HTTP/1.1 302 Found\r\nlocation: /next\r\nSET-COOKIE: a=1; Path=/\r\nSet-Cookie:b=2\r\n"
      "Retry-After: 120\r\nX-Request-ID: r-17\r\nContent-Encoding: gzip\r\ncontent-encoding: br\r\n"
      "Locations: no\r\nXocation: no\r\nContent-Length: 0\r\n\r\n");
  CHECK(kept.location == "/next");
  CHECK(kept.set_cookies == "a=1; Path=/\nb=2\n");
  CHECK(kept.retry_after == "120");
  CHECK(kept.request_id == "r-17");
  CHECK(kept.content_encoding == "gzip, br");
  CHECK(kept.headers.empty());
}

TEST_CASE("of several the first counts, and an interim response or a trailer gives nothing") {
  const Kept kept = kept_of(
      "HTTP/1.1 103 Early\r\nLocation: /early\r\nSet-Cookie: early=1\r\n\r\n"
      "HTTP/1.1 301 Moved\r\nLocation: /a\r\nLocation: /b\r\nTransfer-Encoding: chunked\r\n\r\n"
      "0\r\nSet-Cookie: late=1\r\nRetry-After: 1\r\n\r\n");
  CHECK(kept.location == "/a");
  CHECK(kept.set_cookies.empty());
  CHECK(kept.retry_after.empty());
}

TEST_CASE("an excerpt is kept of an error's body that nobody wants") {
  const std::string body(limits::kExcerptBytes + 100, 'e');
  const std::string rest = " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  CHECK(kept_of("HTTP/1.1 500" + rest).excerpt == body.substr(0, limits::kExcerptBytes));
  CHECK(kept_of("HTTP/1.1 400" + rest).excerpt.size() == limits::kExcerptBytes);
  CHECK(kept_of("HTTP/1.1 399" + rest).excerpt.empty());
  CHECK(kept_of("HTTP/1.1 500" + rest, Want::kBody).excerpt.empty());
  CHECK(kept_of("HTTP/1.1 404 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnot\r\n4\r\nhere\r\n0\r\n\r\n")
            .excerpt == "nothere");
}

TEST_CASE("the next response forgets all that was kept, and keeps the memory") {
  Kept kept;
  ResponseParser parser;
  parser.begin(false, &kept);
  const std::string_view first =
      "HTTP/1.1 503 X\r\nLocation: /a-location-longer-than-small-strings\r\nSet-Cookie: a=1\r\n"
      "Retry-After: 1\r\nX-Request-Id: r\r\nContent-Encoding: br\r\nContent-Length: 3\r\n\r\nabc";
  CHECK(parser.feed(first).state == ResponseParser::State::kComplete);
  CHECK(kept.excerpt == "abc");
  const char* memory = kept.location.data();
  parser.begin(false, &kept);
  for (const std::string* part : {&kept.location, &kept.set_cookies, &kept.retry_after,
                                  &kept.request_id, &kept.content_encoding, &kept.excerpt})
    CHECK(part->empty());
  CHECK(parser.feed(first).state == ResponseParser::State::kComplete);
  CHECK(kept.location.data() == memory);
}

}  // namespace
}  // namespace gend::test
