#!/usr/bin/env python3
"""What is refused before anything starts: bad plans (104), forbidden targets (93), and hosts that
cannot carry the plan (94). Each with a message that says what to change, and no packet sent."""

import os
import signal
import subprocess
import sys
import threading
import time
import unittest

from peers import Gentarget, Programs, run_plan

programs = Programs.from_arguments()
HERE = os.path.dirname(os.path.abspath(__file__))
SYSCTL = "/proc/sys/kernel/io_uring_disabled"

PLAN = """
name: limits
target: %s
scenarios:
  main:
    executor: constant-vus
    vus: %s
    duration: 1s
    gracefulStop: 1s
    flow: [{get: /}]
"""

GOOD = PLAN % ("http://127.0.0.1:1", 2)

# What is wrong, and the words that must be in the complaint.
BAD_PLANS = {
    "broken YAML": (GOOD.replace("scenarios:", "scenarios: ["), ["plan.yaml:"]),
    "a key that does not exist": (GOOD.replace("duration:", "durration:"),
                                  ["durration", "duration"]),
    "a wrong type": (GOOD.replace("vus: 2", "vus: many"), ["many", "plan.yaml:7:"]),
    "a wrong unit": (GOOD.replace("duration: 1s", "duration: 10 bananas"), ["10 bananas"]),
    "a negative number": (GOOD.replace("vus: 2", "vus: -2"), ["-2"]),
    "a huge number": (GOOD.replace("vus: 2", "vus: 99999999999999999999"),
                      ["99999999999999999999"]),
    "a variable that is not given": (GOOD.replace("name: limits", "name: limits\nvars: {TOKEN: }"),
                                     ["TOKEN", "--set"]),
    "a variable that is not declared": (GOOD.replace("get: /", "get: '/${NOWHERE}'"), ["NOWHERE"]),
    "an unknown metric": (GOOD + "thresholds: {http_req_durations: ['p(95)<1']}\n",
                          ["http_req_durations", "http_req_duration"]),
    "an aggregation that does not fit": (GOOD + "thresholds: {http_req_failed: ['p(95)<1']}\n",
                                         ["p(95)", "rate"]),
    "no threshold grammar": (GOOD + "thresholds: {http_reqs: ['count ~ 5']}\n", ["~"]),
    "an empty file": ("", ["plan.yaml"]),
    "a name that does not resolve": (PLAN % ("http://no-such-host.invalid", 1),
                                     ["no-such-host.invalid", "does not resolve"]),
}


