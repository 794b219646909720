// Socket.IO sessions as they are compiled.
#include <string>

#include <doctest/doctest.h>

#include "sessions_support.h"

using namespace gend;
using namespace gend::plan;
using namespace gend::plan::support;
using namespace std::chrono_literals;

TEST_CASE("a Socket.IO session has its namespace, its CONNECT payload and its transports") {
  const auto program = compiled(
      "data: {u: {range: [1, 9], order: random}}\n"
      "defaults: {auth: {bearer: t}}\n" +
      with_flow("      - socketio: /socket.io/\n        namespace: /admin\n"
                "        auth: {token: \"${u}\", n: 1}\n        flow: []\n"
                "      - {socketio: /s/, transports: [polling, websocket], flow: []}\n"
                "      - {socketio: /s/, transports: websocket, flow: []}\n"
                "      - {socketio: /s/, transports: [polling], reconnect: {max: 3}, flow: []}\n"));
  const Session& first = program->sessions[0];
  CHECK(first.kind == SessionKind::kSocketIo);
  CHECK(first.name_space == "/admin");
  CHECK(text_of(*first.auth) == R"({"token":"<value>","n":1})");
  CHECK(first.transports == Transports::kUpgrade);
  CHECK(first.request.expected_statuses == StatusRanges{{200, 200}});
  // `auth` is not the handshake's: the defaults' credentials go with that one.
  CHECK(holds(first.request.wire, "authorization: Bearer t\r\n"));
  CHECK(first.reconnect.max == 0);
  CHECK(program->sessions[1].transports == Transports::kUpgrade);
  CHECK_FALSE(program->sessions[1].auth);
  CHECK(program->sessions[1].name_space == "/");
  const Session& direct = program->sessions[2];
  CHECK(direct.transports == Transports::kWebSocket);
  CHECK(direct.request.expected_statuses == StatusRanges{{101, 101}});
  const Session& polling = program->sessions[3];
  CHECK(polling.transports == Transports::kPolling);
  CHECK(polling.reconnect.max == 3);
  CHECK(polling.reconnect.backoff.initial == 1s);
  CHECK(polling.reconnect.backoff.max == 5s);
  CHECK(polling.reconnect.backoff.jitter == Jitter::kEqual);
}

TEST_CASE("an event's payload is the array of its name and its arguments") {
  const auto program = compiled(with_session(
      "socketio: /socket.io/",
      "          - emit: ping\n"
      "          - emit: [join, 7, \"7\", {a: [true, null]}, \"x ${vu}\"]\n"
      "          - emit: [\"sa\\\"y\", {text: \"${stamp}\"}]\n"
      "            room: v7\n"));
  CHECK(text_of(program->emits[0].message.payload) == R"(["ping"])");
  CHECK(program->emits[0].event == "ping");
  CHECK_FALSE(program->emits[0].ack);
  CHECK_FALSE(program->emits[0].message.stamped);
  CHECK(text_of(program->emits[1].message.payload) ==
        R"(["join",7,"7",{"a":[true,null]},"x <value>"])");
  const Emit& third = program->emits[2];
  CHECK(text_of(third.message.payload) == R"(["sa\"y",{"text":"<stamp>"}])");
  CHECK(third.message.stamped);
  CHECK(text_of(*third.message.room) == "v7");
}

TEST_CASE("bytes among the arguments follow the message, which has their placeholders") {
  const auto program = compiled(with_session(
      "socketio: /socket.io/",
      "          - emit: [up, {binary: AAE=}, {name: x}, {binary: {text: \"<${vu}>\"}}]\n"));
  const Emit& emit = program->emits.at(0);
  CHECK(text_of(emit.message.payload) ==
        R"(["up",{"_placeholder":true,"num":0},{"name":"x"},{"_placeholder":true,"num":1}])");
  REQUIRE(emit.attachments.size() == 2);
  CHECK(text_of(emit.attachments[0]) == std::string{"\0\1", 2});
  CHECK(text_of(emit.attachments[1]) == "<<value>>");
  CHECK_FALSE(emit.message.stamped);
}

