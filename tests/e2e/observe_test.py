#!/usr/bin/env python3
"""What a plan observes beside its load: the target's own metrics, other people's exporters, endpoints
that die, and this host. Thresholds on them decide the exit code."""

import http.server
import json
import re
import shutil
import socket
import sys
import threading
import time
import unittest

from bed import Bed, ask, eventually

PROGRAMS = []

# A few lines of what cAdvisor 0.47 answers: time stamps, empty labels, the root cgroup.
CADVISOR = """\
# HELP cadvisor_version_info A metric with a constant '1' value.
# TYPE cadvisor_version_info gauge
cadvisor_version_info{cadvisorRevision="",cadvisorVersion="",dockerVersion="",kernelVersion="6.1"} 1
# HELP container_cpu_usage_seconds_total Cumulative cpu time consumed in seconds.
# TYPE container_cpu_usage_seconds_total counter
container_cpu_usage_seconds_total{cpu="total",id="/",image="",name=""} %(root).3f 1700000000000
container_cpu_usage_seconds_total{cpu="total",id="/d/1",image="shop:41",name="shop"} %(shop).3f 1700000000000
# HELP container_memory_working_set_bytes Current working set in bytes.
# TYPE container_memory_working_set_bytes gauge
container_memory_working_set_bytes{id="/",image="",name=""} 8.1e+09 1700000000000
container_memory_working_set_bytes{id="/d/1",image="shop:41",name="shop"} 1.25829120e+08 1700000000000
"""


class Endpoint:
    """An HTTP endpoint of this test's own, which can die and come back on the same port."""

    def __init__(self, answer):
        self.answer, self.server, self.port, self.asked = answer, None, 0, []

    def start(self):
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                endpoint.asked.append(dict(self.headers))
                body = endpoint.answer().encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def url(self):
        return f"http://127.0.0.1:{self.port}/metrics"


