"""What the end-to-end tests share: gend's programs, and targets that behave badly on purpose."""

import base64
import hmac
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until_listening(port):
    for _ in range(500):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"nothing listens on port {port}")


def nginx_temporary_paths(folder):
    """Where an nginx that is not root's may write."""
    return "\n".join(f"{kind}_temp_path {folder};"
                     for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))


class Programs:
    def __init__(self, gend, genctl, gentarget):
        self.gend, self.genctl, self.gentarget = map(os.path.abspath, (gend, genctl, gentarget))

    @staticmethod
    def from_arguments():
        programs = Programs(*sys.argv[1:4])
        del sys.argv[1:4]
        return programs


class Finished:
    """A finished `genctl run`: exit code, output, summary."""

    def __init__(self, process, summary):
        self.code, self.out, self.err = process.returncode, process.stdout, process.stderr
        self.summary = summary

    def requests(self):
        return self.summary["metrics"]["http_reqs"]["values"]["count"]

    def errors(self):
        total = {}
        for row in self.summary["http"]:
            for name, count in row["errors"].items():
                total[name] = total.get(name, 0) + count
        return total

    def session_errors(self):
        """What went wrong with sessions, by how."""
        return {name: row["count"] for name, row in self.summary["errors"].items()}

    def __str__(self):
        return f"exit {self.code}\n{self.out}\n{self.err}"


def run_plan(programs, text, *options, timeout=60, prefix=(), env=None, folder=None):
    """Runs a plan that stands in `folder`, beside its data, or in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="gend-e2e-") as own:
        folder = folder or own
        plan, summary = os.path.join(folder, "plan.yaml"), os.path.join(folder, "summary.json")
        with open(plan, "w") as f:
            f.write(text)
        process = subprocess.run(
            [*prefix, programs.genctl, "run", plan, "--local", "--summary-json", summary, *options],
            capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL,
            env={**os.environ, "NO_COLOR": "1", **(env or {})})
        result = None
        if os.path.exists(summary):
            with open(summary) as f:
                result = json.load(f)
        return Finished(process, result)


class Gentarget:
    def __init__(self, programs, *options, listen="127.0.0.1:0"):
        self.process = subprocess.Popen([programs.gentarget, "--listen", listen, *options],
                                        stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.url = line.split()[3]

    def counts(self):
        with urllib.request.urlopen(self.url + "/counts", timeout=10) as answer:
            return json.load(answer)

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return answer.read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=10)
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Nginx:
    """nginx on a free port, with an access log as the truth of what it served."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="gend-e2e-nginx-")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        config = os.path.join(self.folder, "nginx.conf")
        paths = nginx_temporary_paths(self.folder)
        with open(config, "w") as f:
            f.write(f"""
daemon off; master_process off; pid {self.folder}/pid; error_log {self.folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  {paths}
  log_format served "$request_method $uri $status";
  access_log {self.folder}/access.log served;
  keepalive_requests 100;
  server {{
    listen 127.0.0.1:{self.port};
    location / {{ return 200 "Hello, world\\n"; }}
    location /missing {{ return 404; }}
    location /broken {{ return 503; }}
    location /created {{ return 201 "made\\n"; }}
  }}
}}
""")
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        self.process = subprocess.Popen([nginx, "-c", config, "-p", self.folder],
                                        stderr=subprocess.DEVNULL)
        wait_until_listening(self.port)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=10)

    def served(self):
        with open(os.path.join(self.folder, "access.log")) as f:
            return [line.split() for line in f]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


FOLDER = pathlib.Path(__file__).resolve().parent.parent / "peers"
DEBIAN_PYTHON = "/usr/bin/python3"  # its python3-websockets is the peer


class Peer:
    """A server of other people (tests/peers) on a port of its own, its counts as the truth."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=FOLDER)
        self.port = int(self.process.stdout.readline().split()[1])
        self.url = f"http://127.0.0.1:{self.port}"

    @staticmethod
    def why_not():
        """Why there are no such servers here, or nothing."""
        if not (FOLDER / "node_modules").exists():
            return "tests/peers is not installed: scripts/peers.sh"
        return None

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.load(answer)

    def counts(self):
        return self.get("/counts")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=10)
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def socketio(version=4, **options):
    return Peer("node", "socketio_server.js", json.dumps({"version": version, **options}))


def ws(**options):
    return Peer("node", "ws_server.js", json.dumps(options))


def websockets(**options):
    return Peer(DEBIAN_PYTHON, "ws_python.py", json.dumps(options))


def token(claims, secret=b"village secret"):
    """A JSON Web Token as the village servers of tests/peers take it."""
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")
    text = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    return (text + b"." + part(hmac.digest(secret, text, "sha256"))).decode()


class Misbehaving:
    """A server on a thread that does `behave(connection, number)` with each connection."""

    def __init__(self, behave, backlog=512):
        self.behave, self.connections = behave, 0
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(backlog)
        self.url = "http://127.0.0.1:%d" % self.socket.getsockname()[1]
        self.open, self.running = [], True
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while self.running:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            self.open.append(connection)
            threading.Thread(target=self.one, args=(connection, self.connections),
                             daemon=True).start()

    def one(self, connection, number):
        try:
            self.behave(connection, number)
        except OSError:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.running = False
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for connection in self.open:
            connection.close()


def read_request(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    return data


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
