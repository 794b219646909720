#!/usr/bin/env python3
"""Sessions against servers of other people: what gend counts is what they count, to the unit."""

import json
import time
import unittest

import peers
from peers import Programs, run_plan

PROGRAMS = None


def plan(url, flow, users=5, iterations=2, executor=None):
    executor = executor or (f"{{executor: per-vu-iterations, vus: {users}, "
                            f"iterations: {iterations}, maxDuration: 30s, gracefulStop: 1s")
    return f"name: sessions\ntarget: {url}\nseed: 1\nscenarios:\n  s:\n    {executor},\n" \
           f"        flow: {json.dumps(flow, ensure_ascii=False)}}}\n"


def value(run, metric, of="count"):
    return run.summary["metrics"].get(metric, {"values": {}})["values"].get(of, 0)


class Sessions(unittest.TestCase):
    def setUp(self):
        if peers.Peer.why_not():
            self.skipTest(peers.Peer.why_not())

    def start(self, peer):
        self.addCleanup(peer.__exit__)
        return peer

    def run_flow(self, peer, flow, code=0, users=5, iterations=2, **more):
        run = run_plan(PROGRAMS, plan(peer.url, flow, users, iterations), **more)
        self.assertEqual(run.code, code, run)
        return run

    def nothing_failed(self, run):
        self.assertEqual(run.session_errors(), {}, run)
        self.assertEqual(value(run, "ws_connect_failed", "rate"), 0, run)
        self.assertEqual(value(run, "ws_session_failed", "rate"), 0, run)
        checks = run.summary["metrics"].get("checks")
        if checks:
            self.assertEqual(checks["values"]["rate"], 1, run)


def echo_flow(path, message, match, **session):
    return [{"websocket": path, **session, "flow": [
        {"loop": {"count": 20, "flow": [{"send": message}, {"receive": {"match": match}}]}}]}]


class EchoServers:
    """The same of every WebSocket server. A subclass starts it."""

    def counted(self, peer, run, path, sessions, messages):
        counts = peer.counts()
        self.assertEqual(counts["sessions"][path], sessions)
        self.assertEqual(value(run, "ws_sessions"), sessions, run)
        self.assertEqual(value(run, "ws_msgs_sent"), messages, run)
        self.assertEqual(counts["closed"], {"1000": sessions})
        return counts

    def test_every_text_comes_back(self):
        peer = self.start(self.server())
        run = self.run_flow(peer, echo_flow("/echo", {"json": {"n": "${vu}", "to": "é漢😀"}},
                                            "json $.to == 'é漢😀'"))
        self.counted(peer, run, "/echo", 10, 200)
        self.assertEqual(value(run, "ws_msgs_received"), 200, run)
        self.assertEqual(value(run, "ws_msg_duration"), 200, run)
        self.nothing_failed(run)

    def test_binary_messages_of_every_form_of_length(self):
        peer = self.start(self.server())
        for size in (1, 125, 126, 65535, 65536, 300000):
            flow = [{"websocket": "/echo", "flow": [
                {"send": {"binary": {"text": "x" * size}}},
                {"receive": {"match": f"size == {size}"}}]}]
            self.nothing_failed(self.run_flow(peer, flow, users=1))
        self.assertEqual(peer.counts()["sessions"]["/echo"], 12)

    def test_a_message_in_pieces_is_one_message(self):
        peer = self.start(self.server())
        run = self.run_flow(peer, echo_flow("/fragments", {"text": "abcdefghé漢😀"},
                                            "== 'abcdefghé漢😀'"))
        self.counted(peer, run, "/fragments", 10, 200)
        self.assertEqual(value(run, "ws_msgs_received"), 200, run)
        self.nothing_failed(run)

    def test_a_subprotocol_is_agreed_on(self):
        peer = self.start(self.server())
        run = self.run_flow(peer, [{"websocket": "/echo", "subprotocols": ["soap", "chat"],
                                    "check": {"header sec-websocket-protocol": "== 'chat'"},
                                    "flow": []}])
        self.assertEqual(peer.counts()["protocols"], {"chat": 10})
        self.nothing_failed(run)

    def test_messages_are_compressed_both_ways(self):
        peer = self.start(self.compressing())
        path = self.compressed_path
        text = "again and again " * 500
        run = self.run_flow(peer, echo_flow(path, {"text": text}, f"size == {len(text)}",
                                            compression=True))
        self.counted(peer, run, path, 10, 200)
        self.assertEqual(sum(peer.counts()["extensions"].values()), 10)
        self.assertLess(value(run, "data_received"), 200 * len(text) / 5, run)
        self.assertLess(value(run, "data_sent"), 200 * len(text) / 5, run)
        self.nothing_failed(run)

    def test_a_server_that_takes_no_compression_gets_none(self):
        peer = self.start(self.server())
        run = self.run_flow(peer, echo_flow("/echo", {"text": "plain"}, "== 'plain'",
                                            compression=True))
        self.nothing_failed(run)

    def test_a_server_that_closes_is_an_outcome(self):
        peer = self.start(self.server())
        run = self.run_flow(peer, [{"websocket": "/close?code=4001&reason=enough", "flow": [
            {"send": {"text": "x"}}, {"hold": "5s"}]}])
        self.assertEqual(run.session_errors(), {"ws.closed": 10}, run)
        self.assertEqual(peer.counts()["closed"], {"4001": 10})

    def test_a_path_that_is_not_served_keeps_its_status(self):
        peer = self.start(self.server())
        run = self.run_flow(peer, [{"websocket": "/nothing", "check": {"status": 404},
                                    "flow": []}])
        self.assertEqual(run.session_errors(), {"status.4xx": 10}, run)
        self.assertEqual(value(run, "ws_connect_failed", "rate"), 1, run)
        self.assertEqual(peer.counts()["refused"], 10)

    def test_a_room_delivers_to_the_unit(self):
        peer = self.start(self.server())
        flow = [{"websocket": "/room?room=green", "flow": [
            {"receive": {"match": "json $.type == 'joined'"}},
            {"listen": {"room": "green"}},
            {"hold": "1s"},
            {"loop": {"count": 10, "flow": [{"send": {"text": "${stamp}"}},
                                            {"think": "50ms"}]}},
            {"hold": "1s"}]}]
        run = self.run_flow(peer, flow, users=8, iterations=1)
        counts = peer.counts()
        self.assertEqual(counts["sent"], {"green": 80})
        self.assertEqual(counts["delivered"], {"green": 640})
        self.assertEqual(value(run, "delivery_latency"), 640, run)
        for metric in ("delivery_lost", "delivery_duplicated", "delivery_reordered"):
            self.assertEqual(value(run, metric, "rate"), 0, run)
        self.assertEqual(value(run, "delivery_reach", "rate"), 1, run)
        self.nothing_failed(run)


