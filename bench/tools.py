"""One adapter for each contender: whether it is there, what it cannot do, and how its words are
read.

An adapter's `measure` gives the figures of measure.row and, where the tool says so, `percentiles`
in ms. It raises measure.Failed when the tool did not do its job."""

import dataclasses
import json
import os
import re
import shutil
import tempfile

import measure
from measure import Failed, row
from percentiles import SHARES, nearest_rank


@dataclasses.dataclass
class Load:
    """What a contender is asked for."""

    port: int
    connections: int
    seconds: float
    path: str = "/"
    tls: bool = False
    reconnect: bool = False  # a connection for every request
    rate: int = 0            # requests a second of an open model; 0: as fast as answers come
    exact: bool = False      # also percentiles that cost the tool more: a log of each request

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}{self.path}"


def number(pattern, text, default=None):
    found = re.search(pattern, text, re.MULTILINE)
    if found:
        return float(found.group(1))
    if default is None:
        raise Failed(f"its output has no {pattern!r}: {measure.last_words(text)}")
    return default


class Tool:
    """`bench` has the build directory, `launch`, and `around`: what a run is put under."""

    name = command = ""

    def __init__(self, bench):
        self.bench = bench

    def missing(self):
        """Why it cannot be run at all; None when it can."""
        return None if shutil.which(self.command) else "not installed"

    def cannot(self, load):  # pylint: disable=unused-argument
        """Why it cannot do this; None when it can."""
        return None

    def run(self, *command, **more):
        return measure.run(self.bench.launch, [*self.bench.around, *command],
                           env=self.bench.environment | more.pop("env", {}), **more)


class Wrk(Tool):
    name = command = "wrk"

    def cannot(self, load):
        return "no open model" if load.rate and not load.exact else None

    def measure(self, load, script=None):
        close = ["-H", "Connection: close"] if load.reconnect else []
        more = ["-s", script] if script else []
        sample = self.run("wrk", "-t1", f"-c{load.connections}", f"-d{load.seconds}s", "--latency",
                          "--timeout", "20s", *close, *more, load.url)
        found = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m)", sample.out)
        if not found:
            raise Failed(measure.last_words(sample.out + sample.err))
        sockets = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)",
                            sample.out)
        errors = sum(map(int, sockets.groups())) if sockets else 0
        if load.reconnect:
            errors -= int(sockets.group(2)) if sockets else 0  # it takes each end for an error
        errors += int(number(r"Non-2xx or 3xx responses: (\d+)", sample.out, 0))
        seconds = float(found.group(2)) * {"ms": 0.001, "s": 1, "m": 60}[found.group(3)]
        return row(sample, int(found.group(1)), errors, seconds,
                   percentiles=self.percentiles(sample.out))

    @staticmethod
    def percentiles(text):
        unit = {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}
        return {f"p{share}": float(value) * unit[name] for share, value, name in
                re.findall(r"^ +(50|90|99)% +([\d.]+)(us|ms|s|m)$", text, re.MULTILINE)}


class H2load(Tool):
    name = command = "h2load"

    def cannot(self, load):
        if load.reconnect:
            return "keeps its connections"
        return None

    def measure(self, load):
        paced = [f"--rps={load.rate / load.connections:g}"] if load.rate else []
        with tempfile.NamedTemporaryFile(prefix="gend-bench-") as log:
            logged = [f"--log-file={log.name}"] if load.exact else []
            sample = self.run("h2load", "--h1", "-t1", f"-c{load.connections}", f"-D{load.seconds}",
                              *paced, *logged, load.url)
            durations = [int(line.split("\t")[2]) / 1000 for line in
                         log.read().decode().splitlines()] if load.exact else []
        found = re.search(r"(\d+) done, (\d+) succeeded, (\d+) failed, \d+ errored, \d+ timeout",
                          sample.out)
        if not found:
            raise Failed(measure.last_words(sample.out + sample.err))
        _, succeeded, failed = map(int, found.groups())
        more = {"percentiles": ranks(durations)} if durations else {}
        return row(sample, succeeded, failed, load.seconds, **more)


def ranks(milliseconds):
    return {name: nearest_rank(milliseconds, share) for name, share in SHARES.items()}


