// What is said of sessions that cannot be what their author meant.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "sessions_support.h"

using namespace gend;
using namespace gend::plan;
using namespace gend::plan::support;

namespace {

// The complaints of a session with this one step (a mapping, in flow style).
Lines of_step(const std::string& step, const std::string& head = "websocket: /ws") {
  return complaints(with_session(head, "          - " + step + "\n"));
}
Lines of_sio(const std::string& step) { return of_step(step, "socketio: /socket.io/"); }
// Of a session with this key and an empty flow.
Lines of_key(const std::string& key, const std::string& head = "websocket: /ws") {
  return complaints(with_flow("      - " + head + "\n        flow: []\n        " + key + "\n"));
}

}  // namespace

TEST_CASE("steps of a session stand in a session") {
  const auto outside = [](const std::string& step) {
    return complaints(with_flow("      - " + step + "\n"));
  };
  const std::string remedy =
      " outside of a session; put it into the `flow` of a `websocket` or `socketio` step";
  CHECK(outside("send: hello") == Lines{"p.yaml:7:15: `send`" + remedy});
  CHECK(outside("emit: [a]") == Lines{"p.yaml:7:9: `emit`" + remedy});
  CHECK(outside("receive: {}") == Lines{"p.yaml:7:18: `receive`" + remedy});
  CHECK(outside("listen: {}") == Lines{"p.yaml:7:17: `listen`" + remedy});
  CHECK(outside("hold: 1s") == Lines{"p.yaml:7:15: `hold`" + remedy});
  CHECK(outside("ping: {}") == Lines{"p.yaml:7:15: `ping`" + remedy});
  CHECK(outside("echo: {}") == Lines{"p.yaml:7:15: `echo`" + remedy});
  CHECK(outside("close: {}") == Lines{"p.yaml:7:16: `close`" + remedy});
}

TEST_CASE("a flow that nobody calls may hold steps of any session; a called one those of its own") {
  const std::string flows = "flows:\n  talk: [{send: hi}, {receive: {}}]\n  say: [{emit: [a]}]\n";
  CHECK(complaints(flows + with_flow("      - get: /\n")).empty());
  CHECK(complaints(flows + with_session("websocket: /ws", "          - call: talk\n")).empty());
  CHECK(complaints(flows + with_session("websocket: /ws", "          - call: say\n")) ==
        Lines{"p.yaml:3:9: `emit` in a WebSocket session; write send: {json: …}; or open the "
              "session with `socketio`"});
  CHECK(complaints(flows + with_flow("      - call: talk\n")).size() == 2);
}

TEST_CASE("a burst has no sessions") {
  CHECK(complaints(with_flow("      - burst: {count: 2, flow: [{websocket: /ws, flow: []}]}\n")) ==
        Lines{"p.yaml:7:34: a session within a burst: its hands only make requests; put the burst "
              "into the flow of the session, or more users into the scenario"});
  CHECK(of_step("burst: {count: 2, flow: [{send: a}]}") ==
        Lines{"p.yaml:9:45: `send` within a burst: its hands have no session; put the burst beside "
              "it"});
  CHECK(of_step("burst: {count: 2, flow: [{get: /}]}").empty());
}

TEST_CASE("each kind of session has its own steps") {
  CHECK(of_sio("send: hi") ==
        Lines{"p.yaml:9:19: `send` in a Socket.IO session; write emit: [event, …]; socket.send(x) "
              "of its clients is emit: [message, x]"});
  CHECK(of_sio("ping: {}") ==
        Lines{"p.yaml:9:19: `ping` in a Socket.IO session; the server pings; leave it out"});
  CHECK(of_sio("echo: {}") ==
        Lines{"p.yaml:9:19: `echo` in a Socket.IO session; `receive` the event and `emit` what "
              "should go back"});
  CHECK(of_sio("close: {}").empty());
  CHECK(of_sio("close: {code: 1000}") ==
        Lines{"p.yaml:9:20: a Socket.IO session is closed without a code and a reason; write "
              "close: {}"});
  CHECK(of_step("emit: [a]").size() == 1);
  CHECK(of_step("receive: {event: a}") ==
        Lines{"p.yaml:9:30: messages of a WebSocket have no `event`; use match: json $.event == "
              "'name'"});
  CHECK(of_step("listen: {event: a}") ==
        Lines{"p.yaml:9:29: messages of a WebSocket have no `event`; leave it out"});
}

