"""Percentiles as reported, beside the truth: of a target that records how long it really held each
request, and of one that freezes, where the truth of an even open model has a closed form."""

import dataclasses

import measure
import percentiles
import targets
from bench import Case
from goals import Figure, Goal, Worst
from measure import Failed
from tools import Load

RATE = 1000
SECONDS = 10
MEDIAN_MS, P99_MS, SEED = 5, 50, 20261121
SERVICE_MS, FROZEN_MS, EVERY_MS = 1, 1000, 10000
ASKED = ("p50", "p95", "p99", "p99.9")
COLUMNS = [(f"{which}_{kind}", f"{which} {heading}", "{:,.2f}" if kind == "ms" else "{:+.2%}")
           for which in ASKED for kind, heading in (("ms", "ms"), ("error", "error"))]
COLUMNS += [("sent", "requests", "{:,.0f}"), ("errors", "errors", "{:.0f}")]


def compared(row, truth):
    """A contender's percentiles and their errors; those it does not report are left out."""
    found = {"sent": row["requests"], "errors": row["errors"], "truth": truth}
    for which in ASKED:
        reported = row.get("percentiles", {}).get(which)
        if reported is None:
            continue
        found |= {f"{which}_ms": reported, f"{which}_error": reported / truth[which] - 1,
                  f"{which}_true_ms": truth[which],
                  f"{which}_excess_us": percentiles.excess_us(reported, truth[which], 0.005, 50)}
    if not any(f"{which}_ms" in found for which in ASKED):
        raise Failed("reports no percentiles")
    return found


def contenders(bench):
    return [bench.h2load, bench.hey, bench.autocannon, bench.artillery, bench.gend]


def known(bench):
    with targets.truth_target(bench.build, "lognormal", MEDIAN_MS, P99_MS, SEED) as target:
        def one(tool, load):
            target.ask("/reset")
            row = tool.measure(load)
            return compared(row, target.ask("/truth"))

        load = Load(target.port, 200, SECONDS, rate=RATE, exact=True)
        how = {tool.name: lambda load, tool=tool: one(tool, load) for tool in contenders(bench)}
        found = bench.compare("truth-known", load, contenders(bench), rounds=1, how=how)
    return with_truth(found)


def with_truth(found):
    """A first row for the truth itself, where it is the same for all; notes otherwise."""
    worst = {}
    for name, each in found["results"].items():
        for row in each["rounds"]:
            limits = [row[f"{which}_excess_us"] for which in ASKED if f"{which}_excess_us" in row]
            row["worst_excess_us"] = max(limits)
            each["median"]["worst_excess_us"] = row["worst_excess_us"]
            truth = row["truth"]
            worst[name] = ", ".join(f"{which} {truth[which]:.3f}" for which in ASKED)
    notes = [f"What the target held, in ms, by contender: {name}: {words}."
             for name, words in worst.items() if name == "gend"]
    return found | {"notes": notes}


def stalled(bench):
    truth = {which: percentiles.of_stall(percentiles.SHARES[which], SERVICE_MS, FROZEN_MS, EVERY_MS)
             for which in ASKED}
    tools = [bench.wrk, *contenders(bench)]
    with targets.truth_target(bench.build, "stall", SERVICE_MS, FROZEN_MS, EVERY_MS) as target:
        def one(tool, load):
            target.ask("/reset")
            # wrk has no open model: as many connections as fast as they go, as people use it.
            asked = dataclasses.replace(load, rate=0) if tool.name == "wrk" else load
            return compared(tool.measure(asked), truth)

        load = Load(target.port, 100, SECONDS, rate=RATE, exact=True)
        how = {tool.name: lambda load, tool=tool: one(tool, load) for tool in tools}
        found = bench.compare("truth-stall", load, tools, rounds=1, how=how)
    words = ", ".join(f"{which} {value:,.0f} ms" for which, value in truth.items())
    return with_truth(found) | {"notes": [
        f"The truth: {words}. After the frozen second, what waited is answered over some 20 ms: 100 "
        "users share it."]}


CASES = [
    Case("truth-known", f"Percentiles against known truth, {RATE:,} requests/s", known, COLUMNS,
         [Goal("gend, error beyond 0.5 % + 50 us at any of them", Worst("worst_excess_us"),
               most=0, unit="us")],
         f"The target holds each request for a log-normal time (median {MEDIAN_MS} ms, p99 {P99_MS} "
         "ms) and records how long it really did; errors are against that record. "
         f"{SECONDS} s, 200 users at most, one round. h2load's and hey's percentiles are "
         "computed from their logs of every request. The way there and back is in every client's "
         "time and not in the record: at this rate, where both processors sleep between requests, "
         "one that is not held takes 50 us and more of its own in a virtual machine."),
    Case("truth-stall", f"A server that freezes for 1 s in every 10 s, {RATE:,} requests/s",
         stalled, COLUMNS,
         [Goal("gend, error of p95", Figure("p95_error"), least=-0.05, most=0.05),
          Goal("gend, error of p99", Figure("p99_error"), least=-0.05, most=0.05),
          Goal("gend, error of p99.9", Figure("p99.9_error"), least=-0.05, most=0.05)],
         f"{SERVICE_MS} ms otherwise; {SECONDS} s, 100 users at most, one round. Errors are against "
         "the closed form for requests that are due evenly, whether the server answers or not: a "
         "tool that waits with its next requests until the server answers (coordinated omission) "
         "misses most of those that would have waited. wrk has no open model: 100 connections, as "
         "people use it; it corrects its percentiles by the interval that it expects."),
]
