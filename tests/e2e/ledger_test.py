#!/usr/bin/env python3
"""The ledger against the truth: rooms whose deliveries go wrong on purpose, and gend's counts are the
target's, to the unit, in each room."""

import json
import os
import tempfile
import unittest

from peers import Gentarget, Programs, run_plan

programs = Programs.from_arguments()
# What is held back to be overtaken takes a second at most, what is delayed no less than three: right
# before that, a busy host makes nothing late that the target did not.
LATE = "2900ms"
FAULTS = ("--deliver-drop", "0.01", "--deliver-duplicate", "0.005", "--deliver-reorder", "0.02",
          "--deliver-delay", "0.03:3s")
ROOMS, IN_ROOM = 10, 10
SECONDS, RATE = 2, 20  # of each user
RATES = ("lost", "duplicated", "reordered", "late", "reach")


def plan(url, session, rooms, listen=None, users=ROOMS * IN_ROOM):
    """`users` go into the rooms by turns, wait for each other, talk, and wait for each other."""
    listen = {"room": "${user.room}", "late": LATE, "drain": "6s", **(listen or {})}
    kind, path, join, say, more = session
    talk = {"loop": {"rate": f"{RATE}/s", "for": f"{SECONDS}s", "flow": [say]}}
    flow = [{kind: path, **more, "flow": [*join, {"listen": listen}, {"think": "2s"}, talk,
                                          {"think": "4s"}]}]
    # A threshold gives a room a row of its own in the summary.
    thresholds = {f"delivery_{rate}{{room:{room}}}": ["rate<=1"] for room in rooms
                  for rate in RATES}
    return json.dumps({
        "name": "ledger", "target": url, "seed": 4, "thresholds": thresholds,
        "data": {"user": {"file": "users.csv", "order": "unique"}},
        "scenarios": {"rooms": {"executor": "per-vu-iterations", "vus": users, "iterations": 1,
                                "maxDuration": "30s", "flow": flow}}})


def rooms_session(**more):
    channel = "${user.room}"
    return ("websocket", "/ws/rooms",
            [{"send": {"json": {"type": "subscribe", "channel": channel}}},
             {"receive": {"match": "json $.type == 'subscribed'"}}],
            {"send": {"json": {"type": "publish", "channel": channel, "text": "${stamp}"}}}, more)


def village_session(**more):
    return ("socketio", "/socket.io/",
            [{"emit": ["join_village", "${user.village}"],
              "ack": {"check": {"json $[0].ok": True}}}],
            {"emit": ["village_message", {"village": "${user.village}", "text": "${stamp}"}]}, more)


def counted(run, room=None):
    """What gend says of a room, or of all of them, in the target's words."""
    tag = "" if room is None else f"{{room:{room}}}"

    def rate(name):
        values = run.summary["metrics"][f"delivery_{name}{tag}"]["values"]
        return values["passes"], values["passes"] + values["fails"]
    lost, expected = rate("lost")
    delivered, of = rate("reach")
    assert of == expected
    return {"owed": expected, "sent": delivered, "dropped": lost,
            "duplicated": rate("duplicated")[0], "reordered": rate("reordered")[0],
            "delayed": rate("late")[0]}


