"""WebSocket and Socket.IO: echo, rooms and idle connections, against gentarget, beside a bare ring
that parses nothing and beside Artillery.

What is counted is messages received. Artillery gets as many users as it serves well; compared is
CPU a message, not the rate."""

import os
import time

import measure
import targets
from bench import Case
from goals import Figure, Goal, Ratio
from measure import Failed, row
from tools import Load
from tools_gend import closed, plan_of

TEXT = "hello, this is a message of some forty bytes"
USERS = 1000
COLUMNS = [("cpu_us", "CPU us/message", "{:.2f}"), ("user_us", "of it user", "{:.2f}"),
           ("rate", "messages/s", "{:,.0f}"), ("steady_us", "steady us", "{:.2f}"),
           ("peak_mb", "peak MiB", "{:.0f}")]


def cpu_seconds(pid):
    """User and system time of a process so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid):
    """Bytes of resident memory of a process."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


def daemon_of(genctl):
    """The gend that a `genctl run --local` has started."""
    return measure.child_of(genctl)


def session_plan(port, scenario, flow):
    return plan_of(f"http://127.0.0.1:{port}", scenario, flow)


def talking(seconds):
    return closed(USERS, seconds, gracefulStop="0s")


def echo_plan(port, seconds, messages=1000000):
    talk = {"loop": {"count": messages, "flow": [{"send": {"text": TEXT}},
                                                {"receive": {"timeout": "10s"}}]}}
    return session_plan(port, talking(seconds),
                        [{"websocket": "/ws/echo", "flow": [talk, {"hold": "1h"}]}])


def sio_plan(port, seconds):
    talk = {"loop": {"count": 1000000,
                     "flow": [{"emit": ["echo", TEXT], "ack": {"timeout": "10s"}}]}}
    return session_plan(port, talking(seconds), [
        {"socketio": "/socket.io/", "transports": ["websocket"], "flow": [talk]}])


def hearing(bench, plan):
    """gend's figures for a plan whose users hear something."""
    sample, summary = bench.gend.carry_out(plan)
    metrics = summary["metrics"]
    received = metrics["ws_msgs_received"]["values"]
    return row(sample, received["count"], 0, summary["run"]["elapsed_s"], metrics=metrics,
               cpu=sample.cpu) | {"rate": received["rate"]}


def steady(bench, port):
    """And without what reading the plan, the handshakes, the closings and the report cost, measured
    with one message each."""
    frame, _ = bench.gend.carry_out(echo_plan(port, 3, messages=1))
    whole = hearing(bench, echo_plan(port, bench.seconds))
    rest = whole["requests"] - USERS
    return whole | {"frame": frame.cpu, "steady_us": (whole["cpu"] - frame.cpu) / rest * 1e6}


def artillery(bench, target, engine, users, count):
    """CPU of Artillery for users that send `count` messages each and wait for nothing else."""
    if engine == "ws":
        url = f"ws://127.0.0.1:{target.port}/ws/echo"
        flow = [{"loop": [{"send": TEXT}], "count": count}]
    else:
        url = f"http://127.0.0.1:{target.port}"
        flow = [{"loop": [{"emit": {"channel": "echo", "data": TEXT},
                           "acknowledge": {"match": {"json": "$.0", "value": TEXT}}}],
                 "count": count}]
    script = {"config": {"target": url, "phases": [{"duration": 1, "arrivalCount": users}],
                         "socketio": {"transports": ["websocket"]}},
              "scenarios": [{"engine": engine, "flow": flow}]}
    before = target.ask("/counts")
    began = time.monotonic()
    sample, _ = bench.artillery.carry_out(script)
    took = time.monotonic() - began
    messages = target.ask("/counts")["sessions"]["messages_in"] - before["sessions"]["messages_in"]
    return row(sample, messages, 0, took)


def echo(bench):
    with targets.gentarget(bench.build) as target:
        load = Load(target.port, USERS, bench.seconds, path="ws:/ws/echo")
        contenders = {ring.name: lambda ring=ring: ring.measure(load)
                      for ring in bench.wait_policies[::2]}
        contenders["gend"] = lambda: steady(bench, target.port)
        contenders["gend, Socket.IO"] = lambda: hearing(bench, sio_plan(target.port, bench.seconds))
        missing = bench.artillery.missing()
        if not missing:
            contenders["Artillery, ws"] = lambda: artillery(bench, target, "ws", 100, 500)
            contenders["Artillery, Socket.IO"] = lambda: artillery(bench, target, "socketio", 100,
                                                                   200)
        return {"results": measure.alternate("ws-echo", contenders, bench.rounds),
                "left_out": {"Artillery": missing} if missing else {}}


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
    return session_plan(port, {"executor": "per-vu-iterations", "vus": USERS, "iterations": 1,
                               "maxDuration": f"{seconds + 30}s"}, flow)


def in_rooms(bench, target, seconds):
    """With the p95 of deliveries as measured and as the target knows it, and what was lost."""
    target.ask("/counts/reset")
    found = hearing(bench, rooms_plan(target.port, seconds))
    metrics = found.pop("metrics")
    lost = metrics["delivery_lost"]["values"]
    truth = target.ask("/counts")["deliveries"]["latency"]["p95_us"] / 1000
    p95 = metrics["delivery_latency"]["values"]["p(95)"]
    return found | {"p95_ms": p95, "true_p95_ms": truth, "beyond_truth_ms": p95 - truth,
                    "owed": lost["passes"] + lost["fails"], "lost": lost["passes"]}


