#include "plan/yaml_tree.h"

#include <string>

#include <doctest/doctest.h>

#include "base/limits.h"
#include "plan/support.h"

using namespace gend;
using namespace gend::plan;
using gend::plan::support::complaints;
using gend::plan::support::Lines;

namespace {

std::string repeated(std::string_view text, std::size_t bytes) {
  std::string out;
  while (out.size() + text.size() <= bytes) out += text;
  return out;
}

}  // namespace

TEST_CASE("an unterminated string is shown where it begins") {
  CHECK(complaints("name: \"smoke\ntarget: x\n") ==
        Lines{"p.yaml:1:7: unterminated string (started 1:7); close the quotes\n"
              "  1 | name: \"smoke\n"
              "    |       ^"});
  CHECK(complaints("a: 'it''s\n")[0].starts_with("p.yaml:1:4: unterminated string (started 1:4)"));
}

TEST_CASE("a quote that is closed is not called unterminated") {
  for (const char* text :
       {"a: \"x\\\"y\"\n", "a: 'it''s'\n", "a: &anchor \"x\"\n", "a: |\n  \"x\n"}) {
    CAPTURE(text);
    Reporter reporter{"p.yaml", text};
    CHECK(YamlTree::parse(reporter).root() != nullptr);
  }
}

TEST_CASE("an unclosed bracket is named with the place where it begins") {
  CHECK(complaints("a: [1, 2\nb: 3\n")[0].starts_with(
      "p.yaml:2:2: `[` without its `]` (it begins in 1:4); a value with a comma"));
  CHECK(complaints("a: {x: ${B}}\n")[0].starts_with(
      "p.yaml:1:9: `{` without its `}` (it begins in 1:4); a value with ${…}"));
}

TEST_CASE("mistakes of YAML come in plain words with the line and a caret") {
  CHECK(
      complaints("a: b: c\n") ==
      Lines{"p.yaml:1:5: a `:` where no value can begin; put text with `: ` in double quotes, and "
            "check the indentation of this line\n"
            "  1 | a: b: c\n"
            "    |     ^"});
  CHECK(
      complaints("a:\n\t- 1\n")[0].starts_with("p.yaml:2:2: a tab in the indentation; use spaces"));
  CHECK(complaints("a: @x\n")[0].starts_with("p.yaml:1:4: no value can begin with this character"));
  CHECK(complaints("a: *nope\n")[0].starts_with("p.yaml:1:4: no anchor of this name comes before"));
}

TEST_CASE("columns count characters, not bytes") {
  CHECK(complaints("é: ü: c\n")[0].starts_with("p.yaml:1:5: a `:` where"));
}

TEST_CASE("a byte order mark and CRLF change no place") {
  CHECK(complaints("\xEF\xBB\xBF"
                   "x: 1\r\na: b: c\r\n")[0]
            .starts_with("p.yaml:2:5: a `:` where"));
}

TEST_CASE("a key given twice is a complaint at the second one") {
  CHECK(complaints("name: a\ntarget: b\nname: c\n") ==
        Lines{"p.yaml:3:1: \"name\" is given twice, first in line 1; keep one of them"});
}

TEST_CASE("an empty plan and a second document are complaints") {
  const Lines empty{"p.yaml:1:1: the plan is empty; it needs at least `target` and `scenarios`"};
  CHECK(complaints("") == empty);
  CHECK(complaints("# nothing\n") == empty);
  CHECK(complaints("a: 1\n---\nb: 2\n")[0].starts_with(
      "p.yaml:2:1: a second YAML document begins here; a plan is one document"));
}

TEST_CASE("text that is not UTF-8, or holds NUL, is refused at its place") {
  CHECK(complaints("name: x\nname2: \xFF\n") ==
        Lines{"p.yaml:2:8: byte 0xFF is not UTF-8; save the file as UTF-8"});
  CHECK(
      complaints(std::string{"a: \0b", 5})[0].starts_with("p.yaml:1:4: a NUL byte in a text file"));
  CHECK(complaints("a: \x1b[31m\n")[0].starts_with("p.yaml:1:4: control character 0x1B"));
}

TEST_CASE("a plan larger than the limit is refused unread") {
  const std::string text = repeated("# comment\n", limits::kPlanBytes + 100);
  CHECK(complaints(text) == Lines{"p.yaml:1:1: larger than 1 MiB (" + std::to_string(text.size()) +
                                  " bytes); split the plan, or move data out of it"});
}

TEST_CASE("nesting beyond the limit is refused, within it not") {
  const auto nested = [](std::size_t depth) {
    return "x: " + std::string(depth, '[') + std::string(depth, ']') + "\n";
  };
  // The mapping around it is one level itself.
  CHECK(
      complaints(nested(limits::kPlanDepth))[0].starts_with("p.yaml:1:67: nested deeper than 64"));
  CHECK(complaints(nested(limits::kPlanDepth - 1)).back().starts_with("p.yaml:1:1: unknown key"));
}

TEST_CASE("a megabyte of any one token is refused without falling over") {
  for (const char* token : {"[", "{", "- ", "? ", "{a: ", "[a,", "\"", "'", "|\n", "&a ", "!", "*",
                            "\t", "-\n", "[[]]", "'':", "? - ", "\\", "- - [{"}) {
    CAPTURE(token);
    CHECK_FALSE(complaints(repeated(token, limits::kPlanBytes)).empty());
  }
}

TEST_CASE("a plan of one long line is read in linear time") {
  // Half a million values: with a place counted from the line's start for each, this would take
  // hours.
  const auto all = complaints("x: [" + repeated("é,", limits::kPlanBytes - 20) + "]\ny: 1\n");
  REQUIRE(all.size() == 3);
  CHECK(all[2].starts_with("p.yaml:2:1: unknown key \"y\""));
}

TEST_CASE("aliases that expand without end are refused") {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int k = 0; k < 9; ++k) bomb += "," + last;
    bomb += "]\n";
  }
  const auto all = complaints(bomb);
  REQUIRE(all.size() == 1);
  CHECK(all[0].starts_with("p.yaml:1:1: its aliases expand to more than 1000000 values"));
}

TEST_CASE("aliases that nest without end are refused") {
  std::string chain = "a0: &a0 [x]\n";
  for (int i = 1; i < 80; ++i) {
    chain += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
             "]\n";
  }
  CHECK(complaints(chain) == Lines{"p.yaml:1:1: nested deeper than 64 through its aliases"});
  CHECK(complaints("a: &a [*a]\n")[0].starts_with(
      "p.yaml:1:8: an alias inside of what it stands for"));
}

TEST_CASE("YAML tags and keys that are no words are complaints") {
  CHECK(complaints("name: !!binary aGk=\n")[0].starts_with(
      "p.yaml:1:7: the YAML tag \"tag:yaml.org,2002:binary\" is not part of the plan language"));
  CHECK(complaints("? [a]\n: b\n")[0].starts_with("p.yaml:1:3: a key must be a plain word"));
}
