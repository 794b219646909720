// Bodies, credentials, TLS, retries and redirects, as compiled.
#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "plan/compile_request.h"
#include "auth/keys.h"
#include "plan/support.h"

using namespace gend;
using namespace gend::plan;
using namespace std::chrono_literals;
using gend::plan::support::compiled;
using gend::plan::support::holds;
using gend::plan::support::complaints;
using gend::plan::support::with_flow;

namespace {

const std::string kKey{test::kPkcs8};
const std::string kCertificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

Options with_files() {
  Options options;
  options.files = {{"a.json", "{\"a\":1}"}, {"b.bin", std::string_view{"\0\xFF", 2}},
                   {"k.pem", kKey},         {"c.pem", kCertificate}};
  return options;
}

std::unique_ptr<const Program> one(const std::string& step, const std::string& top = "") {
  return compiled(top + with_flow("      - " + step + "\n"), with_files());
}

std::string wire(const std::string& step, const std::string& top = "") {
  const auto program = one(step, top);
  CHECK(program->requests[0].lifetime == Lifetime::kFixed);
  return program->requests[0].wire;
}

// The literals of a template with <n> for its n-th source.
std::string shown(const Template& text) {
  std::string out;
  for (const Piece& piece : text.pieces) {
    out += piece.source == Source::kLiteral
               ? piece.text
               : "<" + std::to_string(static_cast<int>(piece.source)) + ">";
  }
  return out;
}

}  // namespace

TEST_CASE("a form is encoded as one, lists repeat their name") {
  const std::string out = wire("{post: /, form: {a: \"x y&z\", b: [1, 2], \"c d\": ü}}");
  CHECK(out.ends_with("\r\n\r\na=x%20y%26z&b=1&b=2&c%20d=%C3%BC"));
  CHECK(holds(out, "content-type: application/x-www-form-urlencoded\r\n"));
}

TEST_CASE("a body from a file is sent byte for byte, with the type of its ending") {
  const std::string json = wire("{post: /, bodyFile: a.json}");
  CHECK(json.ends_with("\r\n\r\n{\"a\":1}"));
  CHECK(holds(json, "content-type: application/json\r\n"));
  const std::string binary = wire("{post: /, bodyFile: \"${F}\"}", "vars: {F: b.bin}\n");
  CHECK(binary.ends_with(std::string{"\r\n\r\n\0\xFF", 6}));
  CHECK(holds(binary, "Content-Length: 2\r\n"));
  CHECK(holds(binary, "content-type: application/octet-stream\r\n"));
  CHECK_FALSE(holds(wire("{post: /, bodyFile: a.json, headers: {content-type: x/y}}"),
                    "application/json"));
}

TEST_CASE("multipart bodies are those of RFC 7578, and the boundary stands in no part") {
  const std::string out = wire(
      "{post: /, multipart: {t: [a, \"------gend-part-00000000\"], \"q\\\"r\": {file: a.json, "
      "filename: \"x\\\".json\"}, u: {text: hi, contentType: text/plain}}}");
  CHECK(holds(out, "content-type: multipart/form-data; boundary=------gend-part-00000001\r\n"));
  const std::string expected =
      "--------gend-part-00000001\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\na\r\n"
      "--------gend-part-00000001\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\n"
      "------gend-part-00000000\r\n"
      "--------gend-part-00000001\r\nContent-Disposition: form-data; name=\"q%22r\"; "
      "filename=\"x%22.json\"\r\nContent-Type: application/json\r\n\r\n{\"a\":1}\r\n"
      "--------gend-part-00000001\r\nContent-Disposition: form-data; name=\"u\"\r\n"
      "Content-Type: text/plain\r\n\r\nhi\r\n"
      "--------gend-part-00000001--\r\n";
  CHECK(out.ends_with("\r\n\r\n" + expected));
}

TEST_CASE("https goes to port 443 over TLS, and is another server than http") {
  const auto program = one("{get: \"https://h/\"}");
  REQUIRE(program->endpoints.size() == 2);
  CHECK(program->endpoints[1].tls);
  CHECK(program->endpoints[1].port == 443);
  CHECK(program->endpoints[1].authority == "h");
  CHECK_FALSE(program->endpoints[0].tls);
}

