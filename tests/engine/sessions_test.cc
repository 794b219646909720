// WebSocket sessions of users, in virtual time against a server that the test writes.
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "engine/shard.h"
#include "peer_io.h"
#include "plan/support.h"
#include "stats/tally.h"
#include "stats/threshold.h"

using namespace gend;
using namespace std::chrono_literals;
using engine::PeerIo;

namespace {

constexpr std::uint64_t kOne = 1'000'000;  // a plan's own counters count in millionths

// One user with this flow (indented by 6), once.
struct Bed {
  explicit Bed(const std::string& flow, PeerIo::Server server, int users = 1)
      : program{plan::support::compiled(
            "target: http://127.0.0.1:9\ndata:\n  n: {range: [1, 100], order: unique}\n"
            "scenarios:\n  s:\n    executor: per-vu-iterations\n    vus: " +
            std::to_string(users) + "\n    iterations: 1\n    maxDuration: 100s\n    flow:\n" +
            flow)},
        io{std::move(server)},
        shard{*program, io, {0, 1}},
        total{program->schema} {
    shard.begin(TimePoint{}, 0);
    while (shard.turn()) collect();
    collect();
  }
  void collect() {
    engine::Delivery delivery;
    while (shard.deliveries.take(delivery)) {
      total.merge(*delivery.snapshot, stats::Recorder::Over::kIntervals);
      delivery.snapshot->clear();
      shard.empties.put(delivery.snapshot);
    }
  }
  stats::Selected of(const std::string& metric) const {
    return stats::select(program->schema, total.recorder, {metric, {}});
  }
  std::uint64_t errors(Outcome outcome) const {
    std::uint64_t n = 0;
    for (const auto& series : program->schema.series())
      if (series.metric == "ws_errors")
        n += total.recorder.tally_at(series.slot).counts[static_cast<std::size_t>(outcome)];
    return n;
  }

  std::unique_ptr<const plan::Program> program;
  PeerIo io;
  engine::Shard<PeerIo> shard;
  stats::Snapshot total;
};

// A server that answers each message in that time.
PeerIo::Server echo(Duration after) {
  PeerIo::Server server;
  server.on_message = [after](PeerIo& io, int session, std::string_view text) {
    io.say(session, text, after);
  };
  return server;
}

}  // namespace

TEST_CASE("a message and the one that answers it: counted, timed, and the session closed") {
  const Bed bed{"      - websocket: /ws\n        flow:\n"
                "          - loop: {count: 3, flow: [{send: hello}, {receive: {timeout: 1s}}]}\n",
                echo(5ms)};
  CHECK(bed.of("ws_sessions").count == 1);
  CHECK(bed.of("ws_msgs_sent").count == 3);
  CHECK(bed.of("ws_msgs_received").count == 3);
  CHECK(bed.of("ws_msg_duration").trend.min() == Duration{5ms}.count());
  CHECK(bed.of("ws_msg_duration").trend.max() == Duration{5ms}.count());
  CHECK(bed.of("ws_session_duration").trend.max() == Duration{15ms}.count());
  CHECK(bed.of("ws_session_failed").rate.hits == 0);
  CHECK(bed.of("ws_session_failed").rate.total == 1);
  CHECK(bed.of("iterations").count == 1);
}

TEST_CASE("a receive passes over what does not match") {
  PeerIo::Server server;
  server.on_message = [](PeerIo& io, int session, std::string_view) {
    io.say(session, R"({"type":"other"})", 1ms);
    io.say(session, R"({"type":"mine","id":7})", 2ms);
  };
  const Bed bed{"      - websocket: /ws\n        flow:\n"
                "          - send: go\n"
                "          - receive: {match: \"json $.type == 'mine'\", capture: {id: json $.id}}\n"
                "          - if: \"${id} == 7\"\n            then: [{metric: {name: right, "
                "counter: 1}}]\n",
                server};
  CHECK(bed.of("right").count == kOne);
  CHECK(bed.of("ws_msgs_received").count == 2);
}

