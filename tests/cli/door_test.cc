#include "cli/door.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "cli/browser.h"

using gend::cli::Door;

namespace {

const std::string kToken = "0123456789abcdef0123456789abcdef";

}  // namespace

TEST_CASE("a token has 128 bits and is another one each time") {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const auto token = gend::cli::random_token();
    REQUIRE(token.has_value());
    CHECK(token->size() == 32);
    CHECK(token->find_first_not_of("0123456789abcdef") == std::string::npos);
    seen.insert(*token);
  }
  CHECK(seen.size() == 100);
}

TEST_CASE("only what is below the token is inside") {
  const Door door{kToken, 8080};
  CHECK(door.url() == "http://127.0.0.1:8080/" + kToken + "/");
  CHECK(door.inside("/" + kToken + "/") == "");
  CHECK(door.inside("/" + kToken + "/data") == "data");
  for (const std::string& path :
       {std::string{}, std::string{"/"}, std::string{"/data"}, "/" + kToken, kToken + "/",
        "/" + kToken.substr(1) + "0/", "/0" + kToken.substr(1, 30) + "0/data",
        "/" + kToken.substr(0, 31) + "/", "/" + kToken + "0/", "//" + kToken + "/",
        "/" + std::string(32, '\0') + "/"})
    CHECK_MESSAGE(!door.inside(path).has_value(), path);
}

TEST_CASE("a host that is not this one is refused, whatever port it says") {
  const Door door{kToken, 8080};
  CHECK(door.is_for_us("127.0.0.1:8080"));
  CHECK(door.is_for_us("localhost:8080"));
  for (const auto* host : {"", "127.0.0.1", "127.0.0.1:8081", "evil.example:8080", "evil.example",
                           "127.0.0.1:8080.evil.example", "localhost.evil.example:8080",
                           "0.0.0.0:8080", "[::1]:8080", "127.0.0.1:80800"})
    CHECK_MESSAGE(!door.is_for_us(host), host);
}

TEST_CASE("what a browser is started with leads to the page and names nothing else") {
  const std::string url = Door{kToken, 8080}.url();
  const std::string page = gend::cli::leading_page(url);
  CHECK(page.find("content=\"0; url=" + url + "\"") != std::string::npos);
  CHECK(page.find("no-referrer") != std::string::npos);
}
