"""gend as its users run it, `genctl run --local`: its figures include the daemon, the control
socket and the reports."""

import json
import os
import tempfile

from measure import CLIENT_CPU, row
from tools import Tool

GOAL_OF_P999 = "p(99.9)<1000000000"  # always holds; makes the summary say that percentile too


def closed(users, seconds, **more):
    return {"executor": "constant-vus", "vus": users, "duration": f"{seconds}s",
            "gracefulStop": "5s"} | more


def once(users):
    """One request of each user: what starting, connecting and ending cost."""
    return {"executor": "per-vu-iterations", "vus": users, "iterations": 1}


def opened(rate, users, seconds):
    return {"executor": "constant-arrival-rate", "rate": rate, "duration": f"{seconds}s",
            "maxVUs": users, "gracefulStop": "5s"}


def plan_of(target, scenario, flow=None, **top):
    """A plan of one scenario."""
    return {"name": "bench", "target": target, "seed": 1} | top | {
        "scenarios": {"main": scenario | ({"flow": flow} if flow else {})}}


class Gend(Tool):
    name = "gend"

    @property
    def genctl(self):
        return f"{self.bench.build}/src/genctl/genctl"

    def missing(self):
        return None if os.path.exists(self.genctl) else "not built"

    def carry_out(self, plan, *options, shards=1, cpus=CLIENT_CPU, **more):
        """Runs a plan: what it used, and its summary."""
        with tempfile.TemporaryDirectory(prefix="gend-bench-") as folder:
            path, summary = f"{folder}/plan.yaml", f"{folder}/summary.json"
            with open(path, "w", encoding="utf-8") as file:
                json.dump(plan, file)  # JSON is YAML
            sample = self.run(self.genctl, "run", path, "--local", "--quiet", "--shards", shards,
                              "--summary-json", summary, *options, cpus=cpus, **more,
                              env={"GEND_BINARY": f"{self.bench.build}/src/gend/gend"})
            with open(summary, encoding="utf-8") as file:
                return sample, json.load(file)

    def plan(self, load, flow=None):
        scenario = (opened(load.rate, load.connections, load.seconds) if load.rate
                    else closed(load.connections, load.seconds))
        defaults = {}
        if load.tls:
            defaults["tls"] = {"verify": False}
        if load.reconnect:
            defaults["connection"] = {"keepAlive": False}
        top = {"defaults": defaults} if defaults else {}
        if load.exact:
            top["thresholds"] = {"http_req_duration_corrected": [GOAL_OF_P999]}
        origin = load.url.removesuffix(load.path)
        return plan_of(origin, scenario, flow or [{"get": load.path}], **top)

    def measure(self, load, flow=None):
        return self.figures(*self.carry_out(self.plan(load, flow)))

    def start_and_end(self, load):
        """CPU seconds of the same users, with a request each: what is not the steady state."""
        plan = self.plan(load)
        plan["scenarios"]["main"] = once(load.connections) | {"flow": [{"get": load.path}]}
        sample, summary = self.carry_out(plan)
        return sample.cpu, sample.user, summary["metrics"]["http_reqs"]["values"]["count"]

    def measure_steady(self, load):
        """As measure, and CPU for a request without starting and ending (`steady_us`)."""
        whole = self.measure(load)
        cpu, user, requests = self.start_and_end(load)
        rest = whole["requests"] - requests
        return {**whole, "steady_us": (whole["cpu_us"] * whole["requests"] - cpu * 1e6) / rest,
                "steady_user_us": (whole["user_us"] * whole["requests"] - user * 1e6) / rest}

    @staticmethod
    def figures(sample, summary):
        metrics = summary["metrics"]
        http, generator = metrics["http_reqs"]["values"], summary["generator"]
        work, lag = summary["run"]["work"], generator["lag_ms"]
        corrected = metrics["http_req_duration_corrected"]
        values = corrected["values"]
        percentiles = {"p50": values["med"], "p90": values["p(90)"], "p95": values["p(95)"],
                       "p99": values["p(99)"]}
        if "thresholds" in corrected:
            percentiles["p99.9"] = corrected["thresholds"][GOAL_OF_P999]["value"]
        return row(sample, http["count"], metrics["http_req_failed"]["values"]["passes"],
                   summary["run"]["elapsed_s"], percentiles=percentiles,
                   syscalls=generator["syscalls"] / max(http["count"], 1),
                   planned=work["planned"], started=work["started"],
                   lag_p50_us=lag["p50"] * 1e3, lag_p99_us=lag["p99"] * 1e3,
                   lag_p999_us=lag["p999"] * 1e3, verdict=generator["verdict"],
                   limit=generator["limiting_resource"], memory_bytes=generator["memory_bytes"])
