#include "target/router.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "target/text.h"

using namespace gend::target;

namespace {
std::string_view pattern_of(const Match& match) {
  return match.kind == Match::Kind::kFound ? routes()[match.route].pattern : "";
}
}  // namespace

TEST_CASE("paths find their route, with what stands in their braces") {
  const Match updates = match("POST", "/api/villages/12/updates");
  CHECK(pattern_of(updates) == "/api/villages/{id}/updates");
  CHECK(updates.parameters[0] == "12");
  CHECK(pattern_of(match("GET", "/api/products/search")) == "/api/products/search");
  CHECK(pattern_of(match("GET", "/api/products/product-1")) == "/api/products/{id}");
  CHECK(pattern_of(match("HEAD", "/api/products")) == "/api/products");
  CHECK(pattern_of(match("TRACE", "/echo")) == "/echo");
}

TEST_CASE("the versioned paths are the same routes") {
  CHECK(match("POST", "/api/v1/auth/login").route == match("POST", "/auth/login").route);
  CHECK(match("GET", "/api/v1/admin/users").route == match("GET", "/admin/users").route);
  CHECK(match("GET", "/api/v1/dashboard").route == match("GET", "/api/dashboard").route);
}

TEST_CASE("what leads nowhere is told from what takes another method") {
  CHECK(match("DELETE", "/api/products").kind == Match::Kind::kOtherMethod);
  for (const char* path : {"/api", "/api/villages", "/api/villages/", "/api/villages//updates",
                           "/api/products/1/2", "/api/v1", "/api/v1/", "", "/"})
    CHECK_MESSAGE(match("GET", path).kind == Match::Kind::kNoSuchPath, path);
}

TEST_CASE("texts are quoted for JSON whatever bytes they hold") {
  CHECK(json_text("a\"\\\n") == R"("a\"\\\u000a")");
  CHECK(json_text("\xC3\xA4") == "\"\xC3\xA4\"");
  const std::string unknown = "\xEF\xBF\xBD";
  for (const char* bad : {"\xFF", "\xC3", "\xC0"})
    CHECK(json_text(bad) == "\"" + unknown + "\"");
  CHECK(json_text("\xED\xA0\x80") == "\"" + unknown + unknown + unknown + "\"");  // a surrogate
}

TEST_CASE("queries and cookies are read by name") {
  CHECK(query_value("a=1&b=%41+c&a=2", "b") == "A c");
  CHECK(query_value("a=1&a=2", "a") == "1");
  CHECK_FALSE(query_value("ab=1", "a").has_value());
  CHECK(percent_decoded("%4", PlusIs::kPlus) == "%4");
  CHECK(percent_decoded("100%+", PlusIs::kPlus) == "100%+");
  CHECK(cookie_value("x=1; sid=2; sid=3", "sid") == "2");
  CHECK(cookie_value("xsid=1", "sid").empty());
}
