#include "stats/schema.h"

#include <doctest/doctest.h>

#include <cctype>
#include <set>

using namespace gend::stats;

TEST_CASE("every builtin metric is found by its name and says what it is") {
  std::set<std::string_view> names;
  for (const Metric& metric : builtin_metrics()) {
    CHECK(names.insert(metric.name).second);
    CHECK(find_metric(metric.name) == &metric);
    REQUIRE_FALSE(metric.help.empty());
    CHECK(std::isupper(static_cast<unsigned char>(metric.help.front())));
    CHECK(metric.help.back() != '.');
  }
  CHECK(find_metric("http_req_durations") == nullptr);
  CHECK(find_metric("") == nullptr);
}

TEST_CASE("k6's metrics carry k6's kinds and units") {
  // metrics/builtin.go of k6; http_reqs is a tally here, which users see as the counter it is there.
  struct Row {
    std::string_view name, kind, contains;
  };
  for (const Row& row : {Row{"vus", "gauge", "default"}, Row{"vus_max", "gauge", "default"},
                         Row{"iterations", "counter", "default"},
                         Row{"dropped_iterations", "counter", "default"},
                         Row{"iteration_duration", "trend", "time"},
                         Row{"group_duration", "trend", "time"}, Row{"checks", "rate", "default"},
                         Row{"http_reqs", "counter", "default"},
                         Row{"http_req_failed", "rate", "default"},
                         Row{"http_req_duration", "trend", "time"},
                         Row{"http_req_blocked", "trend", "time"},
                         Row{"http_req_connecting", "trend", "time"},
                         Row{"http_req_tls_handshaking", "trend", "time"},
                         Row{"http_req_sending", "trend", "time"},
                         Row{"http_req_waiting", "trend", "time"},
                         Row{"http_req_receiving", "trend", "time"},
                         Row{"ws_sessions", "counter", "default"},
                         Row{"ws_msgs_sent", "counter", "default"},
                         Row{"ws_msgs_received", "counter", "default"},
                         Row{"ws_ping", "trend", "time"}, Row{"ws_connecting", "trend", "time"},
                         Row{"ws_session_duration", "trend", "time"},
                         Row{"data_sent", "counter", "data"},
                         Row{"data_received", "counter", "data"}}) {
    const Metric* metric = find_metric(row.name);
    CAPTURE(row.name);
    REQUIRE(metric != nullptr);
    CHECK(name_of(metric->kind) == row.kind);
    CHECK(name_of(metric->contains) == row.contains);
  }
}

TEST_CASE("one metric with the same tags is one series, whatever the order of the tags") {
  Schema schema;
  const auto slot = schema.add("http_req_duration", {{"scenario", "a"}, {"name", "x"}});
  CHECK(schema.add("http_req_duration", {{"name", "x"}, {"scenario", "a"}}) == slot);
  CHECK(schema.add("http_req_duration", {{"name", "y"}, {"scenario", "a"}}) == slot + 1);
  CHECK(schema.series().size() == 2);
  CHECK(schema.series()[0].tags == Tags{{"name", "x"}, {"scenario", "a"}});
}

TEST_CASE("tags that would read alike when joined are series of their own") {
  Schema schema;
  schema.add("iterations", {{"a", "b,c=d"}});
  schema.add("iterations", {{"a", "b"}, {"c", "d"}});
  schema.add("iterations", {{"a", "b\n1:c1:d"}});
  CHECK(schema.series().size() == 3);
}

TEST_CASE("slots are numbered by kind, so that they index the arrays of a recorder") {
  Schema schema;
  CHECK(schema.add("http_reqs", {}) == 0);
  CHECK(schema.add("iterations", {}) == 0);
  CHECK(schema.add("vus", {}) == 0);
  CHECK(schema.add("checks", {}) == 0);
  CHECK(schema.add("gen_lag", {}) == 0);
  CHECK(schema.add("dropped_iterations", {}) == 1);
  CHECK(schema.slots(Kind::kCounter) == 2);
  CHECK(schema.slots(Kind::kTally) == 1);
  CHECK(schema.slots(Kind::kGauge) == 1);
}

TEST_CASE("a plan's own metric is found beside the builtin ones and keeps its address") {
  Schema schema;
  const Metric* basket = schema.declare("basket_size", Kind::kTrend, Contains::kDefault);
  REQUIRE(basket != nullptr);
  for (int i = 0; i < 100; ++i)
    REQUIRE(schema.declare("m" + std::to_string(i), Kind::kCounter, Contains::kDefault) != nullptr);
  const Schema moved{std::move(schema)};
  CHECK(moved.find("basket_size") == basket);
  CHECK(basket->name == "basket_size");
  CHECK(basket->of_plan);
  CHECK_FALSE(basket->help.empty());
  CHECK(moved.find("http_reqs") == find_metric("http_reqs"));
  CHECK(moved.find("basket") == nullptr);
  CHECK(moved.metrics().size() == builtin_metrics().size() + 101);
}

TEST_CASE("a name means one metric only") {
  Schema schema;
  const Metric* first = schema.declare("stock", Kind::kGauge, Contains::kDefault);
  CHECK(schema.declare("stock", Kind::kGauge, Contains::kDefault) == first);
  CHECK(schema.declare("stock", Kind::kRate, Contains::kDefault) == nullptr);
  CHECK(schema.declare("stock", Kind::kGauge, Contains::kTime) == nullptr);
  CHECK(schema.declare("http_reqs", Kind::kCounter, Contains::kDefault) == nullptr);
}

TEST_CASE("a facet is a series of its own, whatever else has the same tags") {
  Schema schema;
  const auto whole = schema.add("http_req_failed", {{"scenario", "a"}, {"village", "7"}});
  const auto facet = schema.add_facet("http_req_failed", {{"scenario", "a"}, {"village", "7"}});
  CHECK(whole != facet);
  CHECK(schema.add_facet("http_req_failed", {{"village", "7"}, {"scenario", "a"}}) == facet);
  CHECK_FALSE(schema.series()[0].facet);
  CHECK(schema.series()[1].facet);
  CHECK(schema.slots(Kind::kRate) == 2);
}
