#include "plan/export.h"

#include <doctest/doctest.h>

#include "support.h"

using namespace gend;
using namespace gend::plan;
using namespace gend::plan::support;
using namespace std::chrono_literals;

namespace {

std::string exported(const std::string& entries) {
  return with_top("export:\n" + entries);
}

bool complains(const std::string& plan, std::string_view words, const Options& options = {}) {
  const auto program = compile("p.yaml", plan, options);
  if (program) return false;
  for (const Complaint& each : program.error())
    if (each.str().find(words) != std::string::npos) return true;
  for (const Complaint& each : program.error()) MESSAGE(each.str());
  return false;
}

}  // namespace

TEST_CASE("an export is read with all it says") {
  const std::string plan = exported(
      "  - prometheus: http://p:9090/api/v1/write\n    every: 10s\n    names: k6\n"
      "    trends: native\n    labels: {env: stage}\n    user: me\n    password: hidden1\n"
      "    headers: {X-Scope-OrgID: tenant1}\n"
      "  - influxdb: http://i:8086/k6\n"
      "  - {statsd: \"[::1]:8125\", tags: true}\n");
  const auto program = compiled(plan);
  const auto& exports = program->exports;
  REQUIRE(exports.size() == 3);
  CHECK(exports[0].kind == Export::Kind::kPrometheus);
  CHECK(exports[0].address == "http://p:9090/api/v1/write");
  CHECK(exports[0].every == 10s);
  CHECK(exports[0].names == Export::Names::kK6);
  CHECK(exports[0].trends == Export::Trends::kNative);
  CHECK(exports[0].labels.front().second == "stage");
  CHECK(exports[0].user == "me");
  CHECK(exports[0].password == "hidden1");
  CHECK(exports[1].kind == Export::Kind::kInfluxdb);
  CHECK(exports[1].names == Export::Names::kGend);
  CHECK(exports[2].tags);
  CHECK(exports[2].address == "[::1]:8125");
}

TEST_CASE("credentials of an export are not in the stored plan, and are masked elsewhere") {
  const auto program = compile("p.yaml", exported(
      "  - {influxdb: \"http://i:8086/k6\", user: me, password: hidden1, "
      "headers: {Authorization: Token hidden2}}\n"), {});
  REQUIRE(program.has_value());
  CHECK((*program)->source_text.find("hidden1") == std::string::npos);
  CHECK((*program)->source_text.find("hidden2") == std::string::npos);
  CHECK(std::ranges::find((*program)->secrets, "hidden1") != (*program)->secrets.end());
}

TEST_CASE("what is wrong with an export is said with its place") {
  CHECK(complains(exported("  - {}\n"), "p.yaml:2:5: an export goes to exactly one of"));
  CHECK(complains(exported("  - {prometheus: \"http://p/w\", statsd: \"h:1\"}\n"), "exactly one"));
  CHECK(complains(exported("  - prometheus: p:9090\n"), "p.yaml:2:17"));
  CHECK(complains(exported("  - prometheus: ftp://p/w\n"), "p.yaml:2:17"));
  CHECK(complains(exported("  - influxdb: http://me:secret@i/k6\n"), "`user` and `password`"));
  CHECK_FALSE(complains(exported("  - influxdb: http://me:secret@i/k6\n"), "secret"));
  CHECK(complains(exported("  - statsd: localhost\n"), "is not host:port"));
  CHECK(complains(exported("  - statsd: localhost:0\n"), "is not host:port"));
  CHECK(complains(exported("  - statsd: localhost:70000\n"), "is not host:port"));
  CHECK(complains(exported("  - statsd: ::1:8125\n"), "is not host:port"));
  CHECK(complains(exported("  - {prometheus: \"http://p/w\", every: 10ms}\n"), "1s to 1h"));
  CHECK(complains(exported("  - {prometheus: \"http://p/w\", names: k7}\n"), "neither gend nor k6"));
  CHECK(complains(exported("  - {prometheus: \"http://p/w\", trends: sparse}\n"), "neither buckets"));
  CHECK(complains(exported("  - {prometheus: \"http://p/w\", tags: true}\n"), "`tags` means nothing"));
  CHECK(complains(exported("  - {influxdb: \"http://p/w\", trends: native}\n"), "`trends` means"));
  CHECK(complains(exported("  - {statsd: \"h:1\", every: 2s}\n"), "`every` means nothing"));
  CHECK(complains(exported("  - {statsd: \"h:1\", user: me}\n"), "`user` means nothing"));
  CHECK(complains(exported("  - {prometheus: \"http://p/w\", password: x}\n"), "without its `user`"));
  CHECK(complains(exported("  - {prometheus: \"http://p/w\", labels: {__name__: x}}\n"),
                  "not a name of a label"));
  CHECK(complains(exported("  - {prometheus: \"http://p/w\", headers: {\"a b\": x}}\n"),
                  "not the name of a header"));
  CHECK(complains(exported("  - {prometheus: \"http://p/w\", headers: {a: \"x\\r\\nb: y\"}}\n"),
                  "line"));
  CHECK(complains(exported("  - {prometheus: \"http://p/w\", evry: 2s}\n"), "every"));
  CHECK(complains("export: {statsd: \"h:1\"}\n" + with_top(""), "a list of exports"));
  std::string many;
  for (int i = 0; i < 9; ++i) many += "  - statsd: h:1\n";
  CHECK(complains(exported(many), "at most 8"));
}

TEST_CASE("an --out has gend's names or k6's, and goes where k6's would without an address") {
  std::string why;
  const auto out = [&](std::string_view text) {
    auto to = parse_out(text, why);
    REQUIRE(to.has_value());
    return *to;
  };
  CHECK(out("influxdb=http://i:8086/db").address == "http://i:8086/db");
  CHECK(out("influxdb").address == "http://localhost:8086/k6");
  CHECK(out("experimental-prometheus-rw").address == "http://localhost:9090/api/v1/write");
  CHECK(out("experimental-prometheus-rw").names == Export::Names::kK6);
  CHECK(out("prometheus=https://p/w").names == Export::Names::kGend);
  CHECK(out("statsd").address == "localhost:8125");
  CHECK(out("statsd=h:1").kind == Export::Kind::kStatsd);
}

TEST_CASE("an --out that is none is complained of, in words") {
  const auto why = [](std::string_view text) {
    std::string words;
    CHECK_FALSE(parse_out(text, words).has_value());
    return words;
  };
  CHECK(why("kafka=x").starts_with("\"kafka\" is no output"));
  CHECK(holds(why("csv=file.csv"), "genctl report"));
  CHECK(holds(why("statsd=nonsense"), "host:port"));
  CHECK_FALSE(why("influxdb=").empty());
  CHECK_FALSE(why("").empty());
  CHECK_FALSE(holds(why("influxdb=http://me:secret@h/k6"), "secret"));
}
