#!/usr/bin/env python3
"""Every route of the demo application, against the process; exact where many ask at once."""

import base64
import collections
import concurrent.futures
import contextlib
import gzip
import hashlib
import hmac
import http.client
import json
import socket
import subprocess
import time
import unittest
import urllib.parse
import zlib

from peers import Programs

programs = Programs.from_arguments()

Answer = collections.namedtuple("Answer", "status headers body")


class Target:
    def __init__(self, *options):
        self.process = subprocess.Popen(
            [programs.gentarget, "--listen", "127.0.0.1:0", "--threads", "2", *options],
            stdout=subprocess.PIPE, text=True)
        self.host = self.process.stdout.readline().split()[3].removeprefix("http://")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=10)
        self.process.stdout.close()

    def ask(self, method, path, body=None, headers=None, connection=None):
        own = connection is None
        connection = connection or http.client.HTTPConnection(self.host, timeout=20)
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        data = answer.read()
        if own:
            connection.close()
        return Answer(answer.status, answer.headers, data)

    def get(self, path, **headers):
        return self.ask("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def json(self, path, **headers):
        answer = self.get(path, **headers)
        assert answer.status == 200, answer
        return json.loads(answer.body)

    def login(self, email, password):
        answer = self.ask("POST", "/auth/login", {"email": email, "password": password})
        return json.loads(answer.body)["token"]

    def user(self, number):
        return self.login(f"user{number}@village{(number - 1) // 10 + 1}.example",
                          f"secret-{number}")

    def counts(self, path="/counts"):
        return self.json(path)

    def settled(self, condition):
        """The counts, as soon as the thread that sent the last answer has counted it."""
        for _ in range(500):
            counts = self.counts()
            if condition(counts):
                return counts
            time.sleep(0.01)
        raise AssertionError(counts)

    def at_once(self, count, threads, work):
        """work(connection, i) for every i, by that many threads with a connection each."""
        def several(first):
            connection = http.client.HTTPConnection(self.host, timeout=30)
            with contextlib.closing(connection):
                return [work(connection, i) for i in range(first, count, threads)]
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            return [each for some in pool.map(several, range(threads)) for each in some]


def bearer(token):
    return {"Authorization": "Bearer " + token}


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(claims, secret="gend-demo", algorithm="HS256"):
    """An independent signer: RFC 7515 with Python's hmac."""
    text = encoded(json.dumps({"alg": algorithm, "typ": "JWT"}).encode()) + "." + encoded(
        json.dumps(claims).encode())
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return text + "." + encoded(digest)


class Accounts(unittest.TestCase):
    def test_login_gives_a_token_that_an_independent_reader_verifies(self):
        with Target("--jwt-secret", "other") as target:
            token = target.user(17)
            head, claims, _ = token.split(".")
            padded = claims + "=" * (-len(claims) % 4)
            claims = json.loads(base64.urlsafe_b64decode(padded))
            digest = hmac.new(b"other", token.rsplit(".", 1)[0].encode(), hashlib.sha256).digest()
            self.assertEqual(token.rsplit(".", 1)[1], encoded(digest))
            self.assertEqual(claims["sub"], "user-17")
            self.assertEqual(claims["village"], 2)
            self.assertAlmostEqual(claims["exp"], time.time() + 24 * 3600, delta=60)
            me = target.json("/auth/me", **bearer(token))
            self.assertEqual((me["id"], me["village_id"]), (17, 2))

    def test_wrong_words_are_refused(self):
        with Target() as target:
            for body in ({"email": "user1@village1.example", "password": "secret-2"},
                         {"email": "user1@village2.example", "password": "secret-1"},
                         {"email": "user1001@village101.example", "password": "secret-1001"},
                         {"email": "nobody", "password": ""}, {}, [], {"email": 1}):
                self.assertEqual(target.ask("POST", "/auth/login", body).status, 401, body)
            self.assertEqual(target.ask("POST", "/auth/login", "{").status, 400)
            now = time.time()
            good = {"sub": "user-1"}
            self.assertEqual(target.get("/auth/me", **bearer(signed(good))).status, 200)
            for token in (signed(good, "wrong"), signed({"sub": "user-1", "exp": now - 1}),
                          signed({"sub": "user-1", "nbf": now + 60}), signed({"sub": "root"}),
                          signed({}), signed(good, algorithm="none"), "a.b", "", "..",
                          signed(good)[:-1]):
                answer = target.get("/auth/me", **bearer(token))
                self.assertEqual(answer.status, 401, token)
                self.assertIn("Bearer", answer.headers["WWW-Authenticate"])
            self.assertEqual(target.get("/auth/me").status, 401)

    def test_the_administrators_list_is_for_the_administrator(self):
        with Target() as target:
            self.assertEqual(target.get("/admin/users").status, 401)
            self.assertEqual(target.get("/admin/users", **bearer(target.user(1))).status, 403)
            admin = bearer(target.login("admin@gend.example", "secret-admin"))
            found, path = [], "/api/v1/admin/users?limit=200"
            while path:
                page = target.json(path, **admin)
                found += [each["id"] for each in page["items"]]
                path = page["next"] and "/admin/users?limit=200&cursor=" + page["next"]
            self.assertEqual(found, list(range(1, 1001)))

    def test_a_session_is_a_cookie_of_this_server(self):
        with Target() as target:
            self.assertEqual(target.get("/session").status, 401)
            answer = target.ask("POST", "/session")
            cookie = answer.headers["Set-Cookie"]
            self.assertEqual(answer.status, 201)
            self.assertIn("HttpOnly", cookie)
            self.assertIn("Path=/", cookie)
            sid = cookie.split(";")[0]
            self.assertEqual(target.get("/session", Cookie="a=b; " + sid).status, 200)
            self.assertEqual(target.get("/session", Cookie=sid + "0").status, 401)
            gone = target.ask("DELETE", "/session", headers={"Cookie": sid})
            self.assertEqual(gone.status, 204)
            self.assertIn("Max-Age=0", gone.headers["Set-Cookie"])

    def test_basic_credentials_are_compared(self):
        with Target() as target:
            for user, password in (("a", "b"), ("ab", "c"), ("abc", "d e")):
                text = base64.b64encode(f"{user}:{password}".encode()).decode()
                path = f"/basic-auth/{user}/{urllib.parse.quote(password)}"
                self.assertEqual(target.get(path, Authorization="Basic " + text).status, 200)
                self.assertEqual(target.get(path, Authorization="Basic eDp5").status, 401)


class Villages(unittest.TestCase):
    def test_only_members_post_and_every_update_is_listed_once(self):
        with Target() as target:
            mine, other = bearer(target.user(15)), bearer(target.user(25))
            self.assertEqual(target.json("/api/villages/2", **mine)["members"],
                             list(range(11, 21)))
            for number in range(45):
                answer = target.ask("POST", "/api/villages/2/updates",
                                    {"text": f'"{number}" \u00e4 \n'}, mine)
                self.assertEqual((answer.status, json.loads(answer.body)["id"]), (201, number + 1))
            post = lambda body, who: target.ask("POST", "/api/villages/2/updates", body, who).status
            self.assertEqual(post({"text": "x"}, other), 403)
            self.assertEqual(post({"text": ""}, mine), 422)
            self.assertEqual(post({"text": 3}, mine), 422)
            self.assertEqual(post("nonsense", mine), 400)
            self.assertEqual(post({"text": "x"}, {}), 401)
            texts, cursor = [], ""
            while cursor is not None:
                page = target.json("/api/villages/2/updates?cursor=" + cursor, **other)
                texts += [each["text"] for each in page["items"]]
                cursor = page["next"]
            self.assertEqual(texts, [f'"{number}" \u00e4 \n' for number in range(45)])
            self.assertEqual(len(target.json("/api/villages/2/resources", **mine)["items"]), 5)
            for bad in ("0", "101", "x"):
                self.assertEqual(target.get("/api/villages/" + bad, **mine).status, 404)
            self.assertEqual(target.counts()["updates"], 45)

    def test_activity_is_every_row_once_and_the_counts_say_so(self):
        with Target() as target:
            for user, size in ((1, 50), (2, 200), (3, 7)):
                who, rows, path = bearer(target.user(user)), [], ""
                while path is not None:
                    page = target.json(f"/api/profile/activity?page_size={size}&cursor={path}",
                                       **who)
                    rows += [each["id"] for each in page["items"]]
                    path = page["next"]
                self.assertEqual(page["total"], 1000)
                self.assertEqual(rows, [f"user-{user}-{row}" for row in range(1000)])
            users = target.counts("/counts/users")
            pages = 20 + 5 + 143
            self.assertEqual(users, {"users": 3, "hits": pages + 3, "max": 144, "min": 6,
                                     "readers": 3, "pages": pages, "rows": 3000, "complete": 3,
                                     "max_reads": 1, "astray": 0})
            target.json("/api/profile/activity", **bearer(target.user(3)))
            users = target.counts("/counts/users")
            self.assertEqual((users["complete"], users["max_reads"]), (2, 2))
            self.assertEqual(users["astray"], 0)  # begun again, from the beginning
            target.json("/api/profile/activity?cursor=c500", **bearer(target.user(3)))
            self.assertEqual(target.counts("/counts/users")["astray"], 1)
            for query in ("page_size=0", "page_size=201", "page_size=x", "cursor=50", "cursor=cx"):
                path = "/api/profile/activity?" + query
                self.assertEqual(target.get(path, **bearer(target.user(1))).status, 400, query)


class Shop(unittest.TestCase):
    def test_a_stock_is_sold_to_the_last_piece_and_never_over(self):
        with Target("--stock", "7") as target:
            product = "flash-sale-product-001"
            target.ask("POST", "/admin/stock", {"product_id": product, "stock": 1000})
            body = json.dumps({"product_id": product, "quantity": 1})
            statuses = collections.Counter(target.at_once(
                3000, 64, lambda connection, _: target.ask("POST", "/api/orders", body,
                                                           connection=connection).status))
            self.assertEqual(statuses, {201: 1000, 409: 2000})
            self.assertEqual(target.json("/api/stock/" + product)["stock"], 0)
            counts = target.settled(lambda c: c["routes"]["POST /api/orders"] ==
                                    {"201": 1000, "409": 2000})
            self.assertEqual(counts["orders"], {"accepted": 1000, "rejected": 2000, "sold": 1000})
            order = target.json("/api/orders/1000")
            self.assertEqual((order["product_id"], order["quantity"]), (product, 1))
            self.assertEqual(target.get("/api/orders/1001").status, 404)

    def test_orders_are_checked(self):
        with Target("--stock", "7") as target:
            order = lambda body: target.ask("POST", "/api/orders", body).status
            self.assertEqual(order({"product_id": "product-3", "quantity": 5}), 201)
            self.assertEqual(order({"product_id": "product-3", "quantity": 3}), 409)
            self.assertEqual(order({"items": [{"product_id": 3, "quantity": 2}]}), 201)
            self.assertEqual(order({"product_id": "product-3"}), 409)
            for bad in ({"product_id": "product-1001"}, {"product_id": "product-0"}, {}, [], "3",
                        {"product_id": "product-1", "quantity": 0},
                        {"product_id": "product-1", "quantity": -1},
                        {"product_id": "product-1", "quantity": 1.5},
                        {"product_id": "product-1", "quantity": 10**12}, {"product_id": None}):
                self.assertEqual(order(bad), 422, bad)
            self.assertEqual(order("{"), 400)

    def test_products_are_paged_by_cursor_by_page_and_by_search(self):
        with Target("--products", "95") as target:
            everything = [f"product-{n}" for n in range(1, 96)]
            found, cursor = [], ""
            while cursor is not None:
                page = target.json("/api/products?limit=10&cursor=" + cursor)
                found += [each["id"] for each in page["items"]]
                cursor = page["next"]
            self.assertEqual(found, everything)
            pages = [target.json(f"/api/products?limit=10&page={n}")["items"] for n in range(1, 12)]
            self.assertEqual([each["id"] for page in pages for each in page], everything)
            lamps = target.json("/api/products/search?q=lamp&limit=200")
            self.assertIsNone(lamps["next"])
            self.assertEqual([each["id"] for each in lamps["items"]],
                             [f"product-{n}" for n in range(10, 96, 10)])
            first = target.json("/api/products?search=lamp&limit=4")
            rest = target.json("/api/products?search=lamp&cursor=" + first["next"])
            self.assertEqual(first["items"] + rest["items"], lamps["items"])
            self.assertEqual(target.json("/api/products/product-95")["id"], "product-95")
            self.assertEqual(target.get("/api/products/product-96").status, 404)
            report = target.json("/api/reports/inventory")
            self.assertEqual((report["report"], len(report["rows"])), ("inventory", 20))
            self.assertEqual(json.loads(target.ask("POST", "/api/bulk/import", [1, 2]).body),
                             {"imported": 2})
            adjusted = target.ask("POST", "/api/inventory/adjustments", {"adjustments": [{}] * 100})
            self.assertEqual(json.loads(adjusted.body), {"adjusted": 100})


class Limits(unittest.TestCase):
    def test_exactly_the_limit_is_let_through(self):
        with Target() as target:
            for limit in (1, 100, 1000):
                path = f"/api/limited?limit={limit}&window=60s&key=k{limit}"
                answers = target.at_once(limit + 50, 32, lambda connection, _, path=path:
                                         target.ask("GET", path, connection=connection))
                self.assertEqual(collections.Counter(each.status for each in answers),
                                 {200: limit, 429: 50})
                refused = [each for each in answers if each.status == 429]
                for each in refused:
                    self.assertIn(int(each.headers["Retry-After"]), range(1, 61))
                    self.assertEqual(each.headers["X-RateLimit-Remaining"], "0")
                left = sorted(int(each.headers["X-RateLimit-Remaining"]) for each in answers
                              if each.status == 200)
                self.assertEqual(left, list(range(limit)))

    def test_a_window_later_there_are_new_tokens(self):
        with Target() as target:
            path = "/api/limited?limit=2&window=300ms&key=w"
            self.assertEqual([target.get(path).status for _ in range(3)], [200, 200, 429])
            time.sleep(0.35)
            self.assertEqual([target.get(path).status for _ in range(3)], [200, 200, 429])
            for bad in ("limit=0", "limit=x", "window=1", "window=0s"):
                self.assertEqual(target.get("/api/limited?" + bad).status, 400)

    def test_tenants_have_the_limits_of_their_tier_and_do_not_touch_each_other(self):
        limits = "free=100,starter=200"
        with Target("--limits", limits, "--limit-window", "60s") as target:
            token = target.login("free-2@tenant.example", "secret-free-2")
            for headers, name, limit in (({"X-Tenant": "free-1"}, "free-1", 100),
                                         (bearer(token), "free-2", 100),
                                         ({"X-Tenant": "starter"}, "starter", 200)):
                statuses = collections.Counter(target.at_once(
                    limit + 50, 16, lambda connection, _, headers=headers: target.ask(
                        "GET", "/api/products", None, headers, connection).status))
                self.assertEqual(statuses, {200: limit, 429: 50})
                self.assertEqual(target.counts()["tenants"][name],
                                 {"granted": limit, "limited": 50})
            self.assertEqual(target.get("/api/products", X_Tenant="free-3").status, 200)
            self.assertEqual(target.get("/api/products", X_Tenant="gold").status, 401)
            self.assertEqual(target.get("/api/products", X_API_Key="key-free-1-0").status, 401)
            target.ask("POST", "/admin/reset")
            self.assertEqual(target.get("/api/products", X_Tenant="free-1").status, 200)


class Metrics(unittest.TestCase):
    def test_ingest_is_counted_and_a_leak_can_be_seen(self):
        with Target() as target:
            self.assertEqual(target.ask("POST", "/api/metrics", [{"a": 1}, {"a": 2}]).status, 202)
            self.assertEqual(target.ask("POST", "/api/v1/metrics", {"a": 1}).status, 202)
            self.assertEqual(target.ask("POST", "/api/metrics", "3").status, 422)
            self.assertEqual(target.counts()["ingested"], 3)
            before = target.json("/api/metrics")["process"]["memory_usage_mb"]
            self.assertEqual(target.ask("POST", "/admin/leak", {"mb_per_minute": 6000}).status, 200)
            time.sleep(0.3)
            after = target.json("/api/metrics")
            self.assertGreater(after["leaked_mb"], 29)
            self.assertGreater(after["process"]["memory_usage_mb"], before + 25)
            self.assertEqual(target.ask("POST", "/admin/leak", {"mb_per_minute": -1}).status, 422)
            token = bearer(target.user(1))
            self.assertEqual(len(target.json("/api/dashboard", **token)["series"]), 60)
            self.assertEqual(target.get("/api/dashboard").status, 401)
            self.assertEqual(target.get("/health").status, 200)

    def test_the_exposition_is_read_by_prometheus_own_parser(self):
        try:
            from prometheus_client.parser import text_string_to_metric_families
        except ImportError:
            self.skipTest("the package python3-prometheus-client is not installed")
        with Target() as target:
            for path in ("/", "/", "/health", "/nowhere", "/status/503"):
                target.get(path)
            target.settled(lambda c: c["responses"] == 5)
            answer = target.get("/metrics")
            self.assertTrue(answer.headers["Content-Type"].startswith("text/plain; version=0.0.4"))
            families = {f.name: f for f in text_string_to_metric_families(answer.body.decode())}
            requests = {s.labels["code"]: s.value for s in families["http_requests"].samples}
            self.assertEqual(requests, {"200": 3, "404": 1, "503": 1})
            self.assertGreater(families["process_resident_memory_bytes"].samples[0].value, 1e6)
            self.assertIn("process_cpu_seconds", families)
            buckets = [s.value for s in families["http_request_duration_seconds"].samples
                       if s.name.endswith("_bucket")]
            self.assertEqual(buckets, sorted(buckets))
            self.assertEqual(buckets[-1], 5)

    def test_arrivals_are_counted_by_the_second_and_per_route(self):
        with Target() as target:
            for _ in range(3):
                target.get("/health")
            time.sleep(1.05)
            for _ in range(2):
                target.get("/bytes/10")
            seconds = target.counts("/counts/seconds")
            self.assertEqual((sum(seconds["counts"]), seconds["bin_ms"]), (5, 1000))
            self.assertEqual(seconds["counts"][0], 3)
            self.assertEqual(sum(target.counts("/counts/seconds?bin_ms=100")["counts"]), 5)
            self.assertEqual(target.get("/counts/seconds?bin_ms=50").status, 400)
            counts = target.settled(lambda c: c["responses"] == 5)
            self.assertEqual(counts["routes"], {"GET /health": {"200": 3}, "plain": {"200": 2}})
            target.get("/counts/reset")
            self.assertEqual(target.counts()["routes"], {})
            self.assertEqual(target.counts("/counts/seconds")["counts"], [])


class Answers(unittest.TestCase):
    def test_request_ids_are_echoed_or_made(self):
        with Target() as target:
            self.assertEqual(target.get("/health", X_Request_Id="a-1").headers["X-Request-Id"],
                             "a-1")
            made = {target.get("/health").headers["X-Request-Id"] for _ in range(20)}
            self.assertEqual(len(made), 20)
            self.assertIsNone(target.get("/").headers["X-Request-Id"])
            self.assertEqual(target.get("/", X_Request_Id="b").headers["X-Request-Id"], "b")

    def test_redirects(self):
        with Target() as target:
            hops, path = 0, "/redirect/3"
            while path:
                answer = target.get(path)
                hops, path = hops + (answer.status == 302), answer.headers["Location"]
            self.assertEqual((hops, answer.status), (3, 200))
            answer = target.get("/redirect-to?url=http%3A%2F%2Fa.example%2F%3Fx%3D1&status=307")
            self.assertEqual((answer.status, answer.headers["Location"]),
                             (307, "http://a.example/?x=1"))
            self.assertEqual(target.get("/redirect-loop").headers["Location"], "/redirect-loop")
            for bad in ("", "?url=", "?url=a%0d%0aX:y", "?url=/&status=200", "?url=/&status=x"):
                self.assertEqual(target.get("/redirect-to" + bad).status, 400, bad)

    def test_encodings(self):
        with Target() as target:
            for size in (1, 21, 22, 1000, 300_000):
                plain = gzip.decompress(target.get(f"/encoded/gzip?bytes={size}").body)
                self.assertEqual(len(plain), size)
                if size >= 22:
                    self.assertIs(json.loads(plain)["ok"], True)
                answer = target.get(f"/encoded/deflate?bytes={size}")
                self.assertEqual(zlib.decompress(answer.body), plain)
                answer = target.get(f"/encoded/br?bytes={size}")
                self.assertEqual(answer.headers["Content-Encoding"], "br")
                self.assertGreater(len(answer.body), 0)
            self.assertEqual(target.get("/encoded/zip").status, 404)
            self.assertEqual(target.get("/encoded/gzip?bytes=0").status, 400)
            bomb = target.get("/bomb")
            self.assertLess(len(bomb.body), 1_000_000)
            self.assertEqual(len(gzip.decompress(bomb.body)), 100 * 1024 * 1024)

    def test_echo_form_and_multipart_give_back_what_was_understood(self):
        with Target() as target:
            answer = target.ask("PUT", "/echo?a=1", b'x\xff"\n', {"X-A": "1", "Accept": "*/*"})
            echo = json.loads(answer.body)
            self.assertEqual((echo["method"], echo["path"], echo["query"], echo["body"],
                              echo["bytes"], echo["headers"]["x-a"]),
                             ("PUT", "/echo", "a=1", 'x\ufffd"\n', 4, "1"))
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            pairs = [("a", "1 2"), ("b", "\u00e4&="), ("a", "")]
            answer = target.ask("POST", "/form", urllib.parse.urlencode(pairs), form)
            self.assertEqual(json.loads(answer.body)["fields"], [list(each) for each in pairs])
            self.assertEqual(target.ask("POST", "/form", "a=1").status, 415)
            body = ('--B\r\nContent-Disposition: form-data; name="a"\r\n\r\none\r\n'
                    '--B\r\nContent-Disposition: form-data; name="f"; filename="x.txt"\r\n'
                    'Content-Type: text/plain\r\n\r\n\r\n--not\r\n\r\n--B\r\n\r\n\r\n--B--\r\n')
            multipart = {"Content-Type": 'multipart/form-data; boundary="B"'}
            answer = target.ask("POST", "/multipart", body, multipart)
            self.assertEqual(json.loads(answer.body)["parts"], [
                {"name": "a", "bytes": 3, "text": "one"},
                {"name": "f", "filename": "x.txt", "content_type": "text/plain", "bytes": 9,
                 "text": "\r\n--not\r\n"},
                {"name": "", "bytes": 0, "text": ""}])
            for bad in ("", "--B", "--B\r\n", body[:-6], "--C--"):
                self.assertEqual(target.ask("POST", "/multipart", bad, multipart).status, 400, bad)

    def test_bodies_of_up_to_one_mib_are_taken(self):
        with Target() as target:
            answer = target.ask("POST", "/echo", b"x" * (1024 * 1024))
            self.assertEqual(json.loads(answer.body)["bytes"], 1024 * 1024)
            connection = http.client.HTTPConnection(target.host, timeout=20)
            with contextlib.closing(connection):
                try:
                    status = target.ask("POST", "/echo", b"x" * (1024 * 1024 + 1),
                                        connection=connection).status
                except OSError:
                    status = 413  # closed while we were sending
            self.assertEqual(status, 413)

    def test_methods_and_paths_that_are_not_served(self):
        with Target() as target:
            self.assertEqual(target.ask("DELETE", "/api/products").status, 405)
            self.assertEqual(target.get("/api/nothing").status, 404)
            self.assertEqual(target.get("/api/villages//updates").status, 404)
            head = target.ask("HEAD", "/api/products/product-1")
            self.assertEqual((head.status, head.body), (200, b""))
            self.assertGreater(int(head.headers["Content-Length"]), 20)


class Misfortune(unittest.TestCase):
    def test_what_a_request_asks_for_happens_to_it(self):
        with Target() as target:
            for path in ("/health", "/"):
                began = time.monotonic()
                self.assertEqual(target.get(path, X_Delay_Ms="120").status, 200)
                self.assertGreaterEqual(time.monotonic() - began, 0.12)
                self.assertEqual(target.get(path, X_Fail="503").status, 503)
                with self.assertRaises(http.client.RemoteDisconnected):
                    target.get(path, X_Fail="close")
                with self.assertRaises(ConnectionResetError):
                    target.get(path, X_Fail="reset")
                connection = http.client.HTTPConnection(target.host, timeout=0.3)
                with contextlib.closing(connection), self.assertRaises(socket.timeout):
                    target.ask("GET", path, None, {"X-Fail": "hang"}, connection)
            self.assertEqual(target.settled(lambda c: c["faults"] == 6)["statuses"],
                             {"200": 2, "503": 2})

    def test_a_configured_share_fails_and_takes_its_time(self):
        with Target("--fail", "0.3:503", "--latency", "fixed 2ms", "--seed", "7") as target:
            def one(connection, _):
                began = time.monotonic()
                status = target.ask("GET", "/health", connection=connection).status
                return status, time.monotonic() - began
            answers = target.at_once(1000, 8, one)
            failed = sum(status == 503 for status, _ in answers)
            # Binomial, n = 1000, p = 0.3: five standard deviations are 72.
            self.assertLess(abs(failed - 300), 73)
            self.assertGreaterEqual(min(took for _, took in answers), 0.002)
            self.assertEqual(target.get("/").status, 200)

    def test_options_that_make_no_sense_are_refused_with_what_to_write(self):
        for options in (["--latency", "slow"], ["--fail", "2:503"], ["--fail", "0.1:200"],
                        ["--limits", "gold=1"], ["--limit-window", "0s"],
                        ["--token-life", "soon"], ["--report-latency", "uniform 5ms 1ms"]):
            done = subprocess.run([programs.gentarget, *options], capture_output=True, text=True,
                                  timeout=10)
            self.assertEqual(done.returncode, 2, options)
            self.assertIn(options[0], done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
