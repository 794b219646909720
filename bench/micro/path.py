#!/usr/bin/env python3
"""Counts the instructions of a request on its way through a shard, by function.

    bench/micro/path.py [--build FOLDER] [--requests N] [--top N] [--json FILE] [CASE …]

Cases: closed-64, closed-1000, open-20000 (over 1,000 users); all of them unless some are named. The
shard and all above and below it are those of production, its sockets are made up
(bench/micro/answering_io.h): what is counted is what gend itself does for a GET with an answer of
277 bytes, without the kernel and without net::Io. Counts of callgrind are the same every time on
one build. Bounded in time.
"""

import argparse
import collections
import json
import os
import re
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CASES = {"closed-64": ["closed", "64"], "closed-1000": ["closed", "1000"],
         "open-20000": ["open", "20000", "1000"]}
MADE_UP = "gend::bench::"  # the sockets that are not there


def self_costs(path):
    """Instructions of each function itself, of a callgrind file."""
    names, costs = {}, collections.Counter()
    function, calls = "", False
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("fn="):
                number, name = re.match(r"fn=\((\d+)\)(?: (.*))?", line).groups()
                function = names.setdefault(number, name)
            elif line.startswith("cfn="):
                number, name = re.match(r"cfn=\((\d+)\)(?: (.*))?", line).groups()
                names.setdefault(number, name)
            elif line.startswith("calls="):
                calls = True  # the line that follows is what the called function cost
            elif re.match(r"[\d+*-]", line):
                if not calls:
                    costs[function] += int(line.split()[1])
                calls = False
    return costs


def short(name):
    """Without arguments, templates' parameters and what all names have."""
    name = re.sub(r"'\d+$", "", name)
    while (bare := re.sub(r"<[^<>]*>", "", name)) != name:
        name = bare
    name = name.replace("(anonymous namespace)::", "").split("(")[0]
    return name.replace("gend::", "").removeprefix("void ").removeprefix("bool ")


def measure(build, case, requests):
    with tempfile.TemporaryDirectory(prefix="gend-path-") as folder:
        out = f"{folder}/callgrind.out"
        done = subprocess.run(
            ["valgrind", "-q", "--tool=callgrind", "--collect-atstart=no",
             f"--callgrind-out-file={out}", f"{build}/bench/micro/path", *CASES[case],
             str(requests)], check=True, capture_output=True, text=True, timeout=600)
        counted = int(done.stdout)
        functions = collections.Counter()
        for name, cost in self_costs(out).items():
            functions["the made-up sockets" if MADE_UP in name.split("(")[0].split("<")[0]
                      else short(name)] += cost / counted
    made_up = functions.pop("the made-up sockets", 0)
    return {"case": case, "requests": counted, "instructions": sum(functions.values()),
            "made_up": made_up, "functions": dict(functions.most_common())}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    arguments.add_argument("--build", default=f"{ROOT}/build")
    arguments.add_argument("--requests", type=int, default=20_000)
    arguments.add_argument("--top", type=int, default=15)
    arguments.add_argument("--json")
    arguments.add_argument("case", nargs="*", choices=[[], *CASES])
    args = arguments.parse_args()
    results = []
    for case in args.case or CASES:
        result = measure(args.build, case, args.requests)
        results.append(result)
        print(f"{case}: {result['instructions']:.0f} instructions a request "
              f"(and {result['made_up']:.0f} of the made-up sockets)")
        for name, cost in list(result["functions"].items())[:args.top]:
            print(f"  {cost:7.1f}  {name}")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)


main()
