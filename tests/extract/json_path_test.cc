#include "extract/json_path.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace gend::extract;
using Kind = JsonPath::Kind;

namespace {

// The steps in one line: "name:a index:3 all length".
std::string steps_of(std::string_view text) {
  const auto path = parse_json_path(text);
  if (!path) return "error at " + std::to_string(path.error().offset) + ": " + path.error().what;
  CHECK(path->source == text);
  std::string out;
  for (const JsonPath::Step& step : path->steps) {
    if (!out.empty()) out += ' ';
    switch (step.kind) {
      case Kind::kName: out += "name:" + step.name; break;
      case Kind::kIndex: out += "index:" + std::to_string(step.index); break;
      case Kind::kAll: out += "all"; break;
      case Kind::kLength: out += "length"; break;
    }
  }
  return out;
}

bool fails_at(std::string_view text, std::size_t offset, std::string_view what) {
  const auto path = parse_json_path(text);
  INFO(std::string{text}, ": ", path ? "parsed" : path.error().what, " at ",
       path ? 0 : path.error().offset);
  const bool fails = !path && path.error().offset == offset &&
                     path.error().what.find(what) != std::string::npos;
  CHECK(fails);
  return fails;
}

}  // namespace

TEST_CASE("every form of the path is read as RFC 9535 says") {
  CHECK(steps_of("$") == "");
  CHECK(steps_of("$.a") == "name:a");
  CHECK(steps_of("$.a.b_2.ünï") == "name:a name:b_2 name:ünï");
  CHECK(steps_of("$['a b']") == "name:a b");
  CHECK(steps_of("$[\"it's\"]") == "name:it's");
  CHECK(steps_of("$['it\\'s']") == "name:it's");
  CHECK(steps_of("$['']") == "name:");
  CHECK(steps_of("$[0][12][-1]") == "index:0 index:12 index:-1");
  CHECK(steps_of("$[*].*") == "all all");
  CHECK(steps_of("$.items[*].id") == "name:items all name:id");
  CHECK(steps_of("$.items.length()") == "name:items length");
  CHECK(steps_of("$.length") == "name:length");
  CHECK(steps_of("$ .a [ 'b' ] [ 3 ]") == "name:a name:b index:3");
  CHECK(steps_of("$[9007199254740991]") == "index:9007199254740991");
}

TEST_CASE("escapes in quoted names mean what RFC 9535 says, beyond the basic plane too") {
  CHECK(steps_of(R"($['\b\f\n\r\t\/\\'])") == "name:\b\f\n\r\t/\\");
  CHECK(steps_of(R"($["\"'"])") == "name:\"'");
  CHECK(steps_of(R"($['\u00e4\u4E2D'])") == "name:ä中");
  CHECK(steps_of(R"($['\uD83D\uDE00'])") == "name:😀");
}

TEST_CASE("what is no path is refused with what was found and where") {
  fails_at("", 0, "begins with $");
  fails_at("a.b", 0, "begins with $");
  fails_at("$a", 1, "found 'a'");
  fails_at("$.", 2, "the path ends here");
  fails_at("$ ", 2, "blanks");
  fails_at("$..a", 2, "any depth");
  fails_at("$.1", 2, "brackets: [0]");
  fails_at("$.content-type", 9, "['content-type']");
  fails_at("$.size()", 2, "only function is .length()");
  fails_at("$.length(1)", 2, "only function is .length()");
  fails_at("$.length().a", 10, "nothing may follow");
  fails_at("$[", 2, "the path ends here");
  fails_at("$[]", 2, "found ']'");
  fails_at("$[a]", 2, "found 'a'");
  fails_at("$[0", 3, "expected ]");
  fails_at("$[01]", 2, "leading zeros");
  fails_at("$[-0]", 2, "leading zeros");
  fails_at("$[-]", 3, "digit");
  fails_at("$[9007199254740992]", 2, "too large");
  fails_at("$[99999999999999999999]", 2, "too large");
  fails_at("$[0:2]", 3, "slices");
  fails_at("$[:2]", 2, "slices");
  fails_at("$[0,1]", 3, "lists");
  fails_at("$[?@.a]", 2, "filters");
  fails_at("$['a", 2, "never closed");
  fails_at("$['a\n']", 4, "control character");
  fails_at("$['\\x']", 3, "unknown escape");
  fails_at("$['\\\"']", 3, "unknown escape");
  fails_at("$['\\u12']", 3, "four hexadecimal");
  fails_at("$['\\uD83D']", 3, "surrogate");
  fails_at("$['\\uD83D\\u0041']", 3, "surrogate");
  fails_at("$['\\uDE00']", 3, "surrogate");
}

TEST_CASE("a path cut anywhere is refused or shorter, never read beyond its end") {
  const std::string whole = R"($['\uD83D\uDE00'][-12].*.name["x\n"].length())";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const std::vector<char> exact(whole.begin(), whole.begin() + static_cast<long>(size));
    const auto path = parse_json_path({exact.data(), exact.size()});
    if (path) CHECK(path->source.size() == size);
  }
  CHECK(parse_json_path(whole).has_value());
}
