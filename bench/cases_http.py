"""Small answers, large ones, a connection for each request, and requests that depend on answers."""

import os
import tempfile

import targets
from bench import Case
from goals import Figure, Goal, Ratio
from tools import BareRing

COLUMNS = [("cpu_us", "CPU us/request", "{:.2f}"), ("user_us", "of it user", "{:.2f}"),
           ("rate", "requests/s", "{:,.0f}"), ("switches", "switches/request", "{:.3f}"),
           ("peak_mb", "peak MiB", "{:.0f}"), ("errors", "errors", "{:.0f}")]
STEADY = [*COLUMNS, ("steady_us", "steady us", "{:.2f}"), ("syscalls", "own syscalls", "{:.3f}")]


def keep_alive(connections):
    def run(bench):
        # With one request under way there is nothing to collect.
        rings = bench.wait_policies if connections > 1 else bench.wait_policies[:1]
        return bench.compare(f"keep-alive-{connections}", bench.load(connections),
                             [*rings, bench.epoll, *bench.others, bench.gend],
                             how={"gend": bench.gend.measure_steady,
                                  "Artillery": bench.artillery.measure_steady})

    goals = []
    if connections in (64, 1000):
        goals = [
            Goal("gend / bare ring at its best, CPU a request (steady)",
                 Ratio("steady_us", "gend", "bare ring*", under_key="cpu_us"), most=1.10),
            Goal("gend / wrk, CPU a request", Ratio("cpu_us", "gend", "wrk"),
                 most=0.85 if connections == 64 else 0.65),
            Goal("gend / Artillery, CPU a request (steady)",
                 Ratio("steady_us", "gend", "Artillery"), most=round(1 / 60, 4)),
            Goal("gend in user space (steady)", Figure("steady_user_us"), most=0.6, unit="us"),
            Goal("bare epoll / bare ring at its best, CPU a request",
                 Ratio("cpu_us", "bare epoll", "bare ring*")),
        ]
    if connections == 1000:
        goals.append(Goal("gend, system calls a request", Figure("syscalls"), most=0.2))
    return Case(f"keep-alive-{connections}",
                f"Small GET, keep-alive, {connections:,} connection{'s' * (connections > 1)}", run,
                STEADY, goals, "nginx answers 13 bytes.")


def bodies(size, words):
    def run(bench):
        rings = [BareRing(bench, f"bare ring, {wait} a wait, {count:,} buffers of {kib} KiB", wait,
                          linger, kib * 1024, count)
                 for wait, linger, kib, count in ((1, 0, 4, 4096), (1, 0, 64, 16), (8, 50, 64, 16),
                                                  (8, 50, 64, 256))]
        load = bench.load(64, path=f"/bytes/{size}")
        found = bench.compare(f"body-{size}", load,
                              [*rings, bench.epoll, bench.wrk, bench.h2load, bench.gend])
        for each in found["results"].values():
            for row in [*each["rounds"], each["median"]]:
                if row:
                    row["mb_s"] = row["rate"] * size / 1e6
        return found

    return Case(f"body-{size}", f"Bodies of {words}, 64 connections", run,
                [("mb_s", "MB/s", "{:,.0f}"), *COLUMNS],
                [Goal("gend / bare ring at its best, MB/s",
                      Ratio("mb_s", "gend", "bare ring*", best=max), least=0.95)],
                "nginx, a file by sendfile; megabytes of bodies.")


def reconnect(bench):
    return bench.compare("reconnect-64", bench.load(64, reconnect=True),
                         [*bench.others, bench.gend])


WRK_SCRIPT = """-- What the plan of gend does: capture two values, fill them in, check two things.
local cursor, first, wrong = "c0", "0", 0
local headers = {["content-type"] = "application/json"}
function request()
  return wrk.format("POST", "/items", headers,
    '{"cursor":"' .. cursor .. '","first":' .. first .. ',"amount":3,"note":"as before"}')
end
function response(status, _, body)
  cursor = body:match('"next": "([^"]*)"')
  first = body:match('"id": (%d+)')
  if status ~= 200 or not body:find('"ok": true', 1, true) then wrong = wrong + 1 end
end
"""
BEGINNING = {"once": [{"set": {"next": {"text": "c0"}, "first": 0}}]}
CAPTURE = {"next": "json $.next", "first": "json $.items[0].id"}
CHECK = {"status": 200, "json $.ok": True}
POST = [BEGINNING, {"post": "/items", "capture": CAPTURE, "check": CHECK,
                    "json": {"cursor": "${next}", "first": "${first}", "amount": 3,
                             "note": "as before"}}]


def artillery_post(bench, load):
    script = bench.artillery.script(load)
    loop = script["scenarios"][0]["flow"][0]
    loop["loop"] = [{"post": {
        "url": "/items", "json": {"cursor": "{{ next }}", "first": "{{ first }}", "amount": 3,
                                  "note": "as before"},
        "capture": [{"json": "$.next", "as": "next"}, {"json": "$.items[0].id", "as": "first"},
                    {"json": "$.ok", "as": "ok"}]}}]
    return bench.artillery.figures(load.seconds, *bench.artillery.carry_out(script))


def post(bench):
    with tempfile.TemporaryDirectory(prefix="gend-bench-") as folder:
        script = os.path.join(folder, "post.lua")
        with open(script, "w", encoding="utf-8") as file:
            file.write(WRK_SCRIPT)
        return bench.compare(
            "post-json-64", bench.load(64, path="/items"), [bench.wrk, bench.artillery, bench.gend],
            how={"wrk": lambda load: bench.wrk.measure(load, script),
                 "gend": lambda load: bench.gend.measure(load, POST),
                 "Artillery": lambda load: artillery_post(bench, load)})


# One request whose URL and header hold what the last answer gave.
FLOW = [BEGINNING, {"get": "/items", "name": "items", "headers": {"x-last": "${first}"},
                    "query": {"cursor": "${next}", "user": "${vu}"}, "capture": CAPTURE,
                    "check": CHECK}]


def flow(connections):
    def run(bench):
        import measure
        load = bench.load(connections, path="/items")
        return {"results": measure.alternate(f"flow-{connections}", {
            "bare GET": lambda: bench.gend.measure(load),
            "capture, template, check": lambda: bench.gend.measure(load, FLOW)}, bench.rounds)}

    return Case(f"flow-{connections}",
                f"gend: 1 KiB of JSON captured, filled in and checked, {connections:,} connections",
                run, COLUMNS,
                [Goal("flow / bare GET, CPU a request",
                      Ratio("cpu_us", "capture, template, check", "bare GET"), most=2)],
                "Two captures, a templated URL and header, two checks, beside a bare GET of the "
                "bytes.")


CASES = [
    *map(keep_alive, (1, 64, 1000, 10000)),
    bodies(targets.KIB_16, "16 KiB"),
    bodies(targets.MIB_1, "1 MiB"),
    Case("reconnect-64", "A connection for every request, 64 at once", reconnect, COLUMNS,
         [Goal("gend / wrk, requests/s", Ratio("rate", "gend", "wrk"), least=1),
          Goal("gend / wrk, CPU a request", Ratio("cpu_us", "gend", "wrk"), most=1)],
         "`Connection: close`; nginx closes."),
    Case("post-json-64", "POST of templated JSON, two captures, checks, 64 connections", post,
         COLUMNS, [Goal("gend / wrk, CPU a request", Ratio("cpu_us", "gend", "wrk"))],
         "1 KiB of JSON comes back. wrk does the like in Lua, by patterns on the text."),
    flow(64), flow(1000),
]