class Ledger(unittest.TestCase):
    def target(self, *options):
        target = Gentarget(programs, "--threads", "2", *options)
        self.addCleanup(target.stop)
        return target

    def run_rooms(self, target, session, named, **more):
        rooms = [named(n) for n in range(1, ROOMS + 1)]
        with tempfile.TemporaryDirectory(prefix="gend-ledger-") as folder:
            with open(os.path.join(folder, "users.csv"), "w", encoding="utf-8") as file:
                file.write("room,village\n")
                for user in range(ROOMS * IN_ROOM):
                    file.write(f"{rooms[user % ROOMS]},{user % ROOMS + 1}\n")
            run = run_plan(programs, plan(target.url, session, rooms, **more), "--shards", "2",
                           folder=folder)
        self.assertEqual(run.code, 0, run)
        self.assertEqual(run.summary["metrics"]["ws_session_failed"]["values"]["passes"], 0, run)
        return run, rooms

    def same(self, run, rooms, counts):
        for room in rooms:
            truth = {name: counts["rooms"][room][name] for name in counted(run)}
            self.assertEqual(counted(run, room), truth, f"{room}\n{run}")
        truth = {name: counts["deliveries"][name] for name in counted(run)}
        self.assertEqual(counted(run), truth, run)
        self.assertEqual(truth["owed"], ROOMS * IN_ROOM * IN_ROOM * SECONDS * RATE)
        self.assertEqual(counts["deliveries"]["gone"] + counts["deliveries"]["waiting"], 0)
        self.assertEqual(run.summary["metrics"]["delivery_missed_away"]["values"]["count"], 0)
        self.assertEqual(run.summary["metrics"]["delivery_latency"]["values"]["count"],
                         truth["sent"])
        return truth

    def test_websocket_rooms_that_go_wrong_are_counted_to_the_unit(self):
        target = self.target(*FAULTS)
        run, rooms = self.run_rooms(target, rooms_session(), "c{}".format)
        truth = self.same(run, rooms, target.counts())
        for name in truth:
            self.assertGreater(truth[name], 0, name)

    def test_socketio_villages_that_go_wrong_are_counted_to_the_unit(self):
        for transports in (["websocket"], ["polling"], ["polling", "websocket"]):
            with self.subTest(transports=transports):
                target = self.target(*FAULTS, "--seed", "7")
                run, rooms = self.run_rooms(target, village_session(transports=transports),
                                            "village:{}".format)
                truth = self.same(run, rooms, target.counts())
                for name in truth:
                    self.assertGreater(truth[name], 0, name)

    def test_overtaking_by_latency_alone_is_reordering(self):
        target = self.target("--deliver-latency", "uniform 1ms 80ms")
        run, rooms = self.run_rooms(target, rooms_session(), "c{}".format,
                                    listen={"late": "20s"})
        truth = self.same(run, rooms, target.counts())
        self.assertGreater(truth["reordered"], 0)
        self.assertEqual(truth["dropped"] + truth["duplicated"] + truth["delayed"], 0)

    def test_rooms_in_order_have_nothing_to_report(self):
        target = self.target()
        run, rooms = self.run_rooms(target, rooms_session(), "c{}".format, listen={"late": "20s"})
        truth = self.same(run, rooms, target.counts())
        self.assertEqual(truth["sent"], truth["owed"])

    def test_what_was_missed_while_away_is_not_lost(self):
        # The server closes each session after thirty messages of its user: subscribe and 29 said.
        target = self.target()
        session = rooms_session(reconnect={"max": 10, "backoff": {
            "initial": "150ms", "max": "150ms", "jitter": "none"}})
        session = (session[0], "/ws/rooms?close_after=30&close_code=4000", *session[2:])
        run, rooms = self.run_rooms(target, session, "c{}".format)
        counts, values = target.counts(), run.summary["metrics"]
        users = ROOMS * IN_ROOM
        self.assertEqual(values["ws_reconnects"]["values"]["count"], users, run)
        self.assertEqual(counts["sessions"]["websocket"]["opened"], 2 * users)
        self.assertEqual(counts["sessions"]["closed"], {"1000": users, "4000": users})
        away = values["delivery_missed_away"]["values"]["count"]
        self.assertGreater(away, 0, run)
        # What is said to a server that is just closing reaches nobody: lost, and truly so.
        said = values["ws_msgs_sent"]["values"]["count"] - 2 * users
        unheard = said - counts["deliveries"]["messages"]
        self.assertLessEqual(counted(run)["dropped"], unheard * IN_ROOM)
        self.assertEqual(counted(run)["owed"] + away, said * IN_ROOM)
        for room in rooms:
            mine = counted(run, room)
            self.assertEqual(mine["duplicated"] + mine["reordered"], 0, run)
            self.assertEqual(mine["sent"], counts["rooms"][room]["sent"], run)


if __name__ == "__main__":
    unittest.main(verbosity=2)
