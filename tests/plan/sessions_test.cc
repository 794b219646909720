// Sessions as they are compiled: what stands in a Program. What is wrong: session_messages_test.cc.
#include <string>

#include <doctest/doctest.h>

#include "sessions_support.h"

using namespace gend;
using namespace gend::plan;
using namespace gend::plan::support;
using namespace std::chrono_literals;

namespace {

std::string kinds_of(const Program& program) {
  std::string out;
  for (const Step& step : program.steps) {
    switch (step.kind) {
      case StepKind::kSessionOpen: out += "open "; break;
      case StepKind::kSessionEnd: out += "end "; break;
      case StepKind::kSend: out += "send "; break;
      case StepKind::kEmit: out += "emit "; break;
      case StepKind::kReceive: out += "receive "; break;
      case StepKind::kListen: out += "listen "; break;
      case StepKind::kPing: out += "ping "; break;
      case StepKind::kEcho: out += "echo "; break;
      case StepKind::kClose: out += "close "; break;
      case StepKind::kThink: out += "think "; break;
      case StepKind::kHttp: out += "http "; break;
      case StepKind::kEnd: out += "."; break;
      case StepKind::kLoopEnter: out += "loop "; break;
      case StepKind::kLoopNext: out += "next "; break;
      case StepKind::kPace:
      case StepKind::kSpread:
      case StepKind::kBranch:
      case StepKind::kOnce:
      case StepKind::kPick:
      case StepKind::kGroupEnter:
      case StepKind::kGroupLeave:
      case StepKind::kBurst:
      case StepKind::kBurstEnd:
      case StepKind::kSet:
      case StepKind::kMetric:
      case StepKind::kFail:
      case StepKind::kAbort: out += "? "; break;
    }
  }
  return out;
}

}  // namespace

TEST_CASE("a session opens, does its flow and ends; a handshake that fails goes to its end") {
  const auto program = compiled(with_session("websocket: /ws",
                                             "          - send: {text: hello}\n"
                                             "          - receive: {}\n"
                                             "          - ping: {}\n"
                                             "          - hold: 30m\n"));
  CHECK(kinds_of(*program) == "open send receive ping think end .");
  const std::vector<Step>& steps = program->steps;
  CHECK(steps[0].on_success == 1);
  CHECK(steps[0].on_failure == 5);
  for (std::uint32_t at = 1; at < 5; ++at) {
    CHECK(steps[at].on_success == at + 1);
    CHECK(steps[at].on_failure == at + 1);
    CHECK(steps[at].depth == 1);
  }
  CHECK(steps[5].on_success == 6);
  const Session& session = program->sessions.at(0);
  CHECK(session.kind == SessionKind::kWebSocket);
  CHECK(session.open_step == 0);
  CHECK(session.end_step == 5);
  CHECK(session.rejoin_step == 0);
  CHECK_FALSE(session.listens);
  CHECK(program->scenarios[0].sessions == 1);
  CHECK(program->thinks[0].a == 30min);
  CHECK(program->thinks[0].holds);
}

TEST_CASE("an empty flow opens the session and ends it") {
  const auto program = compiled(with_flow("      - websocket: /ws\n        flow: []\n"));
  CHECK(kinds_of(*program) == "open end .");
  CHECK(program->steps[0].on_success == 1);
  CHECK(program->steps[0].on_failure == 1);
}

TEST_CASE("with an `expect` a handshake that fails ends the iteration") {
  const auto program = compiled(
      with_session("websocket: /ws\n        expect: {status: 101}", "          - hold: 1s\n"));
  CHECK(program->sessions[0].request.stops_on_failure);
  CHECK(program->steps[0].on_failure == 3);
  CHECK(program->steps[3].kind == StepKind::kEnd);
}

TEST_CASE("the handshake is a GET in the plan's words: defaults, headers, credentials, query") {
  const auto program = compiled(
      "defaults: {timeout: 3s, headers: {user-agent: u}, connection: {keepAlive: false},\n"
      "  retry: {max: 2, on: [connect]}, redirects: 3}\n" +
      with_session("websocket: /ws\n        query: {v: 1}\n        auth: {bearer: t}\n"
                   "        headers: {x-c: d}",
                   "          - hold: 1s\n"));
  const HttpRequest& request = program->sessions[0].request;
  CHECK(request.wire ==
        "GET /ws?v=1 HTTP/1.1\r\nHost: h:1\r\nuser-agent: u\r\nx-c: d\r\n"
        "authorization: Bearer t\r\n\r\n");
  CHECK(request.timeout.total == 3s);
  CHECK(request.redirects == 0);
  CHECK(request.retry.max == 0);
  CHECK(request.keep_alive);
  CHECK(request.expected_statuses == StatusRanges{{101, 101}});
  CHECK(request.name == "/ws");
}

