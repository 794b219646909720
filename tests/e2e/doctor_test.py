#!/usr/bin/env python3
"""What this host can carry (genctl doctor), and what gend can generate on it (genctl calibrate), with
the share of that in reports of later runs. Nothing here depends on how fast the host is."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from bed import Bed, ask
from peers import Gentarget, Programs, run_plan

programs = Programs.from_arguments()
HERE = os.path.dirname(os.path.abspath(__file__))
STATES = {"ok", "note", "limit", "problem"}
PLAN = """
name: share
target: %s
scenarios:
  main: {executor: constant-vus, vus: 2, duration: %ds, flow: [{get: /}, {think: 1ms}]}
"""


class State:
    """A folder for this user's calibration, as private gends look for it."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="gend-e2e-")
        self.env = {"XDG_STATE_HOME": self.folder.name, "NO_COLOR": "1",
                    "GEND_BINARY": programs.gend, "GENTARGET_BINARY": programs.gentarget}
        self.file = pathlib.Path(self.folder.name) / "gend" / "calibration.json"

    def write(self, **changes):
        """A calibration of this host, or with what is changed of some other."""
        kernel = os.uname().release
        cpus = len([p for p in pathlib.Path("/sys/devices/system/cpu").glob("cpu[0-9]*")])
        made = {"calibration": 1, "gend": "0.1.0", "kernel": kernel, "cpu": "?", "cpus": cpus,
                "profile": "E", "shards": 1, "calibrated_ms": 1795000000000,
                "measured": [{"kind": "closed", "connections": 64, "asked_per_second": 0,
                              "per_second": 1000, "cpu_us": 1000, "busiest": 1,
                              "verdict": "CLEAN"}]} | changes
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_text(json.dumps(made), encoding="utf-8")


def genctl(state, *arguments, prefix=(), timeout=180):
    return subprocess.run([*prefix, programs.genctl, *arguments], capture_output=True, text=True,
                          timeout=timeout, stdin=subprocess.DEVNULL,
                          env={**os.environ, **state.env})


