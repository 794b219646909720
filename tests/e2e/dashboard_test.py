"""genctl dashboard, as a person meets it: the page in headless Chromium while real load goes to a real
target. What the page says is held against what the target counted and what gend keeps."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import unittest

from bed import PATIENCE, Bed, ask, done, eventually, interrupt

PROGRAMS = sys.argv[1:4]
WEB = pathlib.Path(__file__).resolve().parents[2] / "web"
HOSTILE = '<img src=x onerror="window.hacked=1"></script><script>window.hacked=1</script>'


class Browser:
    """web/test/browser.mjs, a command at a time."""

    def __init__(self, test):
        node = shutil.which("node")
        if not node:
            test.skipTest("there is no node")
        self.process = subprocess.Popen([node, WEB / "test" / "browser.mjs"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        test.addCleanup(self.close)
        if not self.process.stdout.readline():
            _, why = self.process.communicate(timeout=PATIENCE)
            if self.process.returncode == 77:
                test.skipTest(why.strip())
            raise AssertionError(why)

    def close(self):
        try:
            self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()

    def do(self, what, **more):
        self.process.stdin.write(json.dumps({"do": what, **more}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise AssertionError(f"{what} {more}: {answer['error']}")
        return answer["value"]

    def eval(self, code):
        return self.do("eval", code=code)

    def live(self, name):
        """A text of the bar."""
        return self.eval(f"document.querySelector('[data-live=\"{name}\"]')?.textContent")

    def number(self, pointer):
        """The exact number that stands on the page for a place in its data."""
        value = self.eval("document.querySelector('data[data-at=' + "
                          f"JSON.stringify({json.dumps(pointer)}) + ']')?.value")
        return None if value is None else float(value)

    def version(self):
        return int(self.eval("document.querySelector('.live').dataset.version") or 0)

    def await_newer(self, more=1):
        wanted = self.version() + more
        eventually("newer data are on the page", lambda: self.version() >= wanted)

    def tried(self):
        """How often nothing but the page has done anything: never."""
        return self.do("seen")


class Dashboard(unittest.TestCase):
    def setUp(self):
        self.bed = Bed(*PROGRAMS)
        self.addCleanup(self.bed.__exit__)
        self.bed.start_target()

    def plan(self, scenario, seconds=300, name="steered"):
        file = self.bed.dir / "steered.yaml"
        file.write_text(
            f"name: {json.dumps(name)}\ntarget: http://{self.bed.target}\nseed: 1\n"
            "thresholds:\n  http_req_failed: [rate<0.5]\n"
            "scenarios:\n  crowd:\n    executor: externally-controlled\n"
            f"    duration: {seconds}s\n    gracefulStop: 5s\n{scenario}"
            f"    flow:\n      - get: /\n        name: {json.dumps(HOSTILE)}\n"
            "        check: {status: 200}\n      - think: 20ms\n", encoding="utf-8")
        return file

    def begin(self, scenario, **more):
        code, _, errors = self.bed.ctl_done("run", self.plan(scenario, **more), "--detach")
        self.assertEqual(code, 0, errors)
        return self.bed.run_id()

    def serve(self, *arguments):
        """A dashboard: its process and its address."""
        process = self.bed.ctl("dashboard", *arguments)
        line = process.stdout.readline()
        found = re.fullmatch(r"(http://127\.0\.0\.1:(\d+)/)([0-9a-f]{32})/\n", line)
        self.assertTrue(found, line or process.stderr.read())
        return process, line.strip()

    def call(self, url, method="GET", path="", host=None, body=None, token=None):
        """One request that a browser would not make: status, headers, body."""
        _, _, address, real, _ = url.split("/")
        connection = http.client.HTTPConnection(address, timeout=PATIENCE)
        try:
            connection.putrequest(method, f"/{real if token is None else token}/{path}",
                                  skip_host=True)
            connection.putheader("Host", host or address)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(None if body is None else body.encode())
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()
        finally:
            connection.close()

    def await_event(self, url, text):
        """Until a line of the stream has this text."""
        connection = http.client.HTTPConnection(url.split("/")[2], timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", f"/{url.split('/')[3]}/events")
            answer = connection.getresponse()
            self.assertEqual(answer.getheader("content-type"), "text/event-stream")
            said = iter(answer.readline, b"")
            self.assertTrue(any(text in line.decode() for line in said), "the stream has ended")

    def summary(self, run):
        return json.loads(ask(self.bed.socket, "GET", f"/v1/runs/{run}/summary")[1])

    def expect_page_of(self, browser, run):
        """Every number on the page is the one of the final summary."""
        data = {"summary": self.summary(run)}
        numbers = browser.eval("""(() => {
          for (const details of document.querySelectorAll('details')) details.open = true;
          return [...document.querySelectorAll('main data')].map(each =>
            [each.dataset.at, Number(each.value)]);
        })()""")
        checked = 0
        for pointer, shown in numbers:
            if not pointer.startswith("/summary/"):
                continue
            value = data
            for key in pointer.split("/")[1:]:
                key = key.replace("~1", "/").replace("~0", "~")
                value = value[int(key)] if isinstance(value, list) else value[key]
            self.assertEqual(shown, value, pointer)
            checked += 1
        self.assertGreater(checked, 50)

    def expect_harmless(self, browser):
        self.assertEqual(browser.eval("window.hacked ?? null"), None)
        self.assertTrue(browser.eval("document.querySelector('#steps').textContent.includes("
                                     f"{json.dumps(HOSTILE)})"))
        self.assertEqual(browser.eval("document.querySelectorAll('img, iframe, object').length"), 0)
        self.assertEqual(browser.tried(), {"errors": [], "strange": [], "dialogs": 0})

    def requests_of_target(self):
        return self.bed.truth()["requests"]

    def set(self, browser, name, value):
        browser.eval(f"document.querySelector('input[name={name}]').select()")
        browser.do("focus", selector=f"input[name={name}]")
        browser.do("type", text=value)
        browser.do("key", name="Enter")

    # ---- a run under way ------------------------------------------------------------------------

    def test_the_page_moves_with_the_run_steers_it_and_ends_as_its_report(self):
        self.bed.start_gend()
        run = self.begin("    vus: 2\n    maxVUs: 20\n", name="<b>hostile</b>")
        process, url = self.serve()
        browser = Browser(self)
        self.assertEqual(browser.do("open", url=url), 200)
        eventually("the bar says that it runs", lambda: browser.live("state") == "running")
        count = "/summary/metrics/http_reqs/values/count"
        eventually("there are requests on the page", lambda: browser.number(count))
        before = browser.number(count)
        eventually("there are more", lambda: browser.number(count) > before)
        eventually("users are in the bar", lambda: browser.live("users") == "2")
        # It has users, no rate.
        self.assertEqual(browser.eval("[...document.querySelectorAll('.live input')]"
                                      ".map(each => each.name)"), ["users"])
        self.expect_nothing_lost(browser)

        self.set(browser, "users", "5")
        eventually("there are five users", lambda: browser.live("users") == "5")
        self.set(browser, "users", "21")
        eventually("the refusal is on the page", lambda: "maxVUs, which is 20" in browser.eval(
            "document.querySelector('.said-here').textContent"))
        self.pause_and_resume(browser)
        events = [event["what"] for event in self.summary(run)["events"]]
        self.assertEqual(events, ["users set to 5", "paused", "resumed"])
        self.expect_harmless(browser)

        browser.do("click", selector=".live .stop")
        browser.do("click", selector="dialog .go-on")
        self.assertEqual(self.bed.run_id(), run)
        browser.do("click", selector=".live .stop")
        browser.do("click", selector="dialog .graceful")
        eventually("it is the final report", lambda: "final report" in browser.live("state"))
        self.assertEqual(self.bed.runs()[0]["state"], "finished")
        self.expect_page_of(browser, run)
        self.assertEqual(browser.number(count), self.requests_of_target())
        self.assertEqual(browser.eval("document.title"), "Stopped: <b>hostile</b>")
        self.expect_harmless(browser)
        interrupt(process)
        self.assertEqual(done(process)[0], 0)
        self.assertIn("final report", browser.live("state"))

    def expect_nothing_lost(self, browser):
        """What the reader did to the page survives newer data."""
        browser.eval("document.querySelector('#metrics details').open = true")
        browser.eval("document.querySelector('#chart-load details').open = true")
        browser.do("click", selector="nav .theme")
        theme = browser.eval("document.documentElement.dataset.theme")
        browser.do("focus", selector="#chart-requests .plot")
        span = "document.querySelector('#chart-users .plot').dataset.span"
        browser.await_newer(2)  # something to zoom into
        browser.do("key", name="+")
        zoomed = eventually("the charts are zoomed", lambda: browser.eval(span))
        top = "document.querySelector('#chart-requests').getBoundingClientRect().top"
        browser.eval("document.querySelector('#chart-requests').scrollIntoView()")
        at = browser.eval(top)
        plot = "document.querySelector('#chart-requests .plot canvas')"
        browser.eval(f"window.kept = {plot}; 0")
        browser.await_newer(3)
        self.assertTrue(browser.eval("document.querySelector('#metrics details').open"))
        self.assertTrue(browser.eval("document.querySelector('#chart-load details').open"))
        self.assertEqual(browser.eval("document.documentElement.dataset.theme"), theme)
        self.assertEqual(browser.eval(span), zoomed)
        self.assertEqual(browser.eval("document.activeElement.closest('figure')?.id"),
                         "chart-requests")
        self.assertTrue(browser.eval(f"window.kept === {plot}"))
        self.assertAlmostEqual(browser.eval(top), at, delta=2)
        rows = browser.eval("document.querySelectorAll('#chart-load details tbody tr').length")
        points = browser.eval("parseInt(document.querySelector('#charts .words').textContent)")
        self.assertEqual(rows, points)
        browser.do("key", name="0")
        eventually("all of the run is shown", lambda: browser.eval(span) != zoomed)

    def pause_and_resume(self, browser):
        browser.do("click", selector=".live .pause")
        eventually("the bar says paused", lambda: browser.live("state") == "running, paused")

        def stands_still():
            before, moment = self.requests_of_target(), browser.live("time")
            eventually("time passes on the page", lambda: browser.live("time") != moment)
            return self.requests_of_target() == before
        eventually("nothing arrives any more", stands_still)
        before = self.requests_of_target()
        browser.do("click", selector=".live .pause")
        eventually("they come again", lambda: self.requests_of_target() > before)
        eventually("the bar says so", lambda: browser.live("state") == "running")

    def test_a_rate_is_set_where_the_plan_has_one_and_a_run_is_cut_off(self):
        self.bed.start_gend()
        run = self.begin("    rate: 10\n    preAllocatedVUs: 50\n")
        _, url = self.serve(run)
        browser = Browser(self)
        browser.do("open", url=url, width=360, height=740)
        eventually("the bar says that it runs", lambda: browser.live("state") == "running")
        self.assertEqual(browser.eval("[...document.querySelectorAll('.live input')]"
                                      ".map(each => each.name)"), ["rate"])
        self.set(browser, "rate", "soon")
        eventually("the refusal is on the page", lambda: '"600/min"' in browser.eval(
            "document.querySelector('.said-here').textContent"))
        self.set(browser, "rate", "6000/min")
        eventually("a hundred a second come", lambda: re.fullmatch(
            r"(9[5-9]|10[0-5])(\.\d+)?/s", browser.live("rate")))
        # It fits a phone.
        self.assertLessEqual(browser.eval("document.documentElement.scrollWidth"), 360)
        browser.do("focus", selector=".live .stop")
        browser.do("key", name="Enter")
        browser.do("focus", selector="dialog .at-once")
        browser.do("key", name="Enter")
        eventually("it is the final report", lambda: "final report" in browser.live("state"))
        self.expect_page_of(browser, run)
        self.assertTrue(browser.eval("document.querySelector('.controls').hidden"))

    def test_a_run_that_cannot_be_steered_can_only_be_stopped(self):
        self.bed.start_gend()
        code, _, errors = self.bed.ctl_done("run", self.bed.plan(300), "--detach")
        self.assertEqual(code, 0, errors)
        _, url = self.serve()
        browser = Browser(self)
        browser.do("open", url=url)
        eventually("the bar says that it runs", lambda: browser.live("state") == "running")
        self.assertEqual(browser.eval("[...document.querySelectorAll('.controls button')]"
                                      ".map(each => each.className)"), ["stop"])
        status, _, body = self.call(url, "POST", "pause", body="")
        self.assertEqual(status, 409)
        self.assertIn("externally-controlled", json.loads(body)["detail"])

    # ---- what goes wrong ------------------------------------------------------------------------

    def test_a_daemon_that_is_killed_is_said_and_what_it_left_is_shown(self):
        daemon = self.bed.start_gend()
        run = self.begin("    vus: 2\n")
        process, url = self.serve()
        other, events = self.serve()
        browser = Browser(self)
        browser.do("open", url=url)
        count = "/summary/metrics/http_reqs/values/count"
        eventually("there are requests on the page", lambda: browser.number(count))
        daemon.kill()
        done(daemon)
        self.await_event(events, '"state":"lost"')
        interrupt(other)
        self.assertEqual(done(other)[0], 95)
        eventually("the page says so", lambda: "gend lost" in (browser.live("state") or ""))
        self.assertTrue(browser.eval("[...document.querySelectorAll('.controls button')]"
                                     ".every(each => each.disabled)"))
        self.assertGreater(browser.number(count), 0)
        # It comes back, and knows how far the run was.
        self.bed.start_gend()
        eventually("it is the final report", lambda: "final report" in browser.live("state"))
        self.assertEqual(browser.eval("document.title"), "Lost: steered")
        self.expect_page_of(browser, run)
        interrupt(process)
        self.assertEqual(done(process)[0], 0)

    def test_a_dashboard_that_ends_leaves_the_run_and_is_missed_on_the_page(self):
        self.bed.start_gend()
        run = self.begin("    vus: 1\n")
        process, url = self.serve()
        browser = Browser(self)
        browser.do("open", url=url)
        eventually("the bar says that it runs", lambda: browser.live("state") == "running")
        interrupt(process)
        code, _, errors = done(process)
        self.assertEqual(code, 0)
        self.assertIn(f"run {run} is at this address until Ctrl-C; the run itself is left alone",
                      errors)
        eventually("the page says so", lambda: "genctl lost" in browser.live("state"))
        self.assertEqual(self.bed.run_id(), run)

    def test_whoever_has_not_the_address_has_nothing(self):
        self.bed.start_gend()
        run = self.begin("    vus: 1\n")
        _, url = self.serve()
        token = url.split("/")[3]
        for wrong in ("", "0" * 32, token[:-1], token + "0", token[:-1] + "g", token.upper() + "x"):
            for method, path in (("GET", ""), ("GET", "data"), ("GET", "events"), ("POST", "stop")):
                status, _, body = self.call(url, method, path, token=wrong)
                self.assertEqual((status, body), (404, "not found\n"), wrong)
        port = url.split("/")[2].split(":")[1]
        for host in ("evil.example", f"evil.example:{port}", f"127.0.0.2:{port}", "127.0.0.1"):
            for method, path in (("GET", ""), ("GET", "data"), ("GET", "events"), ("POST", "stop")):
                self.assertEqual(self.call(url, method, path, host=host)[0], 421, host)
        status, headers, _ = self.call(url, host=f"localhost:{port}")
        self.assertEqual(status, 200)
        self.assertFalse([name for name in headers if name.lower().startswith("access-control")])
        self.assertEqual(self.call(url, "POST", "users", body="x" * 5000)[0], 413)
        with self.assertRaises(OSError):
            http.client.HTTPConnection("127.0.0.2", int(port), timeout=PATIENCE).connect()
        self.assertEqual(self.bed.run_id(), run)

    def test_without_a_run_or_a_port_it_says_so(self):
        self.assertEqual(self.bed.ctl_done("dashboard")[0], 91)
        self.bed.start_gend()
        code, output, errors = self.bed.ctl_done("dashboard")
        self.assertEqual((code, output), (2, ""))
        self.assertIn("no run is going on", errors)
        code, _, errors = self.bed.ctl_done("dashboard", "20200101-000000-none")
        self.assertEqual(code, 2, errors)
        self.assertIn("20200101-000000-none", errors)
        self.begin("    vus: 1\n")
        _, url = self.serve()
        port = url.split("/")[2].split(":")[1]
        code, _, errors = self.bed.ctl_done("dashboard", "--port", port)
        self.assertEqual(code, 94)
        self.assertIn(f"127.0.0.1:{port}: Address already in use", errors)

    # ---- a run that is over ---------------------------------------------------------------------

    def test_a_run_that_is_over_is_its_report(self):
        self.bed.start_gend()
        self.assertEqual(self.bed.ctl_done("run", self.bed.plan(2))[0], 0)
        run = self.bed.runs()[0]["id"]
        _, url = self.serve(run)
        browser = Browser(self)
        browser.do("open", url=url)
        eventually("it is the final report", lambda: "final report" in browser.live("state"))
        self.expect_page_of(browser, run)
        status, _, body = self.call(url, "POST", "stop", body="")
        self.assertEqual(status, 409, body)
        self.assertEqual(browser.tried()["errors"], [])

    def test_a_run_can_bring_its_page_along_until_its_end(self):
        process = self.bed.start(self.bed.genctl, "run", self.bed.plan(300), "--local",
                                 "--dashboard")
        said = iter(process.stderr.readline, "")
        url = next(found.group(0) for found in (re.search(r"http://\S+/", line) for line in said)
                   if found)
        browser = Browser(self)
        browser.do("open", url=url)
        eventually("the bar says that it runs", lambda: browser.live("state") == "running")
        eventually("there are data on the page", lambda: browser.version() > 0)
        # Who serves them is gone before this browser could fetch its last data.
        browser.eval("""(() => {
          const real = window.fetch;
          window.fetch = (what, how) => what === 'data' ? new Promise(() => {}) : real(what, how);
        })()""")
        browser.do("click", selector=".live .stop")
        browser.do("click", selector="dialog .graceful")
        eventually("it is the final report", lambda: "final report" in browser.live("state"))
        self.assertEqual(browser.eval("document.title"), "Stopped: small")
        code, output, _ = done(process)
        self.assertEqual(code, 105)
        shown = re.search(r"([\d,]+) requests", output)
        self.assertTrue(shown, output)
        self.assertEqual(browser.number("/summary/metrics/http_reqs/values/count"),
                         self.requests_of_target())

    def test_open_gives_the_address_to_the_browser_and_to_nobody_else(self):
        self.bed.start_gend()
        self.begin("    vus: 1\n")
        folder = self.bed.dir / "bin"
        folder.mkdir()
        opener = folder / "xdg-open"
        opener.write_text('#!/bin/sh\necho "$@" >"$0.arguments.new"\ncp -p "$1" "$0.page"\n'
                          'mv "$0.arguments.new" "$0.arguments"\n', encoding="utf-8")
        opener.chmod(0o755)
        plain = self.bed.environment()
        self.bed.environment = lambda: plain | {"PATH": f"{folder}:{os.environ['PATH']}"}
        process, url = self.serve("--open")
        said = folder / "xdg-open.arguments"
        eventually("the browser is started", said.exists)
        page = folder / "xdg-open.page"
        self.assertNotIn(url.split("/")[3], said.read_text())
        self.assertIn(f"0; url={url}", page.read_text())
        self.assertEqual(stat.S_IMODE(page.stat().st_mode), 0o600)
        interrupt(process)
        self.assertEqual(done(process)[0], 0)
        self.assertFalse(pathlib.Path(said.read_text().strip()).exists())


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)
