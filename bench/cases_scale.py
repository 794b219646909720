"""Many connections of one gend on one host, and plans of many users in simulated time."""

import os
import re
import time

import measure
import targets
from bench import Case
from cases_http import COLUMNS
from cases_sessions import cpu_seconds, daemon_of, resident
from cases_size import simulated
from goals import Figure, Goal, Ratio
from measure import Failed
from tools_gend import closed, plan_of

BOTH_CPUS = f"{measure.CLIENT_CPU},{measure.SERVER_CPU}"
HOLD_SECONDS = 5
# A block of addresses of this host to connect from: some 28,000 ports each.
SOURCES = "127.0.0.0/28"
DESCRIPTORS = 18000  # of a ring, within the usual limit of 20,000


def time_waits():
    """This host's TCP connections in TIME_WAIT."""
    with open("/proc/net/sockstat", encoding="ascii") as file:
        return int(re.search(r"TCP: inuse \d+ orphan \d+ tw (\d+)", file.read()).group(1))



class Watch:
    """Looks at gend from outside while a plan holds its connections."""

    def __init__(self, target, connections):
        self.target, self.connections = target, connections
        self.seen = {}
        self.began = time.monotonic()

    def served(self):
        """Requests that the target has answered: one on each connection."""
        return self.target.ask("/counts")["statuses"].get("200", 0)

    def __call__(self, genctl):
        daemon = None
        while daemon is None or comm(daemon) != "gend":
            daemon = daemon_of(genctl)
            if daemon is None:
                return
            time.sleep(0.02)
        while os.path.exists(f"/proc/{daemon}"):
            if self.served() >= self.connections:
                self.seen["ramp_s"] = time.monotonic() - self.began
                time.sleep(1)  # all is quiet
                self.seen |= {"memory": resident(daemon), "cpu": cpu_seconds(daemon)}
                return
            time.sleep(0.1)


