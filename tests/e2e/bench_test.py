#!/usr/bin/env python3
"""bench/run as an instrument: its arithmetic, how it reads its contenders, what it counts, and one
case of it on real sockets. No figure of speed is judged here."""

import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))

import goals  # noqa: E402
import measure  # noqa: E402
import page  # noqa: E402
import percentiles  # noqa: E402
import targets  # noqa: E402
import tools  # noqa: E402

BUILD = pathlib.Path(os.path.abspath(sys.argv.pop(1))).parents[2]
del sys.argv[1:3]  # genctl and gentarget, which lie in the same build

WRK = """Running 1s test @ http://127.0.0.1:1/
  1 threads and 8 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   152.87us   83.62us   1.71ms   92.23%
    Req/Sec    52.63k     3.96k   58.57k    81.82%
  Latency Distribution
     50%  141.00us
     75%  154.00us
     90%  187.00us
     99%    1.20ms
  57580 requests in 1.10s, 5.33MB read
  Socket errors: connect 1, read 20, write 3, timeout 4
  Non-2xx or 3xx responses: 5
Requests/sec:  52356.06
"""
H2LOAD = """finished in 1.00s, 20000.00 req/s, 1.8MB/s
requests: 20010 total, 20010 started, 20007 done, 20000 succeeded, 7 failed, 7 errored, 0 timeout
status codes: 20000 2xx, 0 3xx, 0 4xx, 0 5xx
"""
HEY = """
Summary:
  Total:	2.0000 secs
  Requests/sec:	1000.0000

Status code distribution:
  [200]	1990 responses
  [404]	5 responses

Error distribution:
  [2]	Get "http://127.0.0.1:1/": context canceled
  [3]	Get "http://127.0.0.1:1/": EOF
"""
AB = """Time taken for tests:   2.000 seconds
Complete requests:      6690
Failed requests:        10
Non-2xx responses:      20
Keep-Alive requests:    6690
"""


class FakeBench:
    build, launch, around, environment = "/nowhere", "/nowhere/launch", [], {}


def reading(tool, text, **load):
    """What an adapter makes of a tool's words."""
    adapter = tool(FakeBench())
    adapter.run = lambda *command, **more: measure.Sample(text, "", 0, 0.5, 1.5, 10, 20, 2**20)
    return adapter.measure(tools.Load(1, load.pop("connections", 2), 2, **load))