TEST_CASE("an ack is waited for, is asked, and ends the iteration when it is expected") {
  const auto program = compiled(with_session(
      "socketio: /socket.io/\n        name: village",
      "          - emit: [join, 1]\n"
      "            ack: {timeout: 2s, check: {\"json $[0].ok\": true},\n"
      "              capture: {id: \"json $[0].id\"}}\n"
      "          - emit: [say, \"${id}\"]\n"
      "            ack: {wait: false}\n"
      "          - emit: [leave]\n"
      "            ack: {expect: {\"json $[0]\": ok}}\n"
      "          - emit: [x]\n"
      "            ack: {}\n"));
  const Ack& ack = *program->emits[0].ack;
  CHECK(ack.waits);
  CHECK(ack.timeout == 2s);
  CHECK(ack.checks.at(0).of.path.source == "$[0].ok");
  CHECK(ack.captures.at(0).name == "id");
  CHECK_FALSE(ack.stops_on_failure);
  const stats::Series& duration = series_at(*program, stats::Kind::kTrend, ack.duration);
  CHECK(duration.metric == "sio_ack");
  CHECK(tag_of(duration, "event") == "join");
  CHECK(tag_of(duration, "name") == "village");
  const stats::Series& check = series_at(*program, stats::Kind::kRate, ack.checks[0].series);
  CHECK(tag_of(check, "check") == "json $[0].ok is true");
  CHECK(tag_of(check, "event") == "join");
  CHECK_FALSE(program->emits[1].ack->waits);
  CHECK(program->emits[2].ack->stops_on_failure);
  CHECK(program->steps[3].kind == StepKind::kEmit);
  CHECK(program->steps[3].on_success == 4);
  CHECK(program->steps[program->steps[3].on_failure].kind == StepKind::kEnd);
  CHECK(program->emits[3].ack->timeout == 10s);
}

TEST_CASE("events are received and listened to by their names") {
  const auto program = compiled(with_session(
      "socketio: /socket.io/",
      "          - receive: {event: joined, match: \"json $[0].n >= 2\"}\n"
      "          - receive: {}\n"
      "          - listen: {event: say, room: a, own: false, sequence: \"json $[0].seq\",\n"
      "              sentAt: \"json $[0].at\", clock: realtime, late: 200ms, drain: 0s}\n"
      "          - listen: {}\n"));
  const Receive& receive = program->receives[0];
  CHECK(receive.match.event == "joined");
  CHECK(receive.match.all.at(0).of.path.source == "$[0].n");
  CHECK_FALSE(program->receives[1].match.event);
  const stats::Series& duration = series_at(*program, stats::Kind::kTrend, receive.duration);
  CHECK(duration.metric == "ws_msg_duration");
  CHECK(tag_of(duration, "event") == "joined");
  const Listen& listen = program->listens[0];
  CHECK(listen.event == "say");
  CHECK_FALSE(listen.own);
  CHECK(listen.sequence->source == "$[0].seq");
  CHECK(listen.sent_at->source == "$[0].at");
  CHECK(listen.clock == SentClock::kRealtimeMs);
  CHECK(listen.late == 200ms);
  CHECK(listen.drain == 0s);
  const Listen& plain = program->listens[1];
  CHECK_FALSE(plain.event);
  CHECK(plain.own);
  CHECK(text_of(plain.room) == "/socket.io/");
  CHECK(plain.late == 1s);
  CHECK(plain.drain == 5s);
  CHECK(program->sessions[0].rejoin_step == 4);
}

TEST_CASE("each kind of session has the series of its own, and those of both") {
  const auto program = compiled(with_flow(
      "      - {websocket: /w, name: w, tags: {team: a}, flow: []}\n"
      "      - {socketio: /s/, name: u, flow: []}\n"
      "      - {socketio: /s/, name: d, transports: [websocket], flow: []}\n"));
  const auto names = [&](const std::string& session) {
    std::string out;
    for (const stats::Series& series : program->schema.series())
      if (tag_of(series, "name") == session) out += series.metric + " ";
    return out;
  };
  CHECK(names("w") ==
        "ws_connecting ws_connect_failed ws_sessions ws_session_duration ws_session_failed "
        "ws_errors ws_msgs_sent ws_msgs_received ws_reconnects ws_msgs_unasked ws_ping ");
  CHECK(names("u") ==
        "sio_connecting ws_connect_failed ws_sessions ws_session_duration ws_session_failed "
        "ws_errors ws_msgs_sent ws_msgs_received ws_reconnects ws_msgs_unasked sio_upgrade "
        "sio_disconnects sio_ping_missed ");
  CHECK_FALSE(holds(names("d"), "sio_upgrade"));
  const SessionSeries& series = program->sessions[0].series;
  const stats::Series& errors = series_at(*program, stats::Kind::kTally, series.errors);
  CHECK(errors.metric == "ws_errors");
  CHECK(tag_of(errors, "team") == "a");
  CHECK(tag_of(errors, "scenario") == "s");
  for (const stats::Series& each : program->schema.series())
    CHECK_FALSE(each.metric.starts_with("http_req"));
}
