"""What the cases share: where the programs are, how long and how often, and the contenders."""

import contextlib
import dataclasses
import os
import subprocess

import measure
import targets
import tools_node
from tools import Ab, BareEpoll, BareRing, H2load, Hey, Load, OpensslTime, Wrk
from tools_gend import Gend

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def build_all(folder):
    """Installs what Debian and npm have of the contenders, and builds gend."""
    subprocess.run([f"{ROOT}/scripts/packages.sh", "build", "bench"], check=True)
    tools_node.install()
    subprocess.run([f"{ROOT}/scripts/build.sh", folder, "-Dtests=false"], check=True)


class Bench:
    def __init__(self, build, rounds, seconds):
        self.build, self.rounds, self.seconds = build, rounds, seconds
        self.launch = f"{build}/bench/launch"
        self.around, self.environment = [], {}
        self.nginx = None
        self.wait_policies = [BareRing(self, f"bare ring, {words}", nr, linger)
                              for words, nr, linger in (("1 a wait", 1, 0), ("8 or 50 us", 8, 50),
                                                        ("32 or 200 us", 32, 200))]
        self.epoll = BareEpoll(self, "bare epoll")
        self.wrk, self.h2load, self.hey, self.ab = Wrk(self), H2load(self), Hey(self), Ab(self)
        self.openssl = OpensslTime(self)
        self.autocannon = tools_node.Autocannon(self)
        self.artillery = tools_node.Artillery(self)
        self.gend = Gend(self)
        self.others = [self.wrk, self.h2load, self.hey, self.ab, self.autocannon, self.artillery]

    @contextlib.contextmanager
    def started(self):
        self.nginx = targets.Nginx()
        try:
            yield self
        finally:
            self.nginx.stop()

    def load(self, connections, **more):
        port = self.nginx.tls_port if more.get("tls") else self.nginx.port
        return Load(port, connections, self.seconds, **more)

    def compare(self, case, load, tools, rounds=None, how=None):
        """Every tool that is there and can do it, in alternation; why the others cannot. `how` maps
        the name of a tool to what measures it, where that is not its `measure`."""
        contenders, left_out = {}, {}
        for tool in tools:
            why = tool.missing() or tool.cannot(load)
            if why:
                left_out[tool.name] = why
                continue
            measured = (how or {}).get(tool.name, tool.measure)
            contenders[tool.name] = lambda measured=measured: measured(load)
        return {"results": measure.alternate(case, contenders, rounds or self.rounds,
                                             self.nginx.settle), "left_out": left_out}


@dataclasses.dataclass
class Case:
    """A question, how it is asked, and what must hold. `run` takes a Bench and gives `results` and
    `left_out`, perhaps `notes`."""

    name: str
    title: str
    run: object
    columns: list
    goals: list = dataclasses.field(default_factory=list)
    method: str = ""

    def carried_out(self, bench):
        found = self.run(bench)
        return {"title": self.title, "method": self.method, "columns": self.columns,
                "left_out": {}, "notes": []} | found | {
                    "goals": [goal.judged(found["results"]) for goal in self.goals]}
