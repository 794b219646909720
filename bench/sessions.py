"""The cases of bench/run about WebSocket and Socket.IO: gend beside a bare ring that parses nothing
and beside Artillery, against the same gentarget.

CPU per message is user plus system time of the whole client process divided by the messages it
received. Artillery (bench/peers, exactly its lockfile) gets as many users as it serves well; what is
compared is CPU a message, not the rate."""

import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
TEXT = "hello, this is a message of some forty bytes"


class Target:
    """gentarget on the server's CPU."""

    def __init__(self, tools):
        self.process = subprocess.Popen(
            ["taskset", "-c", tools.SERVER_CPU, f"{tools.BUILD}/src/gentarget/gentarget",
             "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split(":")[2].split()[0])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def run(tools, plan, meanwhile=lambda pid: None):
    """CPU and counts of one run of a plan on one shard."""
    with tempfile.TemporaryDirectory(prefix="gend-bench-") as folder:
        path, summary = f"{folder}/plan.yaml", f"{folder}/summary.json"
        with open(path, "w") as f:
            yaml.safe_dump(plan, f)
        _, cpu = tools.timed([f"{tools.BUILD}/src/genctl/genctl", "run", path, "--local", "--quiet",
                              "--shards", "1", "--summary-json", summary], meanwhile)
        with open(summary) as f:
            result = json.load(f)
    return {"cpu": cpu,
            "values": {name: metric["values"] for name, metric in result["metrics"].items()}}


def gend(tools, plan):
    """The same for a plan whose users hear something."""
    result = run(tools, plan)
    received = result["values"]["ws_msgs_received"]
    return {**result, "cpu_us": result["cpu"] / received["count"] * 1e6, "rate": received["rate"]}


def plan_of(port, scenario):
    return {"name": "bench", "target": f"http://127.0.0.1:{port}", "scenarios": {"main": scenario}}


def echo_plan(port, users, seconds, messages=1000000):
    talk = {"loop": {"count": messages, "flow": [{"send": {"text": TEXT}},
                                                {"receive": {"timeout": "10s"}}]}}
    return plan_of(port, {"executor": "constant-vus", "vus": users, "duration": f"{seconds}s",
                          "gracefulStop": "0s",
                          "flow": [{"websocket": "/ws/echo", "flow": [talk, {"hold": "1h"}]}]})


def sio_plan(port, users, seconds):
    talk = {"loop": {"count": 1000000, "flow": [{"emit": ["echo", TEXT], "ack": {"timeout": "10s"}}]}}
    return plan_of(port, {"executor": "constant-vus", "vus": users, "duration": f"{seconds}s",
                          "gracefulStop": "0s",
                          "flow": [{"socketio": "/socket.io/", "transports": ["websocket"],
                                    "flow": [talk]}]})


def install_artillery():
    """npm's, with a lockfile. Without its telemetry, which would look a name up before anything."""
    folder = os.path.join(HERE, "peers")
    if not os.path.exists(f"{folder}/node_modules/.package-lock.json"):
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder,
                       check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(f"{folder}/node_modules/posthog-node", ignore_errors=True)
    return f"{folder}/node_modules/.bin/artillery"


def artillery(tools, binary, engine, port, users, count):
    """CPU of Artillery for users that send `count` messages each and wait for nothing else."""
    if engine == "ws":
        target = f"ws://127.0.0.1:{port}/ws/echo"
        flow = [{"loop": [{"send": TEXT}], "count": count}]
    else:
        target = f"http://127.0.0.1:{port}"
        flow = [{"loop": [{"emit": {"channel": "echo", "data": TEXT},
                           "acknowledge": {"match": {"json": "$.0", "value": TEXT}}}],
                 "count": count}]
    script = {"config": {"target": target, "phases": [{"duration": 1, "arrivalCount": users}],
                         "socketio": {"transports": ["websocket"]}},
              "scenarios": [{"engine": "ws" if engine == "ws" else "socketio", "flow": flow}]}
    with tempfile.TemporaryDirectory(prefix="gend-bench-") as folder:
        with open(f"{folder}/script.json", "w") as f:
            json.dump(script, f)
        os.environ["ARTILLERY_DISABLE_TELEMETRY"] = "true"
        before = tools.counts(port)
        _, cpu = tools.timed([binary, "run", "--quiet", f"{folder}/script.json"])
        after = tools.counts(port)
    # An echo of Socket.IO is acknowledged and said again: two messages out for one in.
    messages = after["sessions"]["messages_in"] - before["sessions"]["messages_in"]
    return {"cpu_us": cpu / max(messages, 1) * 1e6, "rate": float("nan"), "messages": messages}


def table(title, rounds):
    print(f"\n{title}")
    print(f"  {'':22} {'CPU us/message':>15} {'messages/s':>12}")
    medians = {}
    for name, runs in rounds.items():
        medians[name] = statistics.median(r["cpu_us"] for r in runs)
        print(f"  {name:22} {medians[name]:15.2f} "
              f"{statistics.median(r['rate'] for r in runs):12.0f}")
    return medians


def alternate(contenders, rounds):
    results = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            results[name].append(run())
    return results


def case_echo(tools, args):
    """The bare ring counts from its first message to its last. So does gend's row: what reading the
    plan, 1,000 handshakes and closings, and the report cost is measured with one message each, and
    taken off."""
    binary = install_artillery()
    with Target(tools) as target:
        def steady(plan):
            frame = run(tools, echo_plan(target.port, 1000, 3, messages=1))
            whole = gend(tools, plan)
            messages = whole["values"]["ws_msgs_received"]["count"] - 1000
            return {**whole, "frame": frame["cpu"],
                    "cpu_us": (whole["cpu"] - frame["cpu"]) / messages * 1e6}
        bare = lambda wait, linger: tools.bare_ring(target.port, 1000, args.seconds, wait, linger,
                                                    "ws:/ws/echo")
        rounds = alternate({
            "bare ring, 1 a wait": lambda: bare(1, 0),
            "bare ring, 32 a wait": lambda: bare(32, 100),
            "gend": lambda: steady(echo_plan(target.port, 1000, args.seconds)),
            "Artillery, ws": lambda: artillery(tools, binary, "ws", target.port, 100, 500),
            "gend, Socket.IO": lambda: gend(tools, sio_plan(target.port, 1000, args.seconds)),
            "Artillery, Socket.IO": lambda: artillery(tools, binary, "sio", target.port, 100, 200),
        }, args.rounds)
    medians = table(f"WebSocket echo, 1,000 connections ({args.rounds} rounds of {args.seconds} s, "
                    "medians; Artillery: 100 users)", rounds)
    best = min(medians[n] for n in medians if n.startswith("bare"))
    result = {**medians, "gend / bare ring": medians["gend"] / best,
              "Artillery / gend": medians["Artillery, ws"] / medians["gend"],
              "Artillery / gend, Socket.IO":
                  medians["Artillery, Socket.IO"] / medians["gend, Socket.IO"]}
    frame = statistics.median(each["frame"] for each in rounds["gend"])
    print(f"  gend before its first message and after its last: {frame:.2f} s of CPU")
    print(f"  gend / bare ring  {result['gend / bare ring']:.2f}   (goal <= 1.15)")
    print(f"  Artillery / gend  {result['Artillery / gend']:.0f}   (goal >= 10), Socket.IO "
          f"{result['Artillery / gend, Socket.IO']:.0f}   (goal >= 12)")
    return result


def rooms_plan(port, seconds):
    """1,000 people in rooms of ten; each says something five times a second."""
    say = {"send": {"json": {"type": "publish", "channel": "c${room}", "text": "${stamp}"}}}
    flow = [
        {"set": {"room": "10000 + ${vu} % 100"}},
        {"websocket": "/ws/rooms", "flow": [
            {"send": {"json": {"type": "subscribe", "channel": "c${room}"}}},
            {"receive": {"match": "json $.type == 'subscribed'", "timeout": "5s"}},
            {"listen": {"room": "c${room}"}},
            {"hold": "2s"},
            {"spread": "200ms"},
            {"loop": {"rate": "5/s", "for": f"{seconds}s", "flow": [say]}},
            {"hold": "1s"}]}]
    return plan_of(port, {"executor": "per-vu-iterations", "vus": 1000, "iterations": 1,
                          "maxDuration": f"{seconds + 30}s", "flow": flow})


def case_rooms(tools, args):
    seconds = args.seconds * 2
    with Target(tools) as target:
        bare = lambda wait, linger: tools.bare_ring(target.port, 1000, seconds, wait, linger,
                                                    "rooms:/ws/rooms")
        rounds = alternate({"bare ring, 1 a wait": lambda: bare(1, 0),
                            "bare ring, 32 a wait": lambda: bare(32, 100),
                            "gend": lambda: gend(tools, rooms_plan(target.port, seconds))},
                           args.rounds)
        truth = tools.counts(target.port)["deliveries"]
    medians = table(f"5,000 messages/s to rooms of ten, 50,000 deliveries/s ({args.rounds} rounds of "
                    f"{seconds} s, medians)", rounds)
    least = min(medians[n] for n in medians if n.startswith("bare"))
    # Of one core, at 50,000 deliveries a second.
    above = (medians["gend"] - least) * 50000 / 1e6
    last = rounds["gend"][-1]["values"]
    p95 = statistics.median(r["values"]["delivery_latency"]["p(95)"] for r in rounds["gend"])
    owed = last["delivery_lost"]["passes"] + last["delivery_lost"]["fails"]
    print(f"  gend above the bare ring: {above * 100:.0f} % of a core   (goal <= 25 %)")
    print(f"  p95 measured {p95:.3f} ms; of the target, from receiving to handing over, all rounds "
          f"{truth['latency']['p95_us'] / 1000:.3f} ms   (goal within 0.2 ms)")
    print(f"  deliveries owed {owed}, lost {last['delivery_lost']['passes']}")
    return {**medians, "above_bare_of_a_core": above, "p95_ms": p95, "truth": truth}


def case_idle(tools, args):
    """WebSockets on a shard that say nothing: what one more costs, and how fast they come."""
    def idle(port, users):
        return {**plan_of(0, {"executor": "constant-vus", "vus": users, "duration": "8s",
                              "gracefulStop": "0s",
                              "flow": [{"websocket": "/ws/echo", "timeout": "30s",
                                        "flow": [{"hold": "1h"}]}]}),
                "target": f"http://127.0.0.1:{port}"}

    def measured(users):
        def look(pid):
            time.sleep(6)  # all are open by now, none is closing yet
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
                gend = children.read().split()[0]
            seen.update(memory=tools.resident(gend), connected=tools.cpu_seconds(gend))
        seen = {}
        with Target(tools) as target:
            result = run(tools, idle(target.port, users), look)
        return {**result, **seen}

    rows = {10: [], 5000: [], 15000: []}
    for _ in range(args.rounds):
        for users in rows:
            rows[users].append(measured(users))
    memory, connected, cpu = ({n: statistics.median(r[name] for r in rows[n]) for n in rows}
                              for name in ("memory", "connected", "cpu"))
    each = (memory[15000] - memory[5000]) / 10000
    connects = 15000 / (connected[15000] - connected[10])
    opened = rows[15000][-1]["values"]["ws_sessions"]["count"]
    print(f"\n15,000 idle WebSockets on one shard ({opened} opened): {each:.0f} bytes for one more "
          f"(goal <= 1024), {(memory[15000] - memory[10]) / 15000:.0f} with the shard's receive "
          f"buffers shared out among them")
    print(f"  {1e6 / connects:.0f} us of CPU to connect one: {connects:.0f} a second and core   "
          f"(goal >= 10,000); {(cpu[15000] - cpu[10]) / 15000 * 1e6:.0f} us with its closing")
    return {"bytes_each": each, "connects_a_core": connects}
