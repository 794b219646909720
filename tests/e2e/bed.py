"""What the end-to-end tests share: a target, daemons and clients on real sockets, in one temporary
directory. Python's standard library only."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time

PATIENCE = 60  # seconds until something that must happen counts as never happening


def eventually(what, condition):
    """Waits for a state of another process; no test depends on how long that takes."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"never happened: {what}")


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("gend", timeout=PATIENCE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def ask(path, method, url, body=None):
    """One call of the API: status and body."""
    connection = UnixConnection(path)
    with contextlib.closing(connection):
        connection.request(method, url, body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


class Bed:
    """The programs under test, and a directory. Everything started here ends with it."""

    def __init__(self, gend, genctl, gentarget):
        self.gend, self.genctl, self.gentarget = gend, genctl, gentarget
        self.temporary = tempfile.TemporaryDirectory(prefix="gend-e2e-")
        self.dir = pathlib.Path(self.temporary.name)
        self.socket = self.dir / "control.sock"
        self.metrics = self.dir / "metrics.sock"
        self.state = self.dir / "state"
        self.processes = []
        self.target = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.communicate()
        self.temporary.cleanup()

    def start(self, *command, **more):
        process = subprocess.Popen([str(each) for each in command], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   stdin=subprocess.DEVNULL, env=self.environment(), **more)
        self.processes.append(process)
        return process

    def environment(self):
        names = {k: v for k, v in os.environ.items() if not k.startswith("GEND_")}
        return names | {"GEND_BINARY": str(self.gend), "XDG_RUNTIME_DIR": str(self.dir)}

    def start_target(self):
        process = self.start(self.gentarget, "--listen", "127.0.0.1:0")
        found = re.search(r"http://([\d.]+:\d+)", process.stdout.readline())
        assert found, process.stderr.read()
        self.target = found.group(1)

    def truth(self):
        """What the target itself has counted."""
        connection = http.client.HTTPConnection(self.target, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", "/counts")
            return json.loads(connection.getresponse().read())

    def start_gend(self, *more):
        process = self.start(self.gend, "--control", self.socket, "--state", self.state, "--no-pin",
                             "--shards", "2", *more)
        eventually("gend answers", lambda: self.answers() or process.poll() is not None)
        return process

    def answers(self):
        try:
            return ask(self.socket, "GET", "/v1/version")[0] == 200
        except OSError:
            return False

    def ctl(self, *arguments, **more):
        """Starts genctl on this bed's socket."""
        return self.start(self.genctl, "--socket", self.socket, *arguments, **more)

    def ctl_done(self, *arguments, **more):
        return done(self.ctl(*arguments, **more))

    def plan(self, seconds, name="small", path="/", thresholds="", graceful=5):
        file = self.dir / f"{name}.yaml"
        file.write_text(
            f"name: {name}\ntarget: http://{self.target}\nseed: 1\n{thresholds}"
            "scenarios:\n  visit:\n    executor: constant-vus\n    vus: 3\n"
            f"    duration: {seconds}s\n    gracefulStop: {graceful}s\n    flow:\n      - get: {path}\n"
            "      - think: 10ms\n", encoding="utf-8")
        return file

    def run_id(self):
        """The id of the active run, as soon as there is one."""
        def active():
            run = json.loads(ask(self.socket, "GET", "/v1/status")[1])["run"]
            return run and run["state"] == "running" and run["id"]
        return eventually("a run is going on", active)

    def runs(self):
        return json.loads(ask(self.socket, "GET", "/v1/runs")[1])["runs"]


def done(process):
    """Its exit code, standard output and standard error, when it has ended."""
    output, errors = process.communicate(timeout=PATIENCE)
    return process.returncode, output, errors


def interrupt(process):
    process.send_signal(signal.SIGINT)