class Ws(EchoServers, Sessions):
    """ws, what most servers in JavaScript stand on."""
    compressed_path = "/deflate"

    def server(self):
        return peers.ws()

    compressing = server

    def test_compression_with_context_takeover_is_read(self):
        peer = self.start(peers.ws())
        text = "again and again " * 50
        run = self.run_flow(peer, echo_flow("/context", {"text": text}, f"size == {len(text)}",
                                            compression=True))
        self.counted(peer, run, "/context", 10, 200)
        self.nothing_failed(run)

    def test_a_token_opens_and_no_token_is_401(self):
        peer = self.start(peers.ws())
        auth = {"bearer": peers.token({"sub": "u"})}
        self.nothing_failed(self.run_flow(peer, [{"websocket": "/auth", "auth": auth, "flow": []}]))
        run = self.run_flow(peer, [{"websocket": "/auth", "check": {"status": 401}, "flow": []}])
        self.assertEqual(run.session_errors(), {"status.4xx": 10}, run)
        self.assertEqual(value(run, "checks", "rate"), 1, run)
        counts = peer.counts()
        self.assertEqual((counts["sessions"]["/auth"], counts["refused"]), (10, 10))

    def test_pings_are_answered_on_both_sides(self):
        peer = self.start(peers.ws())
        run = self.run_flow(peer, [{"websocket": "/pings?count=7", "flow": [{"hold": "10s"}]}])
        self.assertEqual(peer.counts()["pongs"], 70)
        # The server closes with 1000 when it has all of them; the plan had not.
        self.assertEqual(run.session_errors(), {"ws.closed": 10}, run)
        run = self.run_flow(peer, [{"websocket": "/echo", "flow": [{"ping": {}}, {"ping": {}}]}])
        self.assertEqual(value(run, "ws_ping"), 20, run)
        self.assertEqual(peer.counts()["pings"], 20)
        self.nothing_failed(run)

    def test_a_server_that_answers_no_ping_is_noticed(self):
        peer = self.start(peers.ws())
        run = self.run_flow(peer, [{"websocket": "/mute", "pingInterval": "100ms",
                                    "pongTimeout": "200ms", "flow": [{"hold": "20s"}]}])
        self.assertEqual(run.session_errors(), {"timeout.pong": 10}, run)

    def test_answers_out_of_order_find_their_questions(self):
        peer = self.start(peers.ws())
        ask = {"send": {"json": {"id": "${vu}-${n}", "wait": "${random(0, 60)}"},
                        "reply": {"key": "json $.id", "is": "${vu}-${n}", "timeout": "5s"}}}
        flow = [{"set": {"n": 0}}, {"websocket": "/later", "inflight": 16, "flow": [
            {"loop": {"count": 50, "flow": [{"set": {"n": "${n} + 1"}}, ask]}},
            {"hold": "500ms"}]}]
        run = self.run_flow(peer, flow, users=4, iterations=1)
        self.assertEqual(value(run, "ws_msg_duration"), 200, run)
        self.assertEqual(peer.counts()["messages"]["/later"], 200)
        self.nothing_failed(run)

    def test_what_nobody_asked_for_is_counted_and_can_be_received(self):
        peer = self.start(peers.ws())
        run = self.run_flow(peer, [{"websocket": "/push?count=30", "flow": [
            {"loop": {"count": 30, "flow": [{"receive": {"match": "json $.type == 'push'"}}]}},
            {"close": {}}]}])
        self.assertEqual(value(run, "ws_msgs_received"), peer.counts()["pushed"], run)
        self.assertEqual(value(run, "checks", "rate"), 1, run)

    def test_sessions_come_back_after_a_restart(self):
        peer = self.start(peers.ws())
        flow = [{"websocket": "/echo",
                 "reconnect": {"max": 30, "backoff": {"initial": "50ms", "max": "200ms"}},
                 "flow": [{"loop": {"count": 60, "flow": [
                     {"send": {"text": "${uuid}"}}, {"receive": {"timeout": "1s"}},
                     {"think": "50ms"}]}}]}]
        with Later(lambda: peer.counts().get("messages", {}).get("/echo", 0) >= 12,
                   lambda: peer.get("/restart?down=300")):
            run = self.run_flow(peer, flow, users=6, iterations=1)
        counts = peer.counts()
        self.assertEqual(counts["sessions"]["/echo"], 12)
        self.assertEqual((value(run, "ws_sessions"), value(run, "ws_reconnects")), (6, 6), run)

    def test_a_cut_connection_is_no_clean_close(self):
        peer = self.start(peers.ws())
        for n, (how, outcome) in enumerate((("fin", "ws.abnormal"),
                                            ("reset", "reset.in_response")), start=1):
            with Later(lambda: peer.counts().get("sessions", {}).get("/echo") == 5 * n,
                       lambda: peer.get(f"/drop?how={how}")):
                run = self.run_flow(peer, [{"websocket": "/echo", "flow": [{"hold": "20s"}]}],
                                    iterations=1)
            self.assertEqual(run.session_errors(), {outcome: 5}, run)