def comm(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return ""


def held_plan(target, connections, ramp_s, hold_s):
    """Users come over `ramp_s`, make a request each and keep their connections."""
    return plan_of(f"http://127.0.0.1:{target.port}", {
        "executor": "ramping-vus", "startVUs": 0, "gracefulStop": "0s", "gracefulRampDown": "0s",
        "stages": [{"duration": f"{ramp_s}s", "target": connections},
                   {"duration": f"{hold_s}s", "target": connections}]},
        [{"get": "/"}, {"think": "1h"}],
        defaults={"connection": {"sourceAddresses": [SOURCES]}})


def held(bench, connections, shards):
    """One measurement: the figures of a run that holds so many connections."""
    threads = -(-connections // DESCRIPTORS) + 1
    ramp_s = max(3, connections // 10000)
    with targets.gentarget(bench.build, "--threads", str(threads), cpus=BOTH_CPUS) as target:
        before = time_waits()
        watch = Watch(target, connections)
        sample, summary = bench.gend.carry_out(
            held_plan(target, connections, ramp_s, HOLD_SECONDS), shards=shards, cpus=BOTH_CPUS,
            meanwhile=watch, patience=180)
        ended = time.monotonic()
        left = time_waits() - before
    seen = watch.seen
    if "memory" not in seen:
        done = summary["metrics"]["http_reqs"]["values"]["count"]
        raise Failed(f"{done} of {connections} connections came while it was looked at; errors: "
                     f"{summary['errors'] or summary['generator']['host_limits']}")
    failures = sum(each["count"] if isinstance(each, dict) else each
                   for each in (summary["errors"] or {}).values())
    run_s = summary["run"]["elapsed_s"]
    return {"shards": shards, "ramp_s": seen["ramp_s"], "asked_ramp_s": ramp_s,
            "failures": failures, "memory": seen["memory"],
            "connect_us": seen["cpu"] / connections * 1e6,
            "teardown_s": max(ended - watch.began - run_s, 0), "time_wait": left,
            "cpu": sample.cpu, "verdict": summary["generator"]["verdict"]}


def connections_of(connections, shards):
    def once(bench):
        few = held(bench, 1000, shards)
        many = held(bench, connections, shards)
        return many | {"bytes_each": (many["memory"] - few["memory"]) / (connections - 1000),
                       "memory_mib": many["memory"] / 2**20}

    def run(bench):
        name = f"connections-{connections}"
        return {"results": measure.alternate(name, {
            f"gend, {shards} shards": lambda: once(bench)}, 1)}

    who = f"gend, {shards} shards"
    return Case(f"connections-{connections}",
                f"{connections:,} connections held by one gend, {shards} shards", run,
                [("ramp_s", "ramp s", "{:.1f}"), ("asked_ramp_s", "asked", "{:.0f}"),
                 ("failures", "failures", "{:.0f}"), ("bytes_each", "bytes each", "{:.0f}"),
                 ("memory_mib", "MiB", "{:.0f}"), ("connect_us", "CPU us each", "{:.0f}"),
                 ("teardown_s", "s beside the run", "{:.1f}"),
                 ("time_wait", "TIME_WAIT left", "{:.0f}"), ("verdict", "verdict", "{}")],
                [Goal("connections that failed", Figure("failures", who), most=0),
                 Goal("memory a connection", Figure("bytes_each", who), most=4096, unit="bytes")],
                "Users come over the asked ramp, make a request each and keep their connections, "
                "from 16 addresses; a ring may have as many descriptors as RLIMIT_NOFILE says. gend "
                "and gentarget share both CPUs. Memory is gend's, against 1,000 connections of as "
                "many shards; TIME_WAIT is counted on the whole host, both ends, right after the "
                "run. One round.")


def of_shards(bench):
    """CPU for a request with one shard and with two: what another core is worth, however much the
    target, which needs the same cores here, limits the rate."""
    with targets.gentarget(bench.build, "--threads", "2", cpus=BOTH_CPUS) as target:
        plan = plan_of(f"http://127.0.0.1:{target.port}", closed(1000, bench.seconds),
                       [{"get": "/"}])

        def one(shards):
            return bench.gend.figures(*bench.gend.carry_out(plan, shards=shards, cpus=BOTH_CPUS))

        return {"results": measure.alternate("shards", {
            "gend, 1 shard": lambda: one(1), "gend, 2 shards": lambda: one(2)}, bench.rounds)}


SIMULATED = (1000, 10000, 100000, 1000000)


def browse(users):
    return {"name": "browse", "target": "http://nowhere.invalid", "seed": 1,
            "scenarios": {"browse": {
                "executor": "ramping-vus", "startVUs": 0,
                "stages": [{"duration": "30s", "target": users},
                           {"duration": "30s", "target": users}],
                "flow": [{"get": "/"}, {"think": "5s..15s"}, {"get": "/products"},
                         {"think": "10s..20s"}, {"get": "/products/${random(1,1000)}"},
                         {"think": "10s..20s"}]}}}


def simulated_users(bench, users):
    import json
    found = {"users": users}
    for command, more in (("check", ()), ("explain", ()), ("simulate", ("--json",))):
        sample, took = simulated(bench, browse(users), command, *more)
        found |= {f"{command}_s": took, f"{command}_mib": sample.peak / 2**20}
    requests = json.loads(sample.out)["totals"]["requests"]
    return found | {"requests": requests, "bytes_each": sample.peak / users,
                    "us_each": found["simulate_s"] / users * 1e6,
                    "request_us": found["simulate_s"] / requests * 1e6}


def simulate_scale(bench):
    results = measure.alternate("simulate-scale", {
        f"{users:,} users": lambda users=users: simulated_users(bench, users)
        for users in SIMULATED}, 1)
    first, last = (results[f"{users:,} users"] for users in (SIMULATED[-2], SIMULATED[-1]))
    if first["rounds"] and last["rounds"]:
        # Ten times the users: 1 is linear.
        for key in ("us_each", "bytes_each"):
            last["rounds"][0][f"{key}_growth"] = last["median"][key] / first["median"][key]
    return {"results": results}


MOST = f"{SIMULATED[-1]:,} users"
CASES = [
    Case("shards", "CPU for a request with one shard and with two, 1,000 connections", of_shards,
         COLUMNS, [Goal("gend, 2 shards / 1 shard, CPU a request",
                        Ratio("cpu_us", "gend, 2 shards", "gend, 1 shard"), most=1.1)],
         "gend and gentarget (two threads) share both CPUs, which limits the rate: what grows with "
         "shards is seen in what a request costs."),
    connections_of(38000, 2),
    connections_of(100000, 7),
    Case("simulate-scale",
         "A browse plan of 1,000 to 1,000,000 users: checked, explained, simulated", simulate_scale,
         [("check_s", "check s", "{:.2f}"), ("explain_s", "explain s", "{:.2f}"),
          ("simulate_s", "simulate s", "{:.2f}"), ("requests", "requests", "{:,.0f}"),
          ("simulate_mib", "peak MiB", "{:,.0f}"), ("bytes_each", "bytes a user", "{:,.0f}"),
          ("us_each", "us a user", "{:.2f}"), ("request_us", "us a request", "{:.2f}")],
         [Goal("time a user, 1,000,000 / 100,000 users", Figure("us_each_growth", MOST), most=1.5),
          Goal("memory a user, 1,000,000 / 100,000 users", Figure("bytes_each_growth", MOST),
               most=1.1)],
         "One minute of a ramp and a plateau, three requests with think times; one thread. Memory is "
         "the peak of the whole process. Growth of 1 is linear."),
]
