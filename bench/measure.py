"""Runs one command on the client's CPU and says what it used; runs contenders in alternation."""

import dataclasses
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile

CLIENT_CPU, SERVER_CPU = "0", "1"
# Compared by factors, not by per cent: one round of them is enough.
ONCE = ("h2load", "hey", "ab", "autocannon", "Artillery", "openssl")


class Failed(Exception):
    """A contender that was run and did not do its job: its words are in the results."""


@dataclasses.dataclass
class Sample:
    """What a command printed and used, its waited-for children included (wait4)."""

    out: str
    err: str
    code: int
    user: float  # seconds of CPU
    system: float
    voluntary: int  # context switches
    involuntary: int
    peak: int  # bytes of the largest of its processes

    @property
    def cpu(self):
        return self.user + self.system


def last_words(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-3:])[:300]


def run(launch, command, cpus=CLIENT_CPU, env=None, patience=120, meanwhile=None, codes=(0, 99)):
    """Runs a command on `cpus`, and `meanwhile` with its process id. `launch`: bench/launch.cc, the
    small parent that such a measurement needs."""
    with tempfile.NamedTemporaryFile(prefix="gend-bench-") as used:
        process = subprocess.Popen([launch, cpus, used.name, *map(str, command)], text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, start_new_session=True,
                                   env=os.environ | (env or {}))
        try:
            if meanwhile:
                meanwhile(child_of(process.pid))
            out, err = process.communicate(timeout=patience)
        except BaseException as reason:
            os.killpg(process.pid, signal.SIGKILL)  # a session of its own: nobody else's
            process.communicate()
            if isinstance(reason, subprocess.TimeoutExpired):
                raise Failed(f"did not end within {patience} s") from None
            raise
        if process.returncode not in codes:
            raise Failed(f"exit {process.returncode}: {last_words(err) or last_words(out)}")
        facts = json.loads(used.read())
    return Sample(out, err, process.returncode, facts["user"], facts["system"],
                  facts["voluntary_switches"], facts["involuntary_switches"], facts["peak_bytes"])


def child_of(pid):
    """The first child of a process, as soon as it has one; None when it has ended before."""
    path = f"/proc/{pid}/task/{pid}/children"
    while True:
        try:
            with open(path, encoding="ascii") as children:
                found = children.read().split()
        except OSError:
            return None
        if found:
            return int(found[0])
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            if stat.read().rsplit(")", 1)[1].split()[0] == "Z":
                return None


def row(sample, requests, errors, seconds, **more):
    """The figures that every case has of a contender."""
    if requests <= 0:
        raise Failed(f"finished no request: {last_words(sample.err) or last_words(sample.out)}")
    return {"requests": requests, "errors": errors, "seconds": seconds, "rate": requests / seconds,
            "cpu_us": sample.cpu / requests * 1e6, "user_us": sample.user / requests * 1e6,
            "system_us": sample.system / requests * 1e6, "voluntary": sample.voluntary,
            "involuntary": sample.involuntary,
            "switches": (sample.voluntary + sample.involuntary) / requests,
            "peak_mb": sample.peak / 2**20, **more}


def tell(text):
    print(text, file=sys.stderr, flush=True)


def alternate(case, contenders, rounds, settle=lambda: None):
    """{name: {"rounds": [row], "error": words}}: one round after the other, all contenders in each,
    but those of ONCE in the first only. One that failed is not asked again. `settle` waits until the
    target has nothing left to do."""
    results = {name: {"rounds": []} for name in contenders}
    for turn in range(rounds):
        for name, measure in contenders.items():
            if "error" in results[name] or turn > 0 and name.startswith(ONCE):
                continue
            settle()
            tell(f"{case}: round {turn + 1} of {rounds}: {name}")
            try:
                results[name]["rounds"].append(measure())
            except Exception as failure:  # whatever it is: the other contenders go on
                words = str(failure) if isinstance(failure, Failed) else repr(failure)
                results[name]["error"] = words
                tell(f"{case}: {name} FAILED: {words}")
    for each in results.values():
        each["median"] = medians(each["rounds"])
    return results


def medians(rounds):
    """Of every figure that all rounds have; words that differ between rounds stand side by side."""
    found = {}
    for key in rounds[0] if rounds else []:
        values = [each.get(key) for each in rounds]
        if all(isinstance(value, (int, float)) for value in values):
            found[key] = statistics.median(values)
        elif all(isinstance(value, str) for value in values):
            found[key] = " / ".join(dict.fromkeys(values))
    return found
