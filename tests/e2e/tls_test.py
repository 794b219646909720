#!/usr/bin/env python3
"""TLS against real servers: nginx and Node count what they served, and every certificate that is
wrong is told by its own name."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from peers import (Programs, free_port, nginx_temporary_paths, run_plan,
                   wait_until_listening)

programs = Programs.from_arguments()

PLAN = """
name: tls
target: https://127.0.0.1:%(port)d
defaults:
  tls: %(tls)s
  timeout: {connect: 20s, total: 30s}
%(more)s
scenarios:
  main:
    executor: %(executor)s
    gracefulStop: 10s
    flow: [{get: /}]
"""
SHARED = "shared-iterations\n    vus: %d\n    iterations: %d\n    maxDuration: 60s"


def openssl(*arguments, **more):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, **more)


class Certificates:
    """An authority, and certificates of all kinds, in one folder."""

    def __init__(self, folder):
        self.folder = folder
        self.make_key("ca")
        openssl("req", "-x509", "-new", "-key", self.key("ca"), "-subj", "/CN=ca", "-days", "2",
                "-out", self.cert("ca"))
        self.issue("good", "IP:127.0.0.1,DNS:app.test")
        self.issue("wrong", "DNS:other.test")
        self.issue("me", "DNS:me.test")
        self.issue("expired", "IP:127.0.0.1", until="20200102000000Z")
        self.make_key("alone")
        openssl("req", "-x509", "-new", "-key", self.key("alone"), "-subj", "/CN=alone",
                "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2", "-out",
                self.cert("alone"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def cert(self, name):
        return self.path(name + ".pem")

    def key(self, name):
        return self.path(name + ".key")

    def make_key(self, name):
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
                self.key(name))

    def issue(self, name, alternatives, until=None):
        """With `openssl ca`, which can say when a certificate ends, also in the past."""
        self.make_key(name)
        request, config = self.path(name + ".csr"), self.path(name + ".cnf")
        openssl("req", "-new", "-key", self.key(name), "-subj", "/CN=" + name, "-out", request)
        with open(self.path("index.txt"), "w"):
            pass
        with open(config, "w") as f:
            f.write(f"[ca]\ndefault_ca=c\n[c]\ndatabase={self.path('index.txt')}\n"
                    f"new_certs_dir={self.folder}\ndefault_md=sha256\npolicy=p\nrand_serial=yes\n"
                    "x509_extensions=e\nunique_subject=no\n[p]\ncommonName=supplied\n"
                    f"[e]\nsubjectAltName={alternatives}\n")
        days = ["-startdate", "20200101000000Z", "-enddate", until] if until else ["-days", "2"]
        openssl("ca", "-batch", "-notext", "-config", config, "-cert", self.cert("ca"),
                "-keyfile", self.key("ca"), "-in", request, "-out", self.cert(name), *days)


class Server:
    """A process that listens on `port`; ends with the test."""

    def __init__(self, command, port, stdout=None):
        self.port = port
        self.process = subprocess.Popen(command, stdout=stdout, stderr=subprocess.DEVNULL)
        wait_until_listening(port)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=10)


class Nginx(Server):
    def __init__(self, certificates, name="good", protocols="TLSv1.2 TLSv1.3", more=""):
        self.folder = tempfile.mkdtemp(prefix="gend-e2e-tls-")
        port = free_port()
        config = os.path.join(self.folder, "nginx.conf")
        paths = nginx_temporary_paths(self.folder)
        with open(config, "w") as f:
            f.write(f"""
