// Sessions for a person, and what they need of the host.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "plan/demand.h"
#include "plan/explain.h"
#include "sessions_support.h"

using namespace gend;
using namespace gend::plan;
using namespace gend::plan::support;

namespace {

const HostFacts kHost{.kernel = "6.1.0",
                      .cpus = 2,
                      .memory_bytes = 16'000'000'000,
                      .memory_available = 8'000'000'000,
                      .nofile_soft = 1024,
                      .nofile_hard = 1'000'000,
                      .memlock_soft = 0,
                      .port_first = 32768,
                      .port_last = 60999};

// 100 users for 100 s.
std::string with_users(const std::string& steps) {
  return "target: http://h:1\nscenarios:\n  s:\n    executor: constant-vus\n    vus: 100\n"
         "    duration: 100s\n    flow:\n" +
         steps;
}

// The examples of the section on sessions.
std::vector<std::string> documented() {
  std::ifstream in{GEND_PLAN_DOC};
  REQUIRE(in.good());
  std::ostringstream out;
  out << in.rdbuf();
  std::string doc = out.str();
  doc = doc.substr(doc.find("\n## Sessions\n"));
  doc.resize(doc.find("\n## ", 1));
  const std::string begin = "```yaml\n", end = "\n```";
  std::vector<std::string> examples;
  for (std::size_t at = doc.find(begin); at != doc.npos; at = doc.find(begin, at)) {
    at += begin.size();
    std::istringstream lines{doc.substr(at, doc.find(end, at) - at)};
    std::string& example = examples.emplace_back();
    for (std::string line; std::getline(lines, line);) example += "      " + line + "\n";
  }
  return examples;
}

}  // namespace

TEST_CASE("a session is explained with its settings and its steps") {
  const auto program = compiled(with_users(
      "      - websocket: /ws\n        subprotocols: [chat]\n        reconnect: {max: 10}\n"
      "        flow:\n"
      "          - send: {text: \"hello, here is ${stamp}\", room: a}\n"
      "          - receive: {match: \"json $.type == 'subscribed'\", timeout: 2s,\n"
      "              check: {\"json $.ok\": true}}\n"
      "          - listen: {room: \"v-${vu}\"}\n"
      "          - ping: {}\n"
      "          - hold: 30m\n"
      "          - close: {code: 4000}\n"
      "      - socketio: /socket.io/\n        flow:\n"
      "          - emit: [join, {binary: AAE=}]\n            ack: {timeout: 2s}\n"
      "          - receive: {event: joined}\n"));
  const std::string text = explain(*program, kHost);
  for (const char* line : {
           "    1  websocket /ws  subprotocols chat  reconnect 10x\n",
           "    2    send text 15 B + stamp to room a\n",
           "    3    receive json $.type == subscribed within 2s\n",
           "         check json $.ok is true\n",
           "    4    listen in room v-${vu}\n",
           "         late after 1s, lost 5s after the end\n",
           "    5    ping\n",
           "    6    hold 30m\n",
           "    7    close 4000\n",
           "    8  socketio /socket.io/  namespace /  polling, then websocket\n",
           "    9    emit join 38 B + 1 attachment, ack within 2s\n",
           "   10    receive joined within 10s\n",
       }) {
    CAPTURE(text);
    CAPTURE(line);
    CHECK(holds(text, line));
  }
}

TEST_CASE("each session is a connection of each user, beside those of its requests") {
  const auto connections = [](const std::string& steps) {
    return demand_of(*compiled(with_users(steps))).connections;
  };
  CHECK(connections("      - get: /\n") == 100);
  CHECK(connections("      - {websocket: /ws, flow: []}\n") == 100);
  CHECK(connections("      - {websocket: /ws, flow: [{get: /}]}\n") == 200);
  CHECK(connections("      - {websocket: /ws, flow: [{websocket: /b, flow: []}]}\n") == 200);
  // One after the other.
  CHECK(connections("      - {websocket: /ws, flow: []}\n"
                    "      - {websocket: /b, flow: []}\n") == 100);
  CHECK(connections("      - {websocket: \"ws://other\", flow: [{get: /}]}\n") == 300);
  CHECK(connections("      - {socketio: /s/, transports: [websocket], flow: []}\n") == 100);
  CHECK(connections("      - {socketio: /s/, transports: [polling], flow: []}\n") == 200);
  CHECK(connections("      - {socketio: /s/, flow: []}\n") == 300);
  const auto both = compiled(with_users("      - {websocket: /ws, flow: [{get: /}]}\n"));
  CHECK(demand_of(*both).ports == 200);
  CHECK(demand_of(*compiled(with_users("      - {websocket: /ws, flow: []}\n"))).ports == 100);
  CHECK(host_budget(*both, kHost).connections == 200);
  CHECK(connections_of_user(*both, both->scenarios[0]) == 2);
}

TEST_CASE("messages are counted where the plan says how many there are") {
  // Each iteration: 100 ms for the handshake, then 50 messages in 10 s.
  const auto program = compiled(with_users(
      "      - websocket: /ws\n        flow:\n"
      "          - loop: {rate: 5/s, for: 10s, flow: [{send: \"0123456789\"}]}\n"));
  const Iteration iteration = iteration_of(*program, program->scenarios[0]);
  CHECK(iteration.messages == 50);
  CHECK(iteration.seconds == doctest::Approx(10.1));
  CHECK(iteration.requests == 0);
  const Demand demand = demand_of(*program);
  CHECK(demand.messages_per_second == doctest::Approx(100 * 50 / 10.1));
  CHECK(demand.messages == doctest::Approx(100 * 100 * 50 / 10.1));
  CHECK(holds(explain(*program, kHost), "  messages     about 495"));
  // Waiting for as long as it may take: 60 s for the handshake and 2 s for the message, and the
  // close takes its 5 s too.
  const auto waiting = compiled(
      with_users("      - {websocket: /ws, flow: [{receive: {timeout: 2s}}]}\n"));
  CHECK(slowest_iteration_of(*waiting, waiting->scenarios[0]).seconds == doctest::Approx(67));
}

TEST_CASE("the documented sessions compile") {
  const auto examples = documented();
  REQUIRE(examples.size() >= 2);
  const std::string users = "id,village_id,token\n1,v1,a\n2,v2,b\n";
  Options options;
  options.files["u.csv"] = users;
  for (const std::string& example : examples) {
    CAPTURE(example);
    CHECK(complaints("data: {user: {file: u.csv, order: random}}\n" + with_users(example),
                     options) == Lines{});
  }
}
