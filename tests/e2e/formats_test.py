"""A run in every form, written while real things talk: nothing secret is in any of them, a path that
cannot be written is said before a packet is sent, and every reader gets the same numbers."""

import contextlib
import csv
import http.server
import io
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import xml.etree.ElementTree as ElementTree
import zlib

import peers

PROGRAMS = peers.Programs.from_arguments()
SECRET = "s3cr3t/of the=house&co"
OF_SUMMARY = {"markdown": "--markdown", "json": "--summary-json", "json-schema": "--json-schema",
              "junit": "--junit"}
OF_HISTORY = {"html": "--report", "csv": "--csv", "hlog": "--hlog", "hgrm": "--hgrm",
              "run": "--run-file"}
FORMS = OF_SUMMARY | OF_HISTORY

PLAN = """
name: forms
target: {url}
seed: 1
vars:
  API_KEY: {{secret: true}}
data:
  keys: {{file: keys.csv}}
thresholds:
  http_req_failed: [rate<0.1]
scenarios:
  visit:
    executor: shared-iterations
    vus: 2
    iterations: 20
    flow:
      - get: /orders
        name: "=a|b <script> @you"
        tags: {{who: "${{keys.key}}"}}
        headers: {{authorization: "Bearer ${{API_KEY}}"}}
        check: {{status: 200}}
"""


def echo(connection, _):
    """Answers with everything that it was told, as a careless server does."""
    while (request := peers.read_request(connection)) is not None:
        body = b'{"error": "denied", "you said": ' + json.dumps(request.decode()).encode() + b"}"
        connection.sendall(b"HTTP/1.1 500 Oops\r\nset-cookie: session=" + SECRET.encode() +
                           b"\r\ncontent-length: %d\r\n\r\n" % len(body) + body)


def contents(data):
    """What is in a file, also when it is packed."""
    if data.startswith(b"GENDRUN"):
        return zlib.decompress(data[8:])
    return data


