#!/usr/bin/env python3
"""deploy/ci/github-actions.yml: linted, and every command in it is run as it stands, with gend and
genctl in PATH, against gentarget. Durations and users are cut only through the inputs and variables
that the workflow itself offers. Usage: ci_test.py GEND GENCTL GENTARGET [-k NAME]."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

import yaml

from peers import Gentarget, Programs, free_port

programs = Programs.from_arguments()
ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE = ROOT / "deploy" / "ci" / "github-actions.yml"
# PyYAML reads YAML 1.1, where the key `on` is true.
WORKFLOW = yaml.safe_load(FILE.read_text())
TRIGGERS = WORKFLOW[True]
LINT = "{extends: default, rules: {line-length: {max: 100}, truthy: {check-keys: false}}}"
PATIENCE = 120

# Seconds instead of hours. Pauses are scaled too, so there must be fewer users to make the same load.
SHORT = {"smoke": ("0.1", "1"), "baseline": ("0.02", "0.05"), "stress": ("0.005", "0.005"),
         "soak": ("0.001", "0.01")}
# Slow enough that a busy host's own lateness does not matter beside it (--strict).
SLOW, SLOWER = "fixed 100ms", "fixed 300ms"


def evaluate(expression, contexts):
    """The part of GitHub's expressions that the workflow uses: || && == != ( ) names, strings."""
    def value(match):
        word = match[0]
        if word[0] == "'":
            return repr(word[1:-1])
        if word in ("always()", "success()", "failure()"):
            return repr(contexts[word])
        found = contexts
        for part in word.split("."):
            found = found.get(part, "") if isinstance(found, dict) else ""
        return repr(found)
    text = re.sub(r"'[^']*'|[a-z_]+\(\)|[A-Za-z_][\w.-]*", value, expression.strip())
    return eval(text.replace("||", " or ").replace("&&", " and "), {"__builtins__": {}})


def filled(text, contexts):
    return re.sub(r"\$\{\{(.*?)\}\}", lambda m: str(evaluate(m[1], contexts)), str(text))


class Job:
    """One job of the workflow, carried out in a checkout of its own. `store` is GitHub's cache."""

    def __init__(self, name, target, folder, store, **inputs):
        self.name, self.folder, self.store = name, pathlib.Path(folder), store
        time_scale, load_scale = SHORT[name]
        self.contexts = {
            "vars": {"LOAD_TARGET": target, "LOAD_SOAK": "2h"},
            "inputs": {"job": name, "time_scale": time_scale, "load_scale": load_scale} | inputs,
            "github": {"event_name": "workflow_dispatch", "run_id": str(len(store) + 1)},
            "steps": {}, "always()": True}
        self.summary = self.folder / "step-summary.md"
        self.codes, self.uploaded, self.log = {}, [], ""

    def environment(self):
        for tool in ("gend", "genctl"):
            link = self.folder / "bin" / tool
            link.parent.mkdir(exist_ok=True)
            if not link.exists():
                link.symlink_to(getattr(programs, tool))
        env = {key: filled(text, self.contexts) for key, text in WORKFLOW["env"].items()}
        return env | {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "HOME": "/",
                      "GITHUB_STEP_SUMMARY": str(self.summary),
                      "GITHUB_OUTPUT": str(self.folder / "output"), "NO_COLOR": "1"}

    def run(self):
        failed = False
        for number, step in enumerate(WORKFLOW["jobs"][self.name]["steps"]):
            self.contexts |= {"success()": not failed, "failure()": failed}
            condition = step.get("if", "success()")
            # As GitHub has it: without a word on how the job stands, only while it is well.
            stands = "()" in condition or not failed
            if not stands or not evaluate(condition, self.contexts):
                continue
            if "uses" in step:
                self.use(step)
                continue
            name = step.get("name", str(number))
            code = self.execute(step)
            self.codes[name] = code
            failed = failed or code != 0
        self.failed = failed
        return self

    def execute(self, step):
        # As the runner does it for `shell: bash`.
        done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c",
                               step["run"]], cwd=self.folder, env=self.environment(), text=True,
                              capture_output=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
        self.log += done.stdout + done.stderr
        output = self.folder / "output"
        if "id" in step and output.exists():
            pairs = dict(line.split("=", 1) for line in output.read_text().splitlines())
            self.contexts["steps"][step["id"]] = {"outputs": pairs}
        output.unlink(missing_ok=True)
        return done.returncode

    def use(self, step):
        action = step["uses"].split("@")[0]
        with_ = {key: filled(text, self.contexts) for key, text in step.get("with", {}).items()}
        if action == "actions/checkout":
            # What the file's head tells its users to do.
            shutil.copytree(ROOT / "profiles", self.folder / "load")
        elif action == "actions/cache/restore":
            keys = sorted(key for key in self.store if key.startswith(with_["restore-keys"]))
            if keys:
                shutil.copytree(self.store[keys[-1]], self.folder / with_["path"])
        elif action == "actions/cache/save":
            kept = tempfile.mkdtemp(prefix="gend-ci-cache-")
            shutil.copytree(self.folder / with_["path"], kept, dirs_exist_ok=True)
            self.store[with_["key"]] = kept
        elif action == "actions/upload-artifact":
            self.uploaded = sorted(each.name for each in (self.folder / with_["path"]).iterdir())
        else:
            raise AssertionError(f"what is {action}?")


