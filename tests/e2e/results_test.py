"""Results that last: kills, copies, full and read-only disks, readers, and the SQL of the manual.
Usage: results_test.py GEND GENCTL GENTARGET [-k NAME]."""

import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import unittest
import zlib

from bed import Bed, PATIENCE, UnixConnection, ask, done, eventually

PROGRAMS = []
LONG = 300
DOCS = pathlib.Path(__file__).parents[2] / "docs"
SECRET = "hunter2-planted-secret"


def history(path, run):
    """The run file of a run: how many seconds it has, and its head."""
    connection = UnixConnection(path)
    connection.request("GET", f"/v1/runs/{run}/history")
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 200, body
    assert body[:8] == b"GENDRUN\x01"
    plain = zlib.decompress(body[8:])
    pieces, at = [], 0
    while at < len(plain):
        size = shift = 0
        while True:
            byte = plain[at]
            at += 1
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        pieces.append(plain[at:at + size])
        at += size
    return len(pieces) - 1, json.loads(pieces[0])


class Results(unittest.TestCase):
    def setUp(self):
        self.bed = Bed(*PROGRAMS)
        self.addCleanup(self.bed.__exit__)
        self.bed.start_target()

    def expect(self, result, code, text=""):
        got, output, errors = result
        self.assertEqual(got, code, output + errors)
        self.assertIn(text, output + errors)
        return output

    def sql(self, query, state=None):
        """What any other program sees in the database."""
        file = (state or self.bed.state) / "results.db"
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=PATIENCE)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def seconds(self, state=None):
        return self.sql("SELECT count(*) FROM seconds", state)[0][0]

    def run_some_seconds(self, count):
        self.expect(self.bed.ctl_done("run", self.bed.plan(LONG), "--detach"), 0)
        run = self.bed.run_id()
        eventually("seconds are committed", lambda: self.seconds() >= count)
        return run

    def expect_no_gap(self):
        """Every second begins where the one before it ended, a whole number of seconds after the
        run did."""
        rows = self.sql("SELECT n, from_ns, to_ns FROM seconds ORDER BY n")
        self.assertEqual([row[0] for row in rows], list(range(len(rows))))
        self.assertEqual([row[1] for row in rows], [0] + [row[2] for row in rows[:-1]])
        for _, from_ns, to_ns in rows:
            self.assertEqual(from_ns % 1_000_000_000, 0)
            self.assertGreater(to_ns, from_ns)
        return rows

    def expect_interrupted(self, run, committed):
        """The daemon of now has `run` with at least the seconds that were committed, no gap."""
        (status,) = self.bed.runs()
        self.assertEqual(status["id"], run)
        self.assertEqual((status["state"], status["exit_code"]), ("interrupted", 95))
        rows = self.expect_no_gap()
        self.assertGreaterEqual(len(rows), committed)
        kept, head = history(self.bed.socket, run)
        self.assertEqual(kept, len(rows))
        self.assertEqual(head["summary"]["run"]["state"], "interrupted")
        if head["summary"]["generator"]["longest_stall_ms"] < 500:
            for n, from_ns, _ in rows:
                self.assertEqual(from_ns, n * 1_000_000_000)
        self.assertAlmostEqual(status["elapsed_s"], rows[-1][2] / 1e9, delta=1)
        requests = sum(row[0] for row in self.sql("SELECT requests FROM seconds"))
        minutes = self.sql("SELECT sum(count) FROM minutes JOIN series USING (run, series) "
                           "WHERE metric = 'http_reqs' AND NOT facet")[0][0]
        self.assertEqual(requests, minutes)
        self.expect(self.bed.ctl_done("show", run), 0, "LOST")

    def test_a_generator_that_stood_still_says_so_and_no_second_is_misplaced(self):
        daemon = self.bed.start_gend()
        run = self.run_some_seconds(2)
        daemon.send_signal(signal.SIGSTOP)
        time.sleep(3.3)
        daemon.send_signal(signal.SIGCONT)
        before = self.seconds()
        eventually("it goes on", lambda: self.seconds() >= before + 2)
        self.expect(self.bed.ctl_done("stop", "--now"), 0)
        eventually("the run is over", lambda: self.bed.runs()[0]["state"] == "finished")
        summary = json.loads(self.expect(self.bed.ctl_done("show", run, "--json"), 0))
        # The store has a thread of its own: it may commit the rest after the run is over.
        elapsed_ns = round(summary["run"]["elapsed_s"] * 1e9)
        eventually("the last second is committed",
                   lambda: self.sql("SELECT max(to_ns) FROM seconds") == [(elapsed_ns,)])
        rows = self.expect_no_gap()
        self.assertGreaterEqual(max(to_ns - from_ns for _, from_ns, to_ns in rows), 3e9)
        self.assertGreaterEqual(summary["generator"]["longest_stall_ms"], 3200)
        self.assertNotEqual(summary["generator"]["verdict"], "CLEAN")

    # ---- kills and copies ---------------------------------------------------------------------

    def test_a_kill_loses_no_second_that_was_committed(self):
        daemon = self.bed.start_gend()
        run = self.run_some_seconds(4)
        committed = self.seconds()
        daemon.kill()
        done(daemon)
        self.bed.start_gend()
        self.expect_interrupted(run, committed)

    def test_the_files_of_any_moment_are_whole(self):
        """As a power failure would leave them: copied while the daemon stands still."""
        daemon = self.bed.start_gend()
        run = self.run_some_seconds(3)
        daemon.send_signal(signal.SIGSTOP)
        committed = self.seconds()
        copy = self.bed.dir / "copy"
        copy.mkdir()
        for name in ("results.db", "results.db-wal"):
            shutil.copy(self.bed.state / name, copy / name)
        daemon.send_signal(signal.SIGCONT)
        self.expect(self.bed.ctl_done("stop", "--now"), 0)
        eventually("the run is over", lambda: self.bed.runs()[0]["state"] == "finished")
        daemon.terminate()
        self.expect(done(daemon), 0)
        self.bed.state = copy
        self.bed.start_gend()
        self.expect_interrupted(run, committed)

    # ---- disks --------------------------------------------------------------------------------

    def start_on_disk(self, options):
        """gend whose state directory is a small file system of its own. Its files as we see them."""
        self.bed.state.mkdir()
        unshare = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
        if subprocess.run([*unshare, "mount", "-t", "tmpfs", "none", self.bed.state],
                          capture_output=True, check=False).returncode != 0:
            self.skipTest("no mounts of our own here")
        daemon = self.bed.start(*unshare, "sh", "-c",
                                f"mount -t tmpfs -o {options} none \"$0\" && exec \"$@\"",
                                self.bed.state, self.bed.gend, "--control", self.bed.socket,
                                "--state", self.bed.state, "--no-pin", "--shards", "2")
        return daemon, pathlib.Path(f"/proc/{daemon.pid}/root{self.bed.state}")

    def test_a_full_disk_does_not_stop_the_load_and_is_said(self):
        daemon, disk = self.start_on_disk("size=4m")
        eventually("gend answers", lambda: self.bed.answers() or daemon.poll() is not None)
        filler = disk / "filler"
        with open(filler, "wb") as file:
            try:
                while True:
                    file.write(b"x" * 65536)
                    file.flush()
            except OSError:
                pass
        before = self.bed.truth()["requests"]
        summary = self.bed.dir / "summary.json"
        output = self.expect(self.bed.ctl_done("run", self.bed.plan(4), "--summary-json", summary),
                             0, "NOT ON DISK")
        counted = json.loads(summary.read_text())
        self.assertEqual(counted["metrics"]["http_reqs"]["values"]["count"],
                         self.bed.truth()["requests"] - before)
        self.assertIn("full", counted["run"]["not_written"])
        self.assertTrue([each for each in counted["events"] if "not on disk" in each["what"]])
        (status,) = self.bed.runs()
        self.assertIn("full", status["not_written"])
        self.expect(self.bed.ctl_done("show"), 0, "NOT ON DISK")
        self.assertIn("NOT ON DISK", output)
        # Room again: what waited in memory is written, nothing is missing.
        filler.unlink()
        eventually("the run is on disk", lambda: "not_written" not in self.bed.runs()[0])
        kept, head = history(self.bed.socket, status["id"])
        self.assertGreaterEqual(kept, 4)
        self.assertEqual(head["summary"]["metrics"]["http_reqs"], counted["metrics"]["http_reqs"])
        self.assertNotIn("not_written", head["summary"]["run"])

    def test_a_read_only_disk_is_refused_at_the_start(self):
        daemon, _ = self.start_on_disk("size=4m,ro")
        self.expect(done(daemon), 94, "cannot be written")

    def test_a_newer_or_damaged_database_is_refused_and_left_alone(self):
        self.bed.state.mkdir()
        file = self.bed.state / "results.db"
        file.write_bytes(b"no database at all" * 1000)
        self.expect(done(self.bed.start_gend()), 94, "is damaged")
        self.assertEqual(file.read_bytes(), b"no database at all" * 1000)
        file.unlink()
        daemon = self.bed.start_gend()
        daemon.terminate()
        self.expect(done(daemon), 0)
        connection = sqlite3.connect(file)
        connection.execute("PRAGMA user_version = 7")
        connection.close()
        self.expect(done(self.bed.start_gend()), 94, "newer gend (layout 7")

    # ---- readers ------------------------------------------------------------------------------

    def test_two_readers_while_a_run_is_written(self):
        self.bed.start_gend()
        run = self.run_some_seconds(1)
        connections = [sqlite3.connect(f"file:{self.bed.state}/results.db?mode=ro", uri=True)
                       for _ in range(2)]
        for connection in connections:
            self.addCleanup(connection.close)
            connection.execute("BEGIN")
        counts = [connection.execute("SELECT count(*) FROM seconds").fetchone()[0]
                  for connection in connections]
        eventually("the run goes on being written", lambda: self.seconds() >= counts[0] + 3)
        for connection, count in zip(connections, counts):  # each still sees its own moment
            self.assertEqual(connection.execute("SELECT count(*) FROM seconds").fetchone()[0],
                             count)
        kept, _ = history(self.bed.socket, run)
        self.assertGreaterEqual(kept, counts[0] + 3)
        self.assertNotIn("not_written", self.bed.runs()[0])

    def test_runs_are_removed_but_not_the_one_that_goes_on(self):
        self.bed.start_gend()
        self.expect(self.bed.ctl_done("run", self.bed.plan(1), "--quiet"), 0)
        old = self.bed.runs()[0]["id"]
        self.expect(self.bed.ctl_done("run", self.bed.plan(LONG), "--detach"), 0)
        going = self.bed.run_id()
        self.expect(self.bed.ctl_done("rm", going), 92, "is going on")
        self.expect(self.bed.ctl_done("rm", "20200101-000000-none", old), 2, f"run {old} is removed")
        self.assertEqual([each["id"] for each in self.bed.runs()], [going])
        self.assertEqual(ask(self.bed.socket, "GET", f"/v1/runs/{old}/history")[0], 404)
        self.expect(self.bed.ctl_done("show", old), 2)

    def test_old_runs_go_when_the_configuration_says_so(self):
        config = self.bed.dir / "gend.yaml"
        config.write_text("keep_runs: 2\n", encoding="utf-8")
        self.bed.start_gend("--config", config)
        for _ in range(3):
            self.expect(self.bed.ctl_done("run", self.bed.plan(1), "--quiet"), 0)
        eventually("the oldest is gone", lambda: len(self.bed.runs()) == 2)

    def test_no_secret_reaches_the_database(self):
        self.bed.start_gend()
        plan = self.bed.plan(1)
        plan.write_text(plan.read_text().replace(
            "seed: 1\n", f"seed: 1\nvars:\n  KEY: {{secret: true, default: {SECRET}}}\n").replace(
            "- get: /\n", "- get: /headers\n        headers: {x-key: \"${KEY}\"}\n"),
            encoding="utf-8")
        self.expect(self.bed.ctl_done("run", plan, "--quiet"), 0)
        text = self.sql("SELECT text FROM plans")[0][0]
        self.assertIn("x-key", text)
        self.assertNotIn(SECRET, text)
        for name in ("results.db", "results.db-wal"):
            self.assertNotIn(SECRET.encode(), (self.bed.state / name).read_bytes())

    # ---- the manual ---------------------------------------------------------------------------

    def test_every_query_of_the_manual_answers(self):
        self.bed.start_gend()
        plan = self.bed.plan(2, thresholds="thresholds:\n  http_req_failed: [\"rate>0.5\"]\n")
        self.expect(self.bed.ctl_done("run", plan, "--quiet"), 99)
        queries = re.findall(r"```sql\n(.*?)```", (DOCS / "results.md").read_text(), re.S)
        self.assertGreater(len(queries), 5)
        for query in queries:
            answer = subprocess.run(
                ["sqlite3", "-readonly", "-json", self.bed.state / "results.db", query],
                capture_output=True, text=True, timeout=PATIENCE, check=False)
            self.assertEqual(answer.returncode, 0, query + answer.stderr)
            rows = json.loads(answer.stdout or "[]")
            if "FROM events" in query:
                continue  # nobody did anything to the run
            self.assertTrue(rows, query)
            # A second without requests has no percentiles; not all are like that.
            self.assertTrue([row for row in rows if None not in row.values()], query)

    def test_the_manual_names_every_table_and_column(self):
        self.bed.start_gend()
        text = (DOCS / "results.md").read_text()
        for (table,) in self.sql("SELECT name FROM sqlite_schema WHERE type = 'table'"):
            line = re.search(rf"^\| `{table}` \|.*$", text, re.M)
            self.assertTrue(line, table)
            for column in self.sql(f"SELECT name FROM pragma_table_info('{table}')"):
                self.assertIn(f"`{column[0]}`", line.group(0))


if __name__ == "__main__":
    PROGRAMS.extend(sys.argv[1:4])
    threading.Thread(target=lambda: (threading.Event().wait(20 * PATIENCE), os._exit(3)),
                     daemon=True).start()
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)
