"""Runs beside each other: genctl compare and genctl run --baseline against a target that becomes
slower between two runs of the same plan.
Usage: compare_test.py GEND GENCTL GENTARGET [NAME]."""

import json
import pathlib
import re
import subprocess
import tempfile
import unittest

import peers

PROGRAMS = peers.Programs.from_arguments()
# Both are far beyond what a busy host adds, and so is the band between them: what is tested is the
# way from two runs to an exit code, not the statistics (tests/stats, tests/report).
FAST, SLOW, TOLERANCE = "fixed 50ms", "fixed 250ms", "50%"
SECONDS = 12

PLAN = """
name: shop
target: http://127.0.0.1:{port}
seed: 1
scenarios:
  browse:
    executor: constant-arrival-rate
    rate: 50/s
    duration: {seconds}s
    preAllocatedVUs: 400
    flow:
      - get: /api/products
        name: products
"""


class Comparing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(prefix="gend-e2e-")
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        cls.port = peers.free_port()
        (cls.folder / "plan.yaml").write_text(PLAN.format(port=cls.port, seconds=SECONDS), "utf-8")
        done = cls.run_plan(FAST, "--run-file", "fast.run")
        assert done.returncode == 0, done.stdout + done.stderr

    @classmethod
    def genctl(cls, *arguments, timeout=120):
        return subprocess.run([PROGRAMS.genctl, *map(str, arguments)], capture_output=True,
                              text=True, timeout=timeout, stdin=subprocess.DEVNULL, cwd=cls.folder,
                              env={"GEND_BINARY": PROGRAMS.gend, "PATH": "/usr/bin:/bin",
                                   "XDG_RUNTIME_DIR": str(cls.folder)})

    @classmethod
    def run_plan(cls, latency, *options, plan="plan.yaml"):
        """A run that this host did not let have its time says so, is not compared, and is asked
        again."""
        for _ in range(5):
            target = peers.Gentarget(PROGRAMS, "--latency", latency,
                                     listen=f"127.0.0.1:{cls.port}")
            with target:
                done = cls.genctl("run", plan, "--local", "--shards", "1", *options)
            if not re.search("(generator|it is) SATURATED", done.stdout + done.stderr):
                return done
        raise AssertionError(f"saturated five times: {done.stdout}")

    def test_a_run_as_fast_as_its_baseline_passes(self):
        done = self.run_plan(FAST, "--baseline", "fast.run", "--tolerance", TOLERANCE,
                             "--summary-json", "again.json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        comparison = json.loads((self.folder / "again.json").read_text("utf-8"))["comparison"]
        self.assertNotEqual(comparison["verdict"], "worse")
        # 12 s at 50/s: what was counted is known before anything ran.
        count = [row for row in comparison["rows"] if row["metric"] == "http_reqs"][0]
        self.assertAlmostEqual(count["before"], 50, delta=2)

    def test_a_slower_run_fails_with_99_in_every_form_and_compare_says_the_same(self):
        done = self.run_plan(SLOW, "--baseline", "fast.run", "--tolerance", TOLERANCE,
                             "--summary-json", "slow.json", "--report", "slow.html",
                             "--markdown", "slow.md", "--run-file", "slow.run")
        self.assertEqual(done.returncode, 99, done.stdout + done.stderr)
        self.assertIn("worse", done.stdout)
        comparison = json.loads((self.folder / "slow.json").read_text("utf-8"))["comparison"]
        self.assertEqual(comparison["verdict"], "worse")
        p95 = [row for row in comparison["rows"] if row["metric"] == "http_req_duration" and
               row["statistic"] == "p(95)" and not row.get("tags")][0]
        self.assertEqual(p95["verdict"], "worse")
        self.assertTrue(50 <= p95["before"] < 150, p95)
        self.assertTrue(250 <= p95["after"] < 350, p95)
        self.assertTrue(p95["interval"][0] > 50, p95)
        page = (self.folder / "slow.html").read_text("utf-8")
        data = page[page.index('id="data">') + len('id="data">'):]
        data = json.loads(data[:data.index("</script>")])
        self.assertEqual(data["comparison"]["verdict"], "worse")
        self.assertIn("worse", (self.folder / "slow.md").read_text("utf-8"))

        after = self.genctl("compare", "fast.run", "slow.run", "--tolerance", TOLERANCE,
                            "--format", "json")
        self.assertEqual(after.returncode, 99, after.stderr)
        self.assertEqual(json.loads(after.stdout), comparison)
        back = self.genctl("compare", "slow.run", "fast.run", "--tolerance", TOLERANCE)
        self.assertEqual(back.returncode, 0, back.stdout)
        self.assertIn("better", back.stdout)
        report = self.genctl("report", "slow.run", "--baseline", "fast.run", "--tolerance",
                             TOLERANCE, "--format", "html")
        self.assertEqual((report.returncode, report.stdout), (0, page))

    def test_another_plan_is_refused_before_a_packet_is_sent_unless_told(self):
        text = (self.folder / "plan.yaml").read_text("utf-8")
        (self.folder / "other").mkdir()
        (self.folder / "other" / "plan.yaml").write_text(text.replace("50/s", "40/s"), "utf-8")
        # Nothing listens on the port: a run that began would have failed requests and exit 0.
        done = self.genctl("run", "other/plan.yaml", "--local", "--baseline", "fast.run")
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn("plan", done.stderr)
        self.assertIn("--anyway", done.stderr)
        done = self.run_plan(FAST, "--baseline", "fast.run", "--anyway", "--tolerance", TOLERANCE,
                             plan="other/plan.yaml")
        self.assertIn(done.returncode, (0, 99), done.stderr)
        self.assertIn("of different plans", done.stdout)

    def test_a_baseline_that_is_missing_or_no_run_is_said_before_anything_starts(self):
        (self.folder / "cut.run").write_bytes((self.folder / "fast.run").read_bytes()[:-200])
        (self.folder / "newer.run").write_bytes(b"GENDRUN\x63" +
                                                (self.folder / "fast.run").read_bytes()[8:])
        for name in ("missing.run", "cut.run", "newer.run"):
            done = self.genctl("run", "plan.yaml", "--local", "--baseline", name)
            self.assertEqual((done.returncode, done.stdout), (2, ""), name)
            self.assertIn(name, done.stderr)
            done = self.genctl("compare", "fast.run", name)
            self.assertEqual((done.returncode, done.stdout), (2, ""), name)
            self.assertIn(name, done.stderr)


if __name__ == "__main__":
    unittest.main()
