#!/usr/bin/env python3
"""gentarget's Socket.IO villages against packets written by hand (Socket.IO 5 over Engine.IO 4)."""

import asyncio
import concurrent.futures
import http.client
import json
import socket
import unittest
import urllib.parse

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


class Poller:
    """A session by polling; each of its connections may be another thread's."""

    def __init__(self, target, sticky=False):
        self.target, self.seen, self.noops = target, [], 0
        self.connection = http.client.HTTPConnection(target.host, timeout=WAIT) if sticky else None
        self.sid = ""
        self.open = json.loads(self.get()[0][1:])
        self.sid = self.open["sid"]

    def ask(self, method, body=None, **query):
        path = "/socket.io/?" + urllib.parse.urlencode(
            {"EIO": "4", "transport": "polling", **({"sid": self.sid} if self.sid else {}), **query})
        if not self.connection:
            answer, data = self.target.ask(method, path, body)
            return answer.status, data.decode()
        self.connection.request(method, path, body)
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()

    def close(self):
        if self.connection:
            self.connection.close()

    def get(self):
        status, data = self.ask("GET")
        assert status == 200, (status, data)
        return data.split("\x1e")

    def post(self, *packets):
        status, data = self.ask("POST", "\x1e".join(packets).encode())
        assert (status, data) == (200, "ok"), (status, data)

    def packet(self):
        while not self.seen:
            for packet in self.get():
                if packet == "2":
                    self.post("3")
                elif packet == "6":
                    self.noops += 1
                else:
                    self.seen.append(packet)
        return self.seen.pop(0)

    def enter(self, space="", auth=None):
        self.post(f"40{space}" + ("" if auth is None else json.dumps({"token": auth})))
        return self.packet()