class Hey(Tool):
    name = command = "hey"

    def measure(self, load):
        more = ["-q", f"{load.rate / load.connections:g}"] if load.rate else []
        more += ["-disable-keepalive"] if load.reconnect else []
        more += ["-o", "csv"] if load.exact else []
        sample = self.run("hey", "-z", f"{load.seconds}s", "-c", load.connections, "-cpus", 1,
                          *more, load.url)
        if load.exact:
            return self.of_csv(load, sample)
        seconds = number(r"^ *Total:\s+([\d.]+) secs", sample.out)
        codes = {int(code): int(count) for code, count in
                 re.findall(r"^ *\[(\d{3})\]\s+(\d+) responses", sample.out, re.MULTILINE)}
        # Its table of statuses ends at 1,000,000 results, its rate does not.
        rate = number(r"^ *Requests/sec:\s+([\d.]+)", sample.out)
        failed = self.errors(load, sample.out, codes)
        return row(sample, round(rate * seconds) - failed, failed, seconds)

    @staticmethod
    def errors(load, text, codes):
        """What it lists as errors, less the requests that it cut off itself in the end."""
        section = text.split("Error distribution:")[1] if "Error distribution:" in text else ""
        counted = [(int(count), words) for count, words in
                   re.findall(r"^ *\[(\d+)\]\s+(.*)$", section, re.MULTILINE)]
        cut = sum(count for count, words in counted if "canceled" in words)
        unexpected = sum(count for code, count in codes.items() if code >= 400)
        return sum(count for count, _ in counted) - min(cut, load.connections) + unexpected

    @staticmethod
    def of_csv(load, sample):
        lines = [line.split(",") for line in sample.out.splitlines()[1:]]
        times = [float(line[0]) * 1000 for line in lines if len(line) > 6]
        if not times:
            raise Failed(measure.last_words(sample.err))
        failed = sum(int(line[6]) >= 400 for line in lines if len(line) > 6)
        return row(sample, len(times), failed, load.seconds, percentiles=ranks(times))


class Ab(Tool):
    name = command = "ab"

    def cannot(self, load):
        if load.rate:
            return "no open model"
        return None

    def measure(self, load):
        # -n after -t, or it would end at 50,000 requests. It keeps some 40 bytes of each.
        keep = [] if load.reconnect else ["-k"]
        sample = self.run("ab", "-q", "-r", "-l", "-d", *keep, "-c", load.connections,
                          "-t", load.seconds, "-n", 5000000, load.url)
        # -r counts a failure twice, as receive and as length or exception; nothing is asked twice.
        failed = int(number(r"^Failed requests:\s+(\d+)", sample.out))
        failed += int(number(r"^Non-2xx responses:\s+(\d+)", sample.out, 0))
        complete = int(number(r"^Complete requests:\s+(\d+)", sample.out))
        seconds = number(r"^Time taken for tests:\s+([\d.]+)", sample.out)
        return row(sample, complete - failed, failed, seconds)


class OpensslTime(Tool):
    """openssl s_time: one connection at a time, a handshake and a request on each."""

    name, command = "openssl s_time", "openssl"

    def cannot(self, load):
        return None if load.tls and load.reconnect else "only makes handshakes"

    def measure(self, load):
        sample = self.run("openssl", "s_time", "-connect", f"127.0.0.1:{load.port}", "-new",
                          "-tls1_3", "-time", load.seconds, "-www", load.path)
        done = int(number(r"^(\d+) connections in \d+ real seconds", sample.out))
        return row(sample, done, 0, load.seconds)


class Bare(Tool):
    """What the kernel alone costs: bench/bare_ring and bench/bare_epoll count from their first
    request to their last, connecting left out."""

    program = ""

    def __init__(self, bench, name, *arguments):
        super().__init__(bench)
        self.name, self.arguments = name, arguments

    def missing(self):
        return None if os.path.exists(self.path) else "not built"

    @property
    def path(self):
        return f"{self.bench.build}/bench/{self.program}"

    def cannot(self, load):
        return "keeps its connections" if load.reconnect else "no TLS" if load.tls else \
            "no open model" if load.rate else None

    def measure(self, load):
        sample = self.run(self.path, "127.0.0.1", load.port, load.path, load.connections,
                          load.seconds, *self.arguments)
        said = json.loads(sample.out)
        if not said["requests"]:
            raise Failed("received nothing")
        switches = said["voluntary_switches"] + said["involuntary_switches"]
        return {**row(sample, said["requests"], 0, said["seconds"]), "rate": said["rate"],
                "cpu_us": said["cpu_us_per_request"], "user_us": said["user_us_per_request"],
                "system_us": said["cpu_us_per_request"] - said["user_us_per_request"],
                "switches": switches / said["requests"], "syscalls": said["enters_per_request"]}


class BareRing(Bare):
    program = "bare_ring"


class BareEpoll(Bare):
    program = "bare_epoll"