class Structure(unittest.TestCase):
    def test_yamllint(self):
        self.assertIsNotNone(shutil.which("yamllint"), "scripts/packages.sh test installs it")
        done = subprocess.run(["yamllint", "--strict", "-d", LINT, FILE], capture_output=True,
                              text=True)
        self.assertEqual(done.returncode, 0, done.stdout)

    def steps(self):
        for job, body in WORKFLOW["jobs"].items():
            for step in body["steps"]:
                yield job, step

    def test_every_job_is_bounded_and_may_only_read(self):
        self.assertEqual(WORKFLOW["permissions"], {"contents": "read"})
        for name, job in WORKFLOW["jobs"].items():
            self.assertIsInstance(job["timeout-minutes"], int, name)
            self.assertIn("if", job)
            self.assertEqual(job["runs-on"], ["self-hosted", "gend"])
        self.assertEqual(WORKFLOW["concurrency"]["cancel-in-progress"], False)

    def test_every_step_is_one_thing_and_actions_have_versions(self):
        for job, step in self.steps():
            self.assertEqual(("run" in step) + ("uses" in step), 1, (job, step))
            self.assertLessEqual(set(step), {"name", "id", "if", "run", "uses", "with"})
            if "uses" in step:
                self.assertRegex(step["uses"], r"^actions/[a-z/-]+@v\d+$")

    def test_no_expression_is_pasted_into_a_script(self):
        # A branch's name is text of a stranger: scripts take it from the environment only.
        for job, step in self.steps():
            self.assertNotIn("${{", step.get("run", ""), job)

    def test_scripts_use_only_variables_that_are_set(self):
        known = set(WORKFLOW["env"]) | {"GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"}
        for job, step in self.steps():
            script = step.get("run", "")
            own = set(re.findall(r"\bfor (\w+) in|^\s*(\w+)=", script, re.M))
            own = {name for pair in own for name in pair if name}
            used = set(re.findall(r"\$\{?([A-Za-z_]\w*)", script))
            self.assertLessEqual(used, known | own, (job, step.get("name")))

    def test_all_inputs_are_used_and_all_used_are_offered(self):
        text = FILE.read_text()
        used = set(re.findall(r"inputs\.(\w+)", text))
        self.assertEqual(used, set(TRIGGERS["workflow_dispatch"]["inputs"]))
        self.assertEqual(set(WORKFLOW["jobs"]), set(SHORT))
        self.assertEqual(TRIGGERS["workflow_dispatch"]["inputs"]["job"]["options"],
                         list(WORKFLOW["jobs"]))
        for name in re.findall(r"\bvars\.(\w+)", text):
            self.assertIn(name, text.split("\nname:")[0], "explained at the head of the file")

    def test_each_schedule_starts_exactly_one_job(self):
        for each in TRIGGERS["schedule"]:
            started = [name for name, job in WORKFLOW["jobs"].items()
                       if evaluate(job["if"], {"github": {"event": {"schedule": each["cron"]},
                                                          "event_name": "schedule"}})]
            self.assertEqual(len(started), 1, each)

    def test_pull_requests_of_this_repository_are_smoked_and_those_of_forks_are_not(self):
        def started(repository):
            pull = {"head": {"repo": {"full_name": repository}}}
            github = {"event_name": "pull_request", "repository": "me/it",
                      "event": {"pull_request": pull}}
            return [name for name, job in WORKFLOW["jobs"].items()
                    if evaluate(job["if"], {"github": github})]
        self.assertEqual(started("me/it"), ["smoke"])
        self.assertEqual(started("stranger/it"), [])