TEST_CASE("a message that does not come is waited for so long, and ends what expects it") {
  const Bed bed{"      - websocket: /ws\n        flow:\n"
                "          - send: go\n"
                "          - receive: {timeout: 2s}\n"
                "          - receive: {timeout: 3s, expect: {\"json $.ok\": true}}\n"
                "          - send: never\n",
                {}};
  CHECK(bed.errors(Outcome::kReplyTimeout) == 2);
  CHECK(bed.of("ws_msgs_sent").count == 1);
  CHECK(bed.of("iteration_duration").trend.max() == Duration{5s}.count());
  CHECK(bed.of("failed_iterations").count == 1);
}

TEST_CASE("replies come in any order and are told apart by their key") {
  PeerIo::Server server;
  // Numbers 0, 1, 2 are answered after 30, 20, 10 ms.
  server.on_message = [](PeerIo& io, int session, std::string_view text) {
    const int number = text.back() - '0';
    io.say(session, "{\"id\":" + std::string{text.substr(text.size() - 1)} + "}",
           30ms - number * 10ms);
  };
  const Bed bed{"      - websocket: /ws\n        flow:\n"
                "          - loop:\n              count: 3\n              flow:\n"
                "                - send: {text: \"${index}\", reply: {key: json $.id, is: "
                "\"${index}\", timeout: 1s}}\n"
                "          - hold: 1s\n",
                server};
  CHECK(bed.of("ws_msg_duration").trend.count() == 3);
  CHECK(bed.of("ws_msg_duration").trend.min() == Duration{10ms}.count());
  CHECK(bed.of("ws_msg_duration").trend.max() == Duration{30ms}.count());
  CHECK(bed.of("checks").rate.hits == 3);
}

TEST_CASE("no more messages are unanswered than `inflight` says") {
  int open = 0, most = 0;
  PeerIo::Server server;
  server.on_message = [&](PeerIo& io, int session, std::string_view text) {
    most = std::max(most, ++open);
    io.say(session, "{\"id\":\"" + std::string{text} + "\"}", 10ms);
    --open;  // it is said 10 ms later: what is in between is counted by the times below
  };
  const Bed bed{"      - websocket: /ws\n        inflight: 2\n        flow:\n"
                "          - loop:\n              count: 10\n              flow:\n"
                "                - send: {text: \"${index}\", reply: {key: json $.id, is: "
                "\"${index}\", timeout: 1s}}\n",
                server};
  // Two at a time, 10 ms each: the last two leave at 40 ms, and the session ends at once.
  CHECK(bed.of("ws_msgs_sent").count == 10);
  CHECK(bed.of("ws_session_duration").trend.max() == Duration{40ms}.count());
}

TEST_CASE("a handshake that is refused keeps its status, and the flow is left out") {
  PeerIo::Server server;
  server.on_handshake = [](int) { return 403; };
  const Bed bed{"      - websocket: /ws\n        flow: [{send: never}]\n"
                "      - metric: {name: after, counter: 1}\n",
                server};
  CHECK(bed.of("ws_connect_failed").rate.hits == 1);
  CHECK(bed.of("ws_sessions").count == 0);
  CHECK(bed.of("ws_msgs_sent").count == 0);
  CHECK(bed.of("after").count == kOne);
  CHECK(bed.of("ws_errors").count == 1);
}

TEST_CASE("a server that ends the session leads its user behind it") {
  PeerIo::Server server;
  server.on_message = [](PeerIo& io, int session, std::string_view) {
    io.frame(session, 0x88, std::string{"\x03\xF3", 2}, 1s);  // 1011
  };
  const Bed bed{"      - websocket: /ws\n        flow: [{send: go}, {hold: 50s}, {send: never}]\n"
                "      - metric: {name: after, counter: 1}\n",
                server};
  CHECK(bed.of("after").count == kOne);
  CHECK(bed.of("ws_msgs_sent").count == 1);
  CHECK(bed.errors(Outcome::kWsClosed) == 1);
  CHECK(bed.of("ws_session_failed").rate.hits == 1);
  CHECK(bed.of("iteration_duration").trend.max() == Duration{1s}.count());
}

