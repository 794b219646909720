#include "plan/render.h"

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "plan/support.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::plan;
using gend::plan::support::compiled;
using gend::plan::support::with_flow;

namespace {

struct Rendered {
  std::string text, head, body;
};

Rendered render_once(const HttpRequest& request, const RenderContext& context) {
  TextBuffer buffer;
  REQUIRE(render(request, context, {}, buffer) == RenderFault::kNone);
  const std::string out{buffer.view()};
  const std::size_t split = out.find("\r\n\r\n");
  REQUIRE(split != std::string::npos);
  return {out, out.substr(0, split + 4), out.substr(split + 4)};
}

std::unique_ptr<const Program> program_of(const std::string& step) {
  return compiled(with_flow("      - " + step + "\n"));
}

}  // namespace

TEST_CASE("expressions stand where they were written") {
  const auto program = program_of(
      "{get: \"/u/${vu}?i=${iteration}\", headers: {x-t: \"<${timestamp}>\", host: \"v${vu}.h\"}}");
  Rng rng{1};
  const auto out = render_once(program->requests[0],
                               {.vu = 7, .iteration = 3, .rng = &rng, .wall_ms = 1234567890123});
  CHECK(out.text.starts_with("GET /u/7?i=3 HTTP/1.1\r\nHost: v7.h\r\n"));
  CHECK(out.text.find("\r\nx-t: <1234567890123>\r\n") != std::string::npos);
  CHECK(out.text.ends_with("\r\n\r\n"));
}

TEST_CASE("the content length is that of the body, whatever was rendered into it") {
  const auto program =
      program_of("{post: /, json: {a: \"${randomString(5)}\", n: \"${random(0,1000000)}\"}}");
  Rng rng{test::seed()};
  const HttpRequest& request = program->requests[0];
  for (int i = 0; i < 500; ++i) {
    const auto out = render_once(request, {.vu = 1, .rng = &rng, .wall_ms = 0});
    const auto expected = "content-length: " + std::to_string(out.body.size()) + "\r\n";
    CHECK(out.head.find(expected) != std::string::npos);
  }
}

TEST_CASE("a POST without a body says that it has none") {
  const auto fixed = program_of("{post: /}");
  CHECK(fixed->requests[0].wire.find("ontent-") != std::string::npos);
  const auto program = program_of("{post: \"/${vu}\"}");
  Rng rng{1};
  const auto out = render_once(program->requests[0], {.vu = 1, .rng = &rng});
  CHECK(out.head.find("content-length: 0\r\n") != std::string::npos);
  CHECK(out.body.empty());
}

TEST_CASE("the wall clock is rendered as RFC 3339 in UTC with milliseconds") {
  const auto program = program_of("{get: \"/${now}\"}");
  Rng rng{1};
  const auto at = [&](std::int64_t ms) {
    return render_once(program->requests[0], {.vu = 1, .rng = &rng, .wall_ms = ms}).text;
  };
  CHECK(at(0).starts_with("GET /1970-01-01T00:00:00.000Z "));
  // 2024-02-29 is day 19782 since 1970.
  CHECK(at((19782LL * 86400 + 86399) * 1000 + 7).starts_with("GET /2024-02-29T23:59:59.007Z "));
}

TEST_CASE("uuids are version 4, and differ") {
  const auto program = program_of("{get: \"/${uuid}\"}");
  const std::regex form{
      "GET /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12} HTTP/1.1"};
  Rng rng{test::seed()};
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto text = render_once(program->requests[0], {.vu = 1, .rng = &rng}).text;
    const std::string line = text.substr(0, text.find('\r'));
    CHECK(std::regex_match(line, form));
    seen.insert(line);
  }
  CHECK(seen.size() == 1000);
}

TEST_CASE("random numbers reach both ends and nothing beyond them") {
  const auto program = program_of("{get: \"/${random(-2,2)}\"}");
  Rng rng{test::seed()};
  std::map<std::string, int> seen;
  for (int i = 0; i < 2000; ++i) {
    const auto text = render_once(program->requests[0], {.vu = 1, .rng = &rng}).text;
    ++seen[text.substr(5, text.find(' ', 5) - 5)];
  }
  // 400 expected of each; five standard deviations are 90.
  REQUIRE(seen.size() == 5);
  for (const char* value : {"-2", "-1", "0", "1", "2"}) {
    CAPTURE(value);
    CHECK(seen[value] > 310);
    CHECK(seen[value] < 490);
  }
}