class Commands(unittest.TestCase):
    """Each job as it stands; none of the steps may be left untried."""

    def setUp(self):
        self.store = {}
        self.addCleanup(lambda: [shutil.rmtree(each) for each in self.store.values()])
        # The target's address is a variable of the plan: it must stay the same to be compared.
        self.port = free_port()

    def target(self, *options, latency=SLOW):
        return Gentarget(programs, "--threads", "2", "--latency", latency, *options,
                         listen=f"127.0.0.1:{self.port}")

    def job(self, name, **inputs):
        """The job; again when the host was too busy for it (90), which is no matter of the file."""
        for _ in range(8):
            folder = tempfile.mkdtemp(prefix="gend-ci-")
            self.addCleanup(shutil.rmtree, folder)
            job = Job(name, f"http://127.0.0.1:{self.port}", folder, self.store, **inputs).run()
            if 90 not in job.codes.values():
                break
        return job

    def passes(self, job, *files):
        self.assertEqual(set(job.codes.values()), {0}, job.log)
        self.assertEqual(job.uploaded, sorted(files))
        self.assertIn("PASSED", job.summary.read_text())

    def test_smoke(self):
        with self.target():
            job = self.job("smoke")
        self.passes(job, "smoke.html", "smoke.md", "smoke.xml")
        self.assertEqual(list(job.codes), ["Check every plan", "Smoke", "Summary"])
        cases = xml.etree.ElementTree.parse(job.folder / "results" / "smoke.xml").iter("testcase")
        self.assertGreater(len(list(cases)), 3)

    def test_a_broken_threshold_fails_the_job_and_its_summary_is_there(self):
        with self.target("--fail", "0.5:503"):
            job = self.job("smoke")
        self.assertEqual(job.codes, {"Check every plan": 0, "Smoke": 99, "Summary": 0}, job.log)
        self.assertTrue(job.failed)
        self.assertIn("FAILED", job.summary.read_text())
        self.assertEqual(job.uploaded, ["smoke.html", "smoke.md", "smoke.xml"])

    def test_nights_are_compared_with_the_first_one_until_it_is_renewed(self):
        files = ["baseline.html", "baseline.md", "baseline.run", "baseline.xml", "comparison.md"]
        with self.target():
            self.passes(self.job("baseline"), *files)
            self.assertEqual(list(self.store), ["gend-baseline-1"])
            second = self.job("baseline")
            self.passes(second, *files)
            self.assertEqual(len(self.store), 1)
            self.assertIn("http_req_duration", (second.folder / "results" / "comparison.md")
                          .read_text())
        with self.target(latency=SLOWER):
            slower = self.job("baseline")
            self.assertEqual(slower.codes["Baseline"], 0, slower.log)
            self.assertEqual(slower.codes["Compare with the stored baseline"], 99, slower.log)
            self.assertNotIn("Keep this run as the baseline, where there is none or it was asked "
                             "for", slower.codes)
            self.assertIn("worse", slower.summary.read_text())
            self.assertEqual(slower.uploaded, files)
            self.assertEqual(len(self.store), 1)
            self.passes(self.job("baseline", renew_baseline="true"), *files)
            self.assertEqual(len(self.store), 2)
            self.passes(self.job("baseline"), *files)

    def test_stress_and_breaking_point(self):
        with self.target():
            job = self.job("stress")
        self.passes(job, "breaking-point.html", "breaking-point.md", "breaking-point.run",
                    "stress.html", "stress.md", "stress.run", "stress.xml")
        self.assertEqual(list(job.codes), ["Stress", "Breaking point", "Summary"])

    def test_a_target_that_breaks_is_what_the_breaking_point_is_for(self):
        with self.target("--fail", "0.9:503"):
            job = self.job("stress")
        self.assertEqual(job.codes, {"Stress": 99, "Breaking point": 0, "Summary": 0}, job.log)
        self.assertIn("FAILED", job.summary.read_text())

    def test_a_target_that_is_not_there_fails_every_job(self):
        job = self.job("stress")
        self.assertEqual(job.codes["Stress"], 99, job.log)

    def test_soak(self):
        with self.target():
            # A target that has just started still touches memory for the first time.
            self.job("soak")
            job = self.job("soak")
        self.passes(job, "soak.csv", "soak.html", "soak.md", "soak.run", "soak.xml")
        self.assertGreater((job.folder / "results" / "soak.csv").stat().st_size, 1000)


if __name__ == "__main__":
    unittest.main(verbosity=2)