class PythonWebsockets(EchoServers, Sessions):
    """Debian's python3-websockets."""
    compressed_path = "/echo"

    def server(self):
        return peers.websockets()

    def compressing(self):
        return peers.websockets(compression="deflate")


class Later:
    """Does something to a peer while a plan runs, once the peer has come so far."""

    def __init__(self, ready, action):
        self.ready, self.action = ready, action

    def act(self):
        deadline = time.monotonic() + 30
        while not self.ready() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)  # what the peer has just said is on its way
        self.action()

    def __enter__(self):
        self.thread = peers.threading.Thread(target=self.act)
        self.thread.start()

    def __exit__(self, *_):
        self.thread.join()


class Villages:
    """The same of every Socket.IO server and every transport."""
    version = 4
    transports = ["websocket"]

    def server(self, **options):
        return self.start(peers.socketio(self.version, **options))

    def session(self, flow, **more):
        return [{"socketio": "/socket.io/", "transports": self.transports, **more, "flow": flow}]

    def opened(self, counts, sessions):
        first = "websocket" if self.transports == ["websocket"] else "polling"
        self.assertEqual(counts["sessions"], {first: sessions})
        upgraded = sessions if self.transports == ["polling", "websocket"] else 0
        self.assertEqual(counts.get("upgraded", 0), upgraded)

    def test_events_are_acknowledged(self):
        peer = self.server()
        run = self.run_flow(peer, self.session([
            {"emit": ["join_village", "green"],
             "ack": {"timeout": "2s", "check": {"json $[0].ok": True}}},
            {"loop": {"count": 10, "flow": [
                {"emit": ["echo", "${vu}", {"é": ["漢", "😀"]}],
                 "ack": {"check": {"json $[1].é[1]": "😀"}}}]}}]))
        counts = peer.counts()
        self.opened(counts, 10)
        self.assertEqual(counts["events"], {"join_village": 10, "echo": 100})
        self.assertEqual(counts["acks"], {"join_village": 10, "echo": 100})
        self.assertEqual(value(run, "sio_ack"), 110, run)
        self.assertEqual(value(run, "sio_connecting"), 10, run)
        self.assertEqual(counts["disconnected"], {"client namespace disconnect": 10})
        self.nothing_failed(run)

    def test_a_server_may_speak_first(self):
        peer = self.server()
        run = self.run_flow(peer, self.session([
            {"emit": ["ticks", 20]},
            {"loop": {"count": 20, "flow": [{"receive": {"event": "tick"}}]}},
            {"emit": ["say", "hello", 7]},
            {"receive": {"event": "said", "check": {"json $[0]": "hello", "json $[1]": 7}}}]))
        self.nothing_failed(run)

    def test_bytes_go_both_ways(self):
        peer = self.server()
        run = self.run_flow(peer, self.session([
            {"emit": ["binary", {"binary": {"text": "bytes"}}], "ack": {}},
            {"emit": ["binary_pair", {"binary": "AAEC"}, {"binary": "Aw=="}], "ack": {}},
            {"receive": {"event": "pair"}}]))
        counts = peer.counts()
        self.assertEqual(counts["binary_bytes"], 50)
        self.assertEqual(counts["acks"], {"binary": 10, "binary_pair": 10})
        self.nothing_failed(run)

    def test_a_namespace_takes_who_has_a_token(self):
        peer = self.server()
        joined = self.run_flow(peer, self.session(
            [{"emit": ["echo", 1], "ack": {"check": {"json $[0]": 1}}}],
            namespace="/villages", auth={"token": peers.token({"sub": "u"})}))
        self.nothing_failed(joined)
        refused = self.run_flow(peer, self.session(
            [{"hold": "10s"}], namespace="/villages", auth={"token": "a.b.c"}))
        self.assertEqual(refused.session_errors(), {"sio.connect_error": 10}, refused)
        unknown = self.run_flow(peer, self.session([{"hold": "10s"}], namespace="/nowhere"))
        self.assertEqual(unknown.session_errors(), {"sio.connect_error": 10}, unknown)
        counts = peer.counts()
        self.assertEqual(counts["joined"], {"/villages": 10})
        self.assertEqual(counts["refused"], 10)

    def test_an_acknowledgement_that_never_comes_times_out(self):
        peer = self.server()
        run = self.run_flow(peer, self.session([
            {"emit": ["silent"], "ack": {"timeout": "200ms"}}]), iterations=1)
        self.assertEqual(run.session_errors(), {"timeout.ack": 5}, run)

    def test_who_is_kicked_is_told_apart(self):
        peer = self.server()
        for event in ("kick", "leave_me"):
            run = self.run_flow(peer, self.session([{"emit": [event]}, {"hold": "10s"}]),
                                iterations=1)
            self.assertEqual(run.session_errors(), {"sio.disconnected": 5}, run)
            self.assertEqual(value(run, "sio_disconnects"), 5, run)
        self.assertEqual(peer.counts()["disconnected"], {"server namespace disconnect": 10})

    def test_heartbeats_are_kept(self):
        peer = self.server(pingInterval=200, pingTimeout=30000)
        run = self.run_flow(peer, self.session([{"hold": "2s"}]), iterations=1)
        self.nothing_failed(run)
        # The next ping is sent when this one was answered.
        self.assertGreaterEqual(peer.counts()["heartbeats"], 5 * 3)
        self.assertEqual(peer.counts()["disconnected"], {"client namespace disconnect": 5})

    def test_a_ping_at_the_end_is_not_answered(self):
        # After our goodbye the server knows the session no more.
        peer = self.server(pingInterval=3, pingTimeout=30000)
        run = self.run_flow(peer, self.session([{"hold": "20ms"}]), iterations=40)
        self.nothing_failed(run)
        self.assertEqual(peer.counts()["disconnected"], {"client namespace disconnect": 200})

    def test_who_leaves_in_the_middle_of_talking_is_heard(self):
        peer = self.server()
        run = self.run_flow(peer, self.session([{"emit": ["echo", 1]}] * 3), iterations=4)
        self.nothing_failed(run)
        self.assertEqual(peer.counts()["disconnected"], {"client namespace disconnect": 20})

    def test_a_village_delivers_to_the_unit(self):
        peer = self.server()
        run = self.run_flow(peer, [{"set": {"half": "${vu} % 2"}}, *self.session([
            {"emit": ["join_village", "v${half}"], "ack": {}},
            {"listen": {"event": "village_message", "room": "v${half}"}},
            {"hold": "1s"},
            {"loop": {"count": 10, "flow": [
                {"emit": ["village_message", {"village": "v${half}", "text": "${stamp}"}]},
                {"think": "50ms"}]}},
            {"hold": "1s"}])], users=8, iterations=1)
        counts = peer.counts()
        self.assertEqual(counts["sent"], {"v0": 40, "v1": 40})
        self.assertEqual(counts["delivered"], {"v0": 160, "v1": 160})
        self.assertEqual(value(run, "delivery_latency"), 320, run)
        for metric in ("delivery_lost", "delivery_duplicated", "delivery_reordered"):
            self.assertEqual(value(run, metric, "rate"), 0, run)
        self.nothing_failed(run)

    def test_sessions_come_back_after_a_restart_and_join_again(self):
        peer = self.server()
        flow = self.session([
            {"emit": ["join_village", "green"], "ack": {}},
            {"listen": {"event": "village_message", "room": "green"}},
            {"loop": {"count": 40, "flow": [
                {"emit": ["village_message", {"village": "green", "text": "${stamp}"}]},
                {"think": "50ms"}]}}, {"hold": "1s"}],
            reconnect={"max": 50, "backoff": {"initial": "50ms", "max": "200ms"}})
        with Later(lambda: peer.counts().get("sent", {}).get("green", 0) >= 12,
                   lambda: peer.get("/restart?down=300")):
            run = self.run_flow(peer, flow, users=6, iterations=1)
        counts = peer.counts()
        self.assertEqual(counts["joined"], {"/": 12})
        self.assertEqual(counts["events"]["join_village"], 12)
        self.assertEqual(value(run, "ws_reconnects"), 6, run)


