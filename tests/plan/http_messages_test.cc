// What a person reads for each mistake in a request or in `defaults`, word for word.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "plan/support.h"

using namespace gend::plan;
using gend::plan::support::complaints;
using gend::plan::support::with_flow;
using gend::plan::support::with_top;
using gend::plan::support::Lines;

namespace {

struct Case {
  std::string line;  // of a request, at 8:9, or of the top, at 1:1
  std::string expected;
};

void check_steps(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    CAPTURE(c.line);
    CHECK(complaints(with_flow("      - post: /\n        " + c.line + "\n")) ==
          Lines{"p.yaml:8:" + c.expected});
  }
}

void check_defaults(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    CAPTURE(c.line);
    CHECK(complaints(with_top("defaults: {" + c.line + "}\n")) == Lines{"p.yaml:1:" + c.expected});
  }
}

}  // namespace

TEST_CASE("bodies that cannot be sent") {
  check_steps({
      {"form: [a]", "15: expected a form (name: value), found a list"},
      {"frm: {a: b}", "9: unknown key \"frm\"; did you mean \"form\"?"},
      {"bodyFile: x.json", "19: there is no file \"x.json\"; names are relative to the plan's "
                           "folder"},
      {"bodyFile: \"\"", "19: the name of the file is empty"},
      {"multipart: text", "20: expected parts (name: text or {file: path}), found \"text\""},
      {"multipart: {a: {}}", "24: a part has one content: `file` or `text`"},
      {"multipart: {a: {text: x, fliename: y}}",
       "34: unknown key \"fliename\"; did you mean \"filename\"?"},
      {"multipart: {a: {file: x.bin}}",
       "31: there is no file \"x.bin\"; names are relative to the plan's folder"},
      {"body: {a: 1}", "15: expected text, found a mapping; use `json` for structured bodies"},
  });
}

TEST_CASE("credentials that are not understood") {
  check_steps({
      {"auth: bearer", "15: expected {bearer: …}, {basic: …}, {jwt: …} or none, found \"bearer\""},
      {"auth: {baerer: x}", "16: unknown key \"baerer\"; did you mean \"bearer\"?"},
      {"auth: {bearer: a, basic: {user: a, password: b}}",
       "15: expected one way to log in, found 2; write {bearer: …}, {basic: …}, {jwt: …} or none"},
      {"auth: {basic: {user: a}}",
       "23: `user` and `password` are needed; write {user: …, password: …}"},
      {"auth: {basic: {user: \"a:b\", password: c}}",
       "30: a user's name cannot hold a colon (RFC 7617)"},
      {"auth: {basic: {usr: a, user: a, password: c}}",
       "24: unknown key \"usr\"; did you mean \"user\"?"},
      {"auth: {jwt: {claims: {}}}", "21: expected one key, found 0; give `secret` (HS256), or "
                                    "`key` or `keyFile` (RS256)"},
      {"auth: {jwt: {secret: s, algorithm: RS256}}", "44: RS256 needs `key` or `keyFile`"},
      {"auth: {jwt: {secret: s, algorithm: HS265}}",
       "44: \"HS265\" is not an algorithm that gend signs with; did you mean \"HS256\"?"},
      {"auth: {jwt: {key: abc}}",
       "27: not a key to sign with: it is no private key in PEM, or a damaged one; it begins with "
       "-----BEGIN PRIVATE KEY----- or -----BEGIN RSA PRIVATE KEY-----"},
      {"auth: {jwt: {secret: s, claims: [a]}}", "41: expected claims (name: value), found a list"},
      {"auth: {jwt: {secret: s, expiresIn: 1h, claims: {exp: 5}}}",
       "57: the claim \"exp\" is set by `expiresIn`; leave one of them out"},
      {"auth: {jwt: {secret: s, expiresIn: 1ms}}", "44: a token that expires in less than 1s"},
      {"auth: {jwt: {secret: s, expires: 1h}}",
       "33: unknown key \"expires\"; did you mean \"expiresIn\"?"},
      {"auth: {jwt: {secret: \"${vu}\"}}",
       "30: \"${vu}\" changes while the plan runs, a secret must be fixed; use declared variables "
       "only"},
  });
  CHECK(complaints(with_flow("      - get: /\n        headers: {authorization: a}\n        auth: "
                             "{bearer: b}\n")) ==
        Lines{"p.yaml:9:15: `auth`, beside a header authorization; leave one of them out"});
}