class Arithmetic(unittest.TestCase):
    def test_nearest_rank_is_a_value_that_was_measured(self):
        values = list(range(100, 0, -1))
        self.assertEqual(percentiles.nearest_rank(values, 0.5), 50)
        self.assertEqual(percentiles.nearest_rank(values, 0.99), 99)
        self.assertEqual(percentiles.nearest_rank(values, 1), 100)
        self.assertEqual(percentiles.nearest_rank([7], 0.001), 7)

    def test_the_closed_form_of_a_stall_is_that_of_evenly_due_requests(self):
        # By counting: one request a ms for 10 s; those of the last second wait until it is over.
        waits = [1.0] * 9000 + [1.0 + 1000 - at for at in range(1000)]
        for share in (0.5, 0.89, 0.95, 0.99, 0.999):
            formula = percentiles.of_stall(share, 1, 1000, 10000)
            self.assertAlmostEqual(formula, percentiles.nearest_rank(waits, share), delta=1.0)
        self.assertAlmostEqual(percentiles.of_stall(0.95, 0, 1000, 10000), 500)

    def test_an_error_within_the_allowance_is_no_excess(self):
        self.assertLessEqual(percentiles.excess_us(10.1, 10.0, 0.005, 50), 0)  # 50 us + 50 us
        self.assertGreater(percentiles.excess_us(10.11, 10.0, 0.005, 50), 0)
        self.assertGreater(percentiles.excess_us(9.89, 10.0, 0.005, 50), 0)
        self.assertAlmostEqual(percentiles.excess_us(11.0, 10.0, 0.005, 50), 900)

    def test_a_ratio_is_the_median_of_the_rounds_own_ratios_against_the_best(self):
        results = {"gend": {"rounds": [{"x": 2}, {"x": 9}, {"x": 4}]},
                   "bare a": {"rounds": [{"x": 1}, {"x": 3}, {"x": 9}]},
                   "bare b": {"rounds": [{"x": 5}, {"x": 9}, {"x": 2}]}}
        self.assertEqual(goals.Ratio("x", "gend", "bare*").of(results), 2)
        self.assertEqual(goals.Ratio("x", "gend", "bare*", best=max).of(results), 4 / 9)
        self.assertIsNone(goals.Ratio("x", "gend", "wrk").of(results))

    def test_a_goal_is_met_missed_not_measured_or_has_no_bound(self):
        results = {"gend": {"rounds": [{"x": 1.0}]}}
        words = [goals.verdict(goals.Goal("x", goals.Figure(key), **bound).judged(results))
                 for key, bound in (("x", {"most": 1}), ("x", {"most": 0.9}), ("x", {"least": 2}),
                                    ("y", {"most": 1}), ("x", {}))]
        self.assertEqual(words, ["met", "NOT MET", "NOT MET", "not measured", "for information"])

    def test_one_that_fails_is_named_and_the_others_go_on(self):
        def broken():
            raise measure.Failed("no such thing")
        results = measure.alternate("case", {"a": lambda: {"x": 1, "word": "CLEAN"}, "b": broken,
                                             "c": lambda: {}["missing"]}, 2)
        self.assertEqual(len(results["a"]["rounds"]), 2)
        self.assertEqual(results["a"]["median"], {"x": 1, "word": "CLEAN"})
        self.assertEqual(results["b"]["error"], "no such thing")
        self.assertIn("missing", results["c"]["error"])


class Reading(unittest.TestCase):
    def test_wrk(self):
        row = reading(tools.Wrk, WRK)
        self.assertEqual((row["requests"], row["errors"], row["seconds"]), (57580, 33, 1.1))
        for which, value in {"p50": 0.141, "p90": 0.187, "p99": 1.2}.items():
            self.assertAlmostEqual(row["percentiles"][which], value)
        self.assertAlmostEqual(row["cpu_us"], 2.0 / 57580 * 1e6)
        self.assertAlmostEqual(row["user_us"] * 3, row["system_us"])

    def test_wrk_takes_the_ends_of_connections_for_errors_which_they_are_not(self):
        self.assertEqual(reading(tools.Wrk, WRK, reconnect=True)["errors"], 13)

    def test_h2load(self):
        row = reading(tools.H2load, H2LOAD)
        self.assertEqual((row["requests"], row["errors"]), (20000, 7))

    def test_hey_cuts_off_its_own_last_requests(self):
        row = reading(tools.Hey, HEY)
        self.assertEqual((row["requests"], row["errors"]), (1992, 8))

    def test_ab(self):
        row = reading(tools.Ab, AB)
        self.assertEqual((row["requests"], row["errors"], row["seconds"]), (6660, 30, 2.0))

    def test_words_without_figures_are_a_failure(self):
        for tool in (tools.Wrk, tools.H2load, tools.Hey, tools.Ab):
            with self.subTest(tool=tool.name), self.assertRaises(measure.Failed):
                reading(tool, "unable to connect\n")

    def test_what_a_tool_cannot_do_is_said(self):
        bench = FakeBench()
        self.assertIsNone(tools.Wrk(bench).cannot(tools.Load(1, 1, 1)))
        for tool in (tools.Wrk, tools.Ab):
            self.assertEqual(tool(bench).cannot(tools.Load(1, 1, 1, rate=5)), "no open model")
        self.assertTrue(tools.H2load(bench).cannot(tools.Load(1, 1, 1, reconnect=True)))
        self.assertTrue(tools.BareRing(bench, "bare", 1, 0).cannot(tools.Load(1, 1, 1, tls=True)))