class DirectWebSocket(Villages, Sessions):
    pass


class PollingOnly(Villages, Sessions):
    transports = ["polling"]


class Upgrade(Villages, Sessions):
    transports = ["polling", "websocket"]


class Version3(Villages, Sessions):
    version = 3


class Version3Upgrade(Villages, Sessions):
    version = 3
    transports = ["polling", "websocket"]


class Recovery(Sessions):
    def test_a_server_that_recovers_sessions_knows_them_again(self):
        peer = self.start(peers.socketio(connectionStateRecovery={}))
        flow = [{"socketio": "/socket.io/", "transports": ["websocket"],
                 "reconnect": {"max": 20, "backoff": {"initial": "100ms", "max": "200ms"}},
                 "flow": [{"emit": ["join_village", "green"], "ack": {}},
                          {"emit": ["village_message", {"village": "green", "text": "x"}]},
                          {"hold": "3s"}]}]
        with Later(lambda: peer.counts().get("sent", {}).get("green", 0) == 5,
                   lambda: peer.get("/drop")):
            run = self.run_flow(peer, flow, iterations=1)
        counts = peer.counts()
        self.assertEqual(counts["recovered"], 5)
        self.assertEqual(value(run, "ws_reconnects"), 5, run)


class OldServers(Sessions):
    def test_a_server_of_version_2_is_called_that(self):
        for transports in (["websocket"], ["polling"], ["polling", "websocket"]):
            peer = self.start(peers.socketio(2))
            run = self.run_flow(peer, [{"socketio": "/socket.io/", "transports": transports,
                                        "flow": [{"hold": "5s"}]}])
            self.assertEqual(run.session_errors(), {"sio.version": 10}, run)
            self.assertIn("the server speaks Socket.IO 2 or older", run.out)


if __name__ == "__main__":
    PROGRAMS = Programs.from_arguments()
    unittest.main()