TEST_CASE("retries and redirects that are not understood") {
  check_steps({
      {"retry: 3", "16: expected a mapping ({max: 2, on: [connect, 503]}), found \"3\""},
      {"retry: {max: 101, on: [503]}", "22: \"101\" is not a number of retries (0 to 100)"},
      {"retry: {max: 1, on: [tmieout]}",
       "30: \"tmieout\" is nothing that can be tried again; did you mean \"timeout\"?"},
      {"retry: {max: 1, on: [whatever]}",
       "30: \"whatever\" is nothing that can be tried again; known: connect, timeout, reset, tls, "
       "malformed, and statuses (503, 5xx)"},
      {"retry: {max: 1}", "16: `on` is missing: what to try again; add on: [connect, timeout, "
                          "503]"},
      {"retry: {on: [503]}", "16: `max` is missing: how often to try again; add max: 2"},
      {"retry: {max: 1, on: []}",
       "29: an empty list: nothing would be tried again; write max: 0 to switch retries off"},
      {"retry: {max: 1, on: [503], backoff: {factor: 0.5}}",
       "54: \"0.5\" is not a factor (1 to 100)"},
      {"retry: {max: 1, on: [503], backoff: {jitter: fulll}}",
       "54: \"fulll\" is not a jitter; did you mean \"full\"?"},
      {"retry: {max: 1, on: [503], backoff: {initial: 9s}}",
       "16: the first wait (`initial`) is longer than the longest (`max`)"},
      {"retry: {max: 1, on: [503], backof: {}}",
       "36: unknown key \"backof\"; did you mean \"backoff\"?"},
      {"redirects: 101", "20: \"101\" is not a number of redirects (0 to 100)"},
      {"redirects: many", "20: \"many\" is not a number of redirects (0 to 100)"},
      {"traceparent: yes", "22: \"yes\" is not true or false"},
  });
}

TEST_CASE("captures that are not understood") {
  check_steps({
      {"capture: {a: jsn $.x}",
       "22: \"jsn $.x\" is no part of a response (json PATH, header NAME, cookie NAME, regex RE, "
       "body, status, url); did you mean \"json\"?"},
      {"capture: {a: json}", "22: `json` needs a path; write json $.name"},
      {"capture: {a: header}", "22: `header` needs a name; write header NAME"},
      {"capture: {a: regex}", "22: `regex` needs an expression; write regex id=(\\d+)"},
      {"capture: {a-b: body}",
       "19: \"a-b\" is not a name of a variable; use letters, digits and _, not beginning with a "
       "digit"},
      {"capture: {vu: body}", "19: \"vu\" is the name of an expression; choose another name"},
      {"capture: {a: {default: x}}",
       "22: `from` is missing; write {from: json $.name, default: …}"},
      {"capture: {a: {from: body, defualt: x}}",
       "35: unknown key \"defualt\"; did you mean \"default\"?"},
      {"capture: {a: [body]}",
       "22: expected a part of the response (json PATH, header NAME, cookie NAME, regex RE, body, "
       "status, url), found a list"},
      {"capture: body", "18: expected captures (name: json $.path), found \"body\""},
  });
}