class Polling(unittest.TestCase):
    def test_packets_go_both_ways_several_at_a_time_with_attachments(self):
        with Target() as target:
            one = Poller(target)
            self.assertEqual(one.open["upgrades"], ["websocket"])
            self.assertTrue(one.enter("/villages,", token("user-1")).startswith("40/villages,{"))
            one.post('42/villages,1["echo","ä"]', '42/villages,["echo","two\\n"]')
            self.assertEqual([one.packet() for _ in range(3)],
                             ['43/villages,1["ä"]', '42/villages,["echo","ä"]',
                              '42/villages,["echo","two\\n"]'])
            event = '["echo",{"_placeholder":true,"num":0}]'
            one.post(f"451-/villages,{event}", "bAAH/")
            self.assertEqual([one.packet(), one.packet()], [f"451-/villages,{event}", "bAAH/"])
            one.post("1")
            self.assertEqual(one.ask("GET")[0], 400)
            counts = target.settled(lambda c: c["sessions"]["socketio"]["open"] == 0)
            self.assertEqual(counts["sessions"]["posts"], 4)

    def test_what_breaks_the_rules_ends_the_session(self):
        with Target() as target:
            for bad in (b"", b"9", b"4", b"42[", b"2", b"bAAA", b"4\x1e"):
                one = Poller(target)
                one.enter()
                one.ask("POST", bad)
                target.settled(lambda c: c["sessions"]["socketio"]["open"] == 0)
                self.assertEqual(one.ask("GET")[0], 400, bad)
            one = Poller(target)
            self.assertEqual(one.ask("POST", b"4" * 1_000_001)[0], 413)
            with concurrent.futures.ThreadPoolExecutor(2) as pool:  # two requests that wait
                both = [pool.submit(one.ask, "GET") for _ in range(2)]
                self.assertEqual(sorted(each.result() for each in both),
                                 [(200, "1"), (400, '{"code":3,"message":"Bad request"}')])
    def test_a_session_that_does_not_answer_pings_is_dropped(self):
        with Target("--sio-ping-interval", "30ms", "--sio-ping-timeout", "60ms") as target:
            one = Poller(target)
            self.assertEqual(one.get(), ["2"])
            one.post("3")
            self.assertEqual(one.get(), ["2"])
            counts = target.settled(lambda c: c["sessions"]["socketio"]["open"] == 0)
            self.assertEqual(counts["sessions"]["ping_timeouts"], 1)

    def test_a_waiting_request_that_goes_away_takes_the_session_along(self):
        with Target() as target:
            one = Poller(target)
            host, port = target.host.split(":")
            with socket.create_connection((host, int(port))) as raw:
                raw.sendall(f"GET /socket.io/?EIO=4&transport=polling&sid={one.sid} HTTP/1.1\r\n"
                            "Host: x\r\n\r\n".encode())
                target.settled(lambda c: c["sessions"]["polls"] == 1)
            target.settled(lambda c: c["sessions"]["socketio"]["open"] == 0)

    def test_a_session_is_upgraded_wherever_its_websocket_comes_to(self):
        async def upgrade(target, one, number):
            loop = asyncio.get_running_loop()
            waiting = loop.run_in_executor(None, one.get)
            path = PATH + "&sid=" + one.sid
            ws = await target.socket(path, max_queue=None)
            await ws.send("2probe")
            self.assertEqual(await asyncio.wait_for(ws.recv(), WAIT), "3probe")
            self.assertEqual(await waiting, ["6"])
            # What comes before the upgrade waits for it.
            await loop.run_in_executor(None, one.post, f'421["echo",{number}]')
            await ws.send("5")
            self.assertEqual([await asyncio.wait_for(ws.recv(), WAIT) for _ in range(2)],
                             [f"431[{number}]", f'42["echo",{number}]'])
            self.assertEqual((await loop.run_in_executor(None, one.ask, "GET"))[0], 400)
            return ws

        async def work(target):
            upgraded = []
            for number in range(12):  # so that both threads see sessions of both
                one = await asyncio.get_running_loop().run_in_executor(None, Poller, target)
                await asyncio.get_running_loop().run_in_executor(None, one.enter)
                ws = await upgrade(target, one, number)
                await ws.send('421["join_village",7]')
                self.assertEqual(await ws.recv(), '431[{"ok":true,"village":7}]')
                upgraded.append(ws)
            place = '["echo",{"_placeholder":true,"num":0}]'
            for ws in upgraded:
                await ws.send("451-" + place)
                await ws.send(b"\1\2")
                self.assertEqual([await ws.recv(), await ws.recv()], ["451-" + place, b"\1\2"])
            for number, ws in enumerate(upgraded):
                await ws.send('42["village_message",{"village":7,"n":%d}]' % number)
            for ws in upgraded:
                got = [await asyncio.wait_for(ws.recv(), WAIT) for _ in upgraded]
                self.assertEqual(len(set(got)), len(upgraded))
            await upgraded[0].send('42["kick",true]')
            self.assertEqual(await upgraded[0].recv(), "41")
            with self.assertRaises(websockets.ConnectionClosed):
                await asyncio.wait_for(upgraded[0].recv(), WAIT)
            for ws in upgraded[1:]:
                await ws.close()
        with Target() as target:
            run(work(target))
            counts = target.settled(lambda c: c["sessions"]["socketio"]["open"] == 0)
            self.assertEqual(counts["sessions"]["upgrades"], 12)
            room = counts["rooms"]["village:7"]
            self.assertEqual((room["owed"], room["sent"], room["members"]), (144, 144, 0))

    def test_a_probe_that_comes_to_nothing_leaves_the_session_as_it_was(self):
        async def work(target, one):
            ws = await target.socket(PATH + "&sid=" + one.sid)
            await ws.send("2probe")
            await ws.recv()
            await ws.close()
            ws = await target.socket(PATH + "&sid=" + one.sid)
            await ws.send("5")  # without a probe
            with self.assertRaises(websockets.ConnectionClosed):
                await asyncio.wait_for(ws.recv(), WAIT)
        with Target() as target:
            one = Poller(target)
            one.enter()
            run(work(target, one))
            one.post('42["echo",1]')
            self.assertEqual(one.packet(), '42["echo",1]')
            self.assertEqual(target.counts()["sessions"]["upgrades"], 0)

    def test_members_by_polling_get_what_members_by_websocket_get(self):
        async def work(target, pollers):
            async with client(target) as one:
                await one.enter()
                await one.ask('421["join_village",3]')
                for n in range(30):
                    await one.send('42["village_message",{"village":3,"n":%d}]' % n)
                expected = ['42["village_message",{"village":3,"n":%d}]' % n for n in range(30)]
                self.assertEqual([await one.packet() for _ in range(30)], expected)
                for each in pollers:
                    got = await asyncio.get_running_loop().run_in_executor(
                        None, lambda: [each.packet() for _ in range(30)])
                    self.assertEqual(got, expected)
        with Target() as target:
            pollers = [Poller(target, sticky=i % 2 == 0) for i in range(6)]
            self.addCleanup(lambda: [each.close() for each in pollers])
            for each in pollers:
                each.enter()
                each.post('421["join_village",3]')
                self.assertEqual(each.packet(), '431[{"ok":true,"village":3}]')
            run(work(target, pollers))
            room = target.settled(lambda c: c["deliveries"]["waiting"] == 0)["rooms"]["village:3"]
            self.assertEqual((room["owed"], room["sent"], room["gone"]), (210, 210, 0))


if __name__ == "__main__":
    unittest.main(verbosity=2)
