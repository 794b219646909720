#!/usr/bin/env python3
"""deploy/: every query of the dashboards and rules is run against a Prometheus that has scraped a real
run, with requests that fail, sessions and villages that lose messages, and returns data; the rules
pass promtool."""

import json
import re
import shutil
import subprocess
import sys
import time
import unittest

from bed import Bed, eventually
from export_test import PROGRAMS, ROOT, Prometheus, missing, proxy

DEPLOY = ROOT / "deploy"
# What the dashboards' variables stand for here.
VARIABLES = {"$__rate_interval": "10s", "$__range": "1m", "$__interval": "1s", "$scenario": ".*",
             "$name": ".*"}

PLAN = {
    "name": "deployed", "seed": 3,
    "thresholds": {"http_req_failed": ["rate<0.9"], "http_req_duration": ["p(95)<10000"]},
    "data": {"user": {"file": "users.csv", "order": "unique"}},
    "observe": {"app": {"json": "/api/metrics", "every": "1s",
                        "series": {"memory_mb": "$.process.memory_usage_mb"}}},
    "scenarios": {
        "visit": {
            "executor": "constant-arrival-rate", "rate": "50/s", "duration": "12s",
            "preAllocatedVUs": 20,
            "flow": [{"get": "/", "name": "home", "check": {"status": 200}},
                     {"get": "/status/503", "name": "broken"},
                     {"get": "/", "name": "wrong", "expect": {"status": 204}}]},
        "rooms": {
            "executor": "per-vu-iterations", "vus": 20, "iterations": 1, "maxDuration": "30s",
            "flow": [{"websocket": "/ws/rooms", "name": "rooms", "flow": [
                {"send": {"json": {"type": "subscribe", "channel": "${user.room}"}}},
                {"receive": {"match": "json $.type == 'subscribed'"}},
                {"listen": {"room": "${user.room}", "late": "500ms", "drain": "2s"}},
                {"think": "2s"},
                {"loop": {"rate": "10/s", "for": "6s", "flow": [
                    {"send": {"json": {"type": "publish", "channel": "${user.room}",
                                       "text": "${stamp}"}}}]}},
                {"think": "3s"}]}]}}}


def queries_of_dashboards():
    for file in sorted((DEPLOY / "grafana").glob("*.json")):
        board = json.loads(file.read_text())
        for panel in board["panels"]:
            for target in panel["targets"]:
                yield f"{file.name}: {panel['title']}", target["expr"]
        for annotation in board["annotations"]["list"]:
            yield f"{file.name}: {annotation['name']}", annotation["expr"]


def filled(query):
    for name, value in VARIABLES.items():
        query = query.replace(name, value)
    assert "$" not in query, query
    return query


def rules():
    """The expressions of the rules file, and what each alert compares."""
    text = (DEPLOY / "prometheus" / "gend.rules.yml").read_text()
    found = subprocess.run(
        ["promtool", "check", "rules", str(DEPLOY / "prometheus" / "gend.rules.yml")],
        capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    expressions = re.findall(r"- (?:alert|record): (\S+)\n\s+expr: (>-\n(?:\s{10}.*\n)+|.*\n)", text)
    return {name: " ".join(expr.removeprefix(">-").split()) for name, expr in expressions}


@unittest.skipIf(missing("prometheus", "promtool", "systemd-socket-activate"),
                 missing("prometheus", "promtool", "systemd-socket-activate"))
class Deploy(unittest.TestCase):
    def test_the_rules_and_the_configuration_pass_promtool(self):
        self.assertEqual(len(rules()), 11)
        found = subprocess.run(["promtool", "check", "config",
                                str(DEPLOY / "prometheus" / "prometheus.yml")],
                               capture_output=True, text=True, check=False)
        self.assertEqual(found.returncode, 0, found.stdout + found.stderr)

    def test_every_query_returns_data_of_a_run(self):
        bed = Bed(*PROGRAMS)
        self.addCleanup(bed.__exit__)
        target = bed.start(bed.gentarget, "--listen", "127.0.0.1:0", "--deliver-drop", "0.05",
                           "--deliver-duplicate", "0.02", "--deliver-reorder", "0.02",
                           "--deliver-delay", "0.02:1s")
        bed.target = re.search(r"http://([\d.]+:\d+)", target.stdout.readline()).group(1)
        bed.start_gend("--metrics", bed.metrics)
        scrape = "scrape_configs:\n  - job_name: gend\n    static_configs:\n" \
                 f"      - targets: [\"127.0.0.1:{proxy(bed)}\"]\n"
        shutil.copy(DEPLOY / "prometheus" / "gend.rules.yml", bed.dir)
        server = Prometheus(bed, scrape, f"{bed.dir}/gend.rules.yml")
        (bed.dir / "users.csv").write_text(
            "room\n" + "".join(f"v{n % 4}\n" for n in range(20)), encoding="utf-8")
        file = bed.dir / "deployed.yaml"
        plan = json.dumps(PLAN | {"target": f"http://{bed.target}"})
        file.write_text(plan.replace('"/api/metrics"', f'"http://{bed.target}/api/metrics"'),
                        encoding="utf-8")
        run = bed.ctl("run", "--quiet", file)
        queries = {filled(query): where for where, query in queries_of_dashboards()}
        for name, expression in rules().items():
            # What an alert compares must have data, whether or not the alert would be raised.
            queries[re.split(r" (?:==|>|<) ", expression)[0]] = f"rule {name}"
        self.assertGreater(len(queries), 60)
        counts = {}
        while run.poll() is None and len(counts) < len(queries):
            for query in queries:
                if query not in counts and (found := len(server.query(query))) > 0:
                    counts[query] = found
            time.sleep(0.5)  # between two looks; the run's end is what counts
        self.assertEqual(run.wait(timeout=60), 0, run.stderr.read())
        for query, where in queries.items():
            print(f"{counts.get(query, 0):4} series  {where}: {query}")
        self.assertEqual([f"{where}: {query}" for query, where in queries.items()
                          if query not in counts], [])
        recorded = [name for name in rules() if ":" in name]
        self.assertEqual(len(recorded), 4)
        for name in recorded:
            eventually(name, lambda name=name: server.query(f"last_over_time({name}[1m])"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
