"""The life of a daemon, from outside: real gend, genctl and gentarget. Usage: daemon_test.py GEND
GENCTL GENTARGET [-k NAME]."""

import json
import os
import pathlib
import signal
import sys
import threading
import unittest

from bed import Bed, PATIENCE, ask, done, eventually, interrupt

PROGRAMS = []
LONG = 300  # seconds: longer than any test, so a run of this length never ends by itself


class Daemon(unittest.TestCase):
    def setUp(self):
        self.bed = Bed(*PROGRAMS)
        self.addCleanup(self.bed.__exit__)
        self.bed.start_target()

    def expect(self, result, code, text=""):
        """`result` is of done(): the exit code, and a text that must be in one of the outputs."""
        got, output, errors = result
        self.assertEqual(got, code, output + errors)
        self.assertIn(text, output + errors)
        return output

    def begin(self):
        """A run and the client that follows it: it has begun to show it."""
        client = self.bed.ctl("run", self.bed.plan(LONG))
        run = self.bed.run_id()
        self.assertTrue(client.stdout.readline())
        return client, run

    # ---- runs ---------------------------------------------------------------------------------

    def test_a_run_counts_exactly_what_its_target_counted(self):
        self.bed.start_gend()
        before = self.bed.truth()["requests"]
        summary = self.bed.dir / "summary.json"
        self.expect(self.bed.ctl_done("run", self.bed.plan(2), "--summary-json", summary), 0)
        # The target does not count the question itself.
        truth = self.bed.truth()["requests"] - before
        counted = json.loads(summary.read_text())["metrics"]["http_reqs"]["values"]["count"]
        self.assertGreater(truth, 0)
        self.assertEqual(counted, truth)

    def test_a_failed_threshold_is_99(self):
        self.bed.start_gend()
        plan = self.bed.plan(1, path="/status/500",
                             thresholds="thresholds:\n  http_req_failed: [\"rate==0\"]\n")
        self.expect(self.bed.ctl_done("run", plan, "--quiet"), 99)

    def test_abort_on_fail_ends_a_run_early_with_99(self):
        self.bed.start_gend()
        plan = self.bed.plan(LONG, path="/status/500", thresholds="thresholds:\n  http_req_failed: "
                             "[{threshold: \"rate==0\", abortOnFail: true}]\n")
        self.expect(self.bed.ctl_done("run", plan), 99, "http_req_failed")

    def test_quiet_says_nothing(self):
        self.bed.start_gend()
        result = self.bed.ctl_done("run", self.bed.plan(1), "--quiet")
        self.assertEqual(result, (0, "", ""))

    def test_without_a_terminal_output_has_no_escapes(self):
        self.bed.start_gend()
        output = self.expect(self.bed.ctl_done("run", self.bed.plan(2)), 0)
        self.assertNotIn("\x1b", output)
        self.assertIn("genctl show", output)

    def test_ctrl_c_ends_a_run_with_105_and_its_report(self):
        self.bed.start_gend()
        client = self.bed.ctl("run", self.bed.plan(LONG))
        run = self.bed.run_id()
        interrupt(client)
        self.expect(done(client), 105, "genctl show " + run)
        self.assertEqual(self.bed.runs()[-1]["exit_code"], 105)

    def test_ctrl_c_twice_cuts_off_what_does_not_end(self):
        self.bed.start_gend()
        client = self.bed.ctl("run", self.bed.plan(LONG, path=f"/delay/{LONG * 1000}",
                                                   graceful=LONG))
        # A run none of whose users has asked for anything yet ends with the first one.
        eventually("every user waits", lambda: self.bed.truth()["requests"] == 3)
        interrupt(client)
        eventually("the run is stopping", lambda: self.bed.runs()[-1]["state"] == "stopping")
        interrupt(client)
        self.expect(done(client), 105, "cutting the run off")
        summary = json.loads(self.expect(self.bed.ctl_done("show", "--json"), 0))
        self.assertEqual(summary["run"]["work"]["interrupted"], 3)

    def test_a_client_that_is_killed_leaves_its_run_alone(self):
        self.bed.start_gend()
        client = self.bed.ctl("run", self.bed.plan(3))
        run = self.bed.run_id()
        client.kill()
        done(client)
        self.assertEqual(self.bed.run_id(), run)
        self.expect(self.bed.ctl_done("watch"), 0)
        self.assertEqual(self.bed.runs()[-1]["exit_code"], 0)

    def test_stop_from_another_terminal(self):
        self.bed.start_gend()
        client = self.bed.ctl("run", self.bed.plan(LONG))
        run = self.bed.run_id()
        self.expect(self.bed.ctl_done("stop"), 0, run)
        self.expect(done(client), 105)

    # ---- who may start ------------------------------------------------------------------------

    def test_a_busy_daemon_says_with_what(self):
        self.bed.start_gend()
        started = self.expect(self.bed.ctl_done("run", self.bed.plan(LONG), "--detach"), 0)
        self.expect(self.bed.ctl_done("run", self.bed.plan(1)), 92, started.strip())

    def test_of_two_starts_at_once_exactly_one_wins(self):
        self.bed.start_gend()
        plan = self.bed.plan(LONG)
        clients = [self.bed.ctl("run", plan, "--detach") for _ in range(2)]
        codes = sorted(done(client)[0] for client in clients)
        self.assertEqual(codes, [0, 92])

    def test_a_bad_plan_is_104_with_its_place_and_starts_nothing(self):
        self.bed.start_gend()
        plan = self.bed.plan(1)
        plan.write_text(plan.read_text().replace("scenarios", "scenarois"), encoding="utf-8")
        for command in ("check", "run", "explain"):
            self.expect(self.bed.ctl_done(command, plan), 104, f"{plan}:4:1: ")
        self.assertEqual(self.bed.runs(), [])

    def test_a_target_outside_the_list_is_93_and_gets_no_packet(self):
        config = self.bed.dir / "gend.yaml"
        config.write_text("allow: [10.0.0.0/8]\n", encoding="utf-8")
        self.bed.start_gend("--config", config)
        self.expect(self.bed.ctl_done("run", self.bed.plan(1)), 93)
        truth = self.bed.truth()
        self.assertEqual(truth["requests"], 0)
        self.assertEqual(truth["connections"], 1)  # the question's own

    # ---- the daemon's own life ----------------------------------------------------------------

    def test_sigterm_during_a_run_keeps_its_results(self):
        daemon = self.bed.start_gend()
        client, run = self.begin()
        daemon.terminate()
        self.expect(done(client), 105)
        self.expect(done(daemon), 0)
        self.assertFalse(self.bed.socket.exists())
        self.bed.start_gend()
        kept = self.bed.runs()[-1]
        self.assertEqual((kept["id"], kept["state"], kept["exit_code"]), (run, "finished", 105))
        self.expect(self.bed.ctl_done("runs"), 0, run)
        self.expect(self.bed.ctl_done("show", run), 0)

    def test_a_daemon_that_is_killed_is_95_and_its_socket_is_replaced(self):
        daemon = self.bed.start_gend()
        client, _ = self.begin()
        daemon.kill()
        self.expect(done(client), 95, "is lost")
        self.assertTrue(self.bed.socket.exists())
        self.bed.start_gend()
        self.expect(self.bed.ctl_done("status"), 0, "idle")

    def test_a_second_daemon_refuses_and_names_the_first(self):
        daemon = self.bed.start_gend()
        second = self.bed.start(self.bed.gend, "--control", self.bed.socket)
        self.expect(done(second), 92, f"pid {daemon.pid}")
        self.assertTrue(self.bed.answers())

    def test_a_bad_configuration_is_refused_with_its_line(self):
        config = self.bed.dir / "gend.yaml"
        config.write_text("shards: 1\nshrads: 2\n", encoding="utf-8")
        daemon = self.bed.start(self.bed.gend, "--control", self.bed.socket, "--config", config)
        self.expect(done(daemon), 2, f"{config}:2:")

    def test_the_metrics_socket_has_metrics_and_no_control(self):
        self.bed.start_gend("--metrics", self.bed.metrics)
        self.expect(self.bed.ctl_done("run", self.bed.plan(1), "--quiet"), 0)
        status, text = ask(self.bed.metrics, "GET", "/metrics")
        self.assertEqual(status, 200)
        self.assertIn("gend_up 1", text)
        self.assertIn("gend_http_reqs", text)
        self.assertEqual(ask(self.bed.metrics, "GET", "/v1/runs")[0], 404)

    def test_no_daemon_is_91_with_what_to_do(self):
        self.expect(self.bed.ctl_done("status"), 91, "systemctl start gend")
        self.expect(self.bed.ctl_done("run", self.bed.plan(1)), 91)

    # ---- private daemons ----------------------------------------------------------------------

    def private_daemons(self):
        """Pids of private gends whose socket lies in this bed's directory."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
            except OSError:
                continue
            if b"--private" in words and any(os.fsencode(self.bed.dir) in word for word in words):
                found.append(int(entry.name))
        return found

    def left_behind(self):
        return list(self.bed.dir.glob("genctl-*"))

    def test_local_runs_without_a_daemon_and_leaves_nothing(self):
        summary = self.bed.dir / "summary.json"
        client = self.bed.start(self.bed.genctl, "run", self.bed.plan(1), "--local",
                                "--summary-json", summary)
        self.expect(done(client), 0)
        self.assertEqual(json.loads(summary.read_text())["run"]["exit_code"], 0)
        self.assertEqual(self.private_daemons(), [])
        self.assertEqual(self.left_behind(), [])

    def test_ctrl_c_in_local_still_reports(self):
        client = self.bed.start(self.bed.genctl, "run", self.bed.plan(LONG), "--local")
        eventually("the run is shown", lambda: client.stdout.readline())
        interrupt(client)
        self.expect(done(client), 105)
        self.assertEqual(self.left_behind(), [])

    def test_a_private_gend_ends_with_its_genctl(self):
        client = self.bed.start(self.bed.genctl, "run", self.bed.plan(LONG), "--local")
        eventually("the run is shown", lambda: client.stdout.readline())
        self.assertEqual(len(self.private_daemons()), 1)
        client.send_signal(signal.SIGKILL)
        eventually("the private gend has ended", lambda: not self.private_daemons())

    def test_a_private_gend_that_is_killed_leaves_the_end_of_its_log(self):
        client = self.bed.start(self.bed.genctl, "run", self.bed.plan(LONG), "--local")
        eventually("the run is shown", lambda: client.stdout.readline())
        (private,) = self.private_daemons()
        os.kill(private, signal.SIGKILL)
        code, _, errors = done(client)
        self.assertEqual(code, 95, errors)
        self.assertIn("is lost", errors)
        self.assertIn("killed by signal 9", errors)
        self.assertIn("the end of its log:\n", errors)
        self.assertRegex(errors, r"(?m)^  .*POST /v1/runs by ")  # what gend said of this very run
        self.assertNotIn("journalctl", errors)
        self.assertEqual(self.left_behind(), [])


if __name__ == "__main__":
    PROGRAMS.extend(sys.argv[1:4])
    # No test may hang the suite: each wait above is bounded, and so is the whole.
    threading.Thread(target=lambda: (threading.Event().wait(20 * PATIENCE), os._exit(3)),
                     daemon=True).start()
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)
