#!/usr/bin/env python3
"""Data from files, all the way: fixtures of `genctl data`, sent to a daemon, row by row at the target."""

import json
import os
import sys
import unittest
import urllib.request

from bed import Bed

PROGRAMS = []


class Data(unittest.TestCase):
    def setUp(self):
        self.bed = Bed(*PROGRAMS)
        self.addCleanup(self.bed.__exit__)

    def ctl(self, *arguments, code=0):
        got, output, errors = self.bed.ctl_done(*arguments)
        self.assertEqual(got, code, output + errors)
        return output + errors

    def write(self, name, text):
        file = self.bed.dir / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def run_plan(self, text):
        summary = self.bed.dir / "summary.json"
        self.ctl("run", self.write("plan.yaml", text), "--summary-json", summary)
        return json.loads(summary.read_text())

    def truth(self, path):
        with urllib.request.urlopen(f"http://{self.bed.target}{path}", timeout=20) as answer:
            return json.load(answer)

    def test_each_user_has_a_row_of_its_own_and_the_target_knows_every_one(self):
        self.bed.start_target()
        self.bed.start_gend()
        out = self.bed.dir / "data"
        said = self.ctl("data", "villages", "--out", out)
        self.assertIn("villagers.csv: 1,000 users of 100 villages", said)
        # A login in each user's first iteration only: as many hits as users, one each.
        summary = self.run_plan(f"""
name: rows
target: http://{self.bed.target}
seed: 3
data:
  user: {{file: data/villagers.csv, order: unique}}
scenarios:
  first: {{executor: constant-vus, vus: 60, duration: 1s, flow: [call: login, think: 50ms]}}
  second: {{executor: constant-vus, vus: 40, duration: 1s, flow: [call: login, think: 50ms]}}
flows:
  login:
    - once:
        - post: /auth/login
          json: {{email: "${{user.email}}", password: "${{user.password}}"}}
          expect: {{status: 200, "json $.user.village_id": exists}}
thresholds: {{checks: ["rate==1"]}}
""")
        self.assertEqual(summary["metrics"]["http_reqs"]["values"]["count"], 100)
        counts = self.truth("/counts/users")
        self.assertEqual([counts[k] for k in ("users", "hits", "min", "max")], [100, 100, 1, 1])

    def test_tokens_of_the_fixtures_are_taken_and_tags_count_each_village(self):
        self.bed.start_target()
        self.bed.start_gend()
        self.ctl("data", "villages", "--out", self.bed.dir / "data", "--seed", "7")
        summary = self.run_plan(f"""
name: villages
target: http://{self.bed.target}
data: {{user: {{file: data/villagers.json, order: unique}}}}
scenarios:
  s:
    executor: constant-vus
    vus: 50
    duration: 1s
    tags: {{village: "${{user.village_id}}"}}
    flow:
      - get: /api/villages/${{user.village_id}}
        auth: {{bearer: "${{user.token}}"}}
        expect: {{status: 200}}
      - think: 50ms
thresholds: {{http_req_failed: ["rate==0"], "http_reqs{{village:1}}": ["count>=0"]}}
""")
        counts = self.truth("/counts/users")
        self.assertEqual(counts["users"], 50)
        self.assertEqual(counts["hits"], summary["metrics"]["http_reqs"]["values"]["count"])

    def test_a_line_end_in_a_value_never_reaches_the_wire(self):
        self.bed.start_target()
        self.bed.start_gend()
        self.write("keys.csv", 'key,page\ngood,1\n"bad\r\nx-injected: 1","2\r\nx-injected: 1"\n')
        before = self.truth("/counts")
        summary = self.run_plan(f"""
name: lines
target: http://{self.bed.target}
data: {{k: {{file: keys.csv, order: unique}}}}
scenarios:
  s:
    executor: constant-vus
    vus: 2
    duration: 1s
    flow:
      - think: 100ms
      - get: /echo?page=${{k.page}}
        check: {{"json $.headers['x-injected']": not exists, "json $.headers.host": exists}}
      - get: /bytes/3
        headers: {{x-api-key: "${{k.key}}"}}
thresholds: {{checks: ["rate==1"]}}
""")
        counts = self.truth("/counts")
        requests = summary["metrics"]["http_reqs"]["values"]["count"]
        self.assertEqual(counts["requests"] - before["requests"], requests)
        self.assertEqual(counts["malformed"], 0)
        failed = summary["metrics"]["failed_iterations"]["values"]["count"]
        self.assertGreater(failed, 0)
        iterations = summary["metrics"]["iterations"]["values"]["count"]
        self.assertEqual(requests, 2 * iterations - failed)

    def test_a_bad_file_is_complained_of_by_its_path_and_line_before_anything_is_sent(self):
        self.bed.start_target()
        self.bed.start_gend()
        self.write("rows/users.csv", "email,name\na,b\nc\n")
        plan = self.write("plan.yaml", f"""target: http://{self.bed.target}
data: {{user: {{file: rows/users.csv}}}}
scenarios: {{s: {{executor: constant-vus, duration: 1s, flow: [get: "/${{user.email}}"]}}}}
""")
        for command in ("check", "run", "explain"):
            said = self.ctl(command, plan, code=104)
            self.assertIn(f"{self.bed.dir}/rows/users.csv:3: 1 value, expected 2", said)

    def test_too_few_rows_are_complained_of_before_the_run(self):
        self.write("users.csv", "email\na\nb\n")
        plan = self.write("plan.yaml", """target: http://127.0.0.1:9
data: {user: {file: users.csv, order: unique}}
scenarios: {s: {executor: constant-vus, vus: 3, duration: 1s, flow: [get: "/${user.email}"]}}
""")
        said = self.ctl("check", plan, code=104)
        self.assertIn('data "user" has 2 rows, and 3 users need one each', said)

    # ---- genctl data --------------------------------------------------------------------------

    def test_every_kind_is_written_and_removed_again(self):
        out = self.bed.dir / "data"
        for kind, file in {"villages": "villagers.csv", "shop": "products.json",
                           "tenants": "tenants.csv", "community": "members.csv"}.items():
            self.ctl("data", kind, "--out", out)
            self.assertEqual(os.stat(out / file).st_mode & 0o777, 0o600)
        self.assertEqual(len(list(out.iterdir())), 16)
        (out / "members.csv").write_text("mine now")
        for kind in ("villages", "shop", "tenants", "community"):
            said = self.ctl("data", kind, "--out", out, "--teardown")
        self.assertIn("members.csv: kept, it was changed since it was written", said)
        self.assertEqual([each.name for each in out.iterdir()], ["members.csv"])

    def test_what_cannot_be_done_is_said(self):
        out = self.bed.dir / "data"
        out.mkdir()
        (out / "tenants.csv").write_text("theirs")
        said = self.ctl("data", "tenants", "--out", out, code=2)
        self.assertIn("tenants.csv exists already", said)
        self.assertEqual((out / "tenants.csv").read_text(), "theirs")
        self.ctl("data", "tenants", "--out", out, "--force")
        self.assertIn("at most 1000000",
                      self.ctl("data", "villages", "--villages", "100000", "--users-per-village",
                               "1000", "--out", out, code=2))
        self.assertIn("customers", self.ctl("data", "shop", "--customers", "1001", code=2))
        self.ctl("data", "villages", "--villages", "0", code=2)
        self.ctl("data", "cities", code=2)
        self.ctl("data", code=2)
        self.ctl("data", "villages", "--out", "/proc/none", code=2)
        self.ctl("data", "shop", "--out", out, "--teardown", code=2)


if __name__ == "__main__":
    PROGRAMS[:] = sys.argv[1:4]
    del sys.argv[1:4]
    unittest.main()
