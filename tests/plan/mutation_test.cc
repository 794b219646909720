// Plans that are almost right: whatever is done to a shipped profile, the answer is a program or
// complaints with places, never a crash.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/rng.h"
#include "plan/demand.h"
#include "plan/explain.h"
#include "plan/load.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::plan;

namespace {

// Every key that runs, so that mutations reach what the profiles do not use.
constexpr std::string_view kEverything = R"yaml(name: everything
target: http://${HOST}:8080/api
vars:
  HOST: localhost
  KEY: {secret: true, default: "k"}
  RATE: 20
seed: 42
defaults:
  timeout: {connect: 2s, firstByte: 3s, total: 10s}
  headers: {accept: application/json}
  auth: {bearer: "${KEY}"}
  tls: {verify: true, ca: ca.pem, cert: me.pem, key: me.key, serverName: x, minVersion: 1.2}
  retry: {max: 2, on: [connect, timeout, 503], backoff: {initial: 1ms, factor: 2, max: 5s}}
  redirects: 3
  redirectTo: [https://sso.example]
  cookies: perUser
  traceparent: true
  requestId: true
  connection: {keepAlive: false, perUser: 1, sourceAddresses: [127.0.0.0/28, "::1"]}
thresholds:
  http_req_duration: ["p(95)<300", "max<1000"]
  "http_req_duration{endpoint:orders}": ["p(99)<1000"]
  "http_req_duration{stage:up}": ["p(95)<300"]
  "http_req_duration{flow:first}": ["p(95)<300"]
  "http_reqs{status:503}": [{threshold: "count<5", abortOnFail: true, delayAbortEval: 30s}]
scenarios:
  open:
    executor: ramping-arrival-rate
    startRate: ${RATE}
    timeUnit: 1s
    preAllocatedVUs: 5
    maxVUs: 50
    arrivals: even
    startTime: 5s
    gracefulStop: 3s
    tags: {team: shop}
    vars: {TIER: free}
    stages: [{duration: 2m, target: 50}, {duration: 0s, target: 7}]
    flow:
      - post: /orders?x=${vu}
        name: order ${TIER}
        query: {a: "${uuid}", b: [1, 2]}
        json: &body
          {id: "${random(1,100)}", l: [1, null, true, {t: "${now}"}], s: "${randomString(9)}"}
        timeout: 2s
        tags: {endpoint: orders}
        auth: {jwt: {secret: s, claims: {sub: "${vu}", n: 1}, expiresIn: 1h}}
        retry: {max: 1, backoff: {jitter: equal}}
        redirects: false
        capture: {token: "json $.a[0]['b c'].length()", e: header etag, r: "regex a(.)",
                  d: {from: cookie sid, default: ""}, u: url}
        check: {status: [200, 2xx], latency: <500ms, body: contains "x", "header etag": exists,
                "json $.ok": true, "json $.n": ">= 3", "regex a(b)": "~b", size: "<1000",
                "cookie sid": not exists, url: "matches /o.*/"}
        expect: {status: 2xx, body: not contains "error"}
      - post: /form
        auth: none
        form: {a: 1, b: ["${uuid}", x]}
      - post: /file
        auth: {basic: {user: me, password: "${KEY}"}}
        bodyFile: a.json
      - post: /parts
        multipart: {a: text, b: {file: a.json, filename: "b.json", contentType: text/plain}}
      - think: {normal: [3s, 1s]}
      - put: "http://[::1]:81/${iteration}"
        json: *body
  constant:
    executor: constant-arrival-rate
    rate: 600/min
    duration: 1h30m
    flow: [{head: /}, {think: 1s..5s}, {options: /, body: "${timestamp}"}, {patch: /}, {delete: /},
           {think: {exponential: 2s}}]
  mixed:
    executor: shared-iterations
    vus: 3
    iterations: 10
    maxDuration: 1m
    cookies: off
    mix:
      - {weight: 0.5, name: first, flow: [{get: /}, {pace: 1s}]}
      - weight: 2
        flow: [{loop: {count: 2, flow: [{get: /}]}}, {burst: {count: 3, flow: [{get: /}]}}]
  each: {executor: per-vu-iterations, vus: 2, iterations: 3, flow: [{get: /}]}
  steered: {executor: externally-controlled, vus: 0, maxVUs: 5, duration: 1m, flow: [{get: /}]}
  ramped:
    executor: ramping-vus
    startVUs: 2
    gracefulRampDown: 1s
    stages: [{duration: 1m, target: 5, name: up}, {duration: 1m, target: 0}]
    flow: [{get: /, tags: {a: b}}]
)yaml";

std::map<std::string, std::string_view> files() {
  return {{"ca.pem", "-----BEGIN CERTIFICATE-----"},
          {"me.pem", "-----BEGIN CERTIFICATE-----"},
          {"me.key", "-----BEGIN PRIVATE KEY-----"},
          {"a.json", "{}"}};
}

std::vector<std::string> corpus() {
  std::vector<std::string> out{std::string{kEverything}};
  for (const auto& entry : std::filesystem::directory_iterator{GEND_PROFILES}) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream in{entry.path()};
    std::ostringstream text;
    text << in.rdbuf();
    out.push_back(text.str());
  }
  return out;
}

