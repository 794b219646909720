#include "net/address.h"

#include <doctest/doctest.h>

using namespace gend;
using namespace gend::net;

namespace {
Address address(const char* text) {
  return parse_endpoint(text).value();
}
}  // namespace

TEST_CASE("a block contains its addresses and no others") {
  const auto block = Block::parse("10.1.0.0/16").value();
  CHECK(block.contains(address("10.1.255.255:80")));
  CHECK_FALSE(block.contains(address("10.2.0.0:80")));
  CHECK_FALSE(block.contains(address("[::1]:80")));
  CHECK(Block::parse("::1").value().contains(address("[::1]:1")));
  CHECK(Block::parse("0.0.0.0/0").value().contains(address("8.8.8.8:53")));
}

TEST_CASE("an IPv4 address cannot hide in an IPv6 one") {
  CHECK(Block::parse("127.0.0.0/8").value().contains(address("[::ffff:127.0.0.1]:80")));
  CHECK_FALSE(Block::parse("::/0").value().contains(address("[::ffff:8.8.8.8]:80")));
}

TEST_CASE("what is no block is refused with an example") {
  for (const char* bad : {"", "10.0.0.0/33", "10.0.0/8", "::1/129", "example.org", "1.2.3.4/x"}) {
    const auto block = Block::parse(bad);
    REQUIRE_FALSE(block.has_value());
    CHECK(block.error().message.find(std::string{"\""} + bad + "\"") == 0);
    CHECK_FALSE(block.error().remedy.empty());
  }
}

TEST_CASE("a block lists its hosts without network and broadcast address") {
  const auto hosts = Block::parse("127.0.0.0/29").value().addresses(100);
  REQUIRE(hosts.size() == 6);
  CHECK(hosts.front().ip() == "127.0.0.1");
  CHECK(hosts.back().ip() == "127.0.0.6");
  CHECK(Block::parse("127.0.0.5").value().addresses(100).size() == 1);
  CHECK(Block::parse("10.0.0.0/8").value().addresses(100).size() == 100);
}

TEST_CASE("literals resolve without a resolver, with their port") {
  const auto found = resolve("127.0.0.1", 8080);
  REQUIRE(found.has_value());
  CHECK(found->front().text() == "127.0.0.1:8080");
  CHECK(resolve("::1", 80).value().front().text() == "[::1]:80");
}

TEST_CASE("a name that does not resolve says so, and what to look at") {
  const auto found = resolve("no-such-host.invalid", 80);
  REQUIRE_FALSE(found.has_value());
  CHECK(found.error().message.find("\"no-such-host.invalid\" does not resolve") !=
        std::string::npos);
}
