"""Readers that are not ours read a run whose names are as bad as names can be: Python's csv and XML,
junitparser, and cmark-gfm for Markdown. Each must find what was written and nothing more.
  read_formats.py WRITE_FORMATS"""

import csv
import html.parser
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

try:
    import junitparser
except ImportError:
    junitparser = None

WRITER = sys.argv.pop(1)
BIDI = {0x061c, 0x200e, 0x200f, *range(0x2028, 0x202f), *range(0x2066, 0x206a), 0xfeff}


def shown(name):
    """A name as a report shows it: what could move a cursor or turn text around is spelled out."""
    out = ""
    for c in name:
        n = ord(c)
        if c in "\n\r\t":
            out += {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[c]
        elif n < 0x20 or 0x7f <= n < 0xa0:
            out += f"\\x{n:02x}"
        elif n in BIDI:
            out += f"\\u{{{n:x}}}"
        else:
            out += c
    return out


class Elements(html.parser.HTMLParser):
    """The elements of a page, and the text of each <code>."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.codes, self.rows, self.tables, self.depth = [], [], [], 0, 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(sorted(name for name, _ in attrs))))
        if tag == "code":
            self.depth += 1
            self.codes.append("")
        if tag == "table":
            self.tables += 1
            self.rows.append([])
        if tag == "tr":
            self.rows[-1].append(0)
        if tag in ("td", "th"):
            self.rows[-1][-1] += 1

    def handle_endtag(self, tag):
        if tag == "code":
            self.depth -= 1

    def handle_data(self, data):
        if self.depth:
            self.codes[-1] += data

    def handle_comment(self, data):
        self.tags.append(("comment", ()))


class Formats(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="gend-formats-")
        cls.folder = pathlib.Path(cls.temporary.name)
        subprocess.run([WRITER, cls.folder], check=True, timeout=60)
        cls.truth = json.loads((cls.folder / "truth.json").read_text("utf-8"))
        cls.names = cls.truth["names"]

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    # ---- CSV ----

    def rows(self, name):
        with open(self.folder / name, newline="", encoding="utf-8") as file:
            table = list(csv.reader(file, strict=True))
        for row in table:
            self.assertEqual(len(row), len(table[0]), row)
        return [dict(zip(table[0], row)) for row in table[1:]]

    def test_no_cell_is_a_formula(self):
        for row in self.rows("seconds.csv"):
            for cell in row.values():
                if cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
                    float(cell)

    def test_names_come_back(self):
        def plain(cell):
            return cell[1:] if re.match("'[=+@\t-]", cell) else cell
        found = {plain(row["name"]) for row in self.rows("seconds.csv") if row["of"] == "series"}
        self.assertLessEqual(set(self.names), found)

    def test_the_parts_of_a_metric_make_the_whole(self):
        for file in ("seconds.csv", "pairs.csv"):
            sums = {}
            for row in self.rows(file):
                if row["count"]:
                    key = row["from_s"], row["metric"], row["of"]
                    sums[key] = sums.get(key, 0) + float(row["count"])
            wholes = {key: n for key, n in sums.items() if key[2] == "metric"}
            self.assertTrue(wholes)
            for (second, metric, _), n in wholes.items():
                self.assertAlmostEqual(sums[second, metric, "series"], n)
            for second in {key[0] for key in wholes}:
                n = wholes[second, "http_reqs", "metric"]
                self.assertEqual(sums[second, "http_reqs", "end"], n)
                self.assertEqual(sums[second, "http_reqs", "facet"], n)
            total = sum(n for key, n in wholes.items() if key[1] == "http_reqs")
            self.assertEqual(total, self.truth["requests"])

    def test_numbers_are_those_that_were_recorded(self):
        rows = [r for r in self.rows("seconds.csv") if r["of"] == "metric"]
        self.assertEqual(sorted({float(r["from_s"]) for r in rows}), [0, 1, 3, 4])
        for each in self.truth["recorded"]:
            row, = [r for r in rows
                    if r["metric"] == each["metric"] and float(r["from_s"]) == each["second"]]
            values = sorted(each["values"])
            self.assertEqual(int(row["count"]), len(values))
            self.assertEqual(float(row["per_s"]), len(values))
            self.assertEqual(float(row["min"]), values[0] / 1e6)
            self.assertEqual(float(row["max"]), values[-1] / 1e6)
            self.assertAlmostEqual(float(row["avg"]), sum(values) / len(values) / 1e6, delta=1e-6)
            for column, percent in (("med", 50), ("p90", 90), ("p95", 95), ("p99", 99)):
                rank = max(-(-len(values) * percent // 100), 1)
                exact = values[rank - 1] / 1e6
                self.assertAlmostEqual(float(row[column]), exact, delta=exact / 256 + 1e-9)
        failed = [r for r in rows if r["metric"] == "http_req_failed"]
        self.assertEqual(sum(int(r["hits"]) for r in failed), self.truth["failed"])
        users = [float(r["value"]) for r in rows if r["metric"] == "vus"]
        self.assertEqual(users, [10, 11, 13, 14])
        self.assertEqual(rows[0]["time"], "2026-11-21T01:43:09.042Z")
        self.assertEqual([r["count"] for r in rows if r["metric"] == "orders"], ["0.25"] * 4)

    def test_longer_windows_are_sums(self):
        rows = [r for r in self.rows("pairs.csv")
                if r["of"] == "metric" and r["metric"] == "http_reqs"]
        self.assertEqual([(r["from_s"], r["to_s"]) for r in rows],
                         [("0", "2"), ("3", "4"), ("4", "5")])

    # ---- JUnit ----

    def test_junit_is_what_a_parser_reads(self):
        if junitparser is None:
            self.skipTest("no junitparser: scripts/packages.sh test")
        xml = junitparser.JUnitXml.fromfile(str(self.folder / "junit.xml"))
        suites = {suite.name: suite for suite in xml}
        self.assertEqual(list(suites), ["run", "thresholds", "checks"])
        before = (xml.tests, xml.failures, xml.errors)
        xml.update_statistics()
        self.assertEqual((xml.tests, xml.failures, xml.errors), before)
        for suite in suites.values():
            counted = (suite.tests, suite.failures, suite.errors, suite.skipped)
            suite.update_statistics()
            self.assertEqual((suite.tests, suite.failures, suite.errors, suite.skipped), counted)
        self.assertEqual(suites["run"].errors, 0)  # its thresholds say what failed
        self.assertEqual(suites["thresholds"].tests, len(self.names) + 1)
        failed = [case.name for case in suites["thresholds"]
                  if any(isinstance(r, junitparser.Failure) for r in case.result)]
        self.assertIn("http_req_failed: rate<0.01", failed)
        checks = {case.name: case for case in suites["checks"]}
        self.assertTrue(isinstance(checks["never reached"].result[0], junitparser.Skipped))
        failures = [name for name, case in checks.items()
                    if case.result and isinstance(case.result[0], junitparser.Failure)]
        self.assertEqual(failures, [shown(self.names[1])])

    def test_names_are_text_in_xml(self):
        root = ElementTree.parse(self.folder / "junit.xml").getroot()
        self.assertEqual({e.tag for e in root.iter()},
                         {"testsuites", "testsuite", "testcase", "properties", "property",
                          "failure", "skipped", "system-out"})
        found = {e.get("name") for e in root.iter("testcase")}
        for name in self.names:
            self.assertIn(shown(name).replace("\uffff", "\ufffd"), found)
        for e in root.iter("testsuite"):
            self.assertRegex(e.get("time"), r"^[0-9]+\.[0-9]{3}$")
            self.assertEqual(e.get("timestamp"), "2026-11-21T01:43:09")
        self.assertIn("THRESHOLDS", root.find(".//system-out").text)

    # ---- Markdown ----

    def page(self):
        renderer = shutil.which("cmark-gfm")
        if renderer is None:
            self.skipTest("no cmark-gfm: scripts/packages.sh test")
        return Elements(subprocess.run(
            [renderer, "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough",
             "-e", "tasklist", self.folder / "report.md"],
            check=True, capture_output=True, text=True, timeout=60).stdout)

    def test_names_are_never_markup(self):
        page = self.page()
        self.assertLessEqual({tag for tag, _ in page.tags},
                             {"h2", "h3", "p", "strong", "blockquote", "code", "ul", "li", "table",
                              "thead", "tbody", "tr", "th", "td"})
        self.assertLessEqual({name for _, names in page.tags for name in names}, {"align"})
        self.assertEqual(sum(tag == "h2" for tag, _ in page.tags), 1)

    def test_every_row_has_all_cells(self):
        page = self.page()
        self.assertGreaterEqual(page.tables, 5)
        for table in page.rows:
            self.assertEqual(len(set(table)), 1, table)

    def test_names_are_readable_in_markdown(self):
        codes = self.page().codes
        for name in self.names:
            self.assertIn("GET " + shown(name), codes)
            self.assertIn(shown(name), codes + ["plain", "+1", "-2+3", "漢字 😀", "'apostrophe'"])

    def test_nobody_is_notified(self):
        """GitHub finds mentions and references in text, never in code."""
        text = (self.folder / "report.md").read_text("utf-8")
        text = re.sub("<code>.*?</code>", "", text)
        text = re.sub("`[^`\n]+`", "", text)
        self.assertNotIn("@", text)
        self.assertNotRegex(text, r"#\d")
        self.assertNotIn("://", text)

    # ---- k6's schema ----

    def test_k6s_schema_has_its_members_and_no_others(self):
        summary = json.loads((self.folder / "k6.json").read_text("utf-8"))
        self.assertEqual(set(summary), {"version", "metadata", "config", "results"})
        self.assertEqual(summary["version"], "1.0.0")
        self.assertEqual(summary["metadata"],
                         {"generatedAt": "2026-11-21T01:43:14.042Z", "k6Version": "0.1.0"})
        self.assertEqual(summary["config"],
                         {"duration": 5.0, "execution": "local", "script": "=plan.yaml"})
        values = {"counter": {"count"}, "gauge": {"value", "min", "max"},
                  "rate": {"rate", "matches", "total"},
                  "trend": {"avg", "min", "med", "max", "p(90)", "p(95)"}}
        results = summary["results"]
        self.assertEqual(set(results), {"metrics", "checks"})
        self.assertEqual(set(results["checks"]), {"metrics", "results"})
        for metric in results["metrics"] + results["checks"]["metrics"]:
            self.assertEqual(set(metric), {"name", "type", "contains", "values"})
            self.assertIn(metric["contains"], ("default", "time", "data"))
            self.assertEqual(set(metric["values"]), values[metric["type"]], metric)
        named = {metric["name"]: metric["values"] for metric in results["metrics"]}
        self.assertEqual(named["http_reqs"], {"count": self.truth["requests"]})
        self.assertEqual(named["http_req_failed"]["matches"], self.truth["failed"])
        self.assertEqual([m["name"] for m in results["checks"]["metrics"]],
                         ["checks_total", "checks_failed", "checks_succeeded"])
        self.assertEqual({c["name"] for c in results["checks"]["results"]},
                         set(self.names) | {"never reached"})


if __name__ == "__main__":
    unittest.main()
