"""What a request costs in system calls and in allocations: counts, of runs of their own.

Each contender runs twice, for one and for three seconds; the difference of the counts divided by
the difference of the requests leaves out what starting, connecting and ending take."""

import dataclasses
import os
import subprocess
import tempfile

import measure
from bench import Case
from goals import Figure, Goal
from measure import Failed, tell

SHORT, LONG = 1, 3  # seconds
SHARDS = "gend-shard"  # how the threads of gend are named that carry the load
# Their allocators are their own: malloc is not asked for what a program of theirs allocates.
OWN_HEAP = {"hey": "Go", "autocannon": "Node.js", "Artillery": "Node.js"}


def perf_works():
    """Whether this host's perf may count the tracepoint, which costs some ten ns a call."""
    with tempfile.TemporaryDirectory(prefix="gend-bench-") as folder:
        try:
            return count_of_perf(counted(folder, ["true"])) > 0
        except (Failed, OSError, ValueError):
            return False


def perf_stat(path):
    return ["perf", "stat", "-x,", "-o", path, "-e", "raw_syscalls:sys_enter"]


def counted(folder, command):
    path = f"{folder}/perf"
    done = subprocess.run([*perf_stat(path), *command], capture_output=True, text=True, timeout=60,
                          check=False)
    if done.returncode != 0:
        raise Failed(measure.last_words(done.stderr))
    return path


def count_of_perf(path):
    with open(path, encoding="utf-8") as file:
        line = next(line for line in file if "raw_syscalls" in line)
    return int(line.split(",")[0])


def count_of_strace(path):
    """The total of strace -c: its last line, `100.00 seconds usecs/call calls [errors] total`."""
    with open(path, encoding="utf-8") as file:
        line = next(line for line in file if line.rstrip().endswith(" total"))
    return int(line.split()[3])


class Counter:
    """What a run is put under to count its calls, and its children's."""

    def __init__(self, bench):
        self.bench = bench
        self.library = f"{bench.build}/bench/libcount_allocations.so"
        self.perf = perf_works()

    @property
    def words(self):
        return "perf's tracepoint raw_syscalls:sys_enter" if self.perf else "strace -f -c"

    def around(self, path):
        if self.perf:
            return perf_stat(path)
        return ["strace", "-f", "-c", "-o", path]

    def count(self, tool, load):
        """Figures, system calls and allocations of one run: of all threads, and of shards."""
        with tempfile.TemporaryDirectory(prefix="gend-bench-") as folder:
            calls, heap = f"{folder}/calls", f"{folder}/heap"
            with open(heap, "wb") as file:
                file.write(bytes(16))
            self.bench.around = self.around(calls)
            self.bench.environment = {}
            if tool.name not in OWN_HEAP and os.path.exists(self.library):
                self.bench.around += ["env", f"LD_PRELOAD={self.library}",
                                      f"BENCH_ALLOCATIONS={heap}", f"BENCH_THREADS={SHARDS}"]
            try:
                found = tool.measure(load)
            finally:
                self.bench.around, self.bench.environment = [], {}
            with open(heap, "rb") as file:
                heap_calls = [int.from_bytes(file.read(8), "little") for _ in range(2)]
            return found, (count_of_perf if self.perf else count_of_strace)(calls), *heap_calls

    def measure(self, tool, load):
        short, few, little, before = self.count(tool, dataclasses.replace(load, seconds=SHORT))
        long, many, much, after = self.count(tool, dataclasses.replace(load, seconds=LONG))
        more = long["requests"] - short["requests"]
        if more <= 0:
            raise Failed("finished no more requests in three seconds than in one")
        found = {"requests": long["requests"], "calls": (many - few) / more,
                 "own_count": long.get("syscalls")}
        if tool.name not in OWN_HEAP and much:
            found["allocations"] = (much - little) / more
        if tool.name == "gend" and after:
            found["shard_allocations"] = (after - before) / more
        return {key: value for key, value in found.items() if value is not None}


def calls(connections):
    def run(bench):
        counter = Counter(bench)
        tell(f"calls-{connections}: counting by {counter.words}")
        others = bench.others if connections == 1000 else [bench.wrk, bench.h2load]
        tools = [bench.wait_policies[0], bench.wait_policies[-1], bench.epoll, *others, bench.gend]
        load = bench.load(connections)
        how = {tool.name: lambda load, tool=tool: counter.measure(tool, load) for tool in tools}
        found = bench.compare(f"calls-{connections}", load, tools, rounds=1, how=how)
        return found | {"notes": [
            f"System calls were counted by {counter.words}. Allocations: malloc, calloc, realloc "
            "and aligned ones, by a preloaded library; Go and Node.js have heaps of their own, "
            "which it does not see (–); `of shards`: of the threads that carry the load, without "
            "what follows them once a second. `own count` is what a program says of itself, of its "
            "whole run."]}

    goals = [Goal("gend, allocations a request, of its shards", Figure("shard_allocations"),
                  most=0.0005)]
    if connections == 1000:
        goals.insert(0, Goal("gend, system calls a request", Figure("calls"), most=0.2))
    return Case(f"calls-{connections}",
                f"System calls and allocations for a request, {connections:,} connections", run,
                [("calls", "system calls", "{:.3f}"), ("own_count", "own count", "{:.3f}"),
                 ("allocations", "allocations", "{:.4f}"),
                 ("shard_allocations", "of shards", "{:.4f}"),
                 ("requests", "requests", "{:,.0f}")], goals,
                "Runs of 1 s and of 3 s of their own; the difference between them, so that starting "
                "does not count. Counts, not times.")


CASES = [calls(64), calls(1000)]
