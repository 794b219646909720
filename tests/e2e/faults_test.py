#!/usr/bin/env python3
"""Targets that misbehave: each fault is one named outcome, counted exactly, and nothing is lost."""

import socket
import threading
import time
import unittest

from peers import Gentarget, Misbehaving, Programs, read_request, reset, run_plan

programs = Programs.from_arguments()

PLAN = """
name: fault
target: %s
defaults: {timeout: {connect: 30s, total: 30s}}
scenarios:
  main:
    executor: constant-arrival-rate
    rate: 40
    duration: 1s
    maxVUs: 60
    gracefulStop: 5s
    flow: [{get: /}]
"""
BRIEF = PLAN.replace("connect: 30s, total: 30s", "connect: 500ms, total: 700ms")


def answers(data, then="close"):
    """Reads a request, sends `data` (again for each request), then closes, resets or stays."""

    def behave(connection, _):
        while read_request(connection):
            connection.sendall(data)
            if then == "reset":
                time.sleep(0.05)  # the bytes before the reset arrive, and are read, first
                return reset(connection)
            if then == "close":
                return connection.close()
        return None

    return behave


def resets_at_once(connection, _):
    read_request(connection)
    reset(connection)


def drips(connection, _):
    read_request(connection)
    for byte in b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello" * 10:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


class Faults(unittest.TestCase):
    def expect(self, behave, outcome, expected_total=40):
        # Others may take as long as this host makes them.
        plan = BRIEF if outcome.startswith("timeout.") else PLAN
        with Misbehaving(behave) as server:
            run = run_plan(programs, plan % server.url)
        self.assertEqual(run.code, 0, run)
        self.assertEqual(run.errors(), {outcome: expected_total}, run)
        self.assertEqual(run.requests(), expected_total)
        self.assertEqual(run.summary["metrics"]["http_req_failed"]["values"]["rate"], 1)
        self.assertEqual(run.summary["run"]["work"]["completed"], expected_total)
        self.assertIn(outcome, run.out)
        self.assertNotIn("host_limit", run.out)
        return run

    def test_refused(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))  # bound, but nobody listens
            run = run_plan(programs, PLAN % ("http://127.0.0.1:%d" % s.getsockname()[1]))
        self.assertEqual(run.errors(), {"connect.refused": 40}, run)

    def test_reset_before_the_response(self):
        self.expect(resets_at_once, "reset.before_response")

    def test_reset_in_the_body(self):
        self.expect(answers(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", "reset"),
                    "reset.in_response")

    def test_closed_before_the_response(self):
        self.expect(answers(b""), "closed.before_response")

    def test_closed_in_the_body(self):
        self.expect(answers(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"),
                    "closed.truncated")

    def test_closed_in_a_chunk(self):
        self.expect(answers(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel"),
                    "closed.truncated")

    def test_never_answers(self):
        run = self.expect(answers(b"", then="stay"), "timeout.total")
        duration = run.summary["metrics"]["http_req_duration"]["values"]
        self.assertGreater(duration["min"], 690)  # in the histogram, with the time it took

    def test_slow_drip_is_ended_by_the_total_timeout_though_bytes_keep_coming(self):
        self.expect(drips, "timeout.total")

    def test_garbage(self):
        self.expect(answers(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"), "malformed.status_line")

    def test_header_bomb(self):
        self.expect(answers(b"HTTP/1.1 200 OK\r\nx: " + b"a" * 200_000), "limit.header_bytes")

    def test_too_many_headers(self):
        self.expect(answers(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 1000 + b"\r\n"),
                    "limit.header_count")

    def test_endless_interim_responses(self):
        self.expect(answers(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000),
                    "limit.interim_responses")

    def test_conflicting_lengths(self):
        self.expect(answers(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc"),
                    "malformed.conflicting_length")

    def test_bad_chunk_size(self):
        self.expect(answers(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfive\r\n"),
                    "malformed.chunk_size")

    def test_stray_bytes_end_the_connection_and_answer_nothing(self):
        # The response is whole and counts; what follows it is never matched to the next request.
        twice = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok" * 2
        with Misbehaving(answers(twice, then="stay")) as server:
            run = run_plan(programs, PLAN % server.url)
            self.assertEqual(run.requests(), 40)
            self.assertEqual(run.errors(), {}, run)
            self.assertEqual(server.connections, 40)  # none was used again

    def test_control_characters_of_the_target_never_reach_the_terminal(self):
        run = self.expect(answers(b"\x1b]0;owned\x07\x1b[2J\r\n\r\n"), "malformed.status_line")
        self.assertNotIn("\x1b", run.out)

    def test_killed_in_the_middle_of_the_run(self):
        target = Gentarget(programs)
        over = threading.Event()

        def kill_when_it_has_answered_some():
            while not over.wait(0.02) and target.counts()["requests"] < 20:
                pass
            target.process.kill()

        killer = threading.Thread(target=kill_when_it_has_answered_some)
        killer.start()
        run = run_plan(programs, """
name: killed
target: %s
scenarios:
  main: {executor: constant-arrival-rate, rate: 50, duration: 4s, maxVUs: 200, flow: [{get: /}]}
""" % target.url)
        over.set()
        killer.join()
        target.process.wait()
        target.process.stdout.close()
        self.assertEqual(run.code, 0, run)
        self.assertEqual(run.requests(), 200)
        failed = sum(run.errors().values())
        self.assertGreater(failed, 0)
        self.assertLess(failed, 200)
        self.assertIn("connect.refused", run.errors())

    def test_syn_black_hole_ends_at_the_connect_timeout(self):
        # A listener whose backlog is full drops further SYNs: no answer, no refusal.
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            address = full.getsockname()
            blockers = []
            for _ in range(4):
                s = socket.socket()
                s.setblocking(False)
                s.connect_ex(address)
                blockers.append(s)
            time.sleep(0.2)
            run = run_plan(programs, BRIEF % ("http://127.0.0.1:%d" % address[1]))
            for s in blockers:
                s.close()
        self.assertEqual(run.errors(), {"connect.timeout": 40}, run)


if __name__ == "__main__":
    unittest.main(verbosity=2)
