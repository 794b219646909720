"""What the tests of gentarget's WebSockets and Socket.IO share: the target and an independent client."""

import asyncio
import base64
import hashlib
import hmac
import http.client
import json
import subprocess
import time

import websockets

from peers import Programs

programs = Programs.from_arguments()
WAIT = 20


class Target:
    def __init__(self, *options):
        self.process = subprocess.Popen(
            [programs.gentarget, "--listen", "127.0.0.1:0", "--threads", "2", *options],
            stdout=subprocess.PIPE, text=True)
        self.host = self.process.stdout.readline().split()[3].removeprefix("http://")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        assert self.process.wait(timeout=10) == 0
        self.process.stdout.close()

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.host, timeout=WAIT)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer, data

    def counts(self):
        return json.loads(self.ask("GET", "/counts")[1])

    def settled(self, condition):
        for _ in range(1000):
            counts = self.counts()
            if condition(counts):
                return counts
            time.sleep(0.01)
        raise AssertionError(counts)

    def socket(self, path, **options):
        options.setdefault("compression", None)
        return websockets.connect(f"ws://{self.host}{path}", open_timeout=WAIT, **options)


def run(work):
    return asyncio.run(asyncio.wait_for(work, 60))


def token(subject, secret="gend-demo", **claims):
    """An independent signer: RFC 7515 with Python's hmac."""
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    text = part(b'{"alg":"HS256","typ":"JWT"}') + "." + part(
        json.dumps({"sub": subject, **claims}).encode())
    return text + "." + part(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())
