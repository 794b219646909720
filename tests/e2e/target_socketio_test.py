#!/usr/bin/env python3
"""gentarget's Socket.IO villages against packets written by hand (Socket.IO 5 over Engine.IO 4)."""

import asyncio
import json
import time
import unittest

import websockets

from target_bed import WAIT, Target, programs, run, token  # noqa: F401 (programs: arguments)

PATH = "/socket.io/?EIO=4&transport=websocket"


class Client:
    """Just enough of a client: answers pings, keeps everything else in order."""

    def __init__(self, socket):
        self.socket = socket
        self.open = None

    async def __aenter__(self):
        self.socket = await self.socket
        self.open = json.loads((await self.raw())[1:])
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def raw(self):
        return await asyncio.wait_for(self.socket.recv(), WAIT)

    async def packet(self):
        while (packet := await self.raw()) == "2":
            await self.socket.send("3")
        return packet

    async def send(self, packet):
        await self.socket.send(packet)

    async def ask(self, packet):
        await self.send(packet)
        return await self.packet()

    async def enter(self, space="", auth=None):
        auth = "" if auth is None else json.dumps({"token": auth})
        return await self.ask(f"40{space}{auth}")


def client(target, path=PATH, **options):
    return Client(target.socket(path, max_queue=None, **options))


class Sessions(unittest.TestCase):
    def test_the_open_packet_says_what_the_options_say(self):
        async def work(target):
            async with client(target) as one, client(target) as two:
                self.assertEqual({k: v for k, v in one.open.items() if k != "sid"},
                                 {"upgrades": [], "pingInterval": 300, "pingTimeout": 200,
                                  "maxPayload": 1000000})
                self.assertNotEqual(one.open["sid"], two.open["sid"])
        with Target("--sio-ping-interval", "300ms", "--sio-ping-timeout", "200ms") as target:
            run(work(target))
            counts = target.settled(lambda c: c["sessions"]["socketio"]["open"] == 0)
            self.assertEqual(counts["sessions"]["socketio"]["opened"], 2)

    def test_the_server_pings_and_drops_whoever_does_not_answer(self):
        async def work(target):
            async with client(target) as one:
                for _ in range(3):
                    self.assertEqual(await one.raw(), "2")
                    await one.send("3")
                self.assertEqual(await one.raw(), "2")
                with self.assertRaises(websockets.ConnectionClosed):
                    await one.raw()
        with Target("--sio-ping-interval", "50ms", "--sio-ping-timeout", "60ms") as target:
            run(work(target))
            sessions = target.settled(lambda c: c["sessions"]["socketio"]["open"] == 0)["sessions"]
            self.assertEqual((sessions["sio_pings"], sessions["sio_pongs"],
                              sessions["ping_timeouts"]), (4, 3, 1))

    def test_other_protocols_and_unknown_sessions_are_refused_in_the_server_s_words(self):
        unsupported = {"code": 5, "message": "Unsupported protocol version"}
        with Target() as target:
            for query, expected in (("EIO=3&transport=websocket", unsupported),
                                    ("transport=websocket", unsupported),
                                    ("EIO=3&transport=polling", unsupported),
                                    ("EIO=4&transport=websocket&sid=x",
                                     {"code": 1, "message": "Session ID unknown"}),
                                    ("EIO=4&transport=polling&sid=00ff",
                                     {"code": 1, "message": "Session ID unknown"}),
                                    ("EIO=4&transport=flash",
                                     {"code": 0, "message": "Transport unknown"})):
                answer, body = target.ask("GET", "/socket.io/?" + query)
                self.assertEqual((answer.status, json.loads(body)), (400, expected), query)

    def test_packets_that_are_none_end_the_session(self):
        async def work(target):
            for bad in ("", "9", "2", "4", "47", "42[", "421[]", "42x", "42{}", "42[1]",
                        "451-[\"echo\"]", "45[\"echo\"]", "42/villages,[\"echo\"]", b"\0",
                        '42/none,["echo"]', "1"):
                async with client(target) as one:
                    await one.enter()
                    await one.send(bad)
                    with self.assertRaises(websockets.ConnectionClosed, msg=repr(bad)):
                        await one.raw()
            async with client(target) as one:
                await one.send("4" + "x" * 1_000_001)
                with self.assertRaises(websockets.ConnectionClosed) as closed:
                    await one.raw()
                self.assertEqual(closed.exception.rcvd.code, 1009)
        with Target() as target:
            run(work(target))


class NameSpaces(unittest.TestCase):
    def test_the_villages_need_a_token_and_the_rest_does_not(self):
        async def work(target):
            async with client(target) as one:
                self.assertTrue((await one.enter()).startswith('40{"sid":"'))
                self.assertEqual(await one.enter("/none,"),
                                 '44/none,{"message":"Invalid namespace"}')
                for auth, code in ((None, "missing_token"), ("x", "invalid_token"),
                                   (token("user-1", "other"), "invalid_token"),
                                   (token("user-1", exp=1), "invalid_token")):
                    self.assertEqual(await one.enter("/villages,", auth),
                                     '44/villages,{"message":"invalid token","data":'
                                     '{"code":"%s"}}' % code)
                self.assertTrue((await one.enter("/villages,", token("user-1")))
                                .startswith('40/villages,{"sid":"'))
            async with client(target, PATH + "&token=" + token("user-1")) as one:
                self.assertTrue((await one.enter("/villages,")).startswith("40/villages,{"))
        with Target() as target:
            run(work(target))
            sessions = target.counts()["sessions"]
            self.assertEqual((sessions["connects"], sessions["connect_errors"]), (3, 5))

        async def other(target, path):
            async with client(target) as one:
                return (await one.enter(path))[:2]
        with Target("--sio-auth", "all") as target:
            self.assertEqual(run(other(target, "")), "44")
        with Target("--sio-auth", "none") as target:
            self.assertEqual(run(other(target, "/villages,")), "40")

    def test_a_kicked_client_is_told_and_may_come_again(self):
        async def work(target):
            async with client(target) as one:
                await one.enter()
                self.assertEqual(await one.ask('42["kick"]'), "41")
                self.assertTrue((await one.enter()).startswith("40{"))
                self.assertEqual(await one.ask('42["kick",true]'), "41")
                with self.assertRaises(websockets.ConnectionClosed):
                    await one.raw()
        with Target() as target:
            run(work(target))


