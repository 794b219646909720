#!/usr/bin/env python3
"""gentarget's Socket.IO and WebSocket under clients of other people: socket.io-client and ws."""

import json
import subprocess
import unittest

import peers
from target_bed import Target, programs, token  # noqa: F401 (programs: arguments)


@unittest.skipIf(peers.Peer.why_not(), peers.Peer.why_not())
class Clients(unittest.TestCase):
    def test_they_get_what_they_get_from_servers_of_their_own_people(self):
        with Target() as target:
            done = subprocess.run(["node", "clients.js", target.host, token("user-17")],
                                  cwd=peers.FOLDER, capture_output=True, text=True, timeout=120)
            self.assertEqual(done.returncode, 0, done.stderr)
            got = json.loads(done.stdout)
            counts = target.settled(lambda c: c["sessions"]["websocket"]["open"] == 0)
        self.assertEqual(got["village"], {"joined": [{"ok": True, "village": 2}] * 3,
                                          "said": {"ok": True}, "messages": ["é漢😀"] * 3})
        self.assertEqual(got["echo"], {"ack": True, "event": True,
                                       "reason": "io server disconnect"})
        self.assertEqual(got["refused"], {"token": ["invalid token", "invalid_token"],
                                          "missing": ["invalid token", "missing_token"],
                                          "space": ["Invalid namespace", None]})
        self.assertEqual(got["websocket"], {"sizes": [True] * 7, "pong": "are you there",
                                            "code": 4001})
        self.assertEqual(counts["sessions"]["websocket"]["opened"], 8)
        self.assertEqual(counts["sessions"]["closed"]["4001"], 1)
        self.assertEqual(counts["deliveries"]["sent"], 3)


if __name__ == "__main__":
    unittest.main()
