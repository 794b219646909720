#!/usr/bin/env python3
"""Servers that break a rule: each is one named outcome, and no user is ever stuck."""

import json
import unittest

import bad_ws_peer as bad
from peers import Programs, run_plan

PROGRAMS = None
USERS = 2  # each meets the case once
PATIENT = "{connect: 30s, firstByte: 30s, total: 30s}"  # longer than any host stands still
BRIEF = "{connect: 30s, firstByte: 1s, total: 2s}"


def plan(url, flows, outcome=None):
    """Waits briefly only where that is the outcome."""
    timeout = BRIEF if outcome and outcome.startswith("timeout.") else PATIENT
    flow = json.dumps(flows, ensure_ascii=False)
    return (f"name: bad\ntarget: {url}\nseed: 1\n"
            f"defaults: {{timeout: {timeout}}}\n"
            f"scenarios:\n  s: {{executor: per-vu-iterations, vus: {USERS}, iterations: 1, "
            f"maxDuration: 50s, gracefulStop: 1s, flow: {flow}}}\n")


class Bad(unittest.TestCase):
    def meets(self, peer, path, session, outcome):
        """One case alone, since outcomes are counted for a run."""
        with self.subTest(path):
            run = run_plan(PROGRAMS, plan(peer.url, [session], outcome), timeout=90)
            self.assertEqual(run.code, 0, run)
            self.assertEqual(run.session_errors(), {outcome: USERS} if outcome else {}, run)
            done = run.summary["metrics"]["iterations"]["values"]["count"]
            self.assertEqual(done, USERS, run)
            return run

    def test_websocket_servers(self):
        with bad.websocket_peer() as peer:
            for path, (_, outcome) in bad.WEBSOCKET.items():
                if path in bad.WAITS:
                    continue
                session = {"websocket": path, "compression": path in bad.DEFLATED,
                           "maxMessage": "1MiB", "closeTimeout": "20s",
                           "flow": [{"hold": "20s"}]}
                self.meets(peer, path, session, outcome)

    def test_websocket_servers_that_do_not_answer(self):
        with bad.websocket_peer() as peer:
            say = [{"send": {"text": "x"}}]
            self.meets(peer, "/end/reset", {"websocket": "/end/reset", "flow": say + [
                {"hold": "20s"}]}, "reset.in_response")
            mute = {"websocket": "/mute", "closeTimeout": "300ms"}
            cut = {"close": {}}
            # No message, no pong, nothing at all, no close frame.
            self.meets(peer, "/mute", {**mute, "idleTimeout": "300ms", "flow": [{"hold": "20s"}]},
                       "timeout.idle")
            self.meets(peer, "/mute", {**mute, "pongTimeout": "300ms", "flow": [
                {"ping": {}}, {"hold": "20s"}]}, "timeout.pong")
            self.meets(peer, "/mute", {**mute, "flow": say + [cut]}, "timeout.close")

    def test_socketio_servers(self):
        with bad.socketio_peer() as peer:
            for path, (_, outcome) in bad.SOCKETIO.items():
                self.meets(peer, path, {"socketio": path + "/", "transports": ["websocket"],
                                        "closeTimeout": "20s", "flow": [{"hold": "20s"}]},
                           outcome)

    def test_socketio_servers_that_keep_one_waiting(self):
        with bad.socketio_peer() as peer:
            session = {"transports": ["websocket"], "closeTimeout": "300ms"}
            run = run_plan(PROGRAMS, plan(peer.url, [
                {"socketio": "/ack/unasked/", **session,
                 "flow": [{"receive": {"event": "end", "timeout": "5s"}}]}]), timeout=90)
            unasked = run.summary["metrics"]["ws_msgs_unasked"]["values"]["count"]
            self.assertEqual(unasked, USERS, run)
            run = run_plan(PROGRAMS, plan(peer.url, [
                {"socketio": "/ack/none/", **session,
                 "flow": [{"emit": ["x"], "ack": {"timeout": "200ms"}}]}]), timeout=90)
            self.assertEqual(run.session_errors()["timeout.ack"], USERS, run)
            self.meets(peer, "/join/none", {"socketio": "/join/none/", **session, "flow": []},
                       "timeout.total")

    def test_polling_servers(self):
        for path, (answers, outcome) in bad.POLLS.items():
            # The answers are for one user.
            with bad.BadPeer({path: bad.polls(answers)}) as peer, self.subTest(path):
                text = plan(peer.url, [{"socketio": path + "/", "transports": ["polling"],
                                        "flow": [{"hold": "20s"}]}], outcome)
                run = run_plan(PROGRAMS, text.replace(f"vus: {USERS}", "vus: 1"), timeout=90)
                self.assertEqual(run.session_errors(), {outcome: 1}, run)


if __name__ == "__main__":
    PROGRAMS = Programs.from_arguments()
    unittest.main()