TEST_CASE("a session that is lost comes back, does its first steps again and goes on") {
  std::vector<std::string> heard;
  PeerIo::Server server;
  server.on_message = [&](PeerIo& io, int session, std::string_view text) {
    heard.push_back(std::to_string(session) + ":" + std::string{text});
    if (text == "join") io.say(session, "joined", 1ms);
    if (text == "join" && session == 0) io.cut(session, 2s);
  };
  const Bed bed{"      - websocket: /ws\n"
                "        reconnect: {max: 3, backoff: {initial: 500ms, jitter: none}}\n"
                "        flow:\n          - send: join\n          - receive: {timeout: 1s}\n"
                "          - listen: {room: r}\n"
                "          - hold: 5s\n          - send: bye\n",
                server};
  CHECK(heard == std::vector<std::string>{"0:join", "1:join", "1:bye"});
  CHECK(bed.of("ws_reconnects").count == 1);
  CHECK(bed.errors(Outcome::kWsAbnormal) == 1);
  CHECK(bed.of("ws_session_failed").rate.hits == 0);
  // The hold ends when it would have ended anyway: 1 ms for the join, 5 s.
  CHECK(bed.of("iteration_duration").trend.max() == Duration{5001ms}.count());
}

TEST_CASE("attempts to come back are counted, and end") {
  PeerIo::Server server;
  server.on_handshake = [](int session) { return session == 0 ? 101 : 503; };
  server.on_message = [](PeerIo& io, int session, std::string_view) { io.cut(session, 1s); };
  const Bed bed{"      - websocket: /ws\n"
                "        reconnect: {max: 3, backoff: {initial: 1s, factor: 2, jitter: none}}\n"
                "        flow: [{send: go}, {hold: 50s}]\n"
                "      - metric: {name: after, counter: 1}\n",
                server};
  // Lost at 1 s; attempts after 1, 2 and 4 s.
  CHECK(bed.io.sessions() == 4);
  CHECK(bed.of("after").count == kOne);
  CHECK(bed.of("ws_session_failed").rate.hits == 1);
  CHECK(bed.of("ws_connect_failed").rate.hits == 3);
  CHECK(bed.of("iteration_duration").trend.max() == Duration{8s}.count());
}

TEST_CASE("messages wait while their session is away, and are late by that") {
  PeerIo::Server server;
  server.on_message = [](PeerIo& io, int session, std::string_view text) {
    io.say(session, text, 1ms);
    if (text == "0" && session == 0) io.cut(session, 2ms);
  };
  const Bed bed{"      - websocket: /ws\n"
                "        reconnect: {max: 1, backoff: {initial: 3s, jitter: none}}\n"
                "        flow:\n          - loop: {rate: 1/s, count: 3, flow: [{send: \"${index}\"}, "
                "{receive: {}}]}\n",
                server};
  CHECK(bed.of("ws_msgs_sent").count == 3);
  // Wanted at 1 s, sent when the session was back, at 3.002 s.
  CHECK(bed.of("ws_msg_duration").trend.max() == Duration{2003ms}.count());
  // Which was not the generator's doing.
  CHECK(bed.of("gen_lag").trend.max() == 0);
}

TEST_CASE("a ping is measured, and one that is not answered loses the session") {
  PeerIo::Server mute;
  mute.answers_ping = false;
  const std::string flow = "      - websocket: /ws\n        pongTimeout: 2s\n"
                           "        flow: [{ping: {}}, {hold: 30s}]\n";
  const Bed well{flow, {}};
  CHECK(well.of("ws_ping").trend.count() == 1);
  CHECK(well.errors(Outcome::kPongTimeout) == 0);
  const Bed bad{flow, mute};
  CHECK(bad.of("ws_ping").trend.count() == 0);
  CHECK(bad.errors(Outcome::kPongTimeout) == 1);
  CHECK(bad.of("iteration_duration").trend.max() == Duration{2s}.count());
}

TEST_CASE("silence is allowed for so long") {
  const Bed bed{"      - websocket: /ws\n        idleTimeout: 4s\n        flow: [{hold: 30s}]\n", {}};
  CHECK(bed.errors(Outcome::kIdleTimeout) == 1);
  CHECK(bed.of("iteration_duration").trend.max() == Duration{4s}.count());
}

TEST_CASE("a close that is not answered is given up") {
  PeerIo::Server server;
  server.answers_close = false;
  const Bed bed{"      - websocket: /ws\n        closeTimeout: 3s\n        flow: [{close: {}}]\n",
                server};
  CHECK(bed.errors(Outcome::kCloseTimeout) == 1);
  CHECK(bed.of("iteration_duration").trend.max() == Duration{3s}.count());
}

