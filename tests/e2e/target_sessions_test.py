#!/usr/bin/env python3
"""gentarget's WebSockets against an independent client (Debian's python3-websockets): what the client
counts is what /counts says, to the unit."""

import asyncio
import json
import socket
import struct
import subprocess
import time
import unittest

import websockets

from target_bed import WAIT, Target, programs, run, token


async def answer(connection):
    return json.loads(await asyncio.wait_for(connection.recv(), WAIT))


async def say(connection, **message):
    await connection.send(json.dumps(message))


class Echo(unittest.TestCase):
    def test_every_message_comes_back_as_it_was(self):
        async def work(target):
            async with target.socket("/ws/echo", max_size=None) as ws:
                for message in ("", "a", "ä€😀" * 50, b"", bytes(range(256)), "x" * 125, "x" * 126,
                                "y" * 65535, b"z" * 65536, "w" * 3_000_000):
                    await ws.send(message)
                    self.assertEqual(await asyncio.wait_for(ws.recv(), WAIT), message)
                await ws.send(["fragments ", "of ", "", "one"])
                self.assertEqual(await ws.recv(), "fragments of one")
                await asyncio.wait_for(await ws.ping(b"?"), WAIT)
                many = [f"message {i}" for i in range(2000)]
                for each in many:
                    await ws.send(each)
                self.assertEqual([await ws.recv() for _ in many], many)
        with Target() as target:
            run(work(target))
            counts = target.settled(lambda c: c["sessions"]["websocket"]["open"] == 0)
            sessions = counts["sessions"]
            self.assertEqual(sessions["websocket"]["opened"], 1)
            self.assertEqual((sessions["messages_in"], sessions["messages_out"]), (2011, 2011))
            self.assertEqual((sessions["pings_in"], sessions["pongs_out"]), (1, 1))
            self.assertEqual(sessions["closed"], {"1000": 1})
            self.assertEqual(counts["routes"]["GET /ws/echo"], {"101": 1})

    def test_compressed_messages_come_back_compressed(self):
        async def work(target):
            async with target.socket("/ws/echo", compression="deflate", max_size=None) as ws:
                self.assertIn("permessage-deflate", ws.response_headers["Sec-WebSocket-Extensions"])
                for message in ("", "hello " * 1000, b"\0" * 1_000_000, "ä"):
                    await ws.send(message)
                    self.assertEqual(await asyncio.wait_for(ws.recv(), WAIT), message)
        with Target() as target:
            run(work(target))

    def test_the_first_offered_subprotocol_is_taken(self):
        async def work(target):
            async with target.socket("/ws/echo", subprotocols=["b.v2", "a"]) as ws:
                self.assertEqual(ws.subprotocol, "b.v2")
        with Target() as target:
            run(work(target))

    def test_the_server_closes_after_as_many_messages_with_the_code_it_was_told(self):
        async def work(target):
            async with target.socket("/ws/echo?close_after=3&close_code=4001") as ws:
                for _ in range(3):
                    await ws.send("x")
                    await ws.recv()
                with self.assertRaises(websockets.ConnectionClosed) as closed:
                    await asyncio.wait_for(ws.recv(), WAIT)
                self.assertEqual(closed.exception.rcvd.code, 4001)
            async with target.socket("/ws/echo") as ws:
                await ws.close(3000, "enough")
                self.assertEqual(ws.close_code, 3000)
        with Target() as target:
            run(work(target))
            counts = target.settled(lambda c: c["sessions"]["websocket"]["open"] == 0)
            self.assertEqual(counts["sessions"]["closed"], {"3000": 1, "4001": 1})

    def test_the_server_pings_when_told_to(self):
        async def work(target):
            async with target.socket("/ws/echo?ping_ms=20"):
                await asyncio.get_running_loop().run_in_executor(
                    None, target.settled, lambda c: c["sessions"]["pongs_in"] >= 3)
        with Target() as target:
            run(work(target))


