#include "http/request_parser.h"

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "base/limits.h"
#include "http/facts.h"
#include "http/request.h"
#include "support/seed.h"

namespace gend::http {
namespace {

using State = RequestParser::State;

struct Seen {
  State state = State::kNeedMore;
  int error = 0;
  std::string method, target, headers, body;
  int minor_version = 0;
  bool keep_alive = false;
  std::uint64_t body_bytes = 0;
  std::size_t consumed = 0;
  bool operator==(const Seen&) const = default;
};

Seen feed(std::string_view bytes, const test::Pieces& pieces) {
  Kept kept;
  kept.want_headers = kept.want_body = true;
  RequestParser parser;
  parser.begin(&kept);
  Seen seen;
  for (std::size_t piece : pieces) {
    const auto progress = parser.feed(bytes.substr(seen.consumed, piece));
    seen.consumed += progress.consumed;
    seen.state = progress.state;
    if (seen.state != State::kNeedMore) break;
  }
  seen.error = parser.error_status();
  seen.method = parser.method();
  seen.target = parser.target();
  seen.headers = kept.headers;
  seen.body = kept.body;
  seen.minor_version = parser.minor_version();
  seen.keep_alive = parser.keep_alive();
  seen.body_bytes = parser.body_bytes();
  if (seen.state == State::kFailed) seen.consumed = 0;  // may depend on the pieces
  return seen;
}

Seen read(std::string_view bytes) {
  const Seen seen = feed(bytes, test::whole(bytes));
  CHECK(seen == feed(bytes, test::byte_by_byte(bytes)));
  return seen;
}

int error_of(std::string_view bytes) { return read(bytes).error; }

TEST_CASE("a request is taken apart and what follows is left") {
  const std::string first = "POST /a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
  const Seen seen = read(first + "GET / HT");
  CHECK(seen.state == State::kComplete);
  CHECK(seen.method == "POST");
  CHECK(seen.target == "/a?b");
  CHECK(seen.headers == "Host: h\nContent-Length: 3\n");
  CHECK(seen.body == "abc");
  CHECK(seen.minor_version == 1);
  CHECK(seen.keep_alive);
  CHECK(seen.consumed == first.size());
}

TEST_CASE("a request without a length has no body") {
  CHECK(read("GET / HTTP/1.1\r\nHost: h\r\n\r\n").state == State::kComplete);
  CHECK(read("POST / HTTP/1.0\r\n\r\n").state == State::kComplete);
}

TEST_CASE("a chunked body is decoded") {
  const Seen seen = read("PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: u\r\n\r\n");
  CHECK(seen.state == State::kComplete);
  CHECK(seen.body == "abcde");
  CHECK(seen.body_bytes == 5);
  CHECK(seen.headers == "Host: h\nTransfer-Encoding: chunked\nT: u\n");
}

TEST_CASE("pipelined requests come out one after the other") {
  const std::string bytes =
      "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
      "POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nxy"
      "\r\nGET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  RequestParser parser;
  std::string_view rest = bytes;
  for (std::string_view target : {"/1", "/2", "/3"}) {
    parser.begin(nullptr);
    const auto progress = parser.feed(rest);
    REQUIRE(progress.state == State::kComplete);
    CHECK(parser.target() == target);
    CHECK(parser.keep_alive() == (target != "/3"));
    rest.remove_prefix(progress.consumed);
  }
  CHECK(rest.empty());
}

TEST_CASE("empty lines before a request are no request yet") {
  RequestParser parser;
  parser.begin(nullptr);
  CHECK(parser.feed("\r").state == State::kNeedMore);
  CHECK_FALSE(parser.started());
  CHECK(parser.feed("\n\r\n").state == State::kNeedMore);
  CHECK_FALSE(parser.started());
  CHECK(parser.method().empty());
  CHECK(parser.target().empty());
  CHECK(parser.feed("G").state == State::kNeedMore);
  CHECK(parser.started());
}

TEST_CASE("a malformed request line is refused") {
  const std::string host = "\r\nHost: h\r\n\r\n";
  for (const char* line : {"GET /", "GET  HTTP/1.1", "GET /a b HTTP/1.1", "G@T / HTTP/1.1",
                           " GET / HTTP/1.1", "GET / HTTP/1.1 ", "GET / HTTP/11", "GET / http/1.1",
                           "GET /\x01 HTTP/1.1", "GET", "/ HTTP/1.1", "GET\t/\tHTTP/1.1"})
    CHECK_MESSAGE(error_of(line + host) == 400, line);
  CHECK(error_of("GET / HTTP/1.1\nHost: h\r\n\r\n") == 400);
  CHECK(error_of("GET / HTTP/2.0" + host) == 505);
}

TEST_CASE("a malformed or ambiguous head is refused") {
  const auto with = [](std::string_view fields) {
    return error_of("POST / HTTP/1.1\r\n" + std::string{fields} + "\r\n\r\n");
  };
  CHECK(with("Host: h\r\nContent-Length: 0") == 0);
  CHECK(with("A: b") == 400);
  CHECK(with("Host: h\r\nHost: h") == 400);
  CHECK(with("Host : h") == 400);
  CHECK(with("Host: h\r\n folded: x") == 400);
  CHECK(with("Host: h\r\nContent-Length: x") == 400);
  CHECK(with("Host: h\r\nContent-Length: 1, 2") == 400);
  CHECK(with("Host: h\r\nContent-Length: 0\r\nTransfer-Encoding: chunked") == 400);
  CHECK(with("Host: h\r\nTransfer-Encoding: gzip") == 501);
  CHECK(with("Host: h\r\nExpect: miracles") == 417);
  CHECK(error_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
  CHECK(error_of("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n") == 400);
}

TEST_CASE("a request is bounded") {
  const std::string line = "GET / HTTP/1.1\r\nHost: h\r\n";
  CHECK(error_of("GET /" + std::string(limits::kHeaderBytes, 'x')) == 414);
  CHECK(error_of(line + "A: " + std::string(limits::kHeaderBytes, 'x')) == 431);
  std::string many;
  for (std::size_t i = 0; i < limits::kHeaderCount; ++i) many += "A: b\r\n";
  CHECK(error_of(line + many + "\r\n") == 431);  // with Host one too many
  const std::string too_much = std::to_string(limits::kBodyBytes + 1);
  CHECK(error_of(line + "Content-Length: " + too_much + "\r\n\r\n") == 413);
}

TEST_CASE("a body that nobody keeps may be of any size") {
  RequestParser parser;
  parser.begin(nullptr);
  const std::string body(limits::kBodyBytes + 1, 'b');
  CHECK(parser.feed("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n\r\n").state == State::kNeedMore);
  CHECK(parser.feed(body).state == State::kComplete);
  CHECK(parser.body_bytes() == body.size());
}

TEST_CASE("keep-alive follows the version and Connection") {
  CHECK_FALSE(read("GET / HTTP/1.0\r\n\r\n").keep_alive);
  CHECK(read("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
  CHECK_FALSE(read("GET / HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n").keep_alive);
}

TEST_CASE("a client that waits for 100 Continue is noticed until it sends") {
  RequestParser parser;
  parser.begin(nullptr);
  CHECK(parser.feed("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\n").state ==
        State::kNeedMore);
  CHECK_FALSE(parser.wants_continue());  // the head is not over
  CHECK(parser.feed("Content-Length: 2\r\n\r\n").state == State::kNeedMore);
  CHECK(parser.wants_continue());
  CHECK(parser.feed("a").state == State::kNeedMore);
  CHECK_FALSE(parser.wants_continue());
  CHECK(parser.feed("b").state == State::kComplete);
}

TEST_CASE("what request.h renders comes back as it was, however it is split") {
  std::mt19937_64 random{test::seed()};
  for (int i = 0; i < 500; ++i) {
    RequestParts parts{"POST", "/p", "host:1", {}, {}, Persistence::kKeepAlive};
    std::string expected = "Host: host:1\nUser-Agent: gend/" GEND_VERSION "\n";
    for (std::size_t n = random() % 5; n > 0; --n) {
      const Field field{"X-" + std::to_string(n), std::string(random() % 30, 'v')};
      expected += field.name + ": " + field.value + "\n";
      parts.fields.push_back(field);
    }
    parts.body.emplace();
    for (std::size_t n = random() % 50; n > 0; --n)
      *parts.body += static_cast<char>(random() % 256);
    expected += "Content-Length: " + std::to_string(parts.body->size()) + "\n";

    const std::string wire = render_request(parts).value();
    const Seen seen = feed(wire, test::split_at_random(wire, random));
    REQUIRE(seen.state == State::kComplete);
    REQUIRE(seen.method == "POST");
    REQUIRE(seen.target == "/p");
    REQUIRE(seen.headers == expected);
    REQUIRE(seen.body == *parts.body);
    REQUIRE(seen.consumed == wire.size());
  }
}

}  // namespace
}  // namespace gend::http
