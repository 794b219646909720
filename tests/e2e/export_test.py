#!/usr/bin/env python3
"""What gend exports, as others read it: Debian's prometheus (scraping the metrics socket through
systemd-socket-proxyd, and receiving remote write), Debian's influxdb, npm's statsd. And what becomes
of a run whose exports are refused, slow or answered with errors: nothing."""

import json
import os
import pathlib
import re
import shutil
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse
import urllib.request

from bed import Bed, PATIENCE, ask, eventually
from peers import FOLDER, free_port, wait_until_listening

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROXY = "/lib/systemd/systemd-socket-proxyd"
PROGRAMS = [os.path.abspath(each) for each in sys.argv[1:4]]
del sys.argv[1:4]


def missing(*programs):
    gone = [each for each in programs if not shutil.which(each)]
    return f"not installed: {', '.join(gone)} (scripts/packages.sh test)" if gone else None


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


class Prometheus:
    """A server with a folder of its own."""

    def __init__(self, bed, config="", rules=""):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        folder = pathlib.Path(tempfile.mkdtemp(dir=bed.dir))
        file = folder / "prometheus.yml"
        file.write_text("global: {scrape_interval: 1s, evaluation_interval: 1s}\n" + config +
                        (f"rule_files: [{rules}]\n" if rules else ""), encoding="utf-8")
        with open(folder / "log", "wb") as log:
            bed.processes.append(subprocess.Popen(
                ["prometheus", f"--config.file={file}", f"--storage.tsdb.path={folder}/data",
                 f"--web.listen-address=127.0.0.1:{self.port}", "--web.enable-remote-write-receiver",
                 "--enable-feature=native-histograms"], stdout=log, stderr=log))
        eventually("prometheus is ready", self.ready)

    def ready(self):
        try:
            with urllib.request.urlopen(self.url + "/-/ready", timeout=5):
                return True
        except OSError:
            return False

    def query(self, query, at=None):
        more = {"time": at} if at else {}
        answer = get(f"{self.url}/api/v1/query?" + urllib.parse.urlencode({"query": query, **more}))
        assert answer["status"] == "success", answer
        return answer["data"]["result"]

    def value(self, query):
        found = self.query(query)
        return float(found[0]["value"][1]) if found else None


def proxy(bed):
    """The metrics socket over TCP, as gend-metrics-proxy.socket does it."""
    port = free_port()
    bed.start("systemd-socket-activate", "-l", f"127.0.0.1:{port}", PROXY, bed.metrics)
    wait_until_listening(port)
    return port


def plan(bed, seconds, more=""):
    """A plan whose requests succeed, fail and miss."""
    file = bed.dir / f"plan{len(list(bed.dir.iterdir()))}.yaml"
    file.write_text(
        f"name: exported\ntarget: http://{bed.target}\nseed: 1\n{more}scenarios:\n  visit:\n"
        "    executor: constant-arrival-rate\n    rate: 50/s\n    preAllocatedVUs: 200\n"
        f"    duration: {seconds}s\n    flow:\n"
        "      - {get: /, name: home, check: {status: 200}}\n"
        "      - {get: /status/503, name: broken}\n", encoding="utf-8")
    return file