TEST_CASE("user values in a URL are encoded by where they stand; one in front is a path") {
  Profile profile;
  profile.target = Given<std::string>{"http://h/base", {}};
  profile.has_target_key = true;
  Reporter reporter{"p.yaml", ""};
  Program program;
  RequestCompiler compiler{profile, program, reporter};
  const Piece value{.source = Source::kVariable, .text = {}};
  HttpText text;
  append(text.url, "/a/");
  text.url.pieces.push_back(value);
  append(text.url, "?b=");
  text.url.pieces.push_back(value);
  text.url.lifetime = Lifetime::kPerIteration;
  const HttpRequest inside = compiler.compile(text);
  CHECK(shown(inside.head).starts_with("GET /base/a/<8>?b=<8> HTTP/1.1\r\n"));
  CHECK(inside.head.pieces[1].escaping == Escaping::kPathSegment);
  CHECK(inside.head.pieces[3].escaping == Escaping::kQueryValue);
  CHECK(inside.head.lifetime == Lifetime::kPerIteration);
  text.url.pieces = {value};
  const HttpRequest open = compiler.compile(text);
  CHECK(shown(open.head).starts_with("GET <8> HTTP/1.1\r\nHost: h\r\n"));
  CHECK(open.head.pieces[1].escaping == Escaping::kTarget);
  CHECK(reporter.clean());
}

