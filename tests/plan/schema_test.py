#!/usr/bin/env python3
"""Asks an independent validator of JSON Schemas about plans.

Arguments: the plan tests, the schema, the folder of profiles. Every plan that the tests compile and
every profile must be valid, and plans with mistakes that a schema can see must not be.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import jsonschema
import yaml


class Loader(yaml.SafeLoader):
    """YAML 1.2, as editors read it: `on`, `off` and dates are text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers
            if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"),
                             list("tf"))

HEAD = "target: http://h\nscenarios:\n  s:\n    executor: constant-vus\n    duration: 1s\n"
FLOW = HEAD + "    flow:\n"
BAD = [
    HEAD + "    flow: [{get: /}]\ntreshold: {}\n",
    HEAD + "    flow: [{get: /}]\n    durration: 1s\n",
    HEAD + "    flow: [{get: /}]\n    vus: many\n",
    HEAD + "    flow: [{get: /}]\n    vus: -1\n",
    HEAD + "    flow: [{get: /}]\n    startTime: 10 bananas\n",
    HEAD + "    flow: [{get: /}]\n    startTime: 10\n",
    HEAD + "    flow: [{get: /}]\n    cookies: peruser\n",
    HEAD + "    flow: [{get: /}]\n    arrivals: poison\n",
    HEAD + "    flow: [{get: /}]\n    mix: [{weight: 1, flow: [{get: /}]}]\n",
    HEAD + "    mix: [{wieght: 1, flow: [{get: /}]}]\n",
    HEAD + "    mix: [{weight: 1}]\n",
    HEAD + "    mix: {weight: 1, flow: a}\n",
    HEAD + "    flow: {get: /}\n",
    HEAD + "    exec: f\n    flow: [{get: /}]\n",
    HEAD.replace("constant-vus", "constant-vu") + "    flow: [{get: /}]\n",
    "target: http://h\nscenarios: {s: {duration: 1s, flow: [{get: /}]}}\n",
    "target: http://h\nscenarios: {s: {executor: constant-vus, duration: 1s}}\n",
    "target: http://h\nscenarios: []\n",
    "target: http://h\n",
    "- a\n",
    HEAD.replace("duration: 1s", "stages: [{duration: 1s}]") + "    flow: [{get: /}]\n",
    HEAD.replace("duration: 1s", "stages: {duration: 1s}") + "    flow: [{get: /}]\n",
    FLOW + "      - gte: /\n",
    FLOW + "      - /path\n",
    FLOW + "      - get: /\n        think: 1s\n",
    FLOW + "      - get: /\n        post: /\n",
    FLOW + "      - get: /\n        haeders: {a: b}\n",
    FLOW + "      - get: /\n        headers: [a]\n",
    FLOW + "      - get: /\n        timeout: [1s]\n",
    FLOW + "      - get: /\n        timeout: {conect: 1s}\n",
    FLOW + "      - get: /\n        check: {stauts: 200}\n",
    FLOW + "      - get: /\n        check: 200\n",
    FLOW + "      - get: /\n        capture: {a: {form: body}}\n",
    FLOW + "      - get: /\n        retry: {mx: 1}\n",
    FLOW + "      - get: /\n        retry: {max: 1, backoff: {jitter: some}}\n",
    FLOW + "      - get: /\n        auth: {jwt: {secret: a, algorithm: HS512}}\n",
    FLOW + "      - get: /\n        auth: {basic: {user: a}}\n",
    FLOW + "      - think: {normal: [1s]}\n",
    FLOW + "      - think: {uniform: 1s}\n",
    FLOW + "      - loop: {count: 3}\n",
    FLOW + "      - loop: {cuont: 3, flow: [{get: /}]}\n",
    FLOW + "      - if: 1 == 1\n",
    FLOW + "      - pick: [{weight: heavy, flow: a}]\n",
    FLOW + "      - group: {name: a}\n",
    FLOW + "      - burst: {flow: [{get: /}]}\n",
    FLOW + "      - metric: {nmae: a, trend: 1}\n",
    FLOW + "      - sql: SELECT 1\n",
    FLOW + "      - websocket: /ws\n",
    FLOW + "      - {websocket: /ws, flow: [], json: {}}\n",
    FLOW + "      - {websocket: /ws, flow: [], reconnect: {backoff: {}}}\n",
    FLOW + "      - {websocket: /ws, flow: [{send: {txt: a}}]}\n",
    FLOW + "      - {websocket: /ws, flow: [{receive: {timout: 1s}}]}\n",
    FLOW + "      - {websocket: /ws, flow: [{listen: {clock: local}}]}\n",
    FLOW + "      - {socketio: /s/, flow: [{emit: {channel: a}}]}\n",
    FLOW + "      - {socketio: /s/, flow: [{emit: a, ack: {timeot: 1s}}]}\n",
    "thresholds: {http_reqs: {treshold: count>1}}\n" + FLOW + "      - get: /\n",
    "thresholds: [http_reqs]\n" + FLOW + "      - get: /\n",
    "defaults: {connection: {keepAlive: often}}\n" + FLOW + "      - get: /\n",
    "defaults: {tls: {minVersion: 1.1}}\n" + FLOW + "      - get: /\n",
    "vars: {A: {secert: true}}\n" + FLOW + "      - get: /\n",
    "flows: {a: {get: /}}\n" + FLOW + "      - get: /\n",
]


def with_text_keys(value):
    """Keys of a plan are text, whatever YAML takes them for."""
    if isinstance(value, dict):
        return {str(key): with_text_keys(each) for key, each in value.items()}
    return [with_text_keys(each) for each in value] if isinstance(value, list) else value


def parsed(text):
    return with_text_keys(yaml.load(text, Loader))


def main():
    plan_test, schema_file, profiles = sys.argv[1:4]
    schema = json.loads(pathlib.Path(schema_file).read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    with tempfile.TemporaryDirectory() as folder:
        # Without the one that mutates plans, which takes long and shows nothing here.
        done = subprocess.run([plan_test, "--source-file-exclude=*mutation_test*"], text=True,
                              stdout=subprocess.PIPE,
                              env={**os.environ, "GEND_VALID_PLANS": folder}, check=False)
        assert done.returncode == 0, done.stdout
        plans = sorted(pathlib.Path(folder).glob("*.yaml"))
        plans += sorted(pathlib.Path(profiles).glob("*.yaml"))
        assert len(plans) > 100, f"only {len(plans)} plans were kept"
        wrong = 0
        for plan in plans:
            text = plan.read_text()
            errors = list(validator.iter_errors(parsed(text)))
            if errors:
                wrong += 1
                where = "/".join(str(part) for part in errors[0].absolute_path)
                print(f"refused, but it compiles ({where}: {errors[0].message[:200]}):\n{text}")
        for text in BAD:
            if validator.is_valid(parsed(text)):
                wrong += 1
                print(f"taken, but it is wrong:\n{text}")
    print(f"{len(plans)} good plans, {len(BAD)} bad ones, {wrong} judged wrongly")
    return 1 if wrong else 0


sys.exit(main())