class Refusals(unittest.TestCase):
    def test_what_is_no_handshake_is_refused_with_its_status(self):
        good = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
        with Target() as target:
            for change, status in (({}, 101), ({"Upgrade": "h2c"}, 426),
                                   ({"Sec-WebSocket-Version": "8"}, 426),
                                   ({"Sec-WebSocket-Key": "short"}, 400),
                                   ({"Connection": "close"}, 400), ({"X-Fail": "503"}, 503),
                                   ({"Authorization": "Bearer x"}, 401)):
                answer, _ = target.ask("GET", "/ws/echo", headers={**good, **change})
                self.assertEqual(answer.status, status, change)
                if status == 101:  # RFC 6455 1.3 has this pair
                    self.assertEqual(answer.headers["Sec-WebSocket-Accept"],
                                     "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            self.assertEqual(target.ask("POST", "/ws/echo", headers=good)[0].status, 405)
            self.assertEqual(target.ask("GET", "/ws/none", headers=good)[0].status, 404)

    def test_a_token_that_is_needed_or_given_has_to_be_valid(self):
        async def status(target, path, **headers):
            try:
                async with target.socket(path, extra_headers=headers):
                    return 101
            except websockets.InvalidStatusCode as refused:
                return refused.status_code

        async def work(target):
            right, wrong = token("user-17"), token("user-17", "other")
            self.assertEqual(await status(target, "/ws/rooms"), 101)
            self.assertEqual(await status(target, "/ws/rooms?auth=1"), 401)
            self.assertEqual(await status(target, f"/ws/rooms?auth=1&token={right}"), 101)
            self.assertEqual(await status(target, f"/ws/rooms?token={wrong}"), 401)
            expired = token("user-17", exp=int(time.time()) - 1)
            self.assertEqual(await status(target, f"/ws/rooms?token={expired}"), 401)
            for sent, expected in ((right, 101), (wrong, 401)):
                self.assertEqual(await status(target, "/ws/rooms?auth=1",
                                              Authorization="Bearer " + sent), expected)
        with Target() as target:
            run(work(target))

    def test_frames_that_break_a_rule_end_with_its_code(self):
        def frame(first, payload, mask=True, size=None):
            size = len(payload) if size is None else size
            head = bytes([first, (0x80 if mask else 0) | (size if size < 126 else 126)])
            if size >= 126:
                head += struct.pack(">H", size)
            return head + (b"\0\0\0\0" if mask else b"") + payload
        cases = {"unmasked": (frame(0x81, b"x", mask=False), 1002),
                 "reserved bit": (frame(0xC1, b"x"), 1002),
                 "reserved opcode": (frame(0x83, b"x"), 1002),
                 "continuation of nothing": (frame(0x80, b"x"), 1002),
                 "message in a message": (frame(0x01, b"x") + frame(0x81, b"x"), 1002),
                 "fragmented ping": (frame(0x09, b"x"), 1002),
                 "long ping": (frame(0x89, b"x" * 126), 1002),
                 "no UTF-8": (frame(0x81, b"\xff"), 1007),
                 "UTF-8 cut off": (frame(0x01, b"\xe2\x82") + frame(0x80, b""), 1007),
                 "close code that must not be sent": (frame(0x88, b"\x03\xed"), 1002),
                 "close of one byte": (frame(0x88, b"\x03"), 1002)}
        with Target() as target:
            host, port = target.host.split(":")
            for name, (data, code) in cases.items():
                with socket.create_connection((host, int(port)), timeout=WAIT) as raw:
                    raw.sendall(b"GET /ws/echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                                b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" + data)
                    received = b""
                    while piece := raw.recv(65536):
                        received += piece
                    said = received.split(b"\r\n\r\n", 1)[1]
                    self.assertEqual(said, b"\x88\x02" + struct.pack(">H", code), name)


async def subscribed(target, channel, count):
    """That many connections, each subscribed."""
    members = [await target.socket("/ws/rooms", max_queue=None) for _ in range(count)]
    for each in members:
        await say(each, type="subscribe", channel=channel)
        assert await answer(each) == {"type": "subscribed", "channel": channel}
    return members


async def close_all(members):
    for each in members:
        await each.close()


class Rooms(unittest.TestCase):
    def test_a_message_reaches_every_subscriber_over_all_threads_as_it_was(self):
        async def work(target):
            members = await subscribed(target, "c", 20)
            other = (await subscribed(target, "d", 1))[0]
            text = '{"type": "publish", "channel":"c","deep":{"a":[1,{"type":"x"}]},"t":"\\u00e4"}'
            await members[0].send(text)
            for each in members:
                self.assertEqual(await asyncio.wait_for(each.recv(), WAIT), text)
            await say(members[1], type="publish", channel="c", echo=False, n=2)
            for i, each in enumerate(members):
                if i != 1:
                    self.assertEqual((await answer(each))["n"], 2)
            await say(members[2], type="unsubscribe", channel="c")
            self.assertEqual(await answer(members[2]), {"type": "unsubscribed", "channel": "c"})
            await say(other, type="publish", channel="c", n=3)  # from outside
            await say(other, type="publish", channel="d", n=4)
            self.assertEqual((await answer(other))["n"], 4)
            for i, each in enumerate(members):
                if i != 2:
                    self.assertEqual((await answer(each))["n"], 3)
            for bad in ("", "{", "[]", "1", '{"type":1}', '{"type":"publish"}', '{"type":"x"}',
                        '{"type":"subscribe","channel":""}', b"binary",
                        json.dumps({"type": "subscribe", "channel": "n" * 300})):
                await other.send(bad)
                self.assertEqual((await answer(other))["type"], "error", bad)
            await other.send('{"type":"sub\\u0073cribe","channel":"\\"q"}')
            self.assertEqual(await answer(other), {"type": "subscribed", "channel": '"q'})
            await close_all([*members, other])
        with Target() as target:
            run(work(target))
            counts = target.settled(lambda c: c["sessions"]["websocket"]["open"] == 0)
            room = counts["rooms"]["c"]
            self.assertEqual(room, {"messages": 3, "owed": 20 + 19 + 19, "sent": 58, "dropped": 0,
                                    "duplicated": 0, "reordered": 0, "delayed": 0, "gone": 0,
                                    "waiting": 0, "members": 0})
            self.assertEqual(counts["deliveries"]["owed"], 59)
            self.assertEqual(counts["deliveries"]["latency"]["count"], 59)
            target.ask("GET", "/counts/reset")
            counts = target.counts()
            self.assertEqual((counts["rooms"], counts["deliveries"]["latency"]["count"]), ({}, 0))

    def test_whoever_does_not_read_is_closed_and_the_others_get_everything(self):
        async def work(target):
            host, port = target.host.split(":")
            slow = socket.socket()
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.connect((host, int(port)))
            text = b'{"type":"subscribe","channel":"c"}'
            slow.sendall(b"GET /ws/rooms HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                         b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                         b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" +
                         bytes([0x81, 0x80 | len(text)]) + b"\0\0\0\0" + text)
            members = await subscribed(target, "c", 2)
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, target.settled,
                                       lambda c: c["rooms"]["c"]["members"] == 3)
            for n in range(400):
                await say(members[0], type="publish", channel="c", n=n, pad="x" * 50_000)
                for each in members:
                    self.assertEqual((await answer(each))["n"], n)
            await loop.run_in_executor(None, target.settled,
                                       lambda c: c["sessions"]["slow"] == 1)
            slow.close()
            await close_all(members)
        with Target() as target:
            run(work(target))
            counts = target.settled(lambda c: c["sessions"]["websocket"]["open"] == 0)
            room = counts["rooms"]["c"]
            self.assertEqual(counts["sessions"]["closed"], {"1000": 2, "1006": 1})
            self.assertEqual(room["owed"], room["sent"] + room["gone"])
            self.assertGreater(room["gone"], 0)

    def test_a_fed_channel_counts_without_a_gap_for_whoever_listens(self):
        async def work(target):
            path = "/ws/feed?channel=prices&rate=200"
            async with target.socket(path) as one, target.socket(path) as two:
                for ws in (one, two):
                    seen = [await answer(ws) for _ in range(50)]
                    numbers = [each["seq"] for each in seen]
                    self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 50)))
                    stamps = [each["mono_ns"] for each in seen]
                    self.assertEqual(stamps, sorted(stamps))
                    self.assertLessEqual(stamps[-1], time.monotonic_ns())
                    self.assertEqual(seen[0]["channel"], "prices")
        with Target() as target:
            run(work(target))
            for path in ("/ws/feed", "/ws/feed?channel=c&rate=0", "/ws/feed?channel=c&rate=x"):
                self.assertEqual(target.ask("GET", path)[0].status, 400)