daemon off; master_process off; pid {self.folder}/pid; error_log {self.folder}/error.log;
worker_rlimit_nofile 4096; events {{ worker_connections 2048; }}
http {{
  {paths}
  log_format served
    "$status $ssl_protocol $ssl_session_reused $connection $ssl_alpn_protocol $ssl_client_s_dn";
  access_log {self.folder}/access.log served;
  keepalive_requests 100000;
  server {{
    listen 127.0.0.1:{port} ssl backlog=4096;
    ssl_certificate {certificates.cert(name)};
    ssl_certificate_key {certificates.key(name)};
    ssl_protocols {protocols}; ssl_session_cache shared:s:1m; {more}
    location / {{ return 200 "Hello, world\\n"; }}
  }}
}}
""")
        super().__init__([shutil.which("nginx") or "/usr/sbin/nginx", "-c", config, "-p",
                          self.folder], port)

    def served(self):
        """Rows of the access log; complete when nginx has ended."""
        self.stop()
        with open(os.path.join(self.folder, "access.log")) as f:
            return [line.split(" ", 5) for line in f.read().splitlines()]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Node(Server):
    """Node's own https server. Ends with what it counted on its standard output."""

    BODY = 50000
    SCRIPT = """
const fs = require('fs'), [key, cert, port, version, body] = process.argv.slice(1);
const counts = {requests: 0, connections: {}};
const server = require('https').createServer(
    {key: fs.readFileSync(key), cert: fs.readFileSync(cert), minVersion: version,
     maxVersion: version, keepAliveTimeout: 60000},
    (request, response) => { ++counts.requests; response.end('x'.repeat(+body)); });
server.on('secureConnection', socket => {
  const kind = socket.getProtocol() + ' ' + socket.alpnProtocol;
  counts.connections[kind] = (counts.connections[kind] || 0) + 1;
});
process.on('SIGTERM', () => { console.log(JSON.stringify(counts)); process.exit(0); });
server.listen({port: +port, host: '127.0.0.1', backlog: 4096});
"""

    def __init__(self, certificates, version):
        port = free_port()
        self.out = tempfile.TemporaryFile("w+")
        super().__init__(["node", "-e", self.SCRIPT, "--", certificates.key("good"),
                          certificates.cert("good"), str(port), version, str(self.BODY)], port,
                         stdout=self.out)

    def counts(self):
        self.stop()
        self.out.seek(0)
        return json.load(self.out)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.out.close()


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="gend-e2e-tls-")
        cls.certificates = Certificates(cls.temporary.name)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def run_against(self, port, tls=None, users=4, iterations=40, more=""):
        if tls is None:
            tls = "{ca: %s}" % self.certificates.cert("ca")
        run = run_plan(programs, PLAN % {"port": port, "tls": tls, "more": more,
                                         "executor": SHARED % (users, iterations)}, timeout=120)
        self.assertIsNotNone(run.summary, run)
        return run

    def assert_all_well(self, run, requests):
        self.assertEqual(run.code, 0, run)
        self.assertEqual(run.errors(), {}, run)
        self.assertEqual(run.requests(), requests, run)

    def test_a_thousand_connections_to_nginx_are_made_and_kept(self):
        for protocol in ("TLSv1.2", "TLSv1.3"):
            with self.subTest(protocol), Nginx(self.certificates, protocols=protocol) as nginx:
                run = self.run_against(nginx.port, users=1000, iterations=3000)
                self.assert_all_well(run, 3000)
                rows = nginx.served()
                self.assertEqual(len(rows), 3000, "every request is in the log")
                self.assertEqual({row[1] for row in rows}, {protocol})
                self.assertEqual({row[4] for row in rows}, {"http/1.1"}, "ALPN")
                self.assertEqual(len({row[3] for row in rows}), 1000)
                self.assertEqual(run.summary["tls"]["handshakes"], 1000)
                self.assertFalse(run.summary["run"]["insecure"])

    def test_a_thousand_connections_to_node_are_made_and_kept(self):
        for protocol in ("TLSv1.2", "TLSv1.3"):
            with self.subTest(protocol), Node(self.certificates, protocol) as node:
                run = self.run_against(node.port, users=1000, iterations=3000)
                self.assert_all_well(run, 3000)
                counts = node.counts()
                self.assertEqual(counts["requests"], 3000)
                self.assertEqual(counts["connections"], {protocol + " http/1.1": 1000})
                self.assertEqual(run.summary["tls"]["handshakes"], 1000)
                received = run.summary["metrics"]["data_received"]["values"]["count"]
                self.assertGreaterEqual(received, 3000 * Node.BODY)

    def test_resumed_sessions_are_counted_as_the_server_counts_them(self):
        for resume, protocol in ((True, "TLSv1.2"), (True, "TLSv1.3"), (False, "TLSv1.3")):
            with self.subTest(resume=resume, protocol=protocol), \
                    Nginx(self.certificates, protocols=protocol) as nginx:
                tls = "{ca: %s, resume: %s}" % (self.certificates.cert("ca"), str(resume).lower())
                run = self.run_against(nginx.port, tls, users=2, iterations=30,
                                       more="  connection: {keepAlive: false}")
                self.assert_all_well(run, 30)
                by_server = sum(row[2] == "r" for row in nginx.served())
                self.assertEqual(run.summary["tls"]["handshakes"], 30)
                self.assertEqual(run.summary["tls"]["resumed"], by_server)
                self.assertGreaterEqual(by_server, 20) if resume else self.assertEqual(by_server, 0)

    def test_what_is_wrong_with_a_certificate_has_its_own_words(self):
        for name, error, words in (
                ("expired", "tls.certificate_expired", "expired"),
                ("alone", "tls.certificate_self_signed", "sign"),
                ("wrong", "tls.wrong_name", "name")):
            with self.subTest(name), Nginx(self.certificates, name) as nginx:
                run = self.run_against(nginx.port, iterations=8)
                self.assertEqual(run.errors(), {error: 8}, run)
                self.assertRegex(run.out, re.escape(error) + ".*" + words)
                self.assertEqual(nginx.served(), [], "nothing was sent to it")

    def test_verify_false_connects_and_says_that_it_is_insecure(self):
        with Nginx(self.certificates, "alone") as nginx:
            run = self.run_against(nginx.port, "{verify: false}")
            self.assert_all_well(run, 40)
            self.assertTrue(run.summary["run"]["insecure"])
            self.assertIn("insecure: certificates are not verified", run.out)

    def test_a_server_name_of_its_own_is_what_must_be_proven(self):
        with Nginx(self.certificates) as nginx:
            ca = self.certificates.cert("ca")
            self.assert_all_well(
                self.run_against(nginx.port, "{ca: %s, serverName: app.test}" % ca), 40)
        with Nginx(self.certificates) as nginx:
            run = self.run_against(nginx.port, "{ca: %s, serverName: me.test}" % ca, iterations=8)
            self.assertEqual(run.errors(), {"tls.wrong_name": 8}, run)

    def test_a_client_certificate_is_shown_and_without_one_nothing_is_served(self):
        want = f"ssl_client_certificate {self.certificates.cert('ca')}; ssl_verify_client on;"
        name = self.certificates
        with Nginx(name, more=want) as nginx:
            run = self.run_against(nginx.port, "{ca: %s, cert: %s, key: %s}" % (
                name.cert("ca"), name.cert("me"), name.key("me")))
            self.assert_all_well(run, 40)
            self.assertEqual({row[5] for row in nginx.served()}, {"CN=me"})
        with Nginx(name, more=want) as nginx:  # nginx answers 400, in TLS
            run = self.run_against(nginx.port, iterations=8)
            self.assertEqual(run.errors(), {"status.4xx": 8}, run)

    def test_a_server_that_speaks_no_tls_is_told(self):
        with Nginx(self.certificates) as nginx:
            plain = PLAN.replace("https:", "http:").replace("  tls: %(tls)s\n", "")
            run = run_plan(programs, plain % {"port": nginx.port, "more": "",
                                              "executor": SHARED % (1, 4)})
            self.assertEqual(run.errors(), {"status.4xx": 4}, run)


if __name__ == "__main__":
    unittest.main(verbosity=2)