TEST_CASE("steps behind a close are never reached") {
  const Lines never{"p.yaml:10:13: never reached: the session is closed before; remove it, or put "
                    "it behind the session's step"};
  CHECK(complaints(with_session("websocket: /ws",
                                "          - close: {}\n          - send: a\n")) == never);
  CHECK(complaints("flows: {bye: [{close: {}}]}\n" +
                   with_session("websocket: /ws", "          - call: bye\n          - ping: {}\n"))
            .size() == 1);
}

TEST_CASE("close codes are those that may be sent") {
  for (const int code : {1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999})
    CHECK(of_step("close: {code: " + std::to_string(code) + "}").empty());
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000}) {
    CAPTURE(code);
    const Lines lines = of_step("close: {code: " + std::to_string(code) + "}");
    REQUIRE(lines.size() == 1);
    CHECK(holds(lines[0], "is never sent; use 1000"));
  }
  CHECK(of_step("close: {reason: " + std::string(123, 'x') + "}").empty());
  CHECK(of_step("close: {reason: " + std::string(124, 'x') + "}") ==
        Lines{"p.yaml:9:29: a reason of 124 bytes, at most 123"});
  CHECK(of_step("close: {session: x}") ==
        Lines{"p.yaml:9:30: `close` ends the innermost session; let that one end first: steps "
              "behind it belong to the session around"});
}

TEST_CASE("a session that is named must be one around the step") {
  CHECK(of_step("send: {text: a, session: /wss}") ==
        Lines{"p.yaml:9:38: no session around this step is called \"/wss\"; did you mean "
              "\"/ws\"?"});
}

TEST_CASE("the stamp has its place in messages") {
  const std::string said =
      " `${stamp}` has a meaning in the messages of a session only; use it in a `send` or an "
      "`emit`";
  CHECK(complaints(with_flow("      - get: \"/${stamp}\"\n")) == Lines{"p.yaml:7:16:" + said});
  CHECK(complaints(with_flow("      - post: /\n        json: {a: \"${stamp}\"}\n")) ==
        Lines{"p.yaml:8:20:" + said});
  CHECK(complaints(with_flow("      - set: {a: \"${stamp}\"}\n")).size() == 1);
  CHECK(complaints(with_flow("      - if: \"${stamp} == 1\"\n        then: []\n")).size() == 1);
  CHECK(of_step("send: {text: a, room: \"${stamp}\"}").size() == 1);
  CHECK(of_step("receive: {match: \"contains '${stamp}'\"}").size() == 1);
  CHECK(of_key("headers: {a: \"${stamp}\"}").size() == 1);
  CHECK(of_key("auth: {a: \"${stamp}\"}", "socketio: /s/").size() == 1);
  CHECK(of_step("send: \"${stamp}\"").empty());
  CHECK(of_step("send: {json: {a: [\"${stamp}\"]}}").empty());
  CHECK(of_sio("emit: [a, \"${stamp}\"]").empty());
  CHECK(of_step("set: {stamp: 1}").size() == 1);
}

TEST_CASE("a message has one content") {
  CHECK(of_step("send: {}") ==
        Lines{"p.yaml:9:19: the message says nothing; give one of text, json and binary"});
  CHECK(of_step("send: {text: a, json: 1}") ==
        Lines{"p.yaml:9:19: a message has one content; give one of text, json and binary"});
  CHECK(of_step("send: [a]").size() == 1);
  CHECK(of_step("send: {txt: a}").size() == 2);
  CHECK(of_step("send: {binary: \"a b!\"}") ==
        Lines{"p.yaml:9:28: \"a b!\" is not base64; write {text: …} for the bytes of a text, "
              "{file: …} for those of a file"});
  CHECK(of_step("send: {binary: {hex: 00}}").size() == 1);
  CHECK(of_step("send: {binary: {}}").size() == 1);
  CHECK(of_step("send: {binary: {file: none.bin}}").size() == 1);
}