class Limits(unittest.TestCase):
    def refused(self, run, code, *words):
        self.assertEqual(run.code, code, run)
        for word in words:
            self.assertIn(word, run.out + run.err)
        self.assertIsNone(run.summary)

    def test_bad_plans(self):
        for what, (text, words) in BAD_PLANS.items():
            with self.subTest(what):
                self.refused(run_plan(programs, text), 104, *words)

    def test_all_complaints_of_a_plan_come_at_once(self):
        text = GOOD.replace("duration:", "durration:").replace("vus: 2", "vus: -2")
        text += "thresholds: {http_req_durations: ['p(95)<1']}\n"
        self.refused(run_plan(programs, text), 104, "durration", "-2", "http_req_durations")

    def test_nothing_reaches_the_target_when_a_plan_is_refused(self):
        with Gentarget(programs) as target:
            run = run_plan(programs, PLAN % (target.url, 2) +
                           "thresholds: {nothing: ['count>0']}\n")
            self.refused(run, 104, "nothing")
            self.assertEqual(target.counts()["connections"], 1)  # this very question

    def test_a_target_that_is_not_allowed(self):
        self.refused(run_plan(programs, PLAN % ("http://192.0.2.7", 1)), 93, "192.0.2.7", "allow")

    def test_more_connections_than_descriptors(self):
        run = run_plan(programs, PLAN % ("http://127.0.0.1:1", 5000), "--shards", "1",
                       prefix=["prlimit", "--nofile=1024:1024"])
        self.refused(run, 94, "5,000 connections", "RLIMIT_NOFILE", "1,024", "LimitNOFILE")

    @unittest.skipUnless(os.geteuid() == 0, "needs root for a network namespace")
    def test_more_connections_than_ports(self):
        shell = ("ip link set lo up && echo 40000 40099 > /proc/sys/net/ipv4/ip_local_port_range "
                 '&& exec "$@"')
        run = run_plan(programs, PLAN % ("http://127.0.0.1:1", 200),
                       prefix=["unshare", "--net", "sh", "-c", shell, "sh"])
        self.refused(run, 94, "200 connections", "100", "ip_local_port_range", "sourceAddresses")

    def test_io_uring_forbidden_by_seccomp(self):
        for error, words in (("EPERM", ["seccomp filter", "SystemCallFilter"]),
                             ("ENOSYS", ["has no io_uring, or a filter hides it"])):
            with self.subTest(error):
                run = run_plan(programs, GOOD, prefix=[
                    sys.executable, os.path.join(HERE, "forbid_io_uring.py"), error])
                self.refused(run, 94, *words)

    @unittest.skipUnless(os.geteuid() == 0 and os.access(SYSCTL, os.W_OK),
                         "needs root and the sysctl kernel.io_uring_disabled")
    def test_io_uring_switched_off_on_this_host(self):
        with open(SYSCTL) as f:
            before = f.read()
        try:
            with open(SYSCTL, "w") as f:
                f.write("2")
            run = run_plan(programs, GOOD)
        finally:
            with open(SYSCTL, "w") as f:
                f.write(before)
        self.refused(run, 94, "kernel.io_uring_disabled = 2", "sysctl")

    @unittest.skipUnless(os.geteuid() == 0, "needs root to become another user")
    def test_too_little_lockable_memory_for_the_rings(self):
        # Rings are charged to RLIMIT_MEMLOCK for everybody but root. The plan comes by standard
        # input, because the other user may not see our files.
        result = subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
             "prlimit", "--memlock=65536:65536", programs.genctl, "run", "-", "--local"],
            input=GOOD, capture_output=True, text=True, timeout=60,
            env={**os.environ, "TMPDIR": "/tmp", "HOME": "/tmp"}, cwd="/")
        if "Permission denied" in result.stderr and result.returncode == 126:
            self.skipTest("the other user cannot read the programs")
        self.assertEqual(result.returncode, 94, result.stdout + result.stderr)
        self.assertIn("RLIMIT_MEMLOCK", result.stdout + result.stderr)
        self.assertIn("LimitMEMLOCK", result.stdout + result.stderr)

    def test_a_generator_that_stood_still_says_so_and_strict_makes_it_an_exit_code(self):
        # Stopped for 1.5 of 3 seconds: half of all arrivals are late, and that is our doing.
        plan = """
name: stopped
target: %s
scenarios:
  main: {executor: constant-arrival-rate, rate: 200, duration: 3s, maxVUs: 400, flow: [{get: /}]}
"""
        with Gentarget(programs) as target:
            timer = threading.Timer(1.0, freeze_private_gend, [1.5])
            timer.start()
            run = run_plan(programs, plan % target.url, "--strict")
            timer.join()
            self.assertEqual(run.code, 90, run)
            generator = run.summary["generator"]
            self.assertEqual(generator["verdict"], "SATURATED")
            self.assertGreater(generator["lag_ms"]["max"], 1000)
            self.assertGreater(generator["longest_stall_ms"], 1000)
            # Every missed arrival is there all the same, with its own intended moment.
            self.assertEqual(run.summary["run"]["work"]["planned"], 600)
            self.assertEqual(run.summary["run"]["work"]["completed"], 600)
            self.assertEqual(target.counts()["responses"], 600)
            corrected = run.summary["metrics"]["http_req_duration_corrected"]["values"]
            self.assertGreater(corrected["max"], 1000)

    def test_too_few_users_are_the_plans_limit_and_every_arrival_is_accounted_for(self):
        plan = """
name: too-few
target: %s
scenarios:
  main: {executor: constant-arrival-rate, rate: 2000, duration: 1s, maxVUs: 2,
         flow: [{get: /delay/10}]}
"""
        with Gentarget(programs) as target:
            run = run_plan(programs, plan % target.url, "--shards", "1")
            self.assertEqual(run.code, 0, run)
            work = run.summary["run"]["work"]
            self.assertEqual(work["planned"], 2000)
            self.assertLessEqual(work["started"], 202)  # two users, 10 ms each
            self.assertEqual(work["planned"], work["started"] + work["dropped"])
            self.assertGreater(work["dropped_reasons"]["no_user"], 0)
            self.assertEqual(run.requests(), target.counts()["responses"])
            self.assertEqual(run.summary["generator"]["verdict"], "SUSPECT")
            self.assertIn("maxVUs", run.out)


def freeze_private_gend(seconds):
    """Stops the gend that a genctl of this process has started, and lets it go on."""
    for genctl in children_of(os.getpid()):
        for gend in children_of(genctl):
            os.kill(gend, signal.SIGSTOP)
            time.sleep(seconds)
            os.kill(gend, signal.SIGCONT)


def children_of(pid):
    tasks = f"/proc/{pid}/task"
    found = []
    for task in os.listdir(tasks):
        with open(f"{tasks}/{task}/children") as f:
            found += map(int, f.read().split())
    return found


if __name__ == "__main__":
    unittest.main(verbosity=2)
