#include "net/interface.h"

#include <doctest/doctest.h>

#include <string>

using namespace gend;

TEST_CASE("the way to this host is its loopback interface") {
  const auto route = net::route_to(*net::parse_endpoint("127.0.0.1:80"));
  REQUIRE(route.has_value());
  CHECK(route->source == "127.0.0.1");
  CHECK(route->interface == "lo");
}

TEST_CASE("interfaces that do not exist, or have impossible names, have no offloads") {
  CHECK_FALSE(net::card_offloads("no-such-card").has_value());
  CHECK_FALSE(net::card_offloads("").has_value());
  CHECK_FALSE(net::card_offloads(std::string(300, 'x')).has_value());
}
