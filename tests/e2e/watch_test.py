"""genctl watch on a terminal: real gend and gentarget, a pty, and what a person would see of it.
Usage: watch_test.py GEND GENCTL GENTARGET [-k NAME] (Debian's python3 with python3-pyte)."""

import json
import os
import re
import signal
import sys
import termios
import threading
import unittest

from bed import Bed, PATIENCE, ask, done, eventually
from terminal import ENTERS, LEAVES, Terminal

PROGRAMS = []
LONG = 300
PANELS = ["Overview", "Steps", "Errors", "Thresholds", "Deliveries", "Events"]


class Watch(unittest.TestCase):
    def setUp(self):
        self.bed = Bed(*PROGRAMS)
        self.addCleanup(self.bed.__exit__)
        self.bed.start_target()
        self.daemon = self.bed.start_gend()

    def start(self, plan, *more):
        code, output, errors = self.bed.ctl_done("run", plan, "--detach", *more)
        self.assertEqual(code, 0, errors)
        return output.strip()

    def start_long(self, **more):
        return self.start(self.bed.plan(LONG, **more))

    def controlled(self, model):
        file = self.bed.dir / "controlled.yaml"
        file.write_text(
            f"name: controlled\ntarget: http://{self.bed.target}\nscenarios:\n  visit:\n"
            f"    executor: externally-controlled\n    duration: {LONG}s\n    {model}\n"
            "    gracefulStop: 2s\n    flow:\n      - get: /\n      - think: 20ms\n",
            encoding="utf-8")
        return self.start(file)

    def watch(self, *more, size=(80, 24), **environment):
        return self.on_terminal([self.bed.genctl, "--socket", self.bed.socket, "watch", *more],
                                size, **environment)

    def on_terminal(self, command, size, **environment):
        terminal = Terminal(command, self.bed.environment() | environment, *size)
        self.addCleanup(terminal.close)
        return terminal

    def summary(self, run):
        return json.loads(ask(self.bed.socket, "GET", f"/v1/runs/{run}/summary")[1])

    def requests(self, run):
        return self.summary(run)["metrics"]["http_reqs"]["values"]["count"]

    def state(self, run):
        return json.loads(ask(self.bed.socket, "GET", f"/v1/runs/{run}")[1])["state"]

    # ---- what is seen -------------------------------------------------------------------------

    def test_the_figures_on_the_screen_are_the_daemons(self):
        run = self.start_long()
        terminal = self.watch()
        terminal.see(r"^ small +" + run + r" +running")
        terminal.see(r"this second +3 +users +[\d.k]+/s +requests")
        terminal.type("2")
        terminal.see("STEPS")
        before = self.requests(run)
        # A frame that was drawn after we asked: its count is not below what there was.
        shown = eventually("the count passes what it was",
                           lambda: (n := self.count_on(terminal)) >= before and n)
        self.assertLessEqual(shown, self.requests(run))
        self.assertGreater(shown, 0)

    @staticmethod
    def count_on(terminal):
        found = re.search(r"GET / +([\d,]+) ", terminal.text())
        return int(found[1].replace(",", "")) if found else 0

    def test_charts_fill_as_time_goes_by(self):
        self.start_long()
        terminal = self.watch(size=(140, 45))
        terminal.see(r"[│┤] *[▁▂▃▄▅▆▇█]{3}")
        terminal.see(r"latency p95 +[\d.]+[mµ]s")
        terminal.see(r"the last \d+s")

    def test_every_panel_fits_terminals_of_all_sizes(self):
        self.start_long(thresholds="thresholds:\n  http_req_failed: [\"rate<0.5\"]\n")
        for size in [(60, 15), (80, 24), (140, 45)]:
            terminal = self.watch(size=size)
            terminal.see("planned")
            for number, name in enumerate(PANELS, 1):
                terminal.type(str(number))
                text = terminal.see(rf"\[{number} {name}\]").string
                # Nothing was scrolled away, and the keys stand in the last row.
                lines = text.split("\n")
                self.assertIn("small", lines[0])
                self.assertIn("q leave", lines[size[1] - 1])
            terminal.type("q")
            self.assertEqual(terminal.end(), 0)

    def test_a_resize_is_followed(self):
        self.start_long()
        terminal = self.watch()
        terminal.see("q leave")
        for columns, rows in [(140, 45), (60, 15), (100, 30)]:
            terminal.resize(columns, rows)
            terminal.screen.reset()
            eventually("the keys are in the last row",
                       lambda: "q leave" in terminal.text().split("\n")[-1])
            self.assertIn("small", terminal.text().split("\n")[0])

    def test_panels_turn_scroll_and_help(self):
        self.start_long(path="/status/500")
        terminal = self.watch()
        terminal.see("planned")
        terminal.type("\t")
        terminal.see(r"\[2 Steps\]")
        terminal.type("\x1b[C")
        terminal.see(r"\[3 Errors\]")
        terminal.see("status.5xx|status_5xx|500")
        terminal.type("?")
        terminal.see("KEYS")
        terminal.type("x")
        terminal.see("ERRORS  so far")
        terminal.type("\x1b[Z")
        terminal.see(r"\[2 Steps\]")

    def test_sessions_and_deliveries_are_shown(self):
        rooms = self.bed.dir / "rooms.yaml"
        rooms.write_text(
            f"name: rooms\ntarget: http://{self.bed.target}\nscenarios:\n  talk:\n"
            "    executor: constant-vus\n    vus: 4\n    duration: 300s\n    flow:\n"
            "      - websocket: /ws/rooms\n        name: talk\n        flow:\n"
            "          - send: {json: {type: subscribe, channel: lobby}}\n"
            "          - receive: {match: \"json $.type == 'subscribed'\"}\n"
            "          - listen: {room: lobby}\n"
            "          - loop: {rate: 5/s, for: 200s, flow: [{send: {json: {type: publish, "
            "channel: lobby, text: \"${stamp}\"}}}]}\n", encoding="utf-8")
        self.start(rooms)
        terminal = self.watch(size=(100, 30))
        terminal.see(r"sessions +4 open")
        terminal.see("messages in")
        terminal.type("5")
        terminal.see(r"DELIVERIES +so far [\d,]+ of [\d,]+ arrived")
        terminal.see(r"^ lobby +[\d,]+ +0 ")

    # ---- keys that do something ---------------------------------------------------------------

    def test_users_are_set_and_pauses_hold_as_the_target_counts(self):
        run = self.controlled("vus: 2\n    maxVUs: 10")
        terminal = self.watch(size=(100, 30))
        terminal.see("u users")
        terminal.type("u7\r")
        terminal.see("users set to 7")
        terminal.see(r"this second +7 +users")
        self.assertEqual(self.summary(run)["metrics"]["vus"]["values"]["value"], 7)
        terminal.type("u11\r")
        terminal.see("expected a whole number from 0 to maxVUs")
        terminal.type("p")
        terminal.see("running, paused")
        self.wait_for_silence(run)
        terminal.type("p")
        terminal.see("it goes on")
        before = self.bed.truth()["requests"]
        eventually("the target is asked again",
                   lambda: self.bed.truth()["requests"] > before + 20)
        terminal.type("6")
        for event in ["users set to 7", "paused", "resumed"]:
            terminal.see(event)

    def wait_for_silence(self, run):
        """Two of the run's seconds in which the target counted nothing but our own questions."""
        def silent():
            begin, before = self.summary(run)["run"]["elapsed_s"], self.bed.truth()["requests"]
            eventually("two seconds of the run",
                       lambda: self.summary(run)["run"]["elapsed_s"] >= begin + 2)
            return self.bed.truth()["requests"] <= before + 1
        eventually("the target hears nothing", silent)

    def test_a_rate_is_set(self):
        run = self.controlled("rate: 5/s")
        terminal = self.watch(size=(100, 30))
        terminal.see("r rate")
        terminal.type("u")
        terminal.see("no scenario of this plan is externally-controlled by users")
        terminal.type("r3000/min\r")
        terminal.see("rate set to 3000/min")
        terminal.see(r"users +(4[5-9]|5\d)(\.\d)?/s +requests")
        self.assertTrue(any("rate set to 50/s" in each["what"]
                            for each in self.summary(run)["events"]))

    def test_a_plan_that_cannot_be_steered_says_so(self):
        run = self.start_long()
        terminal = self.watch()
        terminal.see("s stop")
        self.assertNotIn("p pause", terminal.text())
        terminal.type("p")
        terminal.see("only externally-controlled scenarios can pause")
        self.assertEqual(self.summary(run)["events"], [])

    def test_a_run_is_stopped_only_after_a_yes(self):
        run = self.start_long()
        terminal = self.watch()
        terminal.see("s stop")
        terminal.type("s")
        terminal.see("End the run")
        terminal.type("n")
        terminal.see("q leave")
        self.assertEqual(self.state(run), "running")
        terminal.type("sy")
        self.assertEqual(terminal.end(), 0)
        self.assertTrue(terminal.is_restored())
        self.assertIn("STOPPED", terminal.after())
        self.assertEqual(self.bed.runs()[-1]["exit_code"], 105)

    def test_a_run_that_hangs_is_cut_off(self):
        run = self.start_long(path="/delay/60000")
        terminal = self.watch()
        terminal.see("s stop")
        terminal.type("sy")
        terminal.see(r"(?m)stopping$")
        terminal.type("s")
        terminal.see("Cut the run off")
        terminal.type("y")
        self.assertEqual(terminal.end(), 0)
        self.assertEqual(self.state(run), "finished")

    # ---- ways out -----------------------------------------------------------------------------

    def test_q_leaves_the_run_and_the_terminal_as_they_were(self):
        run = self.start_long()
        terminal = self.watch()
        terminal.see("q leave, the run goes on")
        self.assertFalse(terminal.is_restored())
        terminal.type("q")
        self.assertEqual(terminal.end(), 0)
        self.assertTrue(terminal.is_restored())
        self.assertIn(f"run {run} goes on", terminal.after())
        self.assertEqual(self.bed.run_id(), run)

    def test_signals_leave_the_terminal_as_it_was(self):
        run = self.start_long()
        for number, code in [(signal.SIGTERM, 0), (signal.SIGINT, 0), (signal.SIGHUP, 0),
                             (signal.SIGQUIT, -signal.SIGQUIT), (signal.SIGABRT, -signal.SIGABRT)]:
            with self.subTest(signal=number):
                terminal = self.watch()
                terminal.see("q leave")
                terminal.send_signal(number)
                self.assertEqual(terminal.end(), code)
                self.assertTrue(terminal.is_restored())
        self.assertEqual(self.bed.run_id(), run)

    def test_ctrl_c_only_leaves(self):
        run = self.start_long()
        terminal = self.watch()
        terminal.see("q leave")
        terminal.type("\x03")
        self.assertEqual(terminal.end(), 0)
        self.assertTrue(terminal.is_restored())
        self.assertEqual(self.bed.run_id(), run)

    def test_ctrl_z_gives_the_terminal_back_and_fg_takes_it_again(self):
        self.start_long()
        # A shell without line editing, so that the terminal's modes are the program's alone.
        shell = self.on_terminal(["/bin/sh", "-i"], (80, 24), PS1="ready> ", ENV="")
        shell.see("ready>")
        shell.type(f"{self.bed.genctl} --socket {self.bed.socket} watch\n")
        shell.see("q leave")
        shell.type("\x1a")
        eventually("the alternate screen is left",
                   lambda: (shell.read(), shell.raw.count(LEAVES) == 1)[1])
        eventually("the modes are the shell's", lambda: self.is_cooked(shell))
        shell.type("fg\n")
        eventually("the screen is back", lambda: (shell.read(), shell.raw.count(ENTERS) == 2)[1])
        shell.see("q leave")
        self.assertFalse(self.is_cooked(shell))
        shell.type("q")
        eventually("the alternate screen is left again",
                   lambda: (shell.read(), shell.raw.count(LEAVES) == 2)[1])
        eventually("the modes are the shell's again", lambda: self.is_cooked(shell))

    @staticmethod
    def is_cooked(terminal):
        local = termios.tcgetattr(terminal.slave)[3]
        return bool(local & termios.ICANON) and bool(local & termios.ECHO)

    def test_the_end_of_the_run_shows_its_summary(self):
        self.start(self.bed.plan(3))
        terminal = self.watch()
        self.assertEqual(terminal.end(), 0)
        self.assertTrue(terminal.is_restored())
        self.assertIn("✓ PASSED", terminal.after())
        self.assertIn("LATENCY", terminal.after())

    def test_a_daemon_that_goes_away_is_95(self):
        run = self.start_long()
        terminal = self.watch()
        terminal.see("q leave")
        os.kill(self.daemon.pid, signal.SIGKILL)
        self.assertEqual(terminal.end(), 95)
        self.assertTrue(terminal.is_restored())
        self.assertIn(f"run {run} is lost", terminal.after())

    def test_a_daemon_that_hangs_is_said_and_can_be_left(self):
        self.start_long()
        terminal = self.watch()
        terminal.see("q leave")
        os.kill(self.daemon.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, self.daemon.pid, signal.SIGCONT)
        terminal.see("no news from the daemon for")
        terminal.type("q")
        self.assertEqual(terminal.end(), 0)
        self.assertTrue(terminal.is_restored())

    def test_an_unknown_run_leaves_nothing_behind(self):
        terminal = self.watch("20260101-000000-no")
        self.assertEqual(terminal.end(), 2)
        self.assertTrue(terminal.is_restored())

    # ---- other terminals ----------------------------------------------------------------------

    def test_no_color_is_obeyed(self):
        self.start_long(path="/status/500")
        terminal = self.watch(NO_COLOR="1")
        terminal.see("ERRORS")
        self.assertIsNone(re.search(rb"\x1b\[\d*m", terminal.raw))
        colourful = self.watch()
        colourful.see("ERRORS")
        self.assertIsNotNone(re.search(rb"\x1b\[31m", colourful.raw))

    def test_a_dumb_terminal_and_plain_have_lines(self):
        self.start_long()
        dumb = self.watch(TERM="dumb")
        dumb.see(r"users=3 requests=")
        self.assertNotIn(b"\x1b", dumb.raw)
        plain = self.watch("--plain")
        plain.see(r"small .*running")
        self.assertNotIn(ENTERS, plain.raw)

    def test_without_a_terminal_there_are_lines(self):
        self.start(self.bed.plan(2))
        code, output, _ = done(self.bed.ctl("watch"))
        self.assertEqual(code, 0)
        self.assertIn("users=3", output)
        self.assertNotIn("\x1b", output)


if __name__ == "__main__":
    PROGRAMS.extend(sys.argv[1:4])
    # No test may hang the suite: each wait above is bounded, and so is the whole.
    threading.Thread(target=lambda: (threading.Event().wait(20 * PATIENCE), os._exit(3)),
                     daemon=True).start()
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)