TEST_CASE("a reply needs to know what it looks like") {
  CHECK(of_step("send: {text: a, reply: {is: 1}}") ==
        Lines{"p.yaml:9:36: the reply has no `key`; add key: json $.id"});
  CHECK(of_step("send: {text: a, reply: {key: json $.id}}") ==
        Lines{"p.yaml:9:36: the reply has no `is`; add is: \"${id}\""});
  CHECK(of_step("send: {text: a, reply: {key: header x, is: 1}}") ==
        Lines{"p.yaml:9:42: \"header x\" is no part of a message (json PATH, regex RE, body)"});
  CHECK(of_step("send: {text: a, reply: {key: json $.id, is: \"${uuid}\"}}") ==
        Lines{"p.yaml:9:57: \"${uuid}\" is another one here than in the message; keep it first: "
              "set: {id: \"${uuid}\"}, and use ${id} in both"});
  CHECK(of_step("send: {text: a, reply: json}").size() == 1);
  CHECK(of_step("send: {text: a, reply: {key: json $..x, is: 1}}").size() == 1);
}

TEST_CASE("a message has no status, no headers and no URL") {
  const std::string remedy =
      "; use json PATH, regex RE or body; what is asked of the handshake stands beside `websocket` "
      "or `socketio`";
  CHECK(of_step("receive: {check: {status: 200}}") ==
        Lines{"p.yaml:9:31: a message has no `status`" + remedy});
  CHECK(of_step("receive: {expect: {header x: 1}}") ==
        Lines{"p.yaml:9:32: a message has no `header`" + remedy});
  CHECK(of_step("receive: {capture: {a: cookie x}}") ==
        Lines{"p.yaml:9:36: a message has no `cookie`" + remedy});
  CHECK(of_step("receive: {match: status 200}") ==
        Lines{"p.yaml:9:30: a message has no `status`" + remedy});
  CHECK(of_step("receive: {match: hello}").size() == 1);
  CHECK(of_step("receive: {match: \"json $.a ~~ 1\"}").empty());  // contains "~ 1"
  CHECK(of_step("receive: {match: \"json $.a near 1\"}") ==
        Lines{"p.yaml:9:30: \"json $.a near 1\" is not a match (json $.type == 'x', json $.n > 3, "
              "json $.id, contains 'x', matches /x/)"});
  CHECK(of_step("receive: {match: \"json $..a == 1\"}").size() == 1);
  CHECK(of_step("receive: {match: {json: 1}}").size() == 1);
  CHECK(of_step("receive: {timeout: 0s}").size() == 1);
  CHECK(of_step("receive: {timout: 1s}") ==
        Lines{"p.yaml:9:23: unknown key \"timout\"; did you mean \"timeout\"?"});
}

TEST_CASE("paths of a Socket.IO session go into the array of arguments") {
  const auto said = [](const std::string& place, const std::string& path) {
    return Lines{"p.yaml:9:" + place + ": the path \"$." + path +
                 "\" looks for a name in the array of arguments; write $[0]." + path +
                 ", for the first argument"};
  };
  CHECK(of_sio("receive: {match: json $.ok}") == said("30", "ok"));
  CHECK(of_sio("receive: {check: {json $.ok: true}}") == said("31", "ok"));
  CHECK(of_sio("receive: {capture: {a: json $.id}}") == said("36", "id"));
  CHECK(of_sio("listen: {sequence: json $.seq}") == said("32", "seq"));
  CHECK(of_sio("listen: {sequence: \"json $[0].seq\"}").empty());
  CHECK(of_step("listen: {sequence: json $.seq}").empty());
}

