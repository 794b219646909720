"""Open models: requests are due at a rate, whether answers come or not."""

import measure
from bench import Case
from goals import Figure, Goal, Ratio

COLUMNS = [("achieved", "achieved/asked", "{:.4f}"), ("cpu_us", "CPU us/request", "{:.2f}"),
           ("started_share", "started/planned", "{:.5f}"), ("lag_p50_us", "lag p50 us", "{:.0f}"),
           ("lag_p99_us", "lag p99 us", "{:.0f}"), ("lag_p999_us", "lag p99.9 us", "{:.0f}"),
           ("verdict", "verdict", "{}"), ("errors", "errors", "{:.0f}")]
USERS = 1000


def with_shares(row, rate):
    more = {"achieved": row["rate"] / rate}
    if "planned" in row:
        more["started_share"] = row["started"] / max(row["planned"], 1)
        more["told"] = int(row["verdict"] != "CLEAN")
        # Late and silent about it: what must never be.
        late = row["lag_p99_us"] > 1000 or more["started_share"] < 0.999
        more["silent"] = int(late and row["verdict"] == "CLEAN")
    return row | more


def at_rate(rate):
    def run(bench):
        tools = [bench.h2load, bench.hey, bench.autocannon, bench.artillery, bench.gend]
        how = {tool.name: lambda load, tool=tool: with_shares(tool.measure(load), rate)
               for tool in tools}
        return bench.compare(f"open-{rate}", bench.load(USERS, rate=rate), tools, how=how)

    goals = [Goal("gend, late without saying so", Figure("silent"), most=0)]
    if rate == 50000:
        goals += [Goal("gend, started of planned", Figure("started_share"), least=0.999),
                  Goal("gend, lag p99", Figure("lag_p99_us"), most=100, unit="us")]
    return Case(f"open-{rate}", f"Open model, {rate:,} requests/s, at most {USERS:,} users", run,
                COLUMNS, goals,
                "nginx answers 13 bytes. `lag`: how much later than due gend began a request.")


def open_and_closed(bench):
    opened, closed = bench.load(USERS, rate=20000), bench.load(USERS)
    return {"results": measure.alternate("open-20000", {
        "gend, open": lambda: with_shares(bench.gend.measure(opened), 20000),
        "gend, closed": lambda: bench.gend.measure(closed)}, bench.rounds)}


def overload(bench):
    load = bench.load(USERS, rate=400000)
    return {"results": measure.alternate("open-overload", {
        "gend": lambda: with_shares(bench.gend.measure(load), 400000)}, 1)}


CASES = [
    *map(at_rate, (1000, 10000, 50000)),
    Case("open-20000", "gend: open model, 20,000 requests/s, beside its closed model, 1,000 users",
         open_and_closed, [*COLUMNS, ("syscalls", "system calls/request", "{:.3f}")],
         [Goal("open / closed, CPU a request", Ratio("cpu_us", "gend, open", "gend, closed"),
               most=1.2)]),
    Case("open-overload", "gend: more than one core can do, 400,000 requests/s", overload, COLUMNS,
         [Goal("the verdict says that gend was the limit", Figure("told"), least=1)],
         "What matters is that the run is not called CLEAN."),
]