class Export(unittest.TestCase):
    def setUp(self):
        self.bed = Bed(*PROGRAMS)
        self.addCleanup(self.bed.__exit__)
        self.bed.start_target()

    def run_plan(self, file, *options, code=0):
        """The run's id and summary."""
        summary = self.bed.dir / "summary.json"
        result = self.bed.ctl_done("run", "--quiet", "--summary-json", summary, *options, file)
        self.assertEqual(result[0], code, result)
        json_summary = json.loads(summary.read_text())
        return json_summary["run"]["id"], json_summary

    @staticmethod
    def requests(summary):
        return summary["metrics"]["http_reqs"]["values"]["count"]

    @unittest.skipIf(missing("prometheus", "systemd-socket-activate"),
                     missing("prometheus", "systemd-socket-activate"))
    def test_prometheus_scrapes_through_the_socket_proxy_by_both_names(self):
        self.bed.start_gend("--metrics", self.bed.metrics)
        port = proxy(self.bed)
        job = "  - job_name: {0}\n    params: {{names: [{0}]}}\n    static_configs:\n" \
              "      - targets: [\"127.0.0.1:" + str(port) + "\"]\n"
        server = Prometheus(self.bed, "scrape_configs:\n" + job.format("gend") + job.format("k6"))
        eventually("both are scraped", lambda: server.value("sum(up)") == 2)
        _, summary = self.run_plan(plan(self.bed, 4))
        count = self.requests(summary)
        eventually("gend's count", lambda: server.value("sum(gend_http_reqs_total)") == count)
        eventually("k6's count", lambda: server.value("sum(k6_http_reqs_total)") == count)
        failed = server.value("sum(k6_http_reqs_total{expected_response=\"false\"})")
        self.assertEqual(failed, count / 2)
        quantile = "histogram_quantile(0.5, sum by (le) ({}_http_req_duration_seconds_bucket))"
        self.assertEqual(server.value(quantile.format("gend")), server.value(quantile.format("k6")))
        self.assertGreater(server.value(quantile.format("gend")), 0)
        self.assertEqual(server.value("k6_http_req_failed_rate{name=\"broken\"}"), 1)
        self.assertEqual(ask(self.bed.metrics, "GET", "/metrics?names=other")[0], 400)

    @unittest.skipIf(missing("prometheus"), missing("prometheus"))
    def test_prometheus_takes_remote_writes_of_every_kind(self):
        self.bed.start_gend()
        server = Prometheus(self.bed)
        write = f"{server.url}/api/v1/write"
        run, summary = self.run_plan(
            plan(self.bed, 4, f"export:\n  - {{prometheus: \"{write}\", every: 1s,"
                              " labels: {env: stage}}\n"
                              f"  - {{prometheus: \"{write}\", every: 2s, trends: native,"
                              " names: k6}\n"))
        self.assertEqual([w for w in summary["generator"]["warnings"] if "export" in w], [])
        count = self.requests(summary)
        own = f"run=\"{run}\",env=\"stage\""
        self.assertEqual(server.value(f"sum(gend_http_reqs_total{{{own}}})"), count)
        self.assertEqual(server.value(f"sum(k6_http_reqs_total{{testid=\"{run}\"}})"), count)
        # Each series began with a 0, so the whole run is in its increase, but for extrapolation.
        grown = server.value(f"sum(max_over_time(gend_http_reqs_total{{{own}}}[1m]) - "
                             f"min_over_time(gend_http_reqs_total{{{own}}}[1m]))")
        self.assertEqual(grown, count)
        native = f"sum(k6_http_req_duration_seconds{{testid=\"{run}\"}})"
        self.assertEqual(server.value(f"histogram_count({native})"), count)
        exact = summary["metrics"]["http_req_duration"]["values"]["med"] / 1000
        estimate = server.value(f"histogram_quantile(0.5, {native})")
        self.assertLess(abs(estimate - exact), 0.1 * exact)  # a bucket is 9 % wide
        self.assertGreater(server.value(f"k6_http_req_duration_p99{{testid=\"{run}\","
                                        "name=\"home\"}"), 0)
        self.assertEqual(server.value(f"gend_run_planned_seconds{{{own}}}"), 4)

    @unittest.skipIf(missing("influxd"), missing("influxd"))
    def test_influxdb_takes_the_line_protocol(self):
        self.bed.start_gend()
        port, backup = free_port(), free_port()
        folder = self.bed.dir / "influx"
        folder.mkdir()
        config = folder / "influxdb.conf"
        config.write_text(
            f"reporting-disabled = true\nbind-address = \"127.0.0.1:{backup}\"\n"
            f"[meta]\n  dir = \"{folder}/meta\"\n"
            f"[data]\n  dir = \"{folder}/data\"\n  wal-dir = \"{folder}/wal\"\n"
            f"[http]\n  bind-address = \"127.0.0.1:{port}\"\n", encoding="utf-8")
        with open(folder / "log", "wb") as log:
            self.bed.processes.append(subprocess.Popen(["influxd", "-config", str(config)],
                                                       stdout=log, stderr=log))
        wait_until_listening(port)
        name = "a \"quoted\", strange=name\\"
        file = plan(self.bed, 3)
        file.write_text(file.read_text().replace("name: home", f"name: {json.dumps(name)}"))
        _, summary = self.run_plan(file, "--out", f"influxdb=http://127.0.0.1:{port}/load")
        self.assertEqual([w for w in summary["generator"]["warnings"] if "export" in w], [])

        def select(query):
            answer = get(f"http://127.0.0.1:{port}/query?" +
                         urllib.parse.urlencode({"db": "load", "q": query}))
            return answer["results"][0]["series"]
        count = self.requests(summary)
        self.assertEqual(select("SELECT sum(value) FROM http_reqs")[0]["values"][0][1], count)
        by_name = {each["tags"]["name"]: each["values"][0][1]
                   for each in select("SELECT sum(\"count\") FROM http_req_duration GROUP BY \"name\"")}
        self.assertEqual(by_name, {name.replace("\\", "/"): count / 2, "broken": count / 2})
        fields = select("SELECT * FROM http_req_duration LIMIT 1")[0]["columns"]
        self.assertLessEqual({"value", "p50", "p95", "p99", "max", "run", "scenario"}, set(fields))

    @unittest.skipIf(missing("node") or not (FOLDER / "node_modules" / "statsd").exists(),
                     "tests/peers is not installed: scripts/peers.sh")
    def test_statsd_counts_what_the_run_counted(self):
        self.bed.start_gend()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        admin = free_port()
        config = self.bed.dir / "statsd.js"
        config.write_text(json.dumps({
            "port": port, "address": "127.0.0.1", "mgmt_port": admin, "mgmt_address": "127.0.0.1",
            "flushInterval": 600_000, "backends": ["./backends/console"]}), encoding="utf-8")
        self.bed.processes.append(subprocess.Popen(
            ["node", str(FOLDER / "node_modules/statsd/stats.js"), str(config)],
            cwd=FOLDER / "node_modules/statsd", stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL))
        wait_until_listening(admin)
        _, summary = self.run_plan(plan(self.bed, 3), "-o", f"statsd=127.0.0.1:{port}")

        def told(command):
            with socket.create_connection(("127.0.0.1", admin), timeout=10) as s:
                s.sendall(command.encode() + b"\n")
                text = b""
                while not text.endswith(b"END\n\n"):
                    piece = s.recv(65536)
                    if not piece:
                        break
                    text += piece
                return text.decode()

        def counters():
            return {name: float(value) for name, value in
                    re.findall(r"'?([\w.]+)'?: (-?[\d.]+)", told("counters"))}
        count = self.requests(summary)
        eventually("all is counted", lambda: counters().get("gend.http_reqs") == count)
        found = counters()
        self.assertEqual(found["gend.http_reqs.status.503"], count / 2)
        self.assertEqual(found["gend.http_req_failed.hits"], count / 2)
        self.assertEqual(found["gend.http_req_failed.samples"], count)
        self.assertEqual(found.get("statsd.bad_lines_seen", 0), 0)
        self.assertIn("gend.http_req_duration", told("timers"))
        self.assertIn("gend.vus", told("gauges"))

    def test_exports_that_fail_in_every_way_cost_the_run_nothing(self):
        self.bed.start_gend()

        class Answer(socketserver.StreamRequestHandler):
            def handle(self):
                length = 0
                for line in self.rfile:
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                    if line == b"\r\n":
                        break
                self.rfile.read(length)
                self.server.seen += 1
                self.server.answer(self)

        def server(answer):
            made = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answer)
            made.daemon_threads, made.answer, made.seen = True, answer, 0
            threading.Thread(target=made.serve_forever, daemon=True).start()
            self.addCleanup(made.server_close)
            self.addCleanup(made.shutdown)
            return made, f"http://127.0.0.1:{made.server_address[1]}/api/v1/write"

        over = threading.Event()
        self.addCleanup(over.set)
        broken, broken_url = server(lambda h: h.wfile.write(
            b"HTTP/1.1 503 No\r\nContent-Length: 8\r\nConnection: close\r\n\r\nno room\n"))
        words = b"<b>\x1b[31mhunter22</b> no way\n"
        _, refusing_url = server(lambda h: h.wfile.write(
            b"HTTP/1.1 400 No\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" %
            (len(words), words)))
        _, slow_url = server(lambda h: over.wait(PATIENCE))
        refused_url = f"http://127.0.0.1:{free_port()}/api/v1/write"
        urls = (broken_url, refusing_url, slow_url, refused_url)
        more = "export:\n" + "".join(
            f"  - {{prometheus: \"{url}\", every: 1s, user: me, password: hunter22}}\n"
            for url in urls)
        began = time.monotonic()
        _, summary = self.run_plan(plan(self.bed, 4, more))
        self.assertLess(time.monotonic() - began, 4 + 5 + 30)  # the farewell is 5 s
        self.assertEqual(summary["run"]["exit_code"], 0)
        self.assertEqual(self.requests(summary), 400)
        self.assertEqual(summary["run"]["work"]["dropped"], 0)
        warnings = {url: [w for w in summary["generator"]["warnings"] if url in w] for url in urls}
        for url, lines in warnings.items():
            self.assertEqual(len(lines), 1, (url, summary["generator"]["warnings"]))
            self.assertIn("0 samples sent", lines[0])
        self.assertIn("HTTP 503: no room", warnings[broken_url][0])
        self.assertIn("HTTP 400", warnings[refusing_url][0])
        self.assertGreater(broken.seen, 1)  # tried again
        self.assertEqual(len([e for e in summary["events"] if "fails" in e["what"]]), 4)
        self.assertNotIn("hunter22", json.dumps(summary))
        self.assertNotIn("\\u001b", json.dumps(summary))

    def test_an_output_that_is_none_is_refused_before_the_run(self):
        self.bed.start_gend()
        code, _, errors = self.bed.ctl_done("run", "--out", "kafka=x", plan(self.bed, 1))
        self.assertEqual(code, 104)
        self.assertIn("no output", errors)
        self.assertEqual(self.bed.runs(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