TEST_CASE("what the server numbers goes together") {
  CHECK(of_step("listen: {sentAt: json $.at}") ==
        Lines{"p.yaml:9:30: `sentAt` without `sequence`; say where the server's numbers stand: "
              "sequence: json $.seq"});
  CHECK(of_step("listen: {sequence: json $.n, clock: realtime}") ==
        Lines{"p.yaml:9:49: `clock` without `sentAt`; say where the server says when it sent: "
              "sentAt: json $.sent_at"});
  CHECK(of_step("listen: {sequence: json $.n, sentAt: json $.t, clock: realtim}") ==
        Lines{"p.yaml:9:67: \"realtim\" is not a clock; did you mean \"realtime\"?"});
  CHECK(of_step("listen: {sequence: header x}").size() == 1);
  CHECK(of_step("listen: {sequence: 3}").size() == 1);
}

TEST_CASE("a room keeps its name") {
  CHECK(of_step("listen: {room: \"\"}") ==
        Lines{"p.yaml:9:28: the name of the room is empty; leave it out"});
  CHECK(of_step("listen: {room: \"${uuid}\"}") ==
        Lines{"p.yaml:9:28: \"${uuid}\" is another room each time; use a column of data, or keep "
              "it first: set: {room: …}"});
  CHECK(complaints("vars: {T: {secret: true, default: a}}\n" +
                   with_session("websocket: /ws", "          - listen: {room: \"${T}\"}\n")) ==
        Lines{"p.yaml:10:28: the secret \"T\" would be printed: rooms stand in reports"});
}

TEST_CASE("events are lists, and other tools' words are known") {
  CHECK(of_sio("emit: {channel: a, data: b}") ==
        Lines{"p.yaml:9:19: `channel` and `data` are Artillery's words; write emit: [event, {text: "
              "hello}]; `ack` stands beside `emit`"});
  CHECK(of_sio("emit: []") ==
        Lines{"p.yaml:9:19: an empty list: the event is missing; write emit: [event, argument]"});
  CHECK(of_sio("emit: [connect]") ==
        Lines{"p.yaml:9:20: the event \"connect\" is Socket.IO's own; a client cannot emit it; use "
              "another name"});
  CHECK(of_sio("emit: [[a]]").size() == 1);
  CHECK(of_sio("emit: [a, {binary: {text: \"${stamp}\"}}]") ==
        Lines{"p.yaml:9:23: receivers look for `${stamp}` in the text of a message only; put it "
              "into another argument"});
  CHECK(of_sio("emit: [\"\"]").size() == 1);
  CHECK(of_sio("{emit: [a], response: {channel: b}}") ==
        Lines{"p.yaml:9:25: unknown key \"response\"; use `ack` for an acknowledgement, a `receive` "
              "step for another event"});
  CHECK(of_sio("{emit: [a], acknowledge: {}}") ==
        Lines{"p.yaml:9:25: unknown key \"acknowledge\"; use `ack`"});
  CHECK(of_sio("{emit: [a], ack: {wait: false, expect: {\"json $[0]\": 1}}}").size() == 1);
  CHECK(of_sio("{emit: [a], ack: 2s}").size() == 1);
  CHECK(of_step("connect: {}") ==
        Lines{"p.yaml:9:13: unknown step \"connect\"; `websocket: /ws` and `socketio: /socket.io/` "
              "connect by themselves"});
  CHECK(of_step("onMessage: {}").size() == 1);
  CHECK(of_step("recieve: {}") ==
        Lines{"p.yaml:9:13: unknown step \"recieve\"; did you mean \"receive\"?"});
}

TEST_CASE("keys of a session: those of requests and of the other kind have their remedies") {
  CHECK(of_key("json: {a: 1}") ==
        Lines{"p.yaml:9:9: \"json\" is no key of a `websocket` step; send it as a message: put "
              "`send` into the `flow`"});
  CHECK(of_key("retry: {max: 1}") ==
        Lines{"p.yaml:9:9: \"retry\" is no key of a `websocket` step; use `reconnect`"});
  CHECK(of_key("redirects: 1").size() == 1);
  CHECK(of_key("namespace: /a") ==
        Lines{"p.yaml:9:9: \"namespace\" is no key of a `websocket` step; use `socketio` for a "
              "Socket.IO server"});
  CHECK(of_key("pingInterval: 1s", "socketio: /s/") ==
        Lines{"p.yaml:9:9: \"pingInterval\" is no key of a `socketio` step; the server says how "
              "often it pings"});
  CHECK(of_key("infligt: 1") ==
        Lines{"p.yaml:9:9: unknown key \"infligt\"; did you mean \"inflight\"?"});
  CHECK(of_key("headers: {Sec-WebSocket-Protocol: a}") ==
        Lines{"p.yaml:9:19: the header sec-websocket-protocol is written by gend; use "
              "`subprotocols`"});
  CHECK(complaints(with_flow("      - websocket: /ws\n")) ==
        Lines{"p.yaml:7:9: the session has no `flow`; say what is done while it is open: flow: "
              "[{hold: 30s}], or flow: []"});
}