class Doctor(unittest.TestCase):
    def setUp(self):
        self.state = State()
        self.addCleanup(self.state.folder.cleanup)

    def examine(self, code, *arguments, prefix=()):
        done = genctl(self.state, "doctor", "--json", *arguments, prefix=prefix)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        view = json.loads(done.stdout)
        return view, {each["name"]: each for each in view["findings"]}

    def test_this_host_as_json_and_as_text_is_the_same(self):
        view, findings = self.examine(0)
        self.assertEqual(view["asked"], {"connections": 1000, "rate": 0})
        for name in ("ring", "descriptors", "ports", "available", "clock", "allowed", "cgroup"):
            self.assertIn(name, findings)
        for each in view["findings"]:
            self.assertIn(each["state"], STATES)
            self.assertTrue(each["found"] and each["means"], each)
        # Linux says the same of itself.
        first, last = map(int, pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text()
                          .split())
        self.assertEqual(findings["ports"]["connections"], last - first + 1)
        done = genctl(self.state, "doctor")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("It can carry 1,000 connections", done.stdout)
        self.assertIn("as a private gend of", done.stdout)
        self.assertNotIn("\x1b[", done.stdout)
        for each in view["findings"]:
            for command in each["fix"]:
                self.assertIn(command, done.stdout)

    def test_too_few_descriptors_are_found_with_what_mends_it(self):
        view, findings = self.examine(94, prefix=["prlimit", "--nofile=64:64"])
        self.assertEqual(view["state"], "problem")
        self.assertEqual(findings["descriptors"]["state"], "problem")
        self.assertIn("64 hard", findings["descriptors"]["found"])
        self.assertTrue(any("nofile" in c or "LimitNOFILE" in c
                            for c in findings["descriptors"]["fix"]))
        self.assertEqual(findings["ring"]["state"], "ok" if "batches" in findings["ring"]["means"]
                         else "note")

    def test_doctor_and_the_check_before_a_run_agree_to_the_connection(self):
        limit = ["prlimit", "--nofile=1024:1024"]
        _, findings = self.examine(94, "--connections", "5000", "--shards", "1", prefix=limit)
        most = findings["descriptors"]["connections"]
        plan = ("name: edge\ntarget: http://127.0.0.1:1\nscenarios:\n  main: {executor: "
                "constant-vus, vus: %d, duration: 100ms, gracefulStop: 1s, flow: [{get: /}]}\n")
        more = run_plan(programs, plan % (most + 1), "--shards", "1", prefix=limit,
                        env=self.state.env)
        self.assertEqual(more.code, 94, more)
        self.assertIn("RLIMIT_NOFILE", more.err)
        fits = run_plan(programs, plan % most, "--shards", "1", prefix=limit, env=self.state.env)
        self.assertNotEqual(fits.code, 94, fits)

    def test_a_wish_that_no_host_carries(self):
        _, findings = self.examine(94, "--connections", "1000000")
        self.assertEqual(findings["ports"]["state"], "problem")
        self.assertIn("need", findings["ports"]["means"])

    @unittest.skipUnless(os.geteuid() == 0, "needs root for a network namespace")
    def test_too_few_ports(self):
        shell = ("ip link set lo up && echo 40000 40099 > /proc/sys/net/ipv4/ip_local_port_range "
                 '&& exec "$@"')
        view, findings = self.examine(94, prefix=["unshare", "--net", "sh", "-c", shell, "sh"])
        self.assertEqual(findings["ports"]["connections"], 100)
        self.assertIn("sudo sysctl -w net.ipv4.ip_local_port_range='1024 65535'",
                      findings["ports"]["fix"])
        self.assertEqual(findings["route"]["state"], "note")  # no default route in there
        self.assertEqual(view["state"], "problem")

    def test_io_uring_that_is_forbidden_stops_everything(self):
        _, findings = self.examine(94, prefix=[
            sys.executable, os.path.join(HERE, "forbid_io_uring.py"), "EPERM"])
        self.assertEqual(findings["ring"]["state"], "problem")
        self.assertIn("seccomp", findings["ring"]["found"])
        self.assertEqual(findings["seccomp"]["state"], "problem")

    def test_targets_that_are_here_forbidden_or_nowhere(self):
        _, findings = self.examine(0, "--target", "127.0.0.1:8080")
        self.assertEqual(findings["target"]["state"], "ok")
        self.assertIn("127.0.0.1", findings["target"]["means"])
        self.assertIn("interface_lo", findings)
        if pathlib.Path("/proc/net/if_inet6").exists():
            if "lo" in pathlib.Path("/proc/net/if_inet6").read_text(encoding="ascii"):
                _, six = self.examine(0, "--target", "[::1]:8080")
                self.assertIn("interface_lo", six)
        _, findings = self.examine(94, "--target", "192.0.2.7")
        self.assertIn("not on this host's list", findings["target"]["found"])
        _, findings = self.examine(94, "--target", "no-such-host.invalid:80")
        self.assertEqual(findings["target"]["state"], "problem")

    def test_wishes_that_cannot_be_understood(self):
        for bad in (["--connections", "0"], ["--connections", "many"], ["--rate", "fast"],
                    ["--nonsense"], ["extra"]):
            done = genctl(self.state, "doctor", *bad)
            self.assertEqual(done.returncode, 2, done)
        done = genctl(self.state, "doctor", "--target", "[::1")
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("target must be", done.stderr)

    def test_the_limits_of_a_daemon_are_what_counts(self):
        with Bed(programs.gend, programs.genctl, programs.gentarget) as bed:
            process = bed.start("prlimit", "--nofile=500:500", bed.gend, "--control", bed.socket,
                                "--state", bed.state, "--shards", "2")
            while not bed.answers():
                self.assertIsNone(process.poll())
            code, out, err = bed.ctl_done("doctor")
            self.assertEqual(code, 94, out + err)
            self.assertIn("as the daemon sees it: pid", out)
            self.assertIn("RLIMIT_NOFILE is 500 soft, 500 hard", out)
            for bad in ("connections=0", "connections=x", "rate=", "target=%5B", "more=1"):
                status, body = ask(bed.socket, "GET", "/v1/host?" + bad)
                self.assertEqual(status, 400, bad + body)


