#include "control/exports.h"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "control/fake_engine.h"
#include "control/fd.h"
#include "control/plans.h"
#include "control/runs.h"
#include "control/stores.h"

using namespace gend;
using control::Runs;
using Got = control::StreamHub::Subscription::Got;

namespace {

using namespace std::chrono_literals;

struct Local {
  control::Fd fd;
  std::uint16_t port = 0;

  // Bound to a port of 127.0.0.1; a stream socket that does not listen refuses.
  explicit Local(int type) : fd{::socket(AF_INET, type | SOCK_NONBLOCK, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port = ntohs(address.sin_port);
  }

  std::string received() const {
    std::string all;
    char buffer[2048];
    for (ssize_t n = 0; (n = ::recv(fd.get(), buffer, sizeof buffer, 0)) >= 0; all += '\n')
      all.append(buffer, static_cast<std::size_t>(n));
    return all;
  }
};

std::vector<plan::Export> exports_with(std::vector<std::string> out) {
  auto exports = control::exports_of({}, out);
  REQUIRE(exports.has_value());
  return *std::move(exports);
}

nlohmann::json run_to_the_end(test::FakeEngine& engine, Runs& runs, std::vector<std::string> out) {
  engine.record = [](const plan::Program& program, stats::Snapshot& second) {
    second.recorder.tally(program.requests[0].series.reqs, 200);
  };
  const auto started = runs.start({.program = test::small_program(), .owner = "me",
                                   .exports = exports_with(std::move(out))});
  REQUIRE(started.has_value());
  const auto stream = runs.follow(started->id);
  engine.pass(3);
  engine.finish();
  std::string line;
  for (;;) {
    const Got got = stream->next(line, 30s);
    REQUIRE(got == Got::kLine);
    auto json = nlohmann::json::parse(line);
    if (json.contains("final")) return json["final"];
  }
}

control::Runs::Options allowing(std::string addresses) {
  auto options = test::with_scratch();
  options.fleet.allow = {std::move(addresses)};
  return options;
}

bool some_contains(const nlohmann::json& texts, const std::string& words) {
  for (const auto& text : texts)
    if (text.get<std::string>().find(words) != std::string::npos) return true;
  return false;
}

}  // namespace

TEST_CASE("an export has every second of a run, and the summary says so") {
  const Local statsd{SOCK_DGRAM};
  test::FakeEngine engine;
  Runs runs{engine, allowing("127.0.0.0/8")};
  const auto final = run_to_the_end(engine, runs, {fmt::format("statsd=127.0.0.1:{}", statsd.port)});
  const std::string text = statsd.received();
  std::size_t seconds = 0;
  for (std::size_t at = 0; (at = text.find("gend.http_reqs:1|c", at)) != text.npos; ++at) ++seconds;
  CHECK(seconds == 3);
  CHECK(some_contains(final["generator"]["warnings"], "a warning of the engine"));
  CHECK_FALSE(some_contains(final["generator"]["warnings"], "export to"));
  CHECK(final["run"]["exit_code"] == 0);
}

TEST_CASE("exports that nobody takes fail nothing but themselves, and it is said how") {
  const Local refuses{SOCK_STREAM};
  const Local fenced{SOCK_DGRAM};
  test::FakeEngine engine;
  Runs runs{engine, allowing("127.0.0.1")};
  const auto final = run_to_the_end(
      engine, runs, {fmt::format("prometheus=http://127.0.0.1:{}/api/v1/write", refuses.port),
                     fmt::format("statsd=127.0.0.2:{}", fenced.port)});
  CHECK(final["run"]["exit_code"] == 0);
  CHECK(final["metrics"]["http_reqs"]["values"]["count"] == 3);
  CHECK(some_contains(final["generator"]["warnings"], "export to prometheus http://127.0.0.1"));
  CHECK(some_contains(final["generator"]["warnings"], "not allowed"));
  CHECK(some_contains(final["generator"]["warnings"], "0 samples sent"));
  CHECK(fenced.received().empty());
  std::size_t told = 0;
  for (const auto& event : final["events"]) {
    CHECK(event["by"] == "gend");
    ++told;
  }
  CHECK(told == 2);
}

TEST_CASE("what is wrong with --out is said before a run, all at once") {
  const auto exports = control::exports_of({}, {"kafka", "statsd=nowhere", "statsd"});
  REQUIRE_FALSE(exports.has_value());
  CHECK(exports.error().errors.size() == 2);
  CHECK(exports.error().exit_code == ExitCode::kBadPlan);
  CHECK_FALSE(control::exports_of({}, std::vector<std::string>(9, "statsd")).has_value());
}
