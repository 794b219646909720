#!/usr/bin/env python3
"""What gend says it did is what the target says it served: nginx's log and gentarget's counts."""

import threading
import time
import unittest

from peers import Gentarget, Nginx, Programs, run_plan

programs = Programs.from_arguments()

EXECUTORS = {
    "constant-vus": "executor: constant-vus\n    vus: 7\n    duration: 1s",
    "ramping-vus": "executor: ramping-vus\n    startVUs: 0\n    stages:\n"
                   "      - {duration: 500ms, target: 20}\n      - {duration: 500ms, target: 0}",
    # A user for each arrival: this host may stand still for a while.
    "constant-arrival-rate": "executor: constant-arrival-rate\n    rate: 400\n    duration: 1s\n"
                             "    maxVUs: 400",
    "ramping-arrival-rate": "executor: ramping-arrival-rate\n    startRate: 0\n    maxVUs: 300\n"
                            "    stages:\n      - {duration: 500ms, target: 600}\n"
                            "      - {duration: 500ms, target: 0}",
}

PLAN = """
name: truth
target: %s
scenarios:
  main:
    %s
    flow:
      - get: /
        check: {status: 200}
      - post: /created
        json: {name: "user ${vu}", turn: "${iteration}"}
        expect: {status: 201}
      - get: /missing
      - get: /broken
"""


class Truth(unittest.TestCase):
    def test_nginx_served_what_every_executor_reports(self):
        # nginx closes each connection after 100 requests: reconnecting is part of it.
        for name, executor in EXECUTORS.items():
            with self.subTest(executor=name), Nginx() as nginx:
                run = run_plan(programs, PLAN % (nginx.url, executor))
                self.assertEqual(run.code, 0, run)
                nginx.stop()  # writes its log out
                served = nginx.served()
                self.assertGreater(len(served), 0)
                self.assertEqual(len(served), run.requests())
                for row in run.summary["http"]:
                    mine = sum(row["statuses"].values())
                    theirs = sum(1 for method, uri, _ in served
                                 if method == row["method"] and uri == row["name"])
                    self.assertEqual(mine, theirs, row["name"])
                work = run.summary["run"]["work"]
                self.assertEqual(work["planned"], work["started"])
                self.assertEqual(work["completed"], work["started"])
                self.assertEqual(work["completed"] * 4, len(served))
                failed = run.summary["metrics"]["http_req_failed"]["values"]
                self.assertEqual(failed["passes"], len(served) / 2)  # half are 404 and 503
                if "arrival" in name:
                    expected = 400 if name.startswith("constant") else 300
                    self.assertEqual(work["planned"], expected)

    def test_gentarget_counts_agree_under_every_profile_and_shard_count(self):
        plan = PLAN.replace("/created", "/status/201").replace("/missing", "/status/404")
        plan = plan.replace("/broken", "/bytes/100000")
        for profile in "ABCDE":
            with self.subTest(profile=profile), Gentarget(programs) as target:
                run = run_plan(programs, plan % (target.url, EXECUTORS["constant-arrival-rate"]),
                               "--uring-profile", profile, "--shards", "2")
                self.assertEqual(run.code, 0, run)
                counts = target.counts()
                self.assertEqual(counts["responses"], run.requests())
                self.assertEqual(counts["statuses"], {"200": 800, "201": 400, "404": 400})
                received = run.summary["metrics"]["data_received"]["values"]["count"]
                self.assertGreater(received, counts["body_bytes"])
                self.assertIn("profile " + profile, run.summary["generator"]["ring"])

    def test_a_stall_is_in_the_corrected_latency_and_not_in_our_lag(self):
        # 200/s for 3 s, frozen for 1 s at about 1 s: a third of all arrivals waits, uniformly.
        with Gentarget(programs) as target:
            began = time.monotonic()
            target.get("/stall?ms=1000&every=10000")  # frozen now, while the run begins
            thawed = []
            probe = threading.Thread(
                target=lambda: (target.get("/"), thawed.append(time.monotonic())))
            probe.start()
            run = run_plan(programs, """
name: stall
target: %s
scenarios:
  main:
    executor: constant-arrival-rate
    rate: 200
    duration: 3s
    maxVUs: 400
    flow: [{get: /}]
""" % target.url)
            probe.join()
            frozen = (thawed[0] - began) * 1000
            self.assertEqual(run.code, 0, run)
            self.assertEqual(run.requests(), 600)
            corrected = run.summary["metrics"]["http_req_duration_corrected"]["values"]
            # Began at most some 100 ms after the freeze did: the slowest waited 0.5 to 1 s.
            self.assertGreater(corrected["max"], 500)
            # None waited longer than the freeze, as another client saw it, and gend's own stalls.
            ours = run.summary["generator"]["longest_stall_ms"]
            self.assertLess(corrected["max"], frozen + 100 + ours)
            self.assertGreater(corrected["p(90)"], 200)
            self.assertLess(corrected["med"], 200)

    def test_several_scenarios_run_side_by_side_each_with_its_own_counts(self):
        with Gentarget(programs) as target:
            run = run_plan(programs, """
name: two
target: %s
thresholds:
  "http_req_failed{scenario:good}": ["rate==0"]
  "http_req_failed{scenario:bad}": ["rate==1"]
  "http_reqs{status:503}": ["count==50"]
scenarios:
  good:
    executor: constant-arrival-rate
    rate: 100
    duration: 1s
    maxVUs: 100
    flow: [{get: /}]
  bad:
    executor: constant-arrival-rate
    rate: 50
    duration: 1s
    startTime: 500ms
    maxVUs: 100
    flow: [{get: /status/503}]
""" % target.url)
            self.assertEqual(run.code, 0, run)
            self.assertEqual(target.counts()["statuses"], {"200": 100, "503": 50})


if __name__ == "__main__":
    unittest.main(verbosity=2)