def case_of(**more):
    return {"title": "A title", "method": "How.", "columns": [("x", "x us", "{:.1f}")],
            "results": {"gend": {"rounds": [{"x": 1}], "median": {"x": 1}},
                        "other": {"rounds": [], "median": {}, "error": "a | b"}},
            "left_out": {"hey": "not installed", "ab": "not installed"}, "notes": ["A note."],
            "goals": [goals.Goal("gend", goals.Figure("x"), most=0.5, unit="us").judged(
                {"gend": {"rounds": [{"x": 1}]}})]} | more


class Page(unittest.TestCase):
    def test_a_table_shows_figures_failures_and_who_is_left_out(self):
        text = "\n".join(page.section("some-case", case_of()))
        self.assertIn("| gend | 1.0 |", text)
        self.assertIn("| other | FAILED: a \\| b |", text)
        self.assertIn("Left out: hey, ab: not installed.", text)
        self.assertIn("| gend | ≤ 0.5 us | 1 | **NOT MET** |", text)
        self.assertIn("`bench/run --only some-case`", text)

    def test_the_terminal_says_the_same(self):
        text = page.terminal("some-case", case_of())
        for words in ("some-case: A title", "FAILED: a | b", "not installed", "A note.",
                      "goal: gend ≤ 0.5 us: 1  NOT MET"):
            self.assertIn(words, text)

    def test_a_case_in_which_all_failed_is_still_shown(self):
        case = case_of(results={"gend": {"rounds": [], "median": {}, "error": "broken"}})
        self.assertIn("FAILED: broken", page.terminal("some-case", case))


    def test_a_page_from_a_busy_machine_says_so(self):
        self.assertEqual(page.busy({"load_at_start": 0.2, "cores": 2}), [])
        self.assertIn("busy", " ".join(page.busy({"load_at_start": 3, "cores": 2})))


class Programs(unittest.TestCase):
    def launch(self, *command):
        with tempfile.NamedTemporaryFile() as file:
            done = subprocess.run([BUILD / "bench/launch", "0", file.name, *command], check=False)
            return done.returncode, json.loads(file.read())

    def test_launch_reports_what_the_command_used_and_how_it_ended(self):
        code, small = self.launch("sh", "-c", "exit 7")
        self.assertEqual(code, 7)
        code, large = self.launch(sys.executable, "-c", "x = b'x' * 100_000_000")
        self.assertEqual(code, 0)
        # Not what its parent, an interpreter, has: that is what it is for.
        self.assertLess(small["peak_bytes"], 100_000_000)
        self.assertGreater(large["peak_bytes"], 100_000_000)
        self.assertEqual(self.launch("sh", "-c", "kill -TERM $$")[0], 128 + signal.SIGTERM)
        self.assertEqual(self.launch("/nowhere/at/all")[0], 127)

    def test_allocations_of_all_processes_are_counted_even_without_exit_handlers(self):
        library = BUILD / "bench/libcount_allocations.so"
        program = "import ctypes, os; c = ctypes.CDLL(None); " \
                  "[c.malloc(9) for _ in range(%d)]; os._exit(0)"

        def count(times):
            with tempfile.NamedTemporaryFile() as file:
                file.write(bytes(16))
                file.flush()
                subprocess.run(["sh", "-c", f'"{sys.executable}" -c "{program % times}"'],
                               check=True, env=os.environ | {"LD_PRELOAD": str(library),
                                                            "PYTHONHASHSEED": "0",
                                                            "BENCH_ALLOCATIONS": file.name})
                return int.from_bytes(pathlib.Path(file.name).read_bytes()[:8], "little")

        self.assertGreaterEqual(count(3000) - count(1000), 2000)

    def test_the_truth_target_says_how_long_it_held_each_request(self):
        with targets.truth_target(str(BUILD), "lognormal", "2", "6", "1") as target:
            connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=30)
            for _ in range(40):
                connection.request("GET", "/")
                self.assertEqual(connection.getresponse().read(), b"Hello, world\n")
            truth = target.ask("/truth")
            self.assertEqual(truth["count"], 40)
            self.assertLessEqual(truth["p50"], truth["p99"])
            self.assertLessEqual(truth["p99"], truth["max"])
            self.assertGreater(truth["p50"], 0.2)  # a median of 2 ms: never so few short ones
            target.ask("/reset")
            self.assertEqual(target.ask("/truth")["count"], 0)
            connection.close()

    def test_bare_loops_count_what_the_target_has_served(self):
        for program, more in (("bare_ring", ["8", "50"]), ("bare_epoll", [])):
            for path, size in (("/", 13), ("/bytes/100000", 100000)):
                with self.subTest(program=program, path=path), \
                        targets.gentarget(str(BUILD)) as target:
                    out = subprocess.run([BUILD / "bench" / program, "127.0.0.1", str(target.port),
                                          path, "4", "0.3", *more], capture_output=True, check=True)
                    said, counts = json.loads(out.stdout), target.ask("/counts")
                    # Of each connection one answer more may have been on its way in the end.
                    self.assertGreater(said["requests"], 0)
                    self.assertLessEqual(said["requests"], counts["statuses"]["200"])
                    self.assertLessEqual(counts["statuses"]["200"] - said["requests"], 4 + 1 + 4)


