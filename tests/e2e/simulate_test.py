#!/usr/bin/env python3
"""genctl simulate: whole plans in virtual time, and nobody hears of it."""

import json
import signal
import socket
import sys
import unittest

from bed import Bed, done, eventually, interrupt

PROGRAMS = []

PLAN = """
name: day
target: {target}
seed: 4
thresholds: {{http_req_duration: ["p(95)<1"]}}
scenarios:
  browse:
    executor: ramping-vus
    gracefulStop: 5s
    stages: [{{duration: 10m, target: 20}}, {{duration: 50m, target: 20}}]
    flow:
      - get: /
        check: {{status: 200, body: contains "hello"}}
        capture: {{id: json $.id}}
      - think: 1s..5s
      - get: /item/${{id}}
  orders:
    executor: constant-arrival-rate
    rate: 2
    duration: 1h
    flow: [{{post: /orders, expect: {{status: 201}}}}]
"""


LONG = PLAN.replace("50m", "600h").replace("20}}", "3000}}")
NOWHERE = "http://no-such-name.invalid"


class Simulate(unittest.TestCase):
    def setUp(self):
        self.bed = Bed(*PROGRAMS)
        self.addCleanup(self.bed.__exit__)

    def plan(self, target=NOWHERE, text=PLAN, name="day"):
        file = self.bed.dir / f"{name}.yaml"
        file.write_text(text.format(target=target), encoding="utf-8")
        return file

    def simulate(self, *arguments):
        return done(self.bed.start(self.bed.genctl, "simulate", *arguments))

    def told(self, *arguments):
        code, text, errors = self.simulate(*arguments, "--json")
        self.assertEqual(code, 0, errors)
        return json.loads(text)

    def test_nothing_is_sent_resolved_or_connected(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(0)
            port = listener.getsockname()[1]
            for target in (f"http://127.0.0.1:{port}", NOWHERE, "https://203.0.113.1:1"):
                code, text, errors = self.simulate(self.plan(target))
                self.assertEqual(code, 0, errors)
                self.assertIn("SIMULATED", text)
                self.assertIn("Nothing was sent", text)
                self.assertIn("✗ http_req_duration p(95)<1", text)  # and yet the code is 0
            self.assertRaises(BlockingIOError, listener.accept)

    def test_the_numbers_are_those_of_the_plan(self):
        told = self.told(self.plan(), "--latency", "250ms")
        self.assertTrue(told["simulated"])
        self.assertEqual(told["end"], "finished")
        browse, orders = told["scenarios"]
        self.assertEqual(browse["peak_users"], 20)
        self.assertEqual(orders["requests"], 7200)
        self.assertEqual(orders["planned"], 7200)
        self.assertEqual({row["planned"] for row in orders["rows"][:30]}, {2 * told["row_s"]})
        self.assertEqual(orders["steps"][0]["failed"], 0)  # a 201, as the plan expects
        self.assertAlmostEqual(browse["rows"][10]["p50_ms"], 250, delta=1)
        self.assertEqual(browse["rows"][0]["stage"], "1")  # has no name
        self.assertTrue(any("made-up" in each for each in told["assumptions"]))

    def test_the_same_plan_means_the_same_with_and_without_a_seed(self):
        model = ("--latency", "lognormal:20ms,p99=2s", "--workers", "3", "--queue", "5",
                 "--fail", "1%")
        for plan in (self.plan(), self.plan(text=PLAN.replace("seed: 4\n", ""), name="none")):
            once = self.simulate(plan, *model)
            self.assertEqual(once[0], 0, once)
            self.assertEqual(once, self.simulate(plan, *model))

    def test_scales_and_segments_hold(self):
        told = self.told(self.plan(), "--time-scale", "0.1", "--load-scale", "5", "--segment",
                         "1/2")
        self.assertEqual(told["segment"], "1/2")
        self.assertEqual(told["scenarios"][1]["planned"], 1800)  # 10/s for 6 min, half of them
        self.assertEqual(told["scenarios"][0]["peak_users"], 50)

    def test_mistakes_are_told_with_their_place(self):
        for arguments, code, words in (
                ((self.plan("nonsense", name="bad"),), 104, "bad.yaml:"),
                ((self.bed.dir / "none.yaml",), 104, "none.yaml"),
                ((self.plan(), "--latency", "soon"), 2, "--latency"),
                ((self.plan(), "--queue", "5"), 2, "--workers")):
            with self.subTest(words):
                got, text, errors = self.simulate(*arguments)
                self.assertEqual(got, code, errors)
                self.assertIn(words, errors)
                self.assertEqual(text, "")

    def begin_a_long_one(self):
        process = self.bed.start(self.bed.genctl, "simulate", self.plan(text=LONG, name="long"))
        found = eventually("a gend simulates", lambda: simulating(process))
        return process, found[0]

    def test_an_interrupt_ends_it_with_what_there_is(self):
        process, _ = self.begin_a_long_one()
        interrupt(process)
        code, text, errors = done(process)
        self.assertEqual(code, 105, errors)
        self.assertIn("stopped after", text)

    def test_the_gend_dies_with_its_genctl(self):
        process, gend = self.begin_a_long_one()
        process.send_signal(signal.SIGKILL)
        eventually("it is gone", lambda: not is_simulating(gend))


def is_simulating(pid):
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
            return "--simulate" in file.read()
    except OSError:
        return False


def simulating(parent):
    try:
        with open(f"/proc/{parent.pid}/task/{parent.pid}/children", encoding="utf-8") as file:
            return [int(each) for each in file.read().split() if is_simulating(int(each))]
    except OSError:
        return []


if __name__ == "__main__":
    PROGRAMS.extend(sys.argv[1:4])
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)