TEST_CASE("two sessions at once: each hears its own, and the inner one ends with the outer") {
  PeerIo::Server server;
  server.on_message = [](PeerIo& io, int session, std::string_view text) {
    io.say(session, std::string{text} + std::to_string(session), 1ms);
    if (text == "cut") io.cut(session, 1s);
  };
  const Bed bed{"      - websocket: /a\n        name: outer\n        flow:\n"
                "          - websocket: /b\n            flow:\n"
                "              - send: {text: x, session: outer}\n"
                "              - receive: {match: \"contains 'x0'\", session: outer}\n"
                "              - send: y\n"
                "              - receive: {match: \"contains 'y1'\"}\n"
                "              - send: {text: cut, session: outer}\n"
                "              - hold: 60s\n"
                "      - metric: {name: after, counter: 1}\n",
                server};
  CHECK(bed.of("checks").rate.hits == 2);
  CHECK(bed.of("after").count == kOne);
  CHECK(bed.of("iteration_duration").trend.max() == Duration{1002ms}.count());
  CHECK(bed.of("ws_session_failed").rate.hits == 1);  // the inner one was not the server's doing
  CHECK(bed.io.open_connections() == 0);
}

TEST_CASE("deliveries are those of the room, from the join to the leave") {
  // Two users in one room; the server sends what each says to both, to the second 300 ms late.
  std::vector<int> members;
  int dropped = 0;
  PeerIo::Server server;
  server.on_message = [&](PeerIo& io, int session, std::string_view text) {
    if (text == "join") {
      members.push_back(session);
      return io.say(session, "joined");
    }
    for (const int member : members) {
      if (member == 1 && ++dropped == 3) continue;
      io.say(member, text, member == 0 ? 20ms : 300ms);
    }
  };
  const Bed bed{"      - websocket: /ws\n        flow:\n          - send: join\n"
                "          - receive: {}\n          - listen: {room: r, late: 100ms, drain: 2s}\n"
                "          - hold: 1s\n"
                "          - loop: {count: 5, rate: 10/s, flow: [{send: \"<${stamp}>\"}]}\n"
                "          - hold: 1s\n",
                server, 2};
  // 10 messages, each owed to both users.
  CHECK(bed.of("delivery_reach").rate.total == 20);
  CHECK(bed.of("delivery_lost").rate.hits == 1);
  CHECK(bed.of("delivery_late").rate.hits == 9);
  CHECK(bed.of("delivery_duplicated").rate.hits == 0);
  CHECK(bed.of("delivery_reordered").rate.hits == 0);
  CHECK(bed.of("delivery_latency").trend.min() == Duration{20ms}.count());
  CHECK(bed.of("delivery_latency").trend.max() == Duration{300ms}.count());
}

TEST_CASE("an echo sends back what comes until the server closes") {
  int echoed = 0;
  PeerIo::Server server;
  server.on_message = [&](PeerIo& io, int session, std::string_view text) {
    if (text == "go") io.say(session, "a", 1ms);
    if (text == "a") io.say(session, "b", 1ms);
    if (text == "b") io.frame(session, 0x88, std::string{"\x03\xE8", 2});
    ++echoed;
  };
  const Bed bed{"      - websocket: /ws\n        flow: [{send: go}, {echo: {}}]\n", server};
  CHECK(echoed == 3);
  CHECK(bed.of("ws_session_failed").rate.hits == 0);
}

TEST_CASE("messages that are always the same may be masked once for all, and say the same") {
  std::vector<std::string> heard;
  PeerIo::Server server;
  server.on_message = [&](PeerIo&, int, std::string_view text) { heard.emplace_back(text); };
  const std::string long_one(300, 'x');
  const Bed bed{"      - websocket: /ws\n        masking: fixed\n        flow:\n"
                "          - loop: {count: 2, flow: [{send: hello}, {send: \"n${index}\"}]}\n"
                "          - send: " + long_one + "\n",
                server};
  CHECK(heard == std::vector<std::string>{"hello", "n0", "hello", "n1", long_one});
}