TEST_CASE("checks that are not understood name their forms") {
  check_steps({
      {"check: {\"jsn $.a\": 1}", "17: unknown key \"jsn $.a\"; did you mean \"json $.a\"?"},
      {"check: {\"json\": 1}", "17: `json` needs a path; write json $.name"},
      {"check: {\"json $.a\": [1]}",
       "29: expected a check of a JSON value (true, 3, \"x\", contains \"x\", not contains \"x\", "
       "~x, == \"x\", != \"x\", matches /x/, >= 3, exists, not exists), found a list"},
      {"check: {\"json $.a\": \">= x\"}", "29: \"x\" is not a number"},
      {"check: {\"json $.a\": contains}",
       "29: \"contains\" is not a check of a JSON value (true, 3, \"x\", contains \"x\", not "
       "contains \"x\", ~x, == \"x\", != \"x\", matches /x/, >= 3, exists, not exists)"},
      {"check: {size: big}", "23: \"big\" is not a number"},
      {"check: {size: ~9}", "23: \"~9\" is not a limit on the size in bytes (<1000, >=1, ==0, "
                            "!=0)"},
      {"check: {\"header etag\": true}",
       "32: \"true\" is not a check of a header (contains \"x\", not contains \"x\", ~x, == "
       "\"x\", != \"x\", matches /x/, >= 3, exists, not exists)"},
      {"check: {body: exists}",
       "23: \"exists\" is not a check of the body (contains \"x\", not contains \"x\", ~x, == "
       "\"x\", != \"x\", matches /x/)"},
      {"expect: {stauts: 200}", "18: unknown key \"stauts\"; did you mean \"status\"?"},
      {"expect: {latency: 1s}", "27: \"1s\" is not a limit on latency (<500ms, >=10ms)"},
      {"check: {body: \"~${x}\"}",
       "25: variable \"x\" is not declared; declare it in `vars`"},
  });
  const auto path = complaints(with_flow("      - get: /\n        check: {\"json $.a[\": 1}\n"));
  REQUIRE(path.size() == 1);
  CHECK(path[0].find("JSON path \"$.a[\": ") != std::string::npos);
  const auto re = complaints(with_flow("      - get: /\n        check: {body: \"matches /(/\"}\n"));
  REQUIRE(re.size() == 1);
  CHECK(re[0].starts_with("p.yaml:8:23: \"(\" is not a regular expression: "));
}

TEST_CASE("defaults that are not understood") {
  check_defaults({
      {"insecure: true", "12: unknown key \"insecure\"; write tls: {verify: false}"},
      {"tls: {insecure: true}", "18: unknown key \"insecure\"; write tls: {verify: false}"},
      {"tls: {verfy: true}", "18: unknown key \"verfy\"; did you mean \"verify\"?"},
      {"tls: {ca: no.pem}",
       "22: there is no file \"no.pem\"; names are relative to the plan's folder"},
      {"tls: {minVersion: 1.1}", "30: \"1.1\" is not a version of TLS (1.2, 1.3)"},
      {"tls: {minVersion: 1.3, maxVersion: 1.2}", "30: `minVersion` is above `maxVersion`"},
      {"tls: {serverName: \"a:1\"}",
       "30: \"a:1\" is not the name of a server; write a host alone: app.example.org"},
      {"cookies: perUsr",
       "21: \"perUsr\" is not a way to keep cookies; did you mean \"perUser\"?"},
      {"redirectTo: [\"http://a/b\"]", "25: \"http://a/b\" is more than a server; write http://a"},
      {"connection: {perUser: 2}",
       "34: a user sends one request at a time and has one connection a server; use more users, "
       "or `burst`"},
      {"requestId: 1", "23: \"1\" is not true or false"},
      {"headers: {Authorization: a}, auth: {bearer: b}",
       "22: the header authorization, beside `auth`; leave one of them out"},
  });
  Options options;
  options.files = {{"x.pem", "nothing"}, {"c.pem", "-----BEGIN CERTIFICATE-----"}};
  CHECK(complaints(with_top("defaults: {tls: {ca: x.pem}}\n"), options) ==
        Lines{"p.yaml:1:22: \"x.pem\" holds no certificate in PEM; it has a line like -----BEGIN "
              "CERTIFICATE-----"});
  CHECK(complaints(with_top("defaults: {tls: {cert: c.pem}}\n"), options) ==
        Lines{"p.yaml:1:24: `cert` without its `key`"});
}

TEST_CASE("thresholds over time that are not understood") {
  CHECK(complaints(with_top("thresholds: {http_req_failed: {threshold: rate<1, window: 5}}\n")) ==
        Lines{"p.yaml:1:59: \"5\" is not a duration (500ms, 10s, 5m, 1h)"});
  CHECK(complaints(with_top("thresholds: {http_req_failed: {threshold: rate<1, for: 5ms}}\n")) ==
        Lines{"p.yaml:1:56: \"5ms\" is shorter than 1s; measurements are judged once a second"});
}

TEST_CASE("a plan of 10 MB is refused for its size alone") {
  CHECK(complaints(std::string(10'000'000, '#')) ==
        Lines{"p.yaml:1:1: larger than 1 MiB (10000000 bytes); split the plan, or move data out of "
              "it"});
}
