#include "report/history.h"

#include <doctest/doctest.h>

#include "base/rng.h"
#include "support/seed.h"

namespace {

using namespace gend;
using namespace std::chrono_literals;
using report::History;

History some_history() {
  History history;
  history.summary = {{"run", {{"id", "1-x"}, {"name", "\"quoted\" <b>\n\xff"}}}, {"z", 1}, {"a", 2}};
  history.plan_text = "name: x\n";
  history.schema = std::make_unique<stats::Schema>();
  stats::Schema& schema = *history.schema;
  schema.add("http_req_duration", {{"scenario", "a"}, {"name", "GET /"}});
  schema.add("http_reqs", {{"scenario", "a"}});
  schema.add_facet("http_req_duration", {{"scenario", "a"}, {"stage", "2"}});
  REQUIRE(schema.declare("basket", stats::Kind::kTrend, stats::Contains::kDefault) != nullptr);
  schema.add("basket", {{"scenario", "a"}});
  schema.add("vus", {{"scenario", "b"}});
  stats::Snapshot snapshot{schema};
  for (int second = 0; second < 3; ++second) {
    snapshot.clear();
    snapshot.recorder.trend(0, 5ms * (second + 1));
    snapshot.recorder.gauge(0, second);
    history.frames.push_back(stats::frame_of(schema, snapshot, second * 1s, (second + 1) * 1s));
  }
  return history;
}

TEST_CASE("a run file gives back the run: summary in its order, series in their slots, intervals") {
  const History before = some_history();
  const auto after = report::decode_history(report::encode(before));
  REQUIRE(after);
  CHECK(after->summary["run"]["id"] == "1-x");
  CHECK(after->summary["run"]["name"] == "\"quoted\" <b>\n\xEF\xBF\xBD");
  CHECK(after->summary.begin().key() == "run");
  CHECK(std::prev(after->summary.end()).key() == "a");
  CHECK(after->plan_text == before.plan_text);
  REQUIRE(after->schema->series().size() == before.schema->series().size());
  for (std::size_t i = 0; i < after->schema->series().size(); ++i) {
    const stats::Series &a = after->schema->series()[i], &b = before.schema->series()[i];
    CHECK(a.metric == b.metric);
    CHECK(a.kind == b.kind);
    CHECK(a.tags == b.tags);
    CHECK(a.slot == b.slot);
    CHECK(a.facet == b.facet);
  }
  CHECK(after->schema->find("basket")->of_plan);
  REQUIRE(after->frames.size() == 3);
  CHECK(after->frames[2].trends[0].slice.max == 15'000'000);
  CHECK(report::encode(*after) == report::encode(before));
}

std::string complaint(const std::string& bytes) {
  const auto read = report::decode_history(bytes);
  return read ? "" : read.error();
}

TEST_CASE("what is no run file, or not a whole one, is said to be that") {
  const std::string good = report::encode(some_history());
  CHECK(complaint("{\"metrics\": {}}") == "not a run file of gend");
  CHECK(complaint("") == "not a run file of gend");
  std::string newer = good;
  newer[7] = 2;
  CHECK(complaint(newer) == "a run file of another version of gend: read it with that one");
  for (std::size_t size = 8; size < good.size(); size += 7)
    CHECK(complaint(good.substr(0, size)) ==
          "the run file is damaged or was not written to its end");
  CHECK_FALSE(complaint(good + "x").empty());
}

TEST_CASE("spoiled run files are refused, never believed half") {
  const std::string good = report::encode(some_history());
  Rng rng{test::seed()};
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = good;
    bytes[8 + rng.below(bytes.size() - 8)] ^= static_cast<char>(1u << rng.below(8));
    // zlib's checksum covers everything but the bits that fill up the last byte before it.
    const auto read = report::decode_history(bytes);
    CHECK((!read || report::encode(*read) == good));
  }
}

TEST_CASE("secrets in the tags of facets are not kept, and the series stay apart in their slots") {
  stats::Schema schema;
  for (const char* value : {"hunter2", "x hunter2", "plain", "y hunter2", "eyJhbGciOi.J9.x"})
    schema.add_facet("http_reqs", {{"scenario", "a"}, {"key", value}});
  schema.add("http_reqs", {{"scenario", "a"}, {"name", "token=abc"}});
  for (const char* value : {"***", "v\xff", "v\xfe"})
    schema.add_facet("http_reqs", {{"scenario", "a"}, {"key", value}});
  const nlohmann::json rows = report::schema_json(schema, {"hunter2", "x hunter2", "y hunter2"});
  CHECK(rows.dump().find("hunter2") == std::string::npos);
  CHECK(rows.dump().find("eyJ") == std::string::npos);
  CHECK(rows[0]["tags"]["key"] == "***");
  CHECK(rows[1]["tags"]["key"] == "*** (2)");
  CHECK(rows[2]["tags"]["key"] == "plain");
  CHECK(rows[3]["tags"]["key"] == "*** (3)");
  CHECK(rows[4]["tags"]["key"] == "*** (4)");
  CHECK(rows[5]["tags"]["name"] == "token=abc");  // the plan's own; it may not hold a secret
  CHECK(rows[6]["tags"]["key"] == "*** (5)");
  CHECK(rows[8]["tags"]["key"] == "v\xEF\xBF\xBD (2)");
  const auto read = report::schema_of(rows);
  REQUIRE(read);
  for (std::size_t i = 0; i < rows.size(); ++i)
    CHECK((*read)->series()[i].slot == schema.series()[i].slot);
}

TEST_CASE("what is newer of a run goes behind what is known of it, nothing twice") {
  History known = some_history();
  known.frames.resize(2);
  History newer = some_history();
  newer.summary["run"]["state"] = "finished";
  newer.frames.erase(newer.frames.begin());  // one that is known, one that is not
  REQUIRE(report::extend(known, std::move(newer)));
  History whole = some_history();
  whole.summary["run"]["state"] = "finished";
  CHECK(report::encode(known) == report::encode(whole));
  // Nothing new but the summary.
  History standing = some_history();
  standing.frames.clear();
  REQUIRE(report::extend(known, std::move(standing)));
  CHECK(known.frames.size() == 3);
  CHECK_FALSE(known.summary["run"].contains("state"));
}

TEST_CASE("a history with other series is not put behind one, and changes nothing") {
  History known = some_history();
  known.frames.resize(1);
  const std::string before = report::encode(known);
  History other = some_history();
  other.schema->add("http_reqs", {{"scenario", "b"}});
  CHECK_FALSE(report::extend(known, std::move(other)));
  CHECK(report::encode(known) == before);
}

TEST_CASE("a series that this gend does not know is named") {
  History history = some_history();
  nlohmann::json rows = report::schema_json(*history.schema);
  rows[0]["metric"] = "http_from_the_future";
  CHECK(report::schema_of(rows).error() ==
        "metric http_from_the_future, which this gend does not know");
  rows = report::schema_json(*history.schema);
  rows[2]["slot"] = 7;
  CHECK(report::schema_of(rows).error() == "a series of http_req_duration out of its place");
  CHECK_FALSE(report::schema_of(nlohmann::json::parse(R"([{"metric": 3}])")));
}

}  // namespace