class Observe(unittest.TestCase):
    def setUp(self):
        self.bed = Bed(*PROGRAMS)
        self.addCleanup(self.bed.__exit__)
        self.bed.start_target()
        self.bed.start_gend()

    def endpoint(self, answer):
        made = Endpoint(answer)
        made.start()
        self.addCleanup(made.stop)
        return made

    def plan(self, observe, thresholds="", seconds=4):
        file = self.bed.dir / "plan.yaml"
        file.write_text(f"""
name: watched
target: http://{self.bed.target}
seed: 1
observe:
{observe}
thresholds:
  http_req_failed: ["rate<0.01"]
{thresholds}
scenarios:
  visit: {{executor: constant-vus, vus: 2, duration: {seconds}s, flow: [get: /, think: 20ms]}}
""", encoding="utf-8")
        return file

    def run_plan(self, plan, code=0):
        summary = self.bed.dir / "summary.json"
        got, output, errors = self.bed.ctl_done("run", plan, "--summary-json", summary)
        self.assertEqual(got, code, output + errors)
        return json.loads(summary.read_text()), output

    def values(self, summary, metric):
        return summary["metrics"][metric]["values"]

    def test_the_targets_own_metrics_stand_beside_the_load(self):
        summary, text = self.run_plan(self.plan(f"""
  app:
    prometheus: http://{self.bed.target}/metrics
    every: 1s
    series: {{memory: process_resident_memory_bytes, cpu: rate(process_cpu_seconds_total)}}
  heap: {{json: "http://{self.bed.target}/api/metrics", every: 1s, series: {{mb: $.process.memory_usage_mb}}}}
""", '  observe_app_memory: ["value>1000000"]\n  observe_heap_mb: ["value<100000"]\n'))
        memory, mb = self.values(summary, "observe_app_memory"), self.values(summary, "observe_heap_mb")
        self.assertGreater(memory["min"], 1e6)
        # The same process, asked in two ways within seconds.
        self.assertLess(abs(memory["value"] / 1e6 / mb["value"] - 1), 0.2)
        self.assertGreaterEqual(self.values(summary, "observe_app_cpu")["value"], 0)
        app, heap = summary["observed"]
        self.assertEqual((app["name"], app["failed"], app["answers"]), ("app", 0, True))
        self.assertGreaterEqual(app["polls"], 3)
        self.assertEqual(heap["series"][0]["reads"], "$.process.memory_usage_mb")
        self.assertIn("observe_app_memory", text)
        self.assertEqual(summary["events"], [])

    def test_this_host_is_watched_in_every_run(self):
        summary, text = self.run_plan(self.plan(f"""
  app: {{prometheus: "http://{self.bed.target}/metrics", series: {{m: process_resident_memory_bytes}}}}
""", '  host_cpu: ["value>=0", "value<=100"]\n  "host_cpu_core{cpu:0}": ["value<=100"]\n'))
        host = summary["host"]
        self.assertGreater(host["host_cpu"]["max"], 0)
        self.assertLessEqual(host["host_cpu"]["max"], host["host_cpu_busiest"]["max"] + 1)
        self.assertIn("0", host["host_cpu_core"])
        with open("/proc/meminfo", encoding="ascii") as file:
            total = int(re.search(r"MemTotal:\s+(\d+) kB", file.read()).group(1)) * 1024
        used = host["host_memory_used"]["value"] + host["host_memory_available"]["value"]
        self.assertAlmostEqual(used / total, 1, places=3)
        self.assertIn("THIS HOST", text)

    def test_a_threshold_on_what_is_observed_decides_the_exit_code(self):
        gauge = self.endpoint(lambda: "queue_length 12\n")
        observe = f'  q: {{prometheus: "{gauge.url()}", every: 1s, series: {{n: queue_length}}}}\n'
        self.run_plan(self.plan(observe, '  observe_q_n: ["value<20"]\n', 2))
        summary, _ = self.run_plan(self.plan(observe, '  observe_q_n: ["value<10"]\n', 2), 99)
        told = summary["metrics"]["observe_q_n"]["thresholds"]["value<10"]
        self.assertEqual((told["ok"], told["value"]), (False, 12))

    def test_an_endpoint_that_dies_is_told_and_comes_back_and_the_run_goes_on(self):
        app = self.endpoint(lambda: "up_for 1\n")
        plan = self.plan(f"""
  app: {{prometheus: "{app.url()}", every: 1s, series: {{up: up_for}}}}
  gone: {{json: "http://127.0.0.1:1/x", every: 1s, series: {{x: $.x}}}}
""", seconds=12)
        summary = self.bed.dir / "summary.json"
        run = self.bed.ctl("run", plan, "--summary-json", summary)
        self.bed.run_id()
        eventually("the endpoint was asked", lambda: len(app.asked) >= 2)
        app.stop()
        time.sleep(2.5)  # two polls without an answer
        app.start()
        self.assertEqual(run.wait(timeout=60), 0, run.stderr.read())
        told = json.loads(summary.read_text())
        what = [event["what"] for event in told["events"]]
        self.assertTrue(any(w.startswith("observe app: no values from") for w in what), what)
        self.assertTrue(any(w.startswith("observe app: answers again") for w in what), what)
        # One that never answered is told once.
        self.assertEqual(sum(w.startswith("observe gone: ") for w in what), 1, what)
        sources = {source["name"]: source for source in told["observed"]}
        self.assertGreaterEqual(sources["app"]["failed"], 1)
        self.assertTrue(sources["app"]["answers"])
        self.assertEqual(sources["gone"]["failed"], sources["gone"]["polls"])
        self.assertEqual(sources["gone"]["last_fault"], "Connection refused")
        self.assertIsNone(sources["gone"]["series"][0]["values"])
        self.assertEqual(sum("observe " in w for w in told["generator"]["warnings"]), 2)

    def test_cadvisor_is_read_as_it_is(self):
        began = time.monotonic()

        def answer():
            seconds = time.monotonic() - began
            return CADVISOR % {"root": 1000 + 2 * seconds, "shop": 0.5 * seconds}

        cadvisor = self.endpoint(answer)
        summary, _ = self.run_plan(self.plan(f"""
  c:
    prometheus: {cadvisor.url()}
    every: 1s
    headers: {{x-from: gend}}
    series:
      memory: 'container_memory_working_set_bytes{{name="shop"}}'
      cpu: 'rate(container_cpu_usage_seconds_total{{name=~"sh.*"}})'
      containers: 'count(container_memory_working_set_bytes)'
      absent: nothing_like_it
"""))
        self.assertEqual(self.values(summary, "observe_c_memory")["value"], 125829120)
        self.assertAlmostEqual(self.values(summary, "observe_c_cpu")["value"], 0.5, delta=0.15)
        self.assertEqual(self.values(summary, "observe_c_containers")["value"], 2)
        what = [event["what"] for event in summary["events"]]
        self.assertEqual(what, ["observe c: no value of absent: the answer has no nothing_like_it"])
        self.assertEqual(cadvisor.asked[0]["x-from"], "gend")

    @unittest.skipUnless(shutil.which("prometheus-node-exporter"), "no node_exporter here")
    def test_node_exporter_is_read_as_it_is(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.bed.start("prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{port}")

        def listening():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        eventually("node_exporter listens", listening)
        summary, _ = self.run_plan(self.plan(f"""
  node:
    prometheus: http://127.0.0.1:{port}/metrics
    every: 1s
    timeout: 1s
    series:
      load: node_load1
      available: node_memory_MemAvailable_bytes
      idle: 'sum(rate(node_cpu_seconds_total{{mode="idle"}}))'
""", '  observe_node_available: ["value>1000000"]\n'))
        self.assertEqual(summary["observed"][0]["failed"], 0, summary["observed"])
        available = self.values(summary, "observe_node_available")["value"]
        self.assertLess(abs(available / summary["host"]["host_memory_available"]["value"] - 1), 0.3)
        self.assertGreaterEqual(self.values(summary, "observe_node_idle")["value"], 0)

    def test_an_address_that_is_not_allowed_is_not_asked(self):
        secret = self.endpoint(lambda: "x 1\n")
        config = self.bed.dir / "gend.yaml"
        # The list is of addresses: what a name leads to counts.
        config.write_text("allow: [127.0.0.1/32]\n", encoding="utf-8")
        plan = self.plan(f'  s: {{prometheus: "http://127.0.0.2:{secret.port}/", every: 1s, '
                         'series: {x: x}}\n', seconds=2)
        other = Bed(*PROGRAMS)
        self.addCleanup(other.__exit__)
        other.start_gend("--config", config)
        summary = other.dir / "summary.json"
        got, output, errors = other.ctl_done("run", plan, "--summary-json", summary)
        self.assertEqual(got, 0, output + errors)
        source = json.loads(summary.read_text())["observed"][0]
        self.assertIn("127.0.0.2 is not on this host's list", source["last_fault"])
        self.assertEqual(secret.asked, [])

    def test_what_is_observed_is_on_the_metrics_socket(self):
        gauge = self.endpoint(lambda: "queue_length 3\n")
        plan = self.plan(f'  q: {{prometheus: "{gauge.url()}", every: 1s, series: {{n: queue_length}}}}',
                         seconds=3)
        run = self.bed.ctl("run", plan)

        def exposed():
            text = ask(self.bed.socket, "GET", "/v1/metrics")[1]
            return text if re.search(r"^gend_observe_q_n 3(\.0)?$", text, re.M) else None

        text = eventually("the gauge is exposed", exposed)
        self.assertRegex(text, r"(?m)^# TYPE gend_host_cpu gauge$")
        self.assertEqual(run.wait(timeout=60), 0)


if __name__ == "__main__":
    PROGRAMS[:] = sys.argv[1:4]
    del sys.argv[1:4]
    unittest.main()
