#include "sio/json.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <regex>
#include <string>

#include "base/limits.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::sio;

TEST_CASE("every kind of value is known from its beginning to its end") {
  for (const char* value : {"null",
                            "true",
                            "false",
                            "0",
                            "-0",
                            "12",
                            "-1.5",
                            "1e9",
                            "1E+9",
                            "2.25e-3",
                            R"("")",
                            R"("a")",
                            R"("\"\\\/\b\f\n\r\t\u00e9")",
                            "[]",
                            "{}",
                            "[1]",
                            "[ 1 , 2 ]",
                            "[[],[[]],{}]",
                            R"({"a":1})",
                            R"({ "a" : [ { } ] , "b" : null })",
                            R"("eight or more plain characters")"}) {
    CAPTURE(value);
    CHECK(is_json(value));
    const std::string behind = std::string{value} + ",1";
    CHECK(json_value_size(behind) == std::string_view{value}.size());
  }
}

TEST_CASE("what is no value of RFC 8259 is refused") {
  for (const char* value : {"",
                            " ",
                            "nul",
                            "nulll",
                            "True",
                            "-",
                            "+1",
                            "01",
                            ".5",
                            "1.",
                            "1e",
                            "1e+",
                            "--1",
                            "0x10",
                            "NaN",
                            "Infinity",
                            "'a'",
                            R"(")",
                            R"("a)",
                            R"("\")",
                            R"("\x")",
                            R"("\u12")",
                            R"("\u12g4")",
                            "\"a\nb\"",
                            "\"tab\tin it, and long enough\"",
                            "[",
                            "]",
                            "[1",
                            "[1,]",
                            "[,1]",
                            "[1 2]",
                            "[1}",
                            "{",
                            "}",
                            "{1:2}",
                            R"({"a"})",
                            R"({"a":})",
                            R"({"a":1,})",
                            R"({,"a":1})",
                            R"({"a" 1})",
                            R"({"a":1 "b":2})",
                            R"({"a":1])",
                            R"({a:1})",
                            "1 2",
                            "[] []",
                            "[1],"}) {
    CAPTURE(value);
    CHECK_FALSE(is_json(value));
  }
}