constexpr std::string_view kTokens[] = {"[",
                                        "]",
                                        "{",
                                        "}",
                                        ":",
                                        "- ",
                                        "\n",
                                        "\"",
                                        "'",
                                        "&a ",
                                        "*a",
                                        "|",
                                        ">",
                                        "#",
                                        "${",
                                        "}",
                                        "$${",
                                        "${vu}",
                                        "${random(1,2)}",
                                        "\t",
                                        "!x ",
                                        "---\n",
                                        "\r\n",
                                        "\xFF",
                                        "é",
                                        "null",
                                        "~",
                                        "0",
                                        "-1",
                                        "1e999",
                                        "99999999999999999999",
                                        "scenarios:",
                                        "flow:",
                                        "get: /",
                                        "http://",
                                        "https://",
                                        "[::1]",
                                        "%",
                                        "?",
                                        "stages: []",
                                        "executor: ramping-arrival-rate",
                                        "{{",
                                        "\\",
                                        "secret: true",
                                        "<<: *a"};

std::string mutated(std::string text, const std::vector<std::string>& all, Rng& rng) {
  const auto changes = 1 + rng.below(4);
  for (std::uint64_t i = 0; i < changes && !text.empty(); ++i) {
    const std::size_t at = rng.below(text.size());
    const std::size_t length = rng.below(20);
    switch (rng.below(6)) {
      case 0: text[at] = static_cast<char>(rng.below(256)); break;
      case 1: text.erase(at, length); break;
      case 2: text.insert(at, kTokens[rng.below(std::size(kTokens))]); break;
      case 3: text.insert(at, text.substr(rng.below(text.size()), length)); break;
      case 4: text.replace(at, length, kTokens[rng.below(std::size(kTokens))]); break;
      default: {
        const std::string& other = all[rng.below(all.size())];
        text = text.substr(0, at) + other.substr(rng.below(other.size()));
      }
    }
  }
  return text;
}

}  // namespace

TEST_CASE("the plan with every key compiles") {
  Options options;
  options.files = files();
  const auto result = compile("p.yaml", std::string{kEverything}, options);
  CHECK(result.has_value());
}

TEST_CASE("a mutated profile compiles or is complained of at a line") {
  const auto all = corpus();
  REQUIRE_FALSE(all.empty());
  Rng rng{test::seed()};
  Options options;
  options.seed = 1;
  options.files = files();
  HostFacts host;
  host.cpus = 2;
  int good = 0, bad = 0;
  for (int i = 0; i < GEND_MUTATIONS; ++i) {
    const std::string text = mutated(all[rng.below(all.size())], all, rng);
    const auto result = compile("p.yaml", text, options);
    if (result) {
      ++good;
      CHECK_FALSE(explain(**result, host).empty());
      continue;
    }
    ++bad;
    REQUIRE_FALSE(result.error().empty());
    for (const Complaint& complaint : result.error()) {
      CAPTURE(complaint.str());
      CHECK(complaint.line >= 1);
      CHECK(complaint.column >= 1);
      CHECK_FALSE(complaint.what.empty());
    }
  }
  // Both sides must have been reached, or the mutations are no test.
  CHECK(good > GEND_MUTATIONS / 100);
  CHECK(bad > GEND_MUTATIONS / 10);
}