class Whole(unittest.TestCase):
    def test_a_case_is_run_and_written_as_json_and_as_a_page(self):
        with tempfile.TemporaryDirectory() as folder:
            results, text = pathlib.Path(folder, "r.json"), pathlib.Path(folder, "p.md")
            done = subprocess.run(
                [sys.executable, ROOT / "bench/run", "--build", BUILD, "--rounds", "1", "--seconds",
                 "1", "--only", "keep-alive-1", "--json", results, "--markdown", text],
                capture_output=True, text=True, check=False, timeout=300)
            self.assertTrue(results.exists(), done.stderr)
            document = json.loads(results.read_text(encoding="utf-8"))
            case = document["cases"]["keep-alive-1"]
            self.assertEqual(set(document), {"date", "settings", "machine", "cases"})
            for key in ("cpu", "cores", "kernel", "governor", "memory_gib", "versions"):
                self.assertIn(key, document["machine"])
            everybody = {"bare ring, 1 a wait", "bare epoll", "wrk", "h2load", "hey", "ab",
                         "autocannon", "Artillery", "gend"}
            self.assertEqual(set(case["results"]) | set(case["left_out"]), everybody)
            for name in ("bare epoll", "gend"):  # of what is built here nothing may be missing
                row = case["results"][name]["rounds"][0]
                self.assertGreater(row["requests"], 0)
                self.assertGreater(row["cpu_us"], 0)
                self.assertEqual(row["errors"], 0)
            words = text.read_text(encoding="utf-8")
            for heading in ("# What it costs", "## Method", "## Machine", "## Goals", "| gend |"):
                self.assertIn(heading, words)
            text.unlink()
            subprocess.run([sys.executable, ROOT / "bench/run", "--from", results, "--markdown",
                            text], capture_output=True, check=False)
            self.assertEqual(text.read_text(encoding="utf-8"), words)

    def test_every_case_is_named_once_and_has_its_words(self):
        listed = subprocess.run([sys.executable, ROOT / "bench/run", "--list"], capture_output=True,
                                text=True, check=True).stdout.splitlines()
        names = [line.split()[0] for line in listed]
        self.assertEqual(len(names), len(set(names)))
        for name in ("keep-alive-1000", "body-1048576", "reconnect-64", "open-50000", "truth-stall",
                     "connections-38000", "simulate-scale", "ws-idle"):
            self.assertIn(name, names)

    def test_a_case_that_is_not_there_is_refused(self):
        done = subprocess.run([sys.executable, ROOT / "bench/run", "--only", "nothing"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("invalid choice: 'nothing'", done.stderr)


if __name__ == "__main__":
    unittest.main()
