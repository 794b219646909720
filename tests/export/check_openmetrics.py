"""Reads our text with the reference parser of the OpenMetrics specification and checks values."""
import subprocess
import sys

try:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
except ImportError:
    print("skipped: the package python3-prometheus-client is not installed")
    sys.exit(77)


def families_of(mode):
    text = subprocess.run([sys.argv[1], mode], check=True, capture_output=True).stdout
    return {family.name: family for family in parse(text.decode("utf-8"))}


def value(families, family, sample, labels):
    found = [s.value for s in families[family].samples if s.name == sample and s.labels == labels]
    assert len(found) == 1, (sample, labels, found)
    return found[0]


idle = families_of("idle")
assert sorted(idle) == ["gend_build", "gend_up"], sorted(idle)
assert idle["gend_up"].samples[0].value == 1

run = families_of("run")
info = [s for s in run["gend_run"].samples][0]
assert info.labels["name"] == 'quote " backslash \\ newline \n bad \ufffd', info.labels["name"]

requests = sum(s.value for s in run["gend_http_reqs"].samples)
assert requests == 2000, requests

cart = {"expected_response": "true", "method": "GET", "name": "cart", "scenario": "peak"}
duration = "gend_http_req_duration_seconds"
assert run[duration].type == "histogram" and run[duration].unit == "seconds"
assert value(run, duration, duration + "_sum", cart) == 10
assert value(run, duration, duration + "_bucket", {**cart, "le": "0.015625"}) == 0
assert value(run, duration, duration + "_bucket", {**cart, "le": "0.03125"}) == 500
assert value(run, duration, duration + "_bucket", {**cart, "le": "+Inf"}) == 500

verdict = {s.labels["gend_generator_verdict"]: s.value
           for s in run["gend_generator_verdict"].samples}
assert verdict == {"CLEAN": 0, "SUSPECT": 1, "SATURATED": 0}, verdict
assert run["gend_vus"].type == "gauge"
assert run["gend_data_sent_bytes"].unit == "bytes"
print(f"{len(run)} families, all read")