def rooms(bench):
    seconds = bench.seconds + 2
    with targets.gentarget(bench.build) as target:
        load = Load(target.port, USERS, seconds, path="rooms:/ws/rooms")
        contenders = {ring.name: lambda ring=ring: ring.measure(load)
                      for ring in bench.wait_policies[::2]}
        contenders["gend"] = lambda: in_rooms(bench, target, seconds)
        results = measure.alternate("ws-rooms", contenders, bench.rounds)
    # Of one core, at 50,000 deliveries a second.
    for turn, mine in enumerate(results["gend"]["rounds"]):
        least = min(each["rounds"][turn]["cpu_us"] for name, each in results.items()
                    if name != "gend" and turn < len(each["rounds"]))
        mine["above_percent"] = (mine["cpu_us"] - least) * 50000 / 1e6 * 100
    return {"results": results}


class Idle:
    """WebSockets on one shard that say nothing: what one more costs, and how fast they come."""

    COUNTS = (10, 5000, 15000)
    SILENT = [{"websocket": "/ws/echo", "timeout": "30s", "flow": [{"hold": "1h"}]}]
    # In a room of ten, whose messages would be booked.
    LISTENING = [
        {"set": {"room": "10000 + ${vu} % 1500"}},
        {"websocket": "/ws/rooms", "timeout": "30s", "flow": [
            {"send": {"json": {"type": "subscribe", "channel": "c${room}"}}},
            {"receive": {"match": "json $.type == 'subscribed'", "timeout": "30s"}},
            {"listen": {"room": "c${room}"}},
            {"hold": "1h"}]}]

    def __init__(self, bench):
        self.bench = bench

    def measured(self, users, flow=SILENT):
        def look(genctl):
            time.sleep(6)  # all are open by now, none is closing yet
            daemon = daemon_of(genctl)
            seen.update(memory=resident(daemon), connected=cpu_seconds(daemon))
        seen = {}
        with targets.gentarget(self.bench.build) as target:
            sample, summary = self.bench.gend.carry_out(session_plan(
                target.port, closed(users, 8, gracefulStop="0s"), flow), meanwhile=look)
        opened = summary["metrics"]["ws_sessions"]["values"]["count"]
        if "memory" not in seen or opened < users:
            raise Failed(f"only {opened} of {users} sessions were opened")
        return seen | {"cpu": sample.cpu, "opened": opened}

    def round(self):
        few, some, many = (self.measured(users) for users in self.COUNTS)
        each = (many["connected"] - few["connected"]) / 15000
        booked = [self.measured(users, self.LISTENING)["memory"] for users in self.COUNTS[1:]]
        return {"opened": many["opened"],
                "bytes_each": (many["memory"] - some["memory"]) / 10000,
                "bytes_booked": (booked[1] - booked[0]) / 10000,
                "bytes_with_buffers": (many["memory"] - few["memory"]) / 15000,
                "connect_us": each * 1e6, "connects": 1 / each,
                "whole_us": (many["cpu"] - few["cpu"]) / 15000 * 1e6}


def idle(bench):
    return {"results": measure.alternate("ws-idle", {"gend": Idle(bench).round}, 1)}


CASES = [
    Case("ws-echo", "WebSocket and Socket.IO echo, 1,000 connections", echo, COLUMNS,
         [Goal("gend / bare ring at its best, CPU a message (steady)",
               Ratio("steady_us", "gend", "bare ring*", under_key="cpu_us"), most=1.15),
          Goal("Artillery / gend, CPU a message", Ratio("cpu_us", "Artillery, ws", "gend"),
               least=10),
          Goal("Artillery / gend, CPU a message, Socket.IO",
               Ratio("cpu_us", "Artillery, Socket.IO", "gend, Socket.IO"), least=12)],
         "gentarget echoes 44 bytes. Artillery: 100 users."),
    Case("ws-rooms", "5,000 messages/s to rooms of ten, 50,000 deliveries/s", rooms,
         [*COLUMNS, ("p95_ms", "p95 ms", "{:.3f}"), ("true_p95_ms", "target's p95 ms", "{:.3f}"),
          ("lost", "lost", "{:.0f}")],
         [Goal("gend above the bare ring, of a core", Figure("above_percent"), most=25, unit="%"),
          Goal("p95 of deliveries beyond the target's own", Figure("beyond_truth_ms"), most=0.2,
               unit="ms"),
          Goal("deliveries lost", Figure("lost"), most=0)],
         "gend books every delivery. The target's p95: from receiving to handing over."),
    Case("ws-idle", "15,000 idle WebSockets on one shard", idle,
         [("opened", "opened", "{:,.0f}"), ("bytes_each", "bytes for one more", "{:.0f}"),
          ("bytes_booked", "in a room of ten", "{:.0f}"),
          ("bytes_with_buffers", "bytes with the shard's buffers", "{:.0f}"),
          ("connect_us", "CPU us to connect", "{:.0f}"),
          ("whole_us", "CPU us with its closing", "{:.0f}")],
         [Goal("user memory of one more", Figure("bytes_each"), most=512, unit="bytes"),
          Goal("in a room of ten, with the ledger", Figure("bytes_booked"), most=1024, unit="bytes"),
          Goal("connects a second and core", Figure("connects"), least=10000)],
         "Resident memory while they are idle, between 5,000 and 15,000 of them; the shard's "
         "receive buffers do not grow with connections. One round."),
]