TEST_CASE("fixed credentials are rendered once") {
  // RFC 7617, 2.
  CHECK(holds(wire("{get: /, auth: {basic: {user: Aladdin, password: open sesame}}}"),
              "authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
  // RFC 4648, 10: "fo" is Zm8=, "foob" Zm9vYg==.
  CHECK(holds(wire("{get: /, auth: {basic: {user: f, password: \"\"}}}"), "Basic Zjo=\r\n"));
  CHECK(holds(wire("{get: /, auth: {bearer: abc}}"), "authorization: Bearer abc\r\n"));
}

TEST_CASE("credentials that change are made when they are sent, and shared") {
  const auto program = compiled(
      "defaults: {auth: {jwt: {secret: s, claims: {sub: \"${vu}\", n: 1}, expiresIn: 1h}}}\n" +
      with_flow("      - get: /\n      - get: /\n      - get: /\n        auth: none\n"
                "      - get: /\n        auth: {basic: {user: \"u${vu}\", password: p}}\n"
                "      - get: /\n        auth: {jwt: {secret: s, claims: {id: \"${uuid}\"}}}\n"
                "      - get: /\n        auth: {jwt: {secret: s, claims: {id: 7}}}\n"));
  const auto& requests = program->requests;
  REQUIRE(program->credentials.size() == 4);
  CHECK(holds(shown(requests[0].head), "authorization: Bearer <10>\r\n"));
  CHECK(shown(requests[1].head) == shown(requests[0].head));
  CHECK_FALSE(holds(requests[2].wire, "authorization"));
  CHECK(holds(shown(requests[3].head), "authorization: Basic <10>\r\n"));
  const Credential& token = program->credentials[0];
  CHECK(token.kind == Credential::Kind::kJwt);
  CHECK(shown(token.claims) == "{\"sub\":\"<1>\",\"n\":1}");
  CHECK(token.secret == "s");
  CHECK_FALSE(token.rsa);
  CHECK(token.expires_in == Duration{1h});
  // A token that expires is made anew in every iteration, one that stays once for its user.
  CHECK_FALSE(program->values[token.cache_slot].keeps);
  CHECK(program->values[program->credentials[3].cache_slot].keeps);
  CHECK(program->credentials[1].cache_slot == kNoSlot);
  CHECK(program->credentials[2].cache_slot == kNoSlot);
}

TEST_CASE("RS256 takes its key from a file") {
  const auto program = one("{get: /, auth: {jwt: {keyFile: k.pem, algorithm: RS256}}}");
  CHECK(program->credentials[0].rsa);
  CHECK(program->credentials[0].secret == kKey);
  CHECK(shown(program->credentials[0].claims) == "{}");
}

TEST_CASE("a header of the step wins over the default auth, auth of the step over the header") {
  CHECK(holds(wire("{get: /, headers: {Authorization: own}}", "defaults: {auth: {bearer: a}}\n"),
              "Authorization: own\r\n"));
  const std::string out =
      wire("{get: /, auth: {bearer: b}}", "defaults: {headers: {Authorization: a}}\n");
  CHECK(holds(out, "authorization: Bearer b\r\n"));
  CHECK_FALSE(holds(out, ": a\r\n"));
  CHECK_FALSE(holds(wire("{get: /, auth: none}", "defaults: {headers: {Authorization: a}}\n"),
                    "uthorization"));
}

TEST_CASE("credentials written into a plan are not stored with a run") {
  const auto program = one(
      "{get: /, auth: {basic: {user: u, password: 'hunter2'}}}\n      - {get: /, auth: {bearer: "
      "tok-en1}}\n      - {get: /, auth: {jwt: {secret: \"k3y\"}}}");
  for (const std::string_view secret : {"hunter2", "tok-en1", "k3y"}) {
    CHECK_FALSE(holds(program->source_text, secret));
    CHECK(std::ranges::count(program->secrets, secret) == 1);
  }
  CHECK(holds(program->source_text, "{bearer: \"***\"}"));
}

TEST_CASE("request ids and trace contexts are made for each request, unless the step has its own") {
  const std::string top = "defaults: {traceparent: true, requestId: true}\n";
  const auto both = one("{get: /}", top);
  CHECK(holds(shown(both->requests[0].head), "traceparent: <12>\r\nx-request-id: <3>\r\n"));
  CHECK(both->requests[0].lifetime == Lifetime::kPerMessage);
  const std::string own =
      wire("{get: /, traceparent: false, headers: {X-Request-Id: mine}}", top);
  CHECK_FALSE(holds(own, "traceparent"));
  CHECK(holds(own, "X-Request-Id: mine\r\n"));
}

TEST_CASE("a cookie header of the plan's own keeps the jar out") {
  CHECK(one("{get: /}")->requests[0].sends_cookies);
  CHECK_FALSE(one("{get: /, headers: {Cookie: a=b}}")->requests[0].sends_cookies);
  const auto off = one("{get: /}", "defaults: {cookies: off}\n");
  CHECK_FALSE(off->requests[0].sends_cookies);
  CHECK(off->scenarios[0].cookies == Scenario::Cookies::kOff);
  CHECK(one("{get: /}")->scenarios[0].cookies == Scenario::Cookies::kPerIteration);
}

TEST_CASE("the head of a fixed request ends before its empty line") {
  const auto program = one("{post: /, body: \"a\\r\\n\\r\\nb\"}");
  const HttpRequest& request = program->requests[0];
  CHECK(request.wire.substr(request.wire_head) == "\r\na\r\n\r\nb");
}

TEST_CASE("a request is kept in parts for redirects") {
  const auto program = one(
      "{post: /, json: {a: 1}, auth: {bearer: t}, headers: {host: x, cookie: c, a: \"${vu}\", "
      "content-language: de}}");
  const HttpRequest& request = program->requests[0];
  const std::string fields = shown(request.fields);
  CHECK(fields.starts_with("User-Agent: "));
  CHECK(fields.ends_with("\r\na: <1>\r\n"));
  CHECK_FALSE(holds(fields, "ost"));
  CHECK(shown(request.credentials) == "cookie: c\r\nauthorization: Bearer t\r\n");
  CHECK(shown(request.body_fields) ==
        "content-language: de\r\ncontent-type: application/json\r\n");
  CHECK(shown(request.redirect_body) == "{\"a\":1}");
  CHECK(one("{get: /, redirects: 0}")->requests[0].fields.pieces.empty());
}

TEST_CASE("redirects: 10 as in k6, else as said") {
  const auto redirects = [](const std::string& step, const std::string& top = "") {
    return static_cast<int>(one(step, top)->requests[0].redirects);
  };
  CHECK(redirects("{get: /}") == 10);
  CHECK(redirects("{get: /, redirects: 0}") == 0);
  CHECK(redirects("{get: /, redirects: 100}") == 100);
  CHECK(redirects("{get: /, redirects: false}") == 0);
  CHECK(redirects("{get: /}", "defaults: {redirects: 3}\n") == 3);
  CHECK(redirects("{get: /, redirects: true}", "defaults: {redirects: 3}\n") == 10);
  const auto program =
      one("{get: /}", "defaults: {redirectTo: [\"https://sso.example\", \"http://h:1\"]}\n");
  REQUIRE(program->endpoints.size() == 2);
  CHECK(program->endpoints[1].host == "sso.example");
}

TEST_CASE("retries: the step changes what it names") {
  const auto program = compiled(
      "defaults: {retry: {max: 2, on: [connect, timeout, 503], backoff: {initial: 1ms, jitter: "
      "none}}}\n" +
      with_flow("      - get: /\n      - get: /\n        retry: {on: [reset, tls, malformed, 5xx], "
                "respectRetryAfter: false, backoff: {factor: 1.5, max: 9s}}\n"
                "      - get: /\n        retry: {max: 0}\n"));
  const Retry& first = program->requests[0].retry;
  CHECK(first.max == 2);
  CHECK(first.on_connect);
  CHECK(first.on_timeout);
  CHECK_FALSE(first.on_reset);
  CHECK(first.statuses == StatusRanges{{503, 503}});
  CHECK(first.respect_retry_after);
  CHECK(first.backoff.initial == Duration{1ms});
  CHECK(first.backoff.jitter == Jitter::kNone);
  CHECK(first.backoff.max == Duration{5s});
  const Retry& second = program->requests[1].retry;
  CHECK(second.max == 2);
  CHECK_FALSE(second.on_connect);
  CHECK(second.on_reset);
  CHECK(second.on_tls);
  CHECK(second.on_malformed);
  CHECK(second.statuses == StatusRanges{{500, 599}});
  CHECK_FALSE(second.respect_retry_after);
  CHECK(second.backoff.initial == Duration{1ms});
  CHECK(second.backoff.factor == 1.5);
  CHECK(second.backoff.max == Duration{9s});
  CHECK(program->requests[2].retry.max == 0);
}

TEST_CASE("timeouts and waits between retries are not scaled") {
  Options options;
  options.time_scale = 0.01;
  const auto program = compiled(
      with_flow("      - get: /\n        timeout: 5s\n        retry: {max: 1, on: [503]}\n"),
      options);
  CHECK(program->requests[0].timeout.total == Duration{5s});
  CHECK(program->requests[0].retry.backoff.initial == Duration{200ms});
}

TEST_CASE("TLS is as the plan says, with the texts of its files") {
  const Tls tls = one("{get: /}",
                      "defaults: {tls: {verify: false, ca: c.pem, cert: c.pem, key: k.pem, "
                      "serverName: x.example, resume: false, minVersion: 1.2, maxVersion: 1.3}}\n")
                      ->tls;
  CHECK_FALSE(tls.verify);
  CHECK(tls.ca_pem == kCertificate);
  CHECK(tls.certificate_pem == kCertificate);
  CHECK(tls.key_pem == kKey);
  CHECK(tls.server_name == "x.example");
  CHECK_FALSE(tls.resume);
  CHECK(tls.min_version == 12);
  CHECK(tls.max_version == 13);
  CHECK(one("{get: /}")->tls.verify);
}

TEST_CASE("the files of a plan are known before they are there") {
  const auto uses = files_of(
      "vars: {DIR: data}\ndefaults: {tls: {ca: ca.pem}}\n" +
          with_flow("      - post: /\n        bodyFile: ${DIR}/a.json\n"
                    "      - post: /\n        multipart: {p: {file: b.png}}\n"
                    "      - get: /\n        auth: {jwt: {keyFile: k.pem}}\n"),
      {});
  std::vector<std::string> names;
  for (const FileUse& use : uses) names.push_back(use.name);
  CHECK(names == std::vector<std::string>{"ca.pem", "data/a.json", "b.png", "k.pem"});
  CHECK(uses[1].place == Place{10, 19});
  CHECK(files_of(": not a plan", {}).empty());
}

TEST_CASE("windows of thresholds shrink with the run, to a second at least") {
  const std::string plan =
      "thresholds: {http_req_failed: {threshold: rate<1, window: 30s, for: 10s}}\n" +
      with_flow("      - get: /\n");
  Options options;
  options.time_scale = 0.1;
  const auto program = compiled(plan, options);
  CHECK(program->thresholds[0].window == Duration{3s});
  CHECK(program->thresholds[0].hold == Duration{1s});
  CHECK(compiled(plan)->thresholds[0].window == Duration{30s});
}