TEST_CASE("ws:// is where http:// is, and wss:// where https:// is") {
  const auto program = compiled(
      "vars: {WS: \"WSS://w:9\"}\n" +
      with_flow("      - {websocket: \"ws://w:9/a\", flow: []}\n"
                "      - {websocket: \"${WS}/b\", flow: []}\n"
                "      - {websocket: \"http://w:9/c\", flow: []}\n"
                "      - {websocket: \"ws://w\", flow: []}\n"));
  const auto endpoint = [&](std::size_t at) {
    return program->endpoints[program->sessions[at].request.endpoint];
  };
  CHECK(endpoint(0).authority == "w:9");
  CHECK_FALSE(endpoint(0).tls);
  CHECK(endpoint(1).authority == "w:9");
  CHECK(endpoint(1).tls);
  CHECK(program->sessions[0].request.endpoint == program->sessions[2].request.endpoint);
  CHECK(endpoint(3).port == 80);
  CHECK(program->sessions[0].request.name == "ws://w:9/a");
}

TEST_CASE("settings of a session are what the plan says, and otherwise what is documented") {
  const auto program = compiled(with_flow(
      "      - websocket: /ws\n        name: chat\n        subprotocols: [a.v2, a]\n"
      "        compression: true\n        masking: fixed\n        utf8: false\n"
      "        inflight: 16\n        idleTimeout: 1m\n        pingInterval: 25s\n"
      "        pongTimeout: 20s\n        closeTimeout: 1s\n        maxMessage: 64KiB\n"
      "        reconnect: {max: 10, backoff: {initial: 1s, factor: 3, max: 9s, jitter: none}}\n"
      "        flow: []\n"
      "      - {websocket: /ws, subprotocols: x, reconnect: false, flow: []}\n"
      "      - {websocket: /ws, reconnect: {max: 1}, flow: []}\n"));
  const Session& all = program->sessions[0];
  CHECK(all.request.name == "chat");
  CHECK(all.subprotocols == std::vector<std::string>{"a.v2", "a"});
  CHECK(all.deflate);
  CHECK(all.fixed_mask);
  CHECK_FALSE(all.validates_utf8);
  CHECK(all.inflight == 16);
  CHECK(all.idle == 1min);
  CHECK(all.ping_every == 25s);
  CHECK(all.pong == 20s);
  CHECK(all.close == 1s);
  CHECK(all.message_bytes == 65'536);
  CHECK(all.reconnect.max == 10);
  CHECK(all.reconnect.backoff.initial == 1s);
  CHECK(all.reconnect.backoff.factor == 3);
  CHECK(all.reconnect.backoff.max == 9s);
  CHECK(all.reconnect.backoff.jitter == Jitter::kNone);
  const Session& none = program->sessions[1];
  CHECK(none.subprotocols == std::vector<std::string>{"x"});
  CHECK_FALSE(none.deflate);
  CHECK_FALSE(none.fixed_mask);
  CHECK(none.validates_utf8);
  CHECK(none.inflight == 0);
  CHECK(none.idle == 0s);
  CHECK(none.ping_every == 0s);
  CHECK(none.message_bytes == 1024 * 1024);
  CHECK(none.reconnect.max == 0);
  CHECK(program->sessions[2].reconnect.backoff.initial == 500ms);
  CHECK(program->sessions[2].reconnect.backoff.max == 30s);
}

TEST_CASE("messages: text in its forms, JSON, and bytes") {
  const auto program = compiled(
      "data: {u: {range: [1, 9], order: random}}\n" +
      with_session("websocket: /ws",
                   "          - send: hello\n"
                   "          - send: {text: \"a ${stamp} b\", room: \"v${u}\"}\n"
                   "          - send: {json: {type: x, n: 3, s: \"${stamp}\", u: \"${u}\"}}\n"
                   "          - send: {binary: AAEC/w==}\n"
                   "          - send: {binary: {text: \"<${stamp}>\"}}\n"));
  const auto& sends = program->sends;
  CHECK(text_of(sends[0].message.payload) == "hello");
  CHECK_FALSE(sends[0].message.stamped);
  CHECK_FALSE(sends[0].message.room);
  CHECK(text_of(sends[1].message.payload) == "a <stamp> b");
  CHECK(sends[1].message.stamped);
  CHECK(sends[1].message.payload.lifetime == Lifetime::kPerMessage);
  CHECK(text_of(*sends[1].message.room) == "v<value>");
  CHECK(text_of(sends[2].message.payload) ==
        R"({"type":"x","n":3,"s":"<stamp>","u":"<value>"})");
  CHECK(sends[2].message.payload.pieces.back().text == "\"}");
  CHECK(sends[3].message.binary);
  CHECK(text_of(sends[3].message.payload) == std::string{"\x00\x01\x02\xff", 4});
  CHECK(sends[4].message.binary);
  CHECK(sends[4].message.stamped);
}

TEST_CASE("a reply has its key, its value and its own check") {
  const auto program = compiled(with_session(
      "websocket: /ws\n        name: chat",
      "          - set: {id: \"${vu}-${iteration}\"}\n"
      "          - send: {json: {id: \"${id}\"}, reply: {key: json $.re, is: \"${id}\", "
      "timeout: 2s}}\n"
      "          - send: {text: a, reply: {key: \"regex re=(\\\\d+)\", is: 1}}\n"));
  const Reply& reply = *program->sends[0].reply;
  CHECK(reply.key.part == Part::kJson);
  CHECK(reply.key.path.source == "$.re");
  CHECK(text_of(reply.is) == "<value>");
  CHECK(reply.timeout == 2s);
  const stats::Series& duration = series_at(*program, stats::Kind::kTrend, reply.duration);
  CHECK(duration.metric == "ws_msg_duration");
  CHECK(tag_of(duration, "name") == "chat");
  CHECK(tag_of(duration, "scenario") == "s");
  const stats::Series& checked = series_at(*program, stats::Kind::kRate, reply.series);
  CHECK(checked.metric == "checks");
  CHECK(tag_of(checked, "check") == "reply in time");
  CHECK(program->sends[1].reply->key.part == Part::kRegex);
  CHECK(program->patterns[program->sends[1].reply->key.pattern]->source() == "re=(\\d+)");
  CHECK(program->sends[1].reply->timeout == 10s);
}

TEST_CASE("a match has the forms of checks, in one text") {
  const auto program = compiled(with_session(
      "websocket: /ws",
      "          - receive: {match: \"json $.type == 'subscribed'\"}\n"
      "          - receive: {match: [\"json $['a b'].n >= 3\", json $.id, \"json $.x=='y'\"]}\n"
      "          - receive: {match: contains \"hi\"}\n"
      "          - receive: {match: body contains \"hi\"}\n"
      "          - receive: {match: \"matches /^o/\"}\n"
      "          - receive: {match: \"json $.v == '${vu}'\", timeout: 2s}\n"));
  const auto match = [&](std::size_t at, std::size_t which = 0) -> const Check& {
    return program->receives[at].match.all.at(which);
  };
  CHECK(match(0).of.part == Part::kJson);
  CHECK(match(0).of.path.source == "$.type");
  CHECK(match(0).match == Match::kIs);
  CHECK(text_of(match(0).text) == "subscribed");
  CHECK(match(0).name == "json $.type == subscribed");
  CHECK(match(1).of.path.source == "$['a b'].n");
  CHECK(match(1).match == Match::kGreaterEqual);
  CHECK(match(1).number == 3);
  CHECK(match(1, 1).match == Match::kExists);
  CHECK(match(1, 1).of.path.source == "$.id");
  CHECK(match(1, 2).of.path.source == "$.x");
  CHECK(text_of(match(1, 2).text) == "y");
  CHECK(match(2).of.part == Part::kBody);
  CHECK(match(2).match == Match::kContains);
  CHECK(text_of(match(2).text) == "hi");
  CHECK(match(3).of.part == Part::kBody);
  CHECK(match(3).match == Match::kContains);
  CHECK(match(4).match == Match::kMatches);
  CHECK(program->patterns[match(4).pattern]->source() == "^o");
  CHECK(text_of(match(5).text) == "<value>");
  CHECK(program->receives[5].timeout == 2s);
  CHECK(program->receives[4].timeout == 10s);
}

TEST_CASE("what a message gives is known to later steps, and its `expect` ends the iteration") {
  const auto program = compiled(with_session(
      "websocket: /ws\n        tags: {team: chat}",
      "          - receive: {capture: {id: json $.id}, check: {\"json $.ok\": true},\n"
      "              expect: {body: contains \"x\"}}\n"
      "          - send: {text: \"${id}\"}\n"));
  const Receive& receive = program->receives[0];
  CHECK(receive.stops_on_failure);
  CHECK(receive.captures.at(0).name == "id");
  CHECK(receive.captures[0].slot == program->sends[0].message.payload.pieces[0].a);
  CHECK(program->steps[1].on_success == 2);
  CHECK(program->steps[1].on_failure == 4);
  CHECK(program->steps[4].kind == StepKind::kEnd);
  const stats::Series& check =
      series_at(*program, stats::Kind::kRate, receive.checks.at(0).series);
  CHECK(check.metric == "checks");
  CHECK(tag_of(check, "check") == "json $.ok is true");
  CHECK(tag_of(check, "name") == "/ws");
  CHECK(tag_of(check, "team") == "chat");
  CHECK(tag_of(series_at(*program, stats::Kind::kRate, receive.series), "check") ==
        "message in time");
}

TEST_CASE("what a reconnect does again ends with the last `listen` that stands in the flow itself") {
  const auto program = compiled(with_session(
      "websocket: /ws",
      "          - listen: {room: a}\n"
      "          - send: x\n"
      "          - listen: {room: b}\n"
      "          - loop: {count: 2, flow: [{listen: {room: c}}]}\n"));
  CHECK(kinds_of(*program) == "open listen send listen loop next listen end .");
  CHECK(program->sessions[0].rejoin_step == 3);
  CHECK(program->sessions[0].listens);
  const auto inner = compiled(with_session(
      "websocket: /ws", "          - loop: {count: 2, flow: [{listen: {room: c}}]}\n"));
  CHECK(inner->sessions[0].rejoin_step == 0);
  CHECK(inner->sessions[0].listens);
}

TEST_CASE("a close leads to the end of its session, from wherever it stands") {
  const auto program = compiled(with_session(
      "websocket: /ws",
      "          - if: \"${vu} == 1\"\n"
      "            then: [{close: {code: 4000, reason: bye}}]\n"
      "          - hold: 1s\n") + "      - get: /\n");
  CHECK(kinds_of(*program) == "open ? close think end http .");
  CHECK(program->steps[2].on_success == 4);
  CHECK(program->closes[0].code == 4000);
  CHECK(program->closes[0].reason == "bye");
  CHECK(program->steps[1].on_success == 2);
  CHECK(program->steps[1].on_failure == 3);
}

TEST_CASE("steps belong to the innermost session, or to the one that they name") {
  const auto program = compiled(with_session(
      "websocket: /a\n        name: outer",
      "          - websocket: /b\n"
      "            flow:\n"
      "              - send: inner\n"
      "              - send: {text: outer, session: outer}\n"
      "              - receive: {session: outer}\n"
      "              - listen: {session: outer}\n"
      "              - ping: {session: outer}\n"
      "          - send: outer again\n"
      "          - websocket: /c\n"
      "            flow: []\n"));
  CHECK(program->sends[0].session == 1);
  CHECK(program->sends[1].session == 0);
  CHECK(program->sends[2].session == 0);
  CHECK(program->receives[0].session == 0);
  CHECK(program->listens[0].session == 0);
  CHECK(program->sessions[0].listens);
  CHECK_FALSE(program->sessions[1].listens);
  CHECK(program->sessions[0].rejoin_step == 0);
  CHECK(program->scenarios[0].sessions == 2);
}

TEST_CASE("time is scaled for what is held, not for what is waited for") {
  Options options;
  options.time_scale = 0.1;
  const auto program = compiled(
      with_session("websocket: /ws\n        idleTimeout: 10s",
                   "          - listen: {room: a, late: 2s, drain: 3s}\n"
                   "          - receive: {timeout: 4s}\n"
                   "          - hold: 10s\n"
                   "          - hold: 1s..2s\n"),
      options);
  CHECK(program->thinks[0].a == 1s);
  CHECK(program->thinks[1].b == 200ms);
  CHECK(program->receives[0].timeout == 4s);
  CHECK(program->listens[0].late == 2s);
  CHECK(program->listens[0].drain == 3s);
  CHECK(program->sessions[0].idle == 10s);
}