class Forms(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="gend-e2e-")
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        (self.folder / "keys.csv").write_text(f'key\nplain\n"{SECRET}"\n', "utf-8")

    def genctl(self, *arguments, env=None):
        return subprocess.run([PROGRAMS.genctl, *map(str, arguments)], capture_output=True,
                              timeout=120, stdin=subprocess.DEVNULL, cwd=self.folder,
                              env={"GEND_BINARY": PROGRAMS.gend, "PATH": "/usr/bin:/bin",
                                   "XDG_RUNTIME_DIR": str(self.folder), **(env or {})})

    def run_plan(self, url, *options):
        plan = self.folder / "plan.yaml"
        plan.write_text(PLAN.format(url=url), "utf-8")
        return self.genctl("run", plan, "--local", "--shards", "1", *options,
                           env={"API_KEY": SECRET})

    def write(self, forms, source):
        """The run in each form, as genctl run writes it and again as genctl report does."""
        outputs = {name: self.folder / f"run.{name}" for name in forms}
        with peers.Misbehaving(echo) as server:
            done = self.run_plan(server.url, *[part for name, path in outputs.items()
                                               for part in (forms[name], path)])
        self.assertEqual(done.returncode, 99, done.stderr)
        written = {name: path.read_bytes() for name, path in outputs.items()}
        for name in forms:
            report = self.genctl("report", outputs[source], "--format", name)
            self.assertEqual(report.returncode, 0, report.stderr)
            self.assertEqual(report.stdout, written[name], name)
        written["text"] = self.genctl("report", outputs[source]).stdout
        written["terminal"] = done.stdout + done.stderr
        return written

    def find_no_secret(self, written):
        for name, data in written.items():
            text = contents(data)
            for form in (SECRET, json.dumps(SECRET)[1:-1], "s3cr3t", "of%20the%3Dhouse"):
                self.assertNotIn(form.encode(), text, name)

    def test_every_form_of_a_summary_has_the_run_and_none_has_the_secret(self):
        written = self.write(OF_SUMMARY, "json")
        self.find_no_secret(written)
        summary = json.loads(written["json"])
        self.assertEqual(summary["metrics"]["http_reqs"]["values"]["count"], 20)
        self.assertIn("***", [value["value"] for facet in summary["facets"]
                              for value in facet["values"] if facet["tag"] == "who"])
        self.assertIn(b"20 requests, 100.00% failed", written["markdown"])
        failed = [case.get("name") for case in ElementTree.fromstring(written["junit"])
                  .iter("testcase") if case.find("failure") is not None]
        self.assertIn("http_req_failed: rate<0.1", failed)
        k6 = json.loads(written["json-schema"])
        self.assertIn({"count": 20}, [m["values"] for m in k6["results"]["metrics"]
                                      if m["name"] == "http_reqs"])

    def test_every_form_of_a_history_has_the_run_and_none_has_the_secret(self):
        written = self.write(OF_HISTORY, "run")
        self.find_no_secret(written)
        rows = list(csv.DictReader(io.StringIO(written["csv"].decode())))
        self.assertEqual(sum(int(row["count"]) for row in rows
                             if (row["of"], row["metric"]) == ("metric", "http_reqs")), 20)
        self.assertIn("***", " ".join(row["tags"] for row in rows))
        self.assertIn(b"Tag=http_req_duration,", written["hlog"])
        self.assertIn(b"Total count    =           20]", written["hgrm"])

    def test_nothing_that_is_exported_or_kept_has_the_secret(self):
        taken = []

        class Influx(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                taken.append(self.rfile.read(int(self.headers["content-length"] or 0)))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        influx = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Influx)
        threading.Thread(target=influx.serve_forever, daemon=True).start()
        self.addCleanup(influx.server_close)
        self.addCleanup(influx.shutdown)
        statsd = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(statsd.close)
        statsd.bind(("127.0.0.1", 0))
        statsd.setblocking(False)
        control, state = self.folder / "control.sock", self.folder / "state"
        state.mkdir()
        daemon = subprocess.Popen(
            [PROGRAMS.gend, "--control", control, "--metrics", self.folder / "metrics.sock",
             "--state", state, "--shards", "1", "--no-pin"], stderr=subprocess.PIPE)
        with peers.Misbehaving(echo) as server:
            (self.folder / "plan.yaml").write_text(PLAN.format(url=server.url) +
                                                   '      - get: "/by/${API_KEY}"\n', "utf-8")
            while self.genctl("--socket", control, "status").returncode != 0:
                self.assertIsNone(daemon.poll())
            done = self.genctl("--socket", control, "run", "plan.yaml",
                               "-o", f"influxdb=http://127.0.0.1:{influx.server_port}/k6",
                               "-o", f"statsd=127.0.0.1:{statsd.getsockname()[1]}",
                               env={"API_KEY": SECRET})
        written = {name: self.genctl("--socket", control, "report", "--format", name).stdout
                   for name in FORMS}
        written["metrics"] = self.genctl("--socket", control, "metrics").stdout
        daemon.terminate()
        written["journal"] = daemon.communicate(timeout=30)[1]
        written["terminal"] = done.stdout + done.stderr
        written["influx"] = b"\n".join(taken)
        written["statsd"] = b""
        with contextlib.suppress(BlockingIOError):
            while True:
                written["statsd"] += statsd.recv(65536)
        for file in state.iterdir():
            written[file.name] = file.read_bytes()
        # What is packed in the database is what the run file holds.
        self.find_no_secret(written)
        self.assertEqual(done.returncode, 99, written["terminal"])
        self.assertIn(b'who="***"', written["metrics"])
        self.assertIn(b"who=***", written["influx"])
        self.assertIn(b"gend.http_reqs", written["statsd"])
        self.assertIn(b"/by/***", written["json"])

    def test_a_path_that_cannot_be_written_ends_it_before_a_packet_is_sent(self):
        with peers.Misbehaving(echo) as server:
            for option in FORMS.values():
                done = self.run_plan(server.url, "--markdown" if option != "--markdown" else
                                     "--junit", "good", option, self.folder / "nowhere" / "x")
                self.assertEqual(done.returncode, 2)
                self.assertIn(f"{option} ".encode(), done.stderr)
                self.assertIn(b"No such file or directory", done.stderr)
                self.assertFalse((self.folder / "good").exists())
            done = self.run_plan(server.url, "--junit", "same", "--markdown", "./same")
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"--markdown and --junit name the same file", done.stderr)
            self.assertEqual(server.connections, 0)

    def test_what_is_no_run_file_is_said_to_be_none(self):
        for name, text in (("empty.x", b""), ("cut.x", b"GENDRUN\x01xx"), ("list.json", b"[1]")):
            (self.folder / name).write_bytes(text)
            done = self.genctl("report", name)
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            self.assertIn(name.encode(), done.stderr)
        done = self.genctl("report", "missing.x")
        self.assertEqual(done.returncode, 2)
        done = self.genctl("--socket", "nobody.sock", "report")
        self.assertEqual(done.returncode, 91)


if __name__ == "__main__":
    unittest.main()