class Villages(unittest.TestCase):
    def test_events_and_attachments_come_back_and_are_acknowledged(self):
        async def work(target):
            async with client(target) as one:
                await one.enter("/villages,", token("user-1"))
                sp = "/villages,"
                self.assertEqual(await one.ask(f'42{sp}["echo","ä",{{"a":[1]}}]'),
                                 f'42{sp}["echo","ä",{{"a":[1]}}]')
                self.assertEqual(await one.ask(f'42{sp}7["echo", 1, "x"]'), f'43{sp}7[1, "x"]')
                self.assertEqual(await one.packet(), f'42{sp}["echo", 1, "x"]')
                self.assertEqual(await one.ask(f'42{sp}8["echo"]'), f"43{sp}8[]")
                self.assertEqual(await one.packet(), f'42{sp}["echo"]')
                place = '{"_placeholder":true,"num":%d}'
                event = f'["echo",{place % 0},{{"b":{place % 1}}}]'
                await one.send(f"452-{sp}9{event}")
                await one.send(b"first")
                await one.send(b"\x00\xff")
                self.assertEqual(await one.packet(),
                                 f'462-{sp}9[{place % 0},{{"b":{place % 1}}}]')
                self.assertEqual([await one.packet(), await one.packet()], [b"first", b"\x00\xff"])
                self.assertEqual(await one.packet(), f"452-{sp}{event}")
                self.assertEqual([await one.packet(), await one.packet()], [b"first", b"\x00\xff"])
                await one.send(f'42{sp}10["nobody answers"]')
                await one.send(f'43{sp}99["nobody asked"]')
                self.assertEqual(await one.ask(f'42{sp}["echo"]'), f'42{sp}["echo"]')
        with Target() as target:
            run(work(target))

    def test_only_members_by_token_enter_a_village(self):
        async def work(target):
            async with client(target) as one, client(target) as two:
                await one.enter("/villages,", token("user-17"))  # village 2
                for village, ok in (("2", True), ('"2"', True), ("1", False), ("0", False),
                                    ("101", False), ('"x"', False), ("null", False)):
                    answer = await one.ask(f'42/villages,1["join_village",{village}]')
                    self.assertEqual(answer, '43/villages,1[{"ok":true,"village":%s}]' % village
                                     if ok else '43/villages,1[{"ok":false}]')
                for event in ('["join_village"]', '["leave_village",3]',
                              '["village_message",{"village":3}]', '["village_message",1]'):
                    self.assertEqual(await one.ask(f"42/villages,2{event}"),
                                     '43/villages,2[{"ok":false}]')
                await two.enter()  # without a token: any village of this namespace
                self.assertEqual(await two.ask('421["join_village",99]'),
                                 '431[{"ok":true,"village":99}]')
        with Target() as target:
            run(work(target))

    def test_every_message_reaches_every_member_of_its_village_and_nobody_else(self):
        villages, members, messages = 5, 6, 20

        async def work(target):
            everybody = []
            for village in range(1, villages + 1):
                for k in range(members):
                    one = await client(target).__aenter__()
                    await one.enter("/villages,", token(f"user-{(village - 1) * 10 + k + 1}"))
                    answer = await one.ask(f'42/villages,0["join_village","{village}"]')
                    self.assertIn('"ok":true', answer)
                    everybody.append((village, k, one))
            expected = {v: set() for v in range(1, villages + 1)}
            for n in range(messages):
                for village, k, one in everybody:
                    body = json.dumps({"village": str(village), "from": k, "n": n})
                    expected[village].add(body)
                    await one.send(f'42/villages,["village_message",{body}]')
            owed = members * messages
            for village, k, one in everybody:
                got = [await one.packet() for _ in range(owed)]
                texts = [each.removeprefix('42/villages,["village_message",')[:-1] for each in got]
                self.assertEqual(set(texts), expected[village])
                self.assertEqual(len(texts), len(set(texts)))
                mine = [json.loads(each)["n"] for each in texts if json.loads(each)["from"] == k]
                self.assertEqual(mine, list(range(messages)))
            await everybody[0][2].send("41/villages,")
            for *_, one in everybody:
                await one.socket.close()
        with Target() as target:
            run(work(target))
            counts = target.settled(lambda c: c["sessions"]["socketio"]["open"] == 0)
            for village in range(1, villages + 1):
                room = counts["rooms"][f"/villages,village:{village}"]
                self.assertEqual(room["messages"], members * messages)
                self.assertEqual(room["owed"], members * members * messages)
                self.assertEqual(room["sent"], room["owed"])
                self.assertEqual(room["members"], 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
