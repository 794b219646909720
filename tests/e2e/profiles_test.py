#!/usr/bin/env python3
"""Every shipped profile, made small by --time-scale and --load-scale, against the demo application:
what gend reports is what the application counted, and each profile does what it says."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.request

from peers import Finished, Gentarget, Programs

programs = Programs.from_arguments()
PROFILES = pathlib.Path(__file__).resolve().parents[2] / "profiles"
PATIENCE = 120


class Target(Gentarget):
    def __init__(self, *options):
        # A sanitized target would keep what it frees, and look as if it leaked.
        os.environ["ASAN_OPTIONS"] = "quarantine_size_mb=1:" + os.environ.get("ASAN_OPTIONS", "")
        super().__init__(programs, "--threads", "2", "--report-latency", "fixed 2ms", *options)

    def json(self, path):
        return json.loads(self.get(path))

    def post(self, path, body):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(),
                                         {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")


def run_profile(target, name, *options, time=1.0, load=1.0, env=None):
    with tempfile.TemporaryDirectory(prefix="gend-profiles-") as folder:
        summary = os.path.join(folder, "summary.json")
        command = [programs.genctl, "run", str(PROFILES / f"{name}.yaml"), "--local",
                   "--summary-json", summary, "--set", f"BASE_URL={target.url}"]
        if time != 1.0:
            command += ["--time-scale", str(time)]
        if load != 1.0:
            command += ["--load-scale", str(load)]
        process = subprocess.run([*command, *options], capture_output=True, text=True,
                                 timeout=PATIENCE, stdin=subprocess.DEVNULL,
                                 env={**os.environ, "NO_COLOR": "1", **(env or {})})
        found = json.loads(pathlib.Path(summary).read_text()) if os.path.exists(summary) else None
        return Finished(process, found)


def saturated(run):
    """gend says that its own host was the limit."""
    return run.summary["generator"]["verdict"] == "SATURATED"


def of_the_host(run, name):
    """How long a thing takes is the host's affair as much as the profile's: a claim of the bench,
    not of this test. Nor is what a host that was the limit did not begin."""
    return (run.summary["metrics"][name]["contains"] == "time" or name == "delivery_late" or
            name.startswith("dropped_iterations") and saturated(run))


def failed_thresholds(run):
    """Those on what was counted."""
    return [(name, expression) for name, each in run.summary["metrics"].items()
            if not of_the_host(run, name)
            for expression, threshold in each.get("thresholds", {}).items() if not threshold["ok"]]


def check_code(case, run, code):
    """The profile says 0 or 99 for what was counted; where it says 99 for times alone, so be it."""
    case.assertIsNotNone(run.summary, run)
    if code == 0:
        case.assertIn(run.code, (0, 99), run)
        case.assertEqual(failed_thresholds(run), [], run)
    else:
        case.assertEqual(run.code, code, run)
        case.assertNotEqual(failed_thresholds(run), [], run)


def metric(run, name):
    return run.summary["metrics"][name]["values"]


def row(run, name):
    rows = [each for each in run.summary["http"] if each["name"] == name]
    assert len(rows) > 0, (name, [each["name"] for each in run.summary["http"]])
    return rows


def answers(run, name):
    """Statuses of a step, over all scenarios that have it."""
    total = {}
    for each in row(run, name):
        for status, count in each["statuses"].items():
            total[status] = total.get(status, 0) + count
    return total


def sent(run, name):
    return sum(answers(run, name).values())


def by_value(run, tag):
    """Requests by the values of a tag that a column gives, or a stage."""
    facet, = (each for each in run.summary["facets"] if each["tag"] == tag)
    total = {}
    for each in facet["values"]:
        total[each["value"]] = total.get(each["value"], 0) + each["count"]
    return total


class Profile(unittest.TestCase):
    def agrees(self, run, counts, code=0):
        """Whatever the profile: gend's counts are the application's."""
        check_code(self, run, code)
        statuses = {}
        for each in run.summary["http"]:
            self.assertEqual([e for e in each["errors"] if not e.startswith("status")], [], run)
            for status, count in each["statuses"].items():
                statuses[status] = statuses.get(status, 0) + count
        self.assertGreater(counts["responses"], 0)
        self.assertEqual(statuses, counts["statuses"], run)
        self.assertEqual(run.requests(), counts["responses"], run)
        work = run.summary["run"]["work"]
        self.assertEqual(work["planned"], work["started"] + work["dropped"], run)
        if not saturated(run):
            self.assertEqual(work["dropped"], 0, run)

    def share(self, part, whole, expected):
        """Five deviations of a binomial share: one run in two million fails by chance."""
        deviation = (expected * (1 - expected) / whole) ** 0.5
        self.assertAlmostEqual(part / whole, expected, delta=5 * deviation)


class Shapes(Profile):
    """Rows 1 to 5 and 7: who comes, and when."""

    def users_reach(self, run, most):
        self.assertEqual(metric(run, "vus_max")["max"], most)

    def test_smoke(self):
        with Target() as target:
            run = run_profile(target, "smoke", time=0.1)
            self.agrees(run, target.counts())
            self.assertEqual(metric(run, "checks")["rate"], 1)
            self.assertEqual(target.counts()["routes"]["POST /auth/login"],
                             {"200": metric(run, "iterations")["count"]})

    def test_smoke_says_no_when_one_thing_does_not_answer(self):
        with Target("--fail", "0.05:503") as target:
            run = run_profile(target, "smoke", time=0.1)
            self.agrees(run, target.counts(), code=99)

    def test_every_profile_can_be_its_own_smoke(self):
        # As smoke.yaml says: very few users, very short. Nothing may fail for being small.
        with Target("--limits", "free=100000,starter=100000,professional=1000000") as target:
            for file in sorted(PROFILES.glob("*.yaml")):
                if file.stem == "rate-limit":
                    continue  # its count is exact at any scale; see below
                with self.subTest(profile=file.stem):
                    target.post("/admin/reset", {})
                    run = run_profile(target, file.stem, time=0.0005, load=0.005)
                    self.assertIn(run.code, (0, 99), run)
                    if "ws_sessions" in run.summary["metrics"]:
                        self.assertEqual(run.errors() | run.session_errors(), {}, run)
                        continue  # see Sessions
                    self.assertEqual(target.counts()["responses"], run.requests(), run)

    def test_baseline(self):
        with Target() as target:
            run = run_profile(target, "baseline", time=0.008, load=0.05)
            counts = target.counts()
            self.agrees(run, counts)
            self.users_reach(run, 50)
            for name, route in (("products", "GET /api/products"),
                                ("product", "GET /api/products/{id}"),
                                ("search", "GET /api/products/search")):
                self.assertEqual(answers(run, name), counts["routes"][route])

    def test_stress(self):
        with Target() as target:
            run = run_profile(target, "stress", time=0.002, load=0.1)
            self.agrees(run, target.counts())
            self.users_reach(run, 40)

    def test_breaking_point_ends_by_itself_where_the_target_breaks(self):
        with Target() as target:
            run = run_profile(target, "breaking-point", time=0.003, load=0.01)
            self.agrees(run, target.counts())
            self.users_reach(run, 50)
        with Target("--fail", "0.9:503") as target:
            run = run_profile(target, "breaking-point", time=0.003, load=0.01)
            check_code(self, run, 99)
            # What was cut off at the end was asked; the target may have answered it or not.
            answered = sum(answers(run, "products").values()) + sent(run, "product")
            self.assertLessEqual(answered, target.counts()["responses"])
            self.assertLessEqual(target.counts()["responses"], run.requests())
            self.assertLess(metric(run, "vus")["max"], 50, "not to the end")

    def test_spike(self):
        with Target() as target:
            run = run_profile(target, "spike", time=0.008, load=0.02)
            self.agrees(run, target.counts())
            self.users_reach(run, 40)
            run = run_profile(target, "spike", "--set", "SPIKE=1000", "--set", "HOLD=5m",
                              time=0.005, load=0.02)
            check_code(self, run, 0)
            self.users_reach(run, 20)

    def test_soak_and_its_eye_on_the_targets_memory(self):
        with Target() as target:
            # Five minutes of ramp become 90 ms: too short to touch all buffers of the target.
            run_profile(target, "smoke", time=0.05, load=20)
            run_profile(target, "soak", time=0.0001, load=0.05)
            target.post("/admin/reset", {})
            run = run_profile(target, "soak", time=0.0003, load=0.05)
            self.agrees(run, target.counts())
            self.users_reach(run, 21)
            self.assertGreater(metric(run, "memory_usage_mb")["min"], 0)
            target.post("/admin/leak", {"mb_per_minute": 6000})
            run = run_profile(target, "soak", time=0.0003, load=0.05)
            check_code(self, run, 99)
            self.assertEqual({name for name, _ in failed_thresholds(run)}, {"memory_percent"})

    def test_memory_leak(self):
        for leak, code in ((0, 0), (6000, 99)):
            with Target() as target:
                # A young target touches its buffers one after the other, and is small: that is no
                # leak, but would be ten percent.
                run_profile(target, "memory-leak", "--set", "USERS=20", time=0.0025)
                target.post("/admin/reset", {})
                target.post("/admin/leak", {"mb_per_minute": leak})
                run = run_profile(target, "memory-leak", "--set", "USERS=5", "--set",
                                  "WARM_UP=5m", time=0.0025)
                self.agrees(run, target.counts(), code)
                looks = answers(run, "metrics")["200"]
                self.assertEqual(metric(run, "memory_usage_mb")["count"] + 1, looks)


class Shop(Profile):
    def test_flash_sale_is_never_oversold_and_nine_of_ten_want_it(self):
        with Target() as target:
            stock = 300
            target.post("/admin/stock", {"product_id": "flash-sale-product-001", "stock": stock})
            run = run_profile(target, "flash-sale", "--set", f"STOCK={stock}", time=0.02,
                              load=0.05)
            counts = target.counts()
            self.agrees(run, counts)
            orders = answers(run, "order")
            self.assertEqual(orders["201"], stock)  # the sale sells out
            self.assertEqual(metric(run, "sold")["count"], stock)
            self.assertEqual(metric(run, "sold_out")["count"], orders["409"])
            self.assertEqual(counts["orders"]["accepted"], stock)
            self.assertEqual(counts["orders"]["rejected"], orders["409"])
            everybody = sum(orders.values()) + sent(run, "products")
            self.share(sum(orders.values()), everybody, 0.9)
            self.assertEqual(target.json("/api/stock/flash-sale-product-001")["stock"], 0)

    def test_rate_limit_is_exact_for_every_tier(self):
        for tier, limit in (("free", 100), ("starter", 1000), ("professional", 10000)):
            with self.subTest(tier=tier), Target(
                    "--limits", "free=100,starter=1000,professional=10000", "--limit-window",
                    "60s") as target:
                run = run_profile(target, "rate-limit", "--set", f"TIER={tier}")
                counts = target.counts()
                self.agrees(run, counts)
                self.assertEqual(answers(run, "products"), {"200": limit, "429": 50})
                self.assertEqual(counts["tenants"][tier], {"granted": limit, "limited": 50})

    def test_a_limit_that_is_one_off_fails_the_run(self):
        with Target("--limits", "free=99", "--limit-window", "60s") as target:
            run = run_profile(target, "rate-limit")
            self.agrees(run, target.counts(), code=99)

    def test_an_unknown_tier_aborts_the_run_before_its_first_request(self):
        with Target() as target:
            run = run_profile(target, "rate-limit", env={"TIER": "gold"})
            self.assertEqual(run.code, 108, run)
            self.assertIn("TIER is free, starter or professional", run.out + run.err)
            self.assertEqual(target.counts()["requests"], 0)

    def test_multi_tenant_counts_each_tier_apart(self):
        wide = "free=100000,starter=100000,professional=100000"
        with Target("--limits", wide) as target:
            run = run_profile(target, "multi-tenant", time=0.004, load=0.1)
            counts = target.counts()
            self.agrees(run, counts)
            for tier in ("free", "starter", "professional"):
                tenant = counts["tenants"][tier]
                self.assertEqual(tenant["limited"], 0)
                rows = [each for each in run.summary["http"]
                        if each["scenario"] == f"{tier}_tier" and each["name"] != "login"]
                self.assertEqual(tenant["granted"],
                                 sum(sum(each["statuses"].values()) for each in rows))
        with Target("--limits", "free=10,starter=100000,professional=100000", "--limit-window",
                    "60s") as target:
            run = run_profile(target, "multi-tenant", time=0.004, load=0.1)
            self.agrees(run, target.counts(), code=99)
            self.assertEqual({name for name, _ in failed_thresholds(run)},
                             {"http_req_failed{tier:free}"})

    def test_journeys_keep_their_shares(self):
        with Target("--limits", "professional=1000000") as target:
            run = run_profile(target, "journeys", time=0.008, load=0.5)
            counts = target.counts()
            self.agrees(run, counts)
            mix, = run.summary["picks"]
            picks = {each["flow"]: each for each in mix["flows"]}
            total = mix["count"]
            self.assertEqual(total, run.summary["run"]["work"]["started"])
            for flow, share in (("browse", 0.4), ("search", 0.3), ("order", 0.2), ("report", 0.1)):
                self.share(picks[flow]["count"], total, share)
            self.assertEqual(picks["order"]["count"], sent(run, "order"))
            self.assertEqual(counts["orders"]["accepted"] + counts["orders"]["rejected"],
                             sent(run, "order"))

    def test_end_to_end_confirms_every_order(self):
        with Target() as target:
            run = run_profile(target, "end-to-end", time=0.005, load=0.1)
            counts = target.counts()
            self.agrees(run, counts)
            self.assertEqual(answers(run, "confirmation")["200"], counts["orders"]["accepted"])
            self.assertEqual(metric(run, "checks")["rate"], 1)

    def test_geographic_mix(self):
        with Target() as target:
            run = run_profile(target, "geographic", time=0.006, load=0.1)
            self.agrees(run, target.counts())
            visits = {region: count / 2 for region, count in by_value(run, "region").items()}
            self.assertEqual(sum(visits.values()) * 2, run.requests())
            for region, share in (("europe", 0.5), ("america", 0.3), ("asia", 0.2)):
                self.share(visits[region], sum(visits.values()), share)

    def test_peak_hour_arrives_at_random_and_in_its_mean(self):
        with Target() as target:
            run = run_profile(target, "peak-hour", time=0.002)
            self.agrees(run, target.counts())
            # The integral of the curve: 125 + 400 + 1200 + 425 + 150 a second of ten minutes' unit.
            minutes = (5 + 20) / 2 * 10 + (20 + 60) / 2 * 10 + 60 * 20 + (60 + 25) / 2 * 10 + \
                (25 + 5) / 2 * 10
            mean = minutes * 60 * 0.002
            self.assertAlmostEqual(run.summary["run"]["work"]["planned"], mean,
                                   delta=5 * mean ** 0.5)


class People(Profile):
    def test_villages_http_gives_every_user_a_row_of_its_own(self):
        with Target() as target:
            run = run_profile(target, "villages-http", time=0.001, load=0.1)
            counts = target.counts()
            self.agrees(run, counts)
            users = target.json("/counts/users")
            self.assertEqual(users["users"], 100)
            self.assertEqual(answers(run, "login"), {"200": 100})  # each logged in once
            villages = by_value(run, "village_id")
            self.assertEqual(set(villages), {str(v) for v in range(1, 11)})
            self.assertEqual(sum(villages.values()), run.requests())
            self.assertEqual(answers(run, "post update"),
                             {"201": counts["updates"]})  # 403 for who is no member
            self.assertEqual(metric(run, "checks")["rate"], 1)

    def test_villages_http_ends_soon_when_nobody_gets_in(self):
        with Target("--fail", "1.0:401") as target:
            run = run_profile(target, "villages-http", time=0.002, load=0.1)
            check_code(self, run, 99)
            self.assertLess(metric(run, "vus")["max"], 100, "not to the top of the ramp")
            self.assertEqual(set(target.counts()["routes"]), {"POST /auth/login"})

    def test_profile_activity_keeps_its_curve_and_turns_every_page_once(self):
        with Target() as target:
            scale = 0.01
            run = run_profile(target, "profile-activity", time=scale)
            counts, users = target.counts(), target.json("/counts/users")
            self.agrees(run, counts)
            self.assertEqual(users["pages"], run.requests())
            self.assertEqual(users["rows"], users["pages"] * 50)
            self.assertEqual(users["astray"], 0)

            # Arrival n is due when the integral of the rate passes n.
            stages = [(120, 20, 50), (300, 120, 120), (120, 120, 0)]

            def due(t):
                area = 0.0
                for seconds, start, end in stages:
                    length = seconds * scale
                    into = min(max(t, 0.0), length)
                    area += start * into + (end - start) * into * into / (2 * length)
                    t -= length
                return area
            self.assertEqual(run.requests(), -(-due(1e9) // 1))  # rounded up
            late = 0.06 + (run.summary["generator"]["lag_ms"]["max"] +
                           metric(run, "http_req_duration")["max"]) / 1000
            bins, sofar = target.json("/counts/seconds?bin_ms=100")["counts"], 0
            for index, count in enumerate(bins):
                sofar += count
                end = (index + 1) * 0.1
                self.assertLessEqual(sofar, due(end + late) + 1, f"at {end:.1f} s")
                self.assertGreaterEqual(sofar, due(end - late) - 1, f"at {end:.1f} s")

    def test_profile_activity_uses_a_token_from_outside_and_shows_it_nowhere(self):
        with Target() as target:
            token = target.post("/auth/login", {"email": "member1@guild1.example",
                                                "password": "secret-1"})["token"]
            run = run_profile(target, "profile-activity", "--set", "START_RATE=10", "--set",
                              "PAGE_SIZE=100", time=0.003, env={"API_TOKEN": token})
            check_code(self, run, 0)
            users = target.json("/counts/users")
            self.assertEqual((users["users"], users["readers"]), (1, 1))
            self.assertEqual(users["rows"], users["pages"] * 100)
            everything = run.out + run.err + json.dumps(run.summary)
            self.assertNotIn(token, everything)

    def test_metrics_service(self):
        with Target() as target:
            run = run_profile(target, "metrics-service", time=0.008, load=0.1)
            counts = target.counts()
            self.agrees(run, counts)
            self.assertEqual(counts["ingested"], sent(run, "ingest") + sent(run, "session"))
            # 100 a second for 4.32 s, the first one at once.
            dropped = metric(run, "dropped_iterations{scenario:ingest}")["count"]
            self.assertEqual(sent(run, "ingest") + dropped, 432)


class Sessions(Profile):
    """Row 10, and the WebSockets of row 12."""

    def ledger(self, run, scenario=None):
        """Deliveries in the target's words."""
        tag = "" if scenario is None else f"{{scenario:{scenario}}}"
        lost = metric(run, f"delivery_lost{tag}")
        found = {"owed": lost["passes"] + lost["fails"], "dropped": lost["passes"],
                 "sent": lost["fails"]}
        if scenario is None:
            found |= {"duplicated": metric(run, "delivery_duplicated")["passes"],
                      "reordered": metric(run, "delivery_reordered")["passes"]}
        return found

    def opened(self, run, target, kind="websocket", errors=None):
        """As many sessions, and as often again, as the target has seen; none is left, none failed."""
        counts = target.counts()["sessions"]
        self.assertEqual(run.session_errors(), errors or {}, run)
        for name in ("ws_connect_failed", "ws_session_failed"):
            self.assertEqual(metric(run, name)["passes"], 0, run)
        opened = metric(run, "ws_sessions")["count"] + metric(run, "ws_reconnects")["count"]
        self.assertEqual(opened, counts[kind]["opened"], run)
        self.assertEqual(counts[kind]["open"], 0)
        return counts

    def same(self, mine, truth):
        self.assertEqual(mine, {name: truth[name] for name in mine})

    def broadcast(self, target, code):
        run = run_profile(target, "villages-broadcast", "--set", "HOLD=5m", time=0.004, load=0.1)
        check_code(self, run, code)
        counts, truth = self.opened(run, target, "socketio"), target.counts()
        self.assertEqual(metric(run, "ws_sessions")["count"], 100)
        self.assertEqual(metric(run, "sio_ack")["count"], 100)  # of join_village
        said = metric(run, "ws_msgs_sent")["count"] - 100
        self.assertEqual(counts["messages_in"], 300 + said)  # CONNECT, join and DISCONNECT
        self.assertEqual(truth["deliveries"]["messages"], said)
        self.assertEqual(truth["deliveries"]["owed"], said * 10)
        self.assertEqual(set(truth["rooms"]), {f"village:{v}" for v in range(1, 11)})
        self.same(self.ledger(run), truth["deliveries"])
        return truth["deliveries"]

    def test_villages_broadcast_misses_nothing(self):
        with Target() as target:
            truth = self.broadcast(target, code=0)
            self.assertEqual(truth["sent"], truth["owed"])

    def test_villages_broadcast_says_no_when_deliveries_go_wrong(self):
        with Target("--deliver-drop", "0.03", "--deliver-duplicate", "0.02", "--deliver-reorder",
                    "0.02") as target:
            truth = self.broadcast(target, code=99)
            for name in ("dropped", "duplicated", "reordered"):
                self.assertGreater(truth[name], 0, name)

    def test_villages_broadcast_ends_soon_when_no_token_is_taken(self):
        with Target("--jwt-secret", "another") as target:
            run = run_profile(target, "villages-broadcast", time=0.002, load=0.1)
            check_code(self, run, 99)
            self.assertEqual(set(run.session_errors()), {"sio.connect_error"}, run)
            self.assertEqual(target.counts()["deliveries"]["messages"], 0)

    def test_metrics_service_ws(self):
        with Target() as target:
            run = run_profile(target, "metrics-service-ws", "--set", "RATE=10", "--set", "HOLD=2m",
                              "--set", "VIEWERS=200", "--set", "FEED_RATE=100", time=0.03, load=0.1)
            check_code(self, run, 0)
            self.opened(run, target)
            self.assertGreater(metric(run, "ws_sessions")["count"], 150, "viewers come and go")
            rooms = target.counts()["rooms"]
            groups = [each for name, each in rooms.items() if name.startswith("group-")]
            self.assertEqual(len(groups), 10)
            truth = {name: sum(each[name] for each in groups) for name in groups[0]}
            self.same(self.ledger(run, "dashboards"), truth)
            self.assertEqual(truth["sent"], truth["owed"])
            self.assertEqual(truth["owed"], truth["messages"] * 10)
            self.assertEqual(truth["messages"], metric(run, "ws_msgs_sent")["count"] - 100)
            viewers = self.ledger(run, "viewers")
            self.assertGreater(viewers["sent"], 0)
            self.assertEqual(viewers["dropped"], 0)

    def test_reconnect_storm_loses_nothing_that_was_owed(self):
        with Target() as target:
            run = run_profile(target, "reconnect-storm", "--set", "RATE=20", "--set",
                              "CLOSE_AFTER=25", time=0.005, load=0.1)
            check_code(self, run, 0)
            again = metric(run, "ws_reconnects")["count"]
            self.assertGreaterEqual(again, 100)
            counts = self.opened(run, target, errors={"ws.closed": again})
            self.assertEqual(counts["closed"], {"1000": 100, "1012": again})
            truth, ledger = target.counts()["deliveries"], self.ledger(run)
            self.assertEqual(ledger["sent"], truth["sent"], run)
            # Each time they come they subscribe. What is said to a server that just closes is lost.
            said = metric(run, "ws_msgs_sent")["count"] - 100 - again
            self.assertLessEqual(ledger["dropped"], (said - truth["messages"]) * 10)
            away = metric(run, "delivery_missed_away")["count"]
            self.assertGreater(away, 0)
            self.assertEqual(ledger["owed"] + away, said * 10)

    def test_connection_storm(self):
        with Target() as target:
            run = run_profile(target, "connection-storm", time=0.02, load=0.2)
            check_code(self, run, 0)
            counts = self.opened(run, target)
            opened = metric(run, "ws_sessions")["count"]
            self.assertEqual(opened, run.summary["run"]["work"]["planned"])
            self.assertEqual((counts["messages_in"], counts["messages_out"]), (opened, opened))
            self.assertEqual(counts["closed"], {"1000": opened})
            self.assertEqual(metric(run, "checks")["rate"], 1)

    def test_idle_connections_stay(self):
        with Target() as target:
            run = run_profile(target, "idle-connections", "--set", "PING=500ms", time=0.005,
                              load=0.05)
            check_code(self, run, 0)
            counts = self.opened(run, target)
            self.assertEqual(counts["websocket"]["opened"], 750)
            self.assertEqual(counts["messages_in"], 0)
            self.assertGreater(counts["pings_in"], 750 * 2)  # six of each, on a host that has time
            self.assertEqual(metric(run, "ws_ping")["count"], counts["pings_in"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
