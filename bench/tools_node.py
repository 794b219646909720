"""The contenders of bench/peers, exactly those of its lockfile: autocannon and Artillery."""

import json
import os
import shutil
import subprocess
import tempfile

from measure import Failed, last_words, row
from tools import Tool

PEERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers")
# What Artillery manages a second, roughly: it is given as much work, since it cannot be told to go
# on for a time.
ARTILLERY_RATE = 1000


def install():
    """npm's, without running scripts of theirs, and without Artillery's telemetry, which would look
    a name up before anything."""
    if not os.path.exists(f"{PEERS}/node_modules/.package-lock.json"):
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=PEERS,
                       check=True, stdout=subprocess.DEVNULL)
    silence()


def silence():
    shutil.rmtree(f"{PEERS}/node_modules/posthog-node", ignore_errors=True)


class NodeTool(Tool):
    def missing(self):
        return None if shutil.which("node") and os.path.exists(self.binary) else "not installed"

    @property
    def binary(self):
        return f"{PEERS}/node_modules/.bin/{self.command}"


class Autocannon(NodeTool):
    name = command = "autocannon"

    def measure(self, load):
        more = ["-R", load.rate] if load.rate else []
        # Its own -D 1, a connection for every response, finishes nothing.
        more += ["-H", "connection=close"] if load.reconnect else []
        sample = self.run("node", self.binary, "-j", "-c", load.connections, "-d", load.seconds,
                          "-t", 20, *more, load.url)
        try:
            said = json.loads(sample.out)
        except ValueError:
            raise Failed(last_words(sample.err or sample.out)) from None
        answered = said["1xx"] + said["2xx"] + said["3xx"] + said["4xx"] + said["5xx"]
        latency = said["latency"]
        return row(sample, answered, said["errors"] + said["non2xx"], said["duration"],
                   percentiles={"p50": latency["p50"], "p90": latency["p90"], "p99": latency["p99"],
                                "p99.9": latency["p99_9"]})


class Artillery(NodeTool):
    """A closed loop as well as it can: its users loop over a fixed number of requests."""

    name, command = "Artillery", "artillery"

    def __init__(self, bench):
        super().__init__(bench)
        self.starts = {}  # CPU seconds and requests of a loop of one, by users

    def cannot(self, load):
        if load.reconnect:
            return "keeps a user's connection"
        if load.rate > 1000:
            return "far beyond what it can do"
        if not load.rate and load.connections not in (64, 1000):
            return "only tried with 64 and 1,000 users"
        return None

    def script(self, load):
        """With a rate each arrival is a user of its own; they share the connections."""
        if load.rate:
            phase = {"duration": load.seconds, "arrivalRate": load.rate}
            flow, http = [{"get": {"url": load.path}}], {"pool": load.connections, "timeout": 20}
        else:
            count = max(1, round(ARTILLERY_RATE * load.seconds / load.connections))
            phase = {"duration": 1, "arrivalCount": load.connections}
            flow, http = [{"loop": [{"get": {"url": load.path}}], "count": count}], {"timeout": 20}
        origin = load.url.removesuffix(load.path)
        return {"config": {"target": origin, "phases": [phase], "http": http,
                           "tls": {"rejectUnauthorized": False}},
                "scenarios": [{"flow": flow}]}

    def carry_out(self, script):
        """Runs a script: what it used, and the sums of its report."""
        silence()
        with tempfile.TemporaryDirectory(prefix="gend-bench-") as folder:
            with open(f"{folder}/script.json", "w", encoding="utf-8") as file:
                json.dump(script, file)
            sample = self.run("node", self.binary, "run", "--quiet", "--output",
                              f"{folder}/report.json", f"{folder}/script.json",
                              env={"ARTILLERY_DISABLE_TELEMETRY": "true"})
            try:
                with open(f"{folder}/report.json", encoding="utf-8") as file:
                    return sample, json.load(file)["aggregate"]
            except OSError:
                raise Failed(last_words(sample.err or sample.out)) from None

    def measure(self, load):
        return self.figures(load.seconds, *self.carry_out(self.script(load)), paced=load.rate)

    def measure_steady(self, load):
        """As measure, and CPU for a request without what starting costs (`steady_us`): seconds,
        which a longer run would share out among more requests."""
        whole = self.measure(load)
        if load.connections not in self.starts:
            script = self.script(load)
            script["scenarios"][0]["flow"][0]["count"] = 1
            sample, report = self.carry_out(script)
            self.starts[load.connections] = sample.cpu, report["counters"]["http.responses"]
        cpu, requests = self.starts[load.connections]
        rest = max(whole["requests"] - requests, 1)
        return {**whole, "steady_us": (whole["cpu_us"] * whole["requests"] - cpu * 1e6) / rest}

    @staticmethod
    def figures(seconds, sample, report, paced=0):
        counters = report["counters"]
        answered = counters.get("http.responses", 0)
        errors = sum(count for name, count in counters.items() if name.startswith("errors.")
                     or name.startswith("http.codes.") and name[11] in "45")
        took = (report["lastMetricAt"] - report["firstMetricAt"]) / 1000
        times = report.get("summaries", {}).get("http.response_time", {})
        named = {"p50": "p50", "p90": "p90", "p95": "p95", "p99": "p99", "p99.9": "p999"}
        return row(sample, answered, errors, max(seconds if paced else took, 0.001),
                   percentiles={mine: times[its] for mine, its in named.items() if its in times})
