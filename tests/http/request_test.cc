#include "http/request.h"

#include <string>

#include <doctest/doctest.h>

#include "base/limits.h"

namespace gend::http {
namespace {

RequestParts get(std::string target) {
  return {"GET", std::move(target), "shop.example:8080", {}, {}, Persistence::kKeepAlive};
}

const std::string kAgent = std::string{"User-Agent: gend/"} + GEND_VERSION + "\r\n";

TEST_CASE("a request without a body is the request line, Host, User-Agent and the fields") {
  RequestParts parts = get("/a?b=c");
  parts.fields = {{"X-Trace", "1 2\t3"}, {"Accept", "*/*"}};
  CHECK(render_request(parts) == "GET /a?b=c HTTP/1.1\r\nHost: shop.example:8080\r\n" + kAgent +
                                     "X-Trace: 1 2\t3\r\nAccept: */*\r\n\r\n");
}

TEST_CASE("a body is announced by its length in bytes") {
  RequestParts parts = get("/");
  parts.method = "DELETE";
  parts.body = std::string{"\xc3\xa4\r\n\0", 5};
  CHECK(render_request(parts) == "DELETE / HTTP/1.1\r\nHost: shop.example:8080\r\n" + kAgent +
                                     "Content-Length: 5\r\n\r\n" + *parts.body);
}

TEST_CASE("methods that expect a body say that there is none, and others do not") {
  for (const char* method : {"POST", "PUT", "PATCH"}) {
    RequestParts parts = get("/");
    parts.method = method;
    CHECK(render_request(parts)->ends_with("\r\nContent-Length: 0\r\n\r\n"));
  }
  for (const char* method : {"GET", "HEAD", "DELETE", "OPTIONS"}) {
    RequestParts parts = get("/");
    parts.method = method;
    CHECK(render_request(parts)->find("Content-Length") == std::string::npos);
  }
  RequestParts empty = get("/");
  empty.body = "";
  CHECK(render_request(empty)->ends_with("\r\nContent-Length: 0\r\n\r\n"));
}

TEST_CASE("the head ends behind its last field, without a length") {
  RequestParts parts = get("/");
  parts.method = "POST";
  CHECK(render_head(parts) == "POST / HTTP/1.1\r\nHost: shop.example:8080\r\n" + kAgent);
}

TEST_CASE("Host and User-Agent of the plan replace ours, and Host stays first") {
  RequestParts parts = get("/");
  parts.fields = {{"user-agent", "probe"}, {"HOST", "virtual.example"}};
  CHECK(render_request(parts) ==
        "GET / HTTP/1.1\r\nHost: virtual.example\r\nuser-agent: probe\r\n\r\n");
  parts.fields.push_back({"Host", "second.example"});
  CHECK(render_request(parts).error() == "header Host is given twice");
}

TEST_CASE("closing is said once") {
  RequestParts parts = get("/");
  parts.persistence = Persistence::kClose;
  CHECK(render_request(parts)->ends_with("\r\nConnection: close\r\n\r\n"));
  parts.fields = {{"Connection", "TE, Close"}};
  CHECK(render_request(parts)->ends_with(kAgent + "Connection: TE, Close\r\n\r\n"));
  CHECK(asks_to_close(parts.fields));
  parts.fields = {{"Connection", "keep-alive, closed"}};
  CHECK_FALSE(asks_to_close(parts.fields));
}

TEST_CASE("nothing can be smuggled into the request line or a header") {
  RequestParts parts = get("/a\r\nX: y");
  CHECK(render_request(parts).error() ==
        "the request target holds a carriage return at column 3");
  parts = get("/a b");
  CHECK(render_request(parts).error() == "the request target holds a space at column 3");
  parts = get("a");
  CHECK(render_request(parts).error() == "the request target does not begin with '/'");
  parts = get("/");
  parts.method = "GET /x HTTP/1.1\r\n";
  CHECK(render_request(parts).error() == "the method holds a space at column 4");
  parts = get("/");
  parts.authority = "a\r\nX: y";
  CHECK(render_request(parts).error() == "the host: the value holds a carriage return at column 2");
  parts = get("/");
  parts.fields = {{"A", "b\nC: d"}};
  CHECK(render_request(parts).error() == "header A: the value holds a line feed at column 2");
  parts.fields = {{"A:", "b"}};
  CHECK(render_request(parts).error() == "a header name holds ':' at column 2");
  parts.fields = {{"", "b"}};
  CHECK(render_request(parts).error() == "a header name is empty");
  parts.fields = {{"A", std::string{"b\0", 2}}};
  CHECK(render_request(parts).error() == "header A: the value holds a NUL byte at column 2");
}

TEST_CASE("the length is never the plan's to say") {
  for (const char* name : {"Content-Length", "transfer-encoding"}) {
    RequestParts parts = get("/");
    parts.fields = {{name, "5"}};
    CHECK(render_request(parts).error() == std::string{"header "} + name +
                                               " is computed from the body and cannot be set");
  }
}

TEST_CASE("OPTIONS may ask about the server as a whole") {
  RequestParts parts = get("*");
  CHECK_FALSE(render_request(parts));
  parts.method = "OPTIONS";
  CHECK(render_request(parts)->starts_with("OPTIONS * HTTP/1.1\r\n"));
}

TEST_CASE("a request has a largest size") {
  RequestParts parts = get("/");
  parts.body = "";
  const std::size_t head = render_request(parts)->size();
  // Seven digits of length instead of one.
  parts.body = std::string(limits::kRequestBytes - head - 6, 'b');
  CHECK(parts.body->size() < 10'000'000);
  const bool seven_digits = parts.body->size() >= 1'000'000;
  REQUIRE(seven_digits);
  CHECK(render_request(parts)->size() == limits::kRequestBytes);
  *parts.body += 'b';
  CHECK(render_request(parts).error() ==
        "the request is 1048577 bytes long; the limit is 1048576");
}

}  // namespace
}  // namespace gend::http
