"""Users, connections, data and simulated time: what gend needs for many of them."""

import json
import os
import re
import subprocess
import tempfile
import time

import measure
from bench import Case
from goals import Figure, Goal
from measure import Failed
from tools_gend import closed, plan_of


def users_round(bench):
    """How soon 100,000 users are there, and what each of them costs before it has a connection."""
    found = {}
    for users in (1000, 100000):
        plan = plan_of(f"http://127.0.0.1:{bench.nginx.port}", closed(users, 1, gracefulStop="0s"),
                       [{"think": "1h"}, {"get": "/"}],
                       defaults={"connection": {"sourceAddresses": ["127.0.0.0/28"]}})
        began = time.monotonic()
        # Seven rings: each may have as many descriptors as RLIMIT_NOFILE, here 20,000.
        _, summary = bench.gend.carry_out(plan, shards=7)
        found[users] = time.monotonic() - began, summary["generator"]["memory_bytes"]
    return {"start_s": found[100000][0] - 1, "start_1000_s": found[1000][0] - 1,
            "bytes_each": (found[100000][1] - found[1000][1]) / 99000}


def users(bench):
    return {"results": measure.alternate("users-100000", {"gend": lambda: users_round(bench)},
                                         bench.rounds)}


def memory_round(bench):
    """Resident memory of gend with 10 and with 10,000 connections."""
    few, many = (bench.gend.measure(bench.load(connections))["memory_bytes"]
                 for connections in (10, 10000))
    return {"few_mib": few / 2**20, "many_mib": many / 2**20, "bytes_each": (many - few) / 9990}


def memory(bench):
    return {"results": measure.alternate("memory", {"gend": lambda: memory_round(bench)},
                                         bench.rounds)}


TWO_HOURS = {
    "name": "two hours", "target": "http://nowhere.invalid", "seed": 1,
    "scenarios": {"browse": {
        "executor": "ramping-vus",
        "stages": [{"duration": "10m", "target": 1000}, {"duration": "100m", "target": 1000},
                   {"duration": "10m", "target": 0}],
        "flow": [{"get": "/", "check": {"status": 200}}, {"think": "1s..5s"}]}}}


def simulated(bench, plan, command="simulate", *options):
    """Figures of genctl with a plan and no target: the run's sample, and what it printed."""
    with tempfile.TemporaryDirectory(prefix="gend-bench-") as folder:
        path = os.path.join(folder, "plan.yaml")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(plan, file)
        began = time.monotonic()
        sample = bench.gend.run(bench.gend.genctl, command, path, *options)
        return sample, time.monotonic() - began


def simulate_round(bench):
    sample, took = simulated(bench, TWO_HOURS, "simulate", "--json")
    requests = json.loads(sample.out)["totals"]["requests"]
    return {"seconds": took, "requests": requests, "request_us": took / requests * 1e6,
            "peak_mb": sample.peak / 2**20}


def simulate(bench):
    return {"results": measure.alternate("simulate", {"gend": lambda: simulate_round(bench)},
                                         bench.rounds)}


def own_program(bench, program, *arguments):
    path = f"{bench.build}/bench/{program}"
    if not os.path.exists(path):
        raise Failed("not built")
    done = subprocess.run(["taskset", "-c", measure.CLIENT_CPU, path, *map(str, arguments)],
                          capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise Failed(measure.last_words(done.stderr or done.stdout))
    return done.stdout


def tls_round(bench, buffers):
    text = own_program(bench, "tls_memory", bench.nginx.tls_port, 4000, buffers)
    return {"bytes_each": int(re.search(r": (\d+) bytes each", text).group(1))}


def tls_memory(bench):
    return {"results": measure.alternate("tls-memory", {
        "gend": lambda: tls_round(bench, "release"),
        "if OpenSSL kept its buffers": lambda: tls_round(bench, "keep")}, 1)}


def load_round(bench, kind):
    """bench/data_load says: NAME SIZE MB SECONDS s RATE MB/s KEPT bytes kept, at most MORE more …"""
    words = own_program(bench, "data_load", kind)
    size, seconds, rate, kept, more = map(float, re.search(
        r"([\d.]+) MB +([\d.]+) s +([\d.]+) MB/s +([\d.]+) bytes kept, at most ([\d.]+) more",
        words).groups())
    return {"size_mb": size, "seconds": seconds, "mb_s": rate, "kept": kept, "loading": more}


def data_load(bench):
    return {"results": measure.alternate("data-load", {
        kind: lambda kind=kind: load_round(bench, kind)
        for kind in ("csv", "tsv", "json", "ndjson")}, 1)}


CASES = [
    Case("users-100000", "100,000 users, started", users,
         [("start_s", "s beside the run's own", "{:.2f}"),
          ("start_1000_s", "s with 1,000", "{:.2f}"), ("bytes_each", "bytes a user", "{:.0f}")],
         [Goal("seconds until they are there", Figure("start_s"), most=2, unit="s"),
          Goal("memory a user", Figure("bytes_each"), most=512, unit="bytes")],
         "Each thinks for an hour first; on seven shards, with the place for its connection."),
    Case("memory", "Memory of 10,000 connections", memory,
         [("few_mib", "MiB with 10", "{:.1f}"), ("many_mib", "MiB with 10,000", "{:.1f}"),
          ("bytes_each", "bytes a connection", "{:.0f}")],
         [Goal("memory a connection", Figure("bytes_each"), most=4096, unit="bytes")]),
    Case("tls-memory", "Memory of an idle TLS 1.3 connection", tls_memory,
         [("bytes_each", "bytes a connection", "{:,.0f}")],
         [Goal("memory a connection", Figure("bytes_each"), most=20000, unit="bytes")],
         "4,000 to nginx, after one request each; `bench/tls_memory`."),
    Case("data-load", "Data files of 1,000,000 rows and 5 columns", data_load,
         [("size_mb", "MB", "{:.0f}"), ("seconds", "s", "{:.2f}"), ("mb_s", "MB/s", "{:.0f}"),
          ("kept", "bytes kept", "{:.2f}"), ("loading", "more while loading", "{:.2f}")], [],
         "`bench/data_load`, one round; memory is for each byte of the file."),
    Case("simulate", "genctl simulate: 1,000 users for two hours", simulate,
         [("seconds", "s", "{:.2f}"), ("requests", "requests", "{:,.0f}"),
          ("request_us", "us a request", "{:.2f}"), ("peak_mb", "peak MiB", "{:.0f}")],
         [Goal("time for it", Figure("seconds"), most=10, unit="s")],
         "Think times of 1 to 5 s, one thread."),
]
