#include "cli/options.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <vector>

#include "cli/commands.h"

using namespace gend;
using cli::Options;

namespace {

std::expected<Options, int> parse(std::vector<const char*> arguments) {
  ::unsetenv("GEND_SOCKET");
  arguments.insert(arguments.begin(), "genctl");
  return cli::parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

}  // namespace

TEST_CASE("run takes its plan, variables and scales, in any order") {
  const auto options = parse({"run", "--set", "A=1", "smoke.yaml", "--set", "B=x=y", "--time-scale",
                              "0.1", "--load-scale", "2", "--strict"});
  REQUIRE(options.has_value());
  CHECK(options->command == "run");
  CHECK(options->plan == "smoke.yaml");
  CHECK(options->set == std::map<std::string, std::string>{{"A", "1"}, {"B", "x=y"}});
  CHECK(options->time_scale == 0.1);
  CHECK(options->load_scale == 2);
  CHECK(options->strict);
  CHECK_FALSE(options->local);
  CHECK_FALSE(options->socket.has_value());
}

TEST_CASE("watch takes a run, and whether the whole terminal is wanted") {
  CHECK_FALSE(parse({"watch"})->plain);
  const auto plain = parse({"watch", "20261121-1-x", "--plain"});
  REQUIRE(plain.has_value());
  CHECK(plain->plain);
  CHECK(plain->run == "20261121-1-x");
  CHECK(parse({"watch", "../x"}).error() == 2);
}

TEST_CASE("dashboard takes a run, a port and whether to open the page") {
  const auto plain = parse({"dashboard"});
  REQUIRE(plain.has_value());
  CHECK(plain->run.empty());
  CHECK(plain->dashboard.port == 0);
  CHECK_FALSE(plain->dashboard.open);
  const auto full = parse({"dashboard", "20261121-1-x", "--port", "8080", "--open"});
  REQUIRE(full.has_value());
  CHECK(full->run == "20261121-1-x");
  CHECK(full->dashboard.port == 8080);
  CHECK(full->dashboard.open);
  CHECK(parse({"run", "x.yaml", "--dashboard"})->dashboard.served);
  CHECK(parse({"run", "x.yaml", "--dashboard", "--detach"}).error() == 2);
  for (const char* port : {"65536", "-1", "x", "1.5"})
    CHECK(parse({"dashboard", "--port", port}).error() == 2);
  CHECK(parse({"dashboard", "../x"}).error() == 2);
}

TEST_CASE("simulate takes a plan and what its model is like") {
  const auto options = parse({"simulate", "smoke.yaml", "--latency", "10ms..50ms", "--workers", "4",
                              "--fail", "1%", "--time-scale", "0.5", "--json"});
  REQUIRE(options.has_value());
  CHECK(options->plan == "smoke.yaml");
  CHECK(options->model == std::map<std::string, std::string>{
                              {"fail", "1%"}, {"latency", "10ms..50ms"}, {"workers", "4"}});
  CHECK(options->time_scale == 0.5);
  CHECK(options->json);
  CHECK_FALSE(parse({"simulate"}).has_value());
  CHECK_FALSE(parse({"simulate", "p.yaml", "--local"}).has_value());
  CHECK_FALSE(parse({"run", "p.yaml", "--latency", "1ms"}).has_value());
}

TEST_CASE("report takes a run or a file, a form, and where it goes") {
  const auto options = parse({"report", "out/run.gendrun", "--format", "hlog", "--every", "10s",
                              "--metric", "http_req_duration{name:login}", "--output", "x.hlog"});
  REQUIRE(options.has_value());
  CHECK(options->run == "out/run.gendrun");
  CHECK(options->report.format == "hlog");
  CHECK(options->report.output == "x.hlog");
  CHECK(options->report.every == std::chrono::seconds{10});
  REQUIRE(options->report.metric);
  CHECK(options->report.metric->metric == "http_req_duration");
  const auto plain = parse({"report"});
  REQUIRE(plain.has_value());
  CHECK(plain->report.format == "text");
  CHECK(plain->report.output == "-");
  CHECK_FALSE(parse({"report", "--format", "pdf"}).has_value());
  CHECK_FALSE(parse({"report", "--every", "0"}).has_value());
  CHECK_FALSE(parse({"report", "--every", "10"}).has_value());
  CHECK_FALSE(parse({"report", "--metric", "http{"}).has_value());
  CHECK_FALSE(parse({"report", "a b"}).has_value());
}

TEST_CASE("run takes a file for each form of its report") {
  const auto options = parse({"run", "p.yaml", "--junit", "j.xml", "--markdown", "m.md",
                              "--summary-json", "s.json", "--csv", "-"});
  REQUIRE(options.has_value());
  CHECK(options->outputs == std::map<std::string, std::string>{
                                {"csv", "-"}, {"json", "s.json"}, {"junit", "j.xml"},
                                {"markdown", "m.md"}});
}

TEST_CASE("a part of the load, and when it begins") {
  const auto options = parse({"run", "smoke.yaml", "--segment", "2/3", "--start-at", "+10s"});
  REQUIRE(options.has_value());
  CHECK(options->segment == "2/3");
  CHECK(options->start_at == "+10s");
}

TEST_CASE("users and rate take their number and perhaps a run") {
  const auto users = parse({"users", "50", "20261121-smoke"});
  REQUIRE(users.has_value());
  CHECK(users->users == 50);
  CHECK(users->run == "20261121-smoke");
  const auto rate = parse({"rate", "600/min"});
  REQUIRE(rate.has_value());
  CHECK(rate->rate == "600/min");
}

TEST_CASE("the socket comes from the flag, or else from the environment") {
  const auto flag = parse({"--socket", "/a", "status"});
  REQUIRE(flag.has_value());
  CHECK(flag->socket == "/a");
  ::setenv("GEND_SOCKET", "/b", 1);
  const char* arguments[] = {"genctl", "status"};
  const auto environment = cli::parse_command_line(2, arguments);
  ::unsetenv("GEND_SOCKET");
  REQUIRE(environment.has_value());
  CHECK(environment->socket == "/b");
}

TEST_CASE("what cannot be understood is exit code 2") {
  const std::vector<std::vector<const char*>> wrong{{},
                                                    {"frobnicate"},
                                                    {"run"},
                                                    {"run", "p.yaml", "--frobnicate"},
                                                    {"run", "p.yaml", "--set", "A"},
                                                    {"run", "p.yaml", "--set", "=1"},
                                                    {"run", "p.yaml", "--time-scale", "0"},
                                                    {"run", "p.yaml", "--load-scale", "-1"},
                                                    {"run", "p.yaml", "--time-scale", "fast"},
                                                    {"run", "p.yaml", "--local", "--detach"},
                                                    {"run", "p.yaml", "--uring-profile", "Z"},
                                                    {"run", "p.yaml", "--shards", "257"},
                                                    {"run", "a.yaml", "b.yaml"},
                                                    {"run", "p.yaml", "--segment", "3/2"},
                                                    {"run", "p.yaml", "--segment", "0/2"},
                                                    {"users"},
                                                    {"users", "-1"},
                                                    {"users", "many"},
                                                    {"rate", "fast"},
                                                    {"stop", "--later"},
                                                    {"show", "../status"},
                                                    {"show", "a b"},
                                                    {"show", ""}};
  for (const auto& arguments : wrong) {
    const auto options = parse(arguments);
    REQUIRE_FALSE(options.has_value());
    CHECK(options.error() == 2);
  }
}

TEST_CASE("help and version are no mistakes") {
  for (const char* flag : {"--help", "--version"}) {
    const auto options = parse({flag});
    REQUIRE_FALSE(options.has_value());
    CHECK(options.error() == 0);
  }
}

TEST_CASE("every command in the table can be called") {
  using enum cli::Takes;
  const std::map<cli::Takes, std::vector<const char*>> needed{
      {kPlan, {"p.yaml"}}, {kPlanAndJson, {"p.yaml"}}, {kPlanToRun, {"p.yaml"}},
      {kPlanToSimulate, {"p.yaml"}}, {kUsersAndRun, {"5"}}, {kRateAndRun, {"5"}},
      {kData, {"shop"}}, {kTwoRuns, {"before.run", "after.run"}},
      {kRunsToRemove, {"20261121-080000-smoke"}}};
  for (const cli::Command& command : cli::commands()) {
    CAPTURE(command.name);
    std::vector<const char*> line{command.name};
    if (const auto found = needed.find(command.takes); found != needed.end())
      line.insert(line.end(), found->second.begin(), found->second.end());
    const auto options = parse(line);
    REQUIRE(options.has_value());
    CHECK(options->command == command.name);
  }
}

TEST_CASE("data takes its kind, and the sizes of that kind only") {
  ::setenv("GEND_JWT_SECRET", "from outside", 1);
  const auto villages = parse({"data", "villages", "--villages", "7", "--users-per-village", "3",
                               "--out", "x/y", "--seed", "9", "--force"});
  ::unsetenv("GEND_JWT_SECRET");
  REQUIRE(villages.has_value());
  CHECK(villages->data.fixtures.kind == cli::FixtureKind::kVillages);
  CHECK(villages->data.fixtures.sizes.users() == 21);
  CHECK(villages->data.fixtures.secret == "from outside");
  CHECK(villages->data.fixtures.seed == 9U);
  CHECK(villages->data.out == "x/y");
  CHECK(villages->data.force);
  CHECK(parse({"data", "tenants", "--jwt-secret", "s"})->data.fixtures.secret == "s");
  CHECK(parse({"data", "community", "--teardown"})->data.teardown);
  for (const std::vector<const char*>& bad : std::vector<std::vector<const char*>>{
           {"data"},
           {"data", "cities"},
           {"data", "villages", "--villages", "0"},
           {"data", "villages", "--villages", "100001"},
           {"data", "villages", "--members", "3"},
           {"data", "villages", "--seed", "-1"},
           {"data", "shop", "--teardown", "--force"}})
    CHECK_FALSE(parse(bad).has_value());
}

TEST_CASE("compare takes two runs, what is tolerated, and a form") {
  const auto options = parse({"compare", "20261121-0800-shop", "./after.run", "--tolerance", "5%",
                              "--tolerance", "http_req_failed=0%", "--anyway", "--format", "json"});
  REQUIRE(options.has_value());
  CHECK(options->baseline == "20261121-0800-shop");
  CHECK(options->run == "./after.run");
  CHECK(options->comparing.tolerance == 0.05);
  CHECK(options->comparing.tolerances.at("http_req_failed") == 0);
  CHECK(options->comparing.anyway == report::Anyway::kYes);
  CHECK(options->compare_format == "json");
}

TEST_CASE("a comparison without two runs, with a strange tolerance or form, is a mistake") {
  CHECK(parse({"compare", "a"}).error() == 2);
  CHECK(parse({"compare", "a", "b", "c"}).error() == 2);
  CHECK(parse({"compare", "a", "b", "--format", "xml"}).error() == 2);
  for (const char* bad : {"10", "ten%", "-1%", "2000%", "nan%", "=5%", "x=", "x=5", "%", ""})
    CHECK(parse({"compare", "a", "b", "--tolerance", bad}).error() == 2);
}

TEST_CASE("run takes a baseline, which nobody can wait for when it is detached") {
  const auto options = parse({"run", "shop.yaml", "--baseline", "before.run", "--tolerance", "20%"});
  REQUIRE(options.has_value());
  CHECK(options->baseline == "before.run");
  CHECK(options->comparing.tolerance == 0.2);
  CHECK(parse({"run", "shop.yaml", "--baseline", "before.run", "--detach"}).error() == 2);
  CHECK(parse({"run", "shop.yaml", "--baseline", "no run!"}).error() == 2);
}

TEST_CASE("doctor takes a wish, calibrate a length; what is none of them is a mistake") {
  const auto doctor = parse({"doctor", "--connections", "50000", "--rate", "600/min", "--target",
                             "shop:443", "--json"});
  REQUIRE(doctor.has_value());
  CHECK(doctor->wish.connections == 50'000U);
  CHECK(doctor->wish.rate == "600/min");
  CHECK(doctor->wish.target == "shop:443");
  CHECK(doctor->json);
  CHECK_FALSE(parse({"doctor"})->wish.connections.has_value());
  CHECK(parse({"calibrate"})->seconds == 3);
  CHECK(parse({"calibrate", "--seconds", "60", "--shards", "2"})->seconds == 60);
  for (const std::vector<const char*>& bad :
       {std::vector{"doctor", "--connections", "0"}, {"doctor", "--connections", "-1"},
        {"doctor", "--connections", "many"}, {"doctor", "--rate", "fast"}, {"doctor", "shop"},
        {"calibrate", "--seconds", "0"}, {"calibrate", "--seconds", "61"},
        {"calibrate", "--seconds", "1.5"}, {"calibrate", "--shards", "0"}})
    CHECK(parse(bad).error() == 2);
}