TEST_CASE("nesting has a limit") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(is_json(nested(limits::kSioDepth)));
  CHECK_FALSE(is_json(nested(limits::kSioDepth + 1)));
  CHECK_FALSE(is_json(std::string(100'000, '[')));
  CHECK_FALSE(is_json(std::string(100'000, '{')));
}

TEST_CASE("a byte that ends plain text is found at any place") {
  for (std::size_t before = 0; before < 20; ++before)
    for (std::size_t behind = 0; behind < 20; ++behind) {
      const std::string a(before, 'a'), b(behind, 'b');
      CHECK(json_value_size('"' + a + '"' + b) == before + 2);
      CHECK(is_json('"' + a + "\\n" + b + '"'));
      CHECK_FALSE(is_json('"' + a + '\x1f' + b + '"'));
      CHECK_FALSE(is_json('"' + a + '\0' + b + '"'));
      CHECK(is_json('"' + a + "\xc3\xa9" + b + '"'));
      CHECK(is_json('"' + a + "\x7f" + b + '"'));
      CHECK_FALSE(is_json('"' + a + "\\" + b));
    }
}

TEST_CASE("members come in their order, values whole") {
  JsonMembers members{R"({ "a" : [1, {"x":"}"}] ,"b":"c,\"d", "e":{} })"};
  const auto a = members.next(), b = members.next(), e = members.next();
  REQUIRE(a);
  REQUIRE(b);
  REQUIRE(e);
  CHECK(a->name == "a");
  CHECK(a->value == R"([1, {"x":"}"}])");
  CHECK(b->name == "b");
  CHECK(b->value == R"("c,\"d")");
  CHECK(e->value == "{}");
  CHECK_FALSE(members.next());
  CHECK_FALSE(members.next());
  CHECK_FALSE(JsonMembers{"{}"}.next());
  CHECK_FALSE(JsonMembers{"[1]"}.next());
  CHECK_FALSE(JsonMembers{""}.next());
}

TEST_CASE("a member is found by its name, however that is escaped; the last of two counts") {
  CHECK(json_member(R"({"sid":"x"})", "sid") == R"("x")");
  CHECK(json_member(R"({"s\u0069d":1})", "sid") == "1");
  CHECK(json_member(R"({"sid":1,"sid":2})", "sid") == "2");
  CHECK(json_member(R"({"a":{"sid":1}})", "sid").empty());
}

TEST_CASE("escapes mean what RFC 8259 says") {
  const auto same = [](std::string_view raw, std::string_view plain) {
    std::string text;
    append_json_text(text, raw);
    return text == plain && same_json_text(raw, plain);
  };
  CHECK(same("", ""));
  CHECK(same("plain", "plain"));
  CHECK(same(R"(\"\\\/\b\f\n\r\t)", "\"\\/\b\f\n\r\t"));
  CHECK(same(R"(\u0041\u00e9\u20AC)", "A\xc3\xa9\xe2\x82\xac"));
  CHECK(same(R"(\ud83d\ude00!)", "\xf0\x9f\x98\x80!"));
  CHECK(same(R"(\ud83d)", "\xef\xbf\xbd"));
  CHECK(same(R"(\ud83dx)", "\xef\xbf\xbdx"));
  CHECK(same(R"(\ude00\ud83d\u0041)",
             "\xef\xbf\xbd\xef\xbf\xbd"
             "A"));
  CHECK(same(R"(\u0000)", std::string_view{"\0", 1}));
  CHECK_FALSE(same_json_text("ab", "a"));
  CHECK_FALSE(same_json_text("a", "ab"));
  CHECK_FALSE(same_json_text(R"(\n)", "n"));
  CHECK_FALSE(same_json_text(R"(\u0041)", ""));
}

// Against a library: what it takes we take, what it refuses we refuse. Texts are ASCII, and without
// surrogates: the library checks UTF-8 where we leave that to WebSocket. Nor has any number more
// than two digits behind its "e": the library refuses what a double cannot hold.
TEST_CASE("random documents, whole and damaged, are judged as another parser judges them") {
  std::mt19937_64 random{gend::test::seed()};
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const std::string_view tokens[]{"{",       "}",
                                  "[",       "]",
                                  ",",       ":",
                                  "\"a\"",   "\"\"",
                                  "1",       "-2.5e3",
                                  "true",    "false",
                                  "null",    " ",
                                  "\"\\n\"", "\"\\u0041b\"",
                                  "0",       "\"longer than eight bytes\""};
  const std::regex huge{"[eE][-+]?[0-9]{3}"};
  std::size_t good = 0;
  const auto judge = [&](const std::string& text) {
    if (text.empty() || text.front() == ' ' || text.back() == ' ') return;  // not a packet's
    if (std::regex_search(text, huge)) return;
    const bool expected = nlohmann::json::accept(text);
    good += expected ? 1 : 0;
    CHECK_MESSAGE(is_json(text) == expected, text);
  };
  const auto grow = [&](const auto& self, std::size_t depth) -> std::string {
    const std::size_t kind = below(depth == 0 ? 4 : 6);
    if (kind < 4) return std::string{tokens[6 + below(7)]};
    std::string text = kind == 4 ? "[" : "{";
    for (std::size_t i = below(4); i > 0; --i) {
      if (kind == 5) text += "\"k\" :";
      text += self(self, depth - 1);
      if (i > 1) text += ", ";
    }
    return text + (kind == 4 ? "]" : "}");
  };
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t i = below(9); i > 0; --i) text += tokens[below(std::size(tokens))];
    judge(text);
    text = grow(grow, 5);
    judge(text);
    text[below(text.size())] = static_cast<char>(0x20 + below(0x5f));
    judge(text);
    text.resize(below(text.size() + 1));
    judge(text);
  }
  CHECK(good > 20'000);
}
