"""The targets, each on the server's CPU, on 127.0.0.1 and on a port that was free."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

from measure import SERVER_CPU

# An answer of 1 KiB: what an application's list of things looks like.
JSON = json.dumps({"items": [{"id": 100000 + i, "name": f"thing number {i:02}", "price": 9.99}
                             for i in range(16)], "next": "c16", "ok": True})[:-1]
JSON += f', "pad": "{"x" * (1024 - len(JSON) - 12)}"}}'
assert len(JSON) == 1024 and json.loads(JSON)["next"] == "c16"

KIB_16, MIB_1 = 16 * 1024, 1024 * 1024

NGINX = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
{user}worker_rlimit_nofile 20000;
events {{ worker_connections 15000; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 300s;
  sendfile on; tcp_nopush on; open_file_cache max=16;
  client_body_temp_path {folder}; proxy_temp_path {folder};
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  ssl_certificate {folder}/certificate.pem; ssl_certificate_key {folder}/key.pem;
  ssl_protocols TLSv1.3; ssl_session_cache none; ssl_session_tickets off;
  server {{
    listen 127.0.0.1:{port} backlog=16384;
    listen 127.0.0.1:{tls_port} ssl backlog=16384;
    root {folder};
    location / {{ return 200 "Hello, world\\n"; }}
    location /items {{ default_type application/json; return 200 '{json}'; }}
    location /bytes/ {{ }}
    location /served {{ stub_status; }}
  }}
}}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port, what):
    for _ in range(200):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"{what} did not start")


def make_certificate(folder):
    """P-256, of nobody's authority: what is measured is the handshake, not the trust."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", f"{folder}/key.pem", "-out", f"{folder}/certificate.pem"], check=True, capture_output=True)


class Nginx:
    """nginx with one worker: 13 bytes at /, JSON of 1 KiB at /items, files at /bytes/N; the same
    over TLS 1.3 on its second port."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="gend-bench-")
        self.port, self.tls_port = free_port(), free_port()
        make_certificate(self.folder)
        os.mkdir(f"{self.folder}/bytes")
        for size in (KIB_16, MIB_1):
            with open(f"{self.folder}/bytes/{size}", "wb") as file:
                file.write(b"x" * size)
        path = f"{self.folder}/nginx.conf"
        with open(path, "w", encoding="utf-8") as file:
            file.write(NGINX.format(folder=self.folder, port=self.port, tls_port=self.tls_port,
                                    json=JSON, user="user root; " if os.geteuid() == 0 else ""))
        self.process = subprocess.Popen(
            ["taskset", "-c", SERVER_CPU, shutil.which("nginx") or "/usr/sbin/nginx",
             "-c", path, "-p", self.folder], stderr=subprocess.DEVNULL)
        wait_for(self.port, "nginx")

    def settle(self):
        """Waits until what the last client had open is closed: 10,000 connections take a moment."""
        for _ in range(200):
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/served", timeout=20) as page:
                if int(page.readline().split()[2]) < 50:
                    return
            time.sleep(0.05)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Started:
    """A target that prints where it listens, for a `with`."""

    def __init__(self, command, port_of, cpus=SERVER_CPU):
        self.process = subprocess.Popen(["taskset", "-c", cpus, *map(str, command)],
                                        stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{command[0]} did not start")
        self.port = port_of(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def ask(self, path):
        """What one of its own pages says."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text.startswith(b"{") else None


def gentarget(build, *options, cpus=SERVER_CPU):
    return Started([f"{build}/src/gentarget/gentarget", "--listen", "127.0.0.1:0", *options],
                   lambda line: int(line.split(":")[2].split()[0]), cpus)


def truth_target(build, *distribution):
    return Started([f"{build}/bench/truth_target", *distribution], int)