TEST_CASE("the widest random range renders") {
  const auto program =
      program_of("{get: \"/${random(-9223372036854775808,9223372036854775807)}\"}");
  Rng rng{test::seed()};
  for (int i = 0; i < 100; ++i) render_once(program->requests[0], {.vu = 1, .rng = &rng});
}

TEST_CASE("random strings have their length and alphabet") {
  const auto program = program_of("{get: \"/${randomString(40)}\"}");
  Rng rng{test::seed()};
  const auto text = render_once(program->requests[0], {.vu = 1, .rng = &rng}).text;
  CHECK(std::regex_match(text.substr(5, 40), std::regex{"[A-Za-z0-9]{40}"}));
  CHECK(text[45] == ' ');
}

TEST_CASE("the same generator renders the same bytes") {
  const auto program =
      program_of("{post: \"/${uuid}\", body: \"${random(1,1000)} ${randomString(9)}\"}");
  Rng a{42}, b{42};
  CHECK(render_once(program->requests[0], {.vu = 1, .rng = &a}).text ==
        render_once(program->requests[0], {.vu = 1, .rng = &b}).text);
}

namespace {

// What is sent when the captured value `x` is this; empty when it is not sent for `fault`.
std::string sent_with(const std::string& step, std::string_view value, RenderFault fault) {
  const auto program = compiled(
      with_flow("      - {get: /, capture: {x: body}}\n      - " + step + "\n"));
  Values values;
  values.resize(program->values.size());
  for (std::uint32_t slot = 0; slot < program->values.size(); ++slot) values.set(slot, value);
  TextBuffer out;
  const RenderContext context{.program = program.get(), .values = &values};
  const RenderFault found = render(program->requests[1], context, {}, out);
  CHECK(found == fault);
  return found == RenderFault::kNone ? std::string{out.view()} : std::string{};
}

}  // namespace

TEST_CASE("no value from outside ends a line of the head or adds a word to it") {
  const std::string_view evil = "a b\r\nx-injected: 1\r\n\r\nGET /evil#f";
  for (const char* step : {"{get: \"/p/${x}\"}", "{get: \"/p?q=${x}\"}", "{get: \"${x}\"}",
                           "{get: /p, query: {q: \"${x}\"}}", "{get: \"${x}&y=${x}\"}"}) {
    CAPTURE(step);
    const std::string sent = sent_with(step, evil, RenderFault::kNone);
    const std::string line = sent.substr(0, sent.find("\r\n"));
    CHECK(std::count(line.begin(), line.end(), ' ') == 2);
    CHECK(line.ends_with(" HTTP/1.1"));
    CHECK(sent.find("\nx-injected") == sent.npos);
    CHECK(sent.find("\nGET ") == sent.npos);
  }
  for (const char* step : {"{get: /, headers: {x-t: \"v ${x}\"}}",
                           "{get: /, headers: {host: \"${x}\"}}", "{get: /, headers: {cookie: \"a=${x}\"}}",
                           "{get: /, auth: {bearer: \"${x}\"}}"}) {
    CAPTURE(step);
    for (const char byte : {'\r', '\n', '\0', '\x1F', '\x7F'})
      sent_with(step, std::string{"a"} + byte, RenderFault::kControlCharacter);
    CHECK(sent_with(step, "tab\tand \xC3\xA9", RenderFault::kNone).find("tab\tand \xC3\xA9\r\n") !=
          std::string::npos);
  }
}

TEST_CASE("a captured path is sent as it is, but for what no request line can hold") {
  const auto line = [](std::string_view value) {
    const std::string sent = sent_with("{get: \"${x}\"}", value, RenderFault::kNone);
    return sent.substr(0, sent.find("\r\n"));
  };
  CHECK(line("/a%20b?c=d&e=%2F") == "GET /a%20b?c=d&e=%2F HTTP/1.1");
  CHECK(line("/a b?\xC3\xA9\n#frag") == "GET /a%20b?%C3%A9%0A HTTP/1.1");
}

TEST_CASE("in a body a value may hold anything, and basic credentials are encoded") {
  const std::string body = sent_with("{post: /, body: \"${x}\"}", "a\r\n\r\nb", RenderFault::kNone);
  CHECK(body.find("content-length: 6\r\n\r\na\r\n\r\nb") != std::string::npos);
  const std::string basic = sent_with("{get: /, auth: {basic: {user: u, password: \"${x}\"}}}",
                                      "a\r\n", RenderFault::kNone);
  CHECK(basic.find("Basic dTphDQo=\r\n") != std::string::npos);
}