FAULTS = ("--deliver-drop", "0.05", "--deliver-duplicate", "0.04", "--deliver-reorder", "0.06",
          "--deliver-delay", "0.05:150ms")


class Faults(unittest.TestCase):
    senders, messages, members = 5, 60, 12

    def tally(self, arrivals):
        """What a receiver can tell: arrivals is [(sender, n, late)] in order."""
        first, duplicated, reordered, delayed, highest = {}, 0, 0, 0, {}
        for sender, n, late in arrivals:
            if (sender, n) in first:
                duplicated += 1
                continue
            first[sender, n] = True
            reordered += n < highest.get(sender, -1)
            highest[sender] = max(n, highest.get(sender, -1))
            delayed += late
        return len(first), duplicated, reordered, delayed

    async def work(self, target):
        members = await subscribed(target, "f", self.members)
        for n in range(self.messages):
            for sender in range(self.senders):
                await say(members[sender], type="publish", channel="f", sender=sender, n=n,
                          at=time.monotonic())
            await asyncio.sleep(0.005)
        loop = asyncio.get_running_loop()
        counts = await loop.run_in_executor(None, target.settled, lambda c: (
            c["deliveries"]["waiting"] == 0 and
            c["rooms"]["f"]["messages"] == self.senders * self.messages))
        totals = [0, 0, 0, 0]
        for each in members:
            await say(each, type="unsubscribe", channel="f")
            arrivals = []
            while (got := await answer(each))["type"] == "publish":
                arrivals.append((got["sender"], got["n"], False))
            for i, value in enumerate(self.tally(arrivals)):
                totals[i] += value
        await close_all(members)
        return counts, totals

    def test_what_arrives_is_what_the_target_counted_to_the_unit(self):
        with Target(*FAULTS, "--seed", "3") as target:
            counts, (first, duplicated, reordered, _) = run(self.work(target))
            room = counts["rooms"]["f"]
            owed = self.senders * self.messages * self.members
            self.assertEqual(room["owed"], owed)
            self.assertEqual(room["sent"], first)
            self.assertEqual(room["dropped"], owed - first)
            self.assertEqual(room["duplicated"], duplicated)
            self.assertEqual(room["reordered"], reordered)
            # Binomial, n = 3,600: six standard deviations around the shares.
            for name, share in (("dropped", 0.05), ("duplicated", 0.04), ("delayed", 0.05)):
                six = 6 * (owed * share * (1 - share)) ** 0.5
                self.assertLess(abs(room[name] - owed * share), six, name)
            # The last message of a sender may be held back with nothing behind it.
            self.assertGreater(room["reordered"], owed * 0.06 - 6 * (owed * 0.06) ** 0.5)
            self.assertGreaterEqual(counts["deliveries"]["latency"]["max_us"], 150_000)

    def test_faults_can_be_set_and_taken_back_while_it_runs(self):
        with Target() as target:
            faults = {"drop": 1.0, "duplicate": 0.0, "reorder": 0.0, "delay": "", "latency": ""}
            answer, _ = target.ask("POST", "/ws/faults", json.dumps({"drop": 1}))
            self.assertEqual(answer.status, 200)
            got = json.loads(target.ask("GET", "/ws/faults")[1])
            self.assertEqual(got, {k: v if isinstance(v, str) else int(v)
                                   for k, v in faults.items()})

            async def one(n):
                members = await subscribed(target, "g", 3)
                await say(members[0], type="publish", channel="g", n=n)
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(None, target.settled, lambda c: (
                    c["rooms"]["g"]["messages"] == n and c["deliveries"]["waiting"] == 0))
                await close_all(members)
            run(one(1))
            self.assertEqual(target.counts()["rooms"]["g"]["dropped"], 3)
            target.ask("POST", "/ws/faults", "{}")
            run(one(2))
            self.assertEqual(target.counts()["rooms"]["g"]["sent"], 3)
            for bad in ("", "[]", '{"drop":2}', '{"drop":"1"}', '{"delay":"1"}', '{"x":1}',
                        '{"latency":"slow"}', '{"drop":0.6,"reorder":0.6}'):
                self.assertEqual(target.ask("POST", "/ws/faults", bad)[0].status, 400, bad)

    def test_a_latency_holds_for_every_delivery(self):
        with Target("--deliver-latency", "uniform 20ms 40ms") as target:
            counts, (first, *_) = run(self.work(target))
            latency = counts["deliveries"]["latency"]
            self.assertEqual(latency["count"], first)
            self.assertGreaterEqual(latency["p50_us"], 25_000)
            self.assertGreaterEqual(latency["p99_us"], latency["p95_us"])
            self.assertGreaterEqual(latency["max_us"], 39_000)

    def test_options_that_make_no_sense_are_refused_with_what_to_write(self):
        for options in (["--deliver-drop", "2"], ["--deliver-delay", "0.1"],
                        ["--deliver-delay", "0.1:soon"], ["--deliver-latency", "slow"],
                        ["--deliver-drop", "0.6", "--deliver-reorder", "0.6"]):
            done = subprocess.run([programs.gentarget, *options], capture_output=True, text=True,
                                  timeout=10)
            self.assertEqual(done.returncode, 2, options)
            self.assertIn("--deliver-", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