TEST_CASE("settings of a session are looked at") {
  CHECK(of_key("subprotocols: [a, a]") == Lines{"p.yaml:9:27: \"a\" is in the list twice"});
  CHECK(of_key("subprotocols: a b") ==
        Lines{"p.yaml:9:23: \"a b\" is not a subprotocol; it is one word; write a list for "
              "several"});
  CHECK(of_key("masking: none") ==
        Lines{"p.yaml:9:18: \"none\" is not a masking; known: random, fixed"});
  CHECK(of_key("maxMessage: 1 MiB").size() == 1);
  CHECK(of_key("maxMessage: big") ==
        Lines{"p.yaml:9:21: \"big\" is not a size of a message (512, 64KiB, 1MiB, 1MB; at most "
              "1024 MiB)"});
  CHECK(of_key("maxMessage: 0").size() == 1);
  CHECK(of_key("maxMessage: 2GiB").size() == 1);
  CHECK(of_key("inflight: 0").size() == 1);
  CHECK(of_key("idleTimeout: 0s").size() == 1);
  CHECK(of_key("compression: maybe").size() == 1);
  CHECK(of_key("reconnect: {backoff: {initial: 1s}}") ==
        Lines{"p.yaml:9:20: `max` is missing: how often to try again; add max: 10"});
  CHECK(of_key("reconnect: {max: 1, backoff: {initial: 10s, max: 1s}}").size() == 1);
  CHECK(of_key("reconnect: true").size() == 1);
  CHECK(of_key("namespace: admin", "socketio: /s/").size() == 1);
  CHECK(of_key("namespace: \"/a?b=1\"", "socketio: /s/").size() == 1);
  CHECK(of_key("auth: token", "socketio: /s/").size() == 1);
  CHECK(of_key("transports: [websocket, polling]", "socketio: /s/") ==
        Lines{"p.yaml:9:21: an upgrade goes from polling to websocket; write [polling, websocket], "
              "or [websocket] alone"});
  CHECK(of_key("transports: []", "socketio: /s/").size() == 1);
  CHECK(of_key("transports: [webtransport]", "socketio: /s/").size() == 1);
  CHECK(of_key("transports: [polling, polling]", "socketio: /s/").size() == 1);
}

TEST_CASE("a Socket.IO URL has a path, so a server's address alone is not one") {
  CHECK(of_key("name: a", "socketio: \"http://h:1\"") ==
        Lines{"p.yaml:7:19: \"http://h:1\" has no path; Socket.IO servers listen at /socket.io/ "
              "unless they are told otherwise; a namespace is given as `namespace`"});
  CHECK(of_key("name: a", "socketio: \"ws://h:1/\"").size() == 1);
  CHECK(of_key("name: a", "socketio: \"ws://h:1/socket.io/\"").empty());
  CHECK(of_key("name: a", "websocket: ftp://h/x").size() == 1);
  CHECK(of_key("name: a", "websocket: \"ws:///x\"").size() == 1);
}

TEST_CASE("a session needs a target, or an URL of its own") {
  const std::string plan =
      "scenarios:\n  s:\n    executor: constant-vus\n    duration: 1s\n    flow:\n";
  CHECK(complaints(plan + "      - {websocket: /ws, flow: []}\n").size() == 1);
  CHECK(complaints(plan + "      - {websocket: \"ws://h/ws\", flow: []}\n").empty());
}