class Calibrate(unittest.TestCase):
    def setUp(self):
        self.state = State()
        self.addCleanup(self.state.folder.cleanup)

    def run_share(self, *options, seconds=2):
        with Gentarget(programs) as target:
            return run_plan(programs, PLAN % (target.url, seconds), "--shards", "1", *options,
                            env=self.state.env)

    def test_what_is_measured_is_kept_and_a_later_run_says_its_share(self):
        done = genctl(self.state, "calibrate", "--seconds", "1", timeout=240)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for words in ("closed model, 64 connections", "closed model, 1,000 connections",
                      "open model", "a new connection for each request", "At least"):
            self.assertIn(words, done.stdout)
        kept = json.loads(self.state.file.read_text(encoding="utf-8"))
        self.assertEqual(kept["kernel"], os.uname().release)
        self.assertEqual([p.name for p in self.state.file.parent.iterdir()], ["calibration.json"])
        ceiling = kept["shard_requests_per_second"]
        self.assertGreater(ceiling, 0)
        self.assertGreaterEqual(ceiling * kept["shards"] * 1.0001,
                                kept["measured_requests_per_second"])

        with tempfile.TemporaryDirectory() as folder:
            page, markdown = os.path.join(folder, "run.html"), os.path.join(folder, "run.md")
            run = self.run_share("--report", page, "--markdown", markdown, seconds=3)
            self.assertEqual(run.code, 0, run)
            found = run.summary["generator"]["ceiling"]
            self.assertAlmostEqual(found["requests_per_second"], ceiling, delta=1)  # one shard
            self.assertAlmostEqual(found["share"], found["busiest_second"] / ceiling, places=3)
            self.assertGreater(found["busiest_second"], 0)
            self.assertFalse(found["stale"], found)
            self.assertRegex(found["calibrated_at"], r"^20\d\d-\d\d-\d\dT[\d:]{8}Z$")
            self.assertIn("share of its ceiling", run.out)
            with open(markdown, encoding="utf-8") as f:
                self.assertIn("share of its ceiling", f.read())
            with open(page, encoding="utf-8") as f:
                self.assertIn("share of its ceiling", f.read())

        view = json.loads(genctl(self.state, "doctor", "--json", "--rate", "1").stdout)
        rate = [f for f in view["findings"] if f["name"] == "ceiling"][0]
        self.assertEqual(rate["state"], "ok", rate)

    def test_a_host_that_was_not_calibrated_says_nothing(self):
        run = self.run_share()
        self.assertEqual(run.code, 0, run)
        self.assertNotIn("ceiling", run.summary["generator"])
        self.assertNotIn("ceiling", run.out)

    def test_another_kernel_makes_it_stale(self):
        self.state.write(kernel="5.0.0-old")
        run = self.run_share()
        found = run.summary["generator"]["ceiling"]
        self.assertTrue(found["stale"])
        self.assertIn(f"kernel 5.0.0-old then, {os.uname().release} now", found["stale_reasons"])
        self.assertEqual(found["requests_per_second"], 1000)  # 1 s over 1 ms
        self.assertIn("kernel 5.0.0-old then", re.sub(r"\s+", " ", run.out))

    def test_a_damaged_file_is_a_warning_and_no_more(self):
        for text in ("", "{", "[]", '{"calibration": 1}', "\0" * 100, "x" * 300_000):
            self.state.file.parent.mkdir(exist_ok=True)
            self.state.file.write_text(text, encoding="utf-8")
            run = self.run_share(seconds=1)
            self.assertEqual(run.code, 0, run)
            self.assertNotIn("ceiling", run.summary["generator"])
            warnings = " ".join(run.summary["generator"]["warnings"])
            self.assertIn("calibration.json", warnings)
            self.assertIn("genctl calibrate", warnings)

    def test_a_daemon_keeps_its_own_in_its_state_directory(self):
        with Bed(programs.gend, programs.genctl, programs.gentarget) as bed:
            bed.start_gend()
            good = {"shards": 2, "measured": [
                {"kind": "closed", "connections": 64, "asked_per_second": 0, "per_second": 1000,
                 "cpu_us": 1000, "busiest": 1, "verdict": "CLEAN"}]}
            for bad in ("", "{}", json.dumps(good | {"shards": 0}),
                        json.dumps(good | {"measured": []}), json.dumps(good | {"more": 1}),
                        json.dumps(good | {"measured": [{"kind": "closed"}]})):
                self.assertEqual(ask(bed.socket, "PUT", "/v1/calibration", bad)[0], 400, bad)
            self.assertFalse((bed.state / "calibration.json").exists())
            status, body = ask(bed.socket, "PUT", "/v1/calibration", json.dumps(good))
            self.assertEqual(status, 201, body)
            kept = json.loads((bed.state / "calibration.json").read_text(encoding="utf-8"))
            self.assertEqual(kept["shard_requests_per_second"], 1000)
            bed.start_target()
            code, out, err = bed.ctl_done("run", bed.plan(2), "--summary-json",
                                          bed.dir / "summary.json")
            self.assertEqual(code, 0, out + err)
            summary = json.loads((bed.dir / "summary.json").read_text(encoding="utf-8"))
            found = summary["generator"]["ceiling"]
            self.assertEqual(found["requests_per_second"], 2000)  # of two shards
            self.assertFalse(found["stale"], found)
            # What is kept of the run has it, too.
            shown = json.loads(bed.ctl_done("show", "--json")[1])
            self.assertEqual(shown["generator"]["ceiling"], found)

    def test_an_idle_daemon_is_measured_itself_and_its_list_of_runs_stays_clean(self):
        with Bed(programs.gend, programs.genctl, programs.gentarget) as bed:
            bed.start_gend()
            done = genctl(self.state, "--socket", str(bed.socket), "calibrate", "--seconds", "1",
                          "--json", timeout=240)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            kept = json.loads(done.stdout)
            self.assertEqual(kept["shards"], 2)
            self.assertEqual(kept["file"], str(bed.state / "calibration.json"))
            self.assertEqual([m["kind"] for m in kept["measured"]][:2], ["closed", "closed"])
            self.assertEqual(kept["measured"][-1]["kind"], "connections")
            self.assertTrue((bed.state / "calibration.json").exists())
            self.assertFalse(self.state.file.exists())
            self.assertEqual(bed.runs(), [])

    def test_a_daemon_that_is_busy_is_left_alone(self):
        with Bed(programs.gend, programs.genctl, programs.gentarget) as bed:
            bed.start_gend()
            bed.start_target()
            bed.ctl("run", bed.plan(60))
            bed.run_id()
            code, _, err = bed.ctl_done("calibrate", "--seconds", "1")
            self.assertEqual(code, 92, err)
            self.assertEqual(len(bed.runs()), 1)

    def test_without_a_target_program_nothing_is_measured(self):
        self.state.env["GENTARGET_BINARY"] = "/nowhere/gentarget"
        done = genctl(self.state, "calibrate", "--seconds", "1")
        self.assertEqual(done.returncode, 94, done)
        self.assertIn("gentarget", done.stderr)
        self.assertFalse(self.state.file.exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
