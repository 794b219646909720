#include "data/support.h"

using gend::data::Format;
using gend::test::complaints_of;
using gend::test::Rows;
using gend::test::rows_of;
using gend::test::table_of;
using Lines = std::vector<std::string>;

TEST_CASE("an array of objects is a table, an array of plain values one unnamed column") {
  struct Case {
    std::string text;
    Lines columns;
    Rows rows;
  };
  const Case cases[] = {
      {R"([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}])", {"a", "b"}, {{"1", "x"}, {"2", "y"}}},
      {R"([{"a": 1, "b": "x"}, {"b": "y", "a": 2}])", {"a", "b"}, {{"1", "x"}, {"2", "y"}}},
      {R"([{"a":1,"b":2,"c":3},{"c":"333","a":"","b":"22"}])", {"a", "b", "c"},
       {{"1", "2", "3"}, {"", "22", "333"}}},
      {"[1, \"two\", true, null]", {""}, {{"1"}, {"two"}, {"true"}, {""}}},
      {"[1.0, -0, 1e400, 12345678901234567890123, 0.10]", {""},
       {{"1.0"}, {"-0"}, {"1e400"}, {"12345678901234567890123"}, {"0.10"}}},
      {R"([{"a": {"x" : [1, 2 , {}], "y": []}}])", {"a"}, {{R"({"x":[1,2,{}],"y":[]})"}}},
      {R"([{"a": [ "b , \" }" , null ]}])", {"a"}, {{R"(["b , \" }",null])"}}},
      {R"([{"a": null}])", {"a"}, {{""}}},
      {R"(["\"\\\/\b\f\n\r\t", "\u0041\u00e9\u20AC\uD83D\uDE00"])", {""},
       {{"\"\\/\b\f\n\r\t"}, {"A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"}}},
      {"\xEF\xBB\xBF [ 1 ] \n", {""}, {{"1"}}},
  };
  for (const Case& each : cases) {
    CAPTURE(each.text);
    const auto table = table_of(each.text, Format::kJson);
    CHECK(table->columns() == each.columns);
    CHECK(rows_of(*table) == each.rows);
  }
}

TEST_CASE("lines of JSON are rows, empty lines nothing") {
  const auto table = table_of("{\"a\": 1}\r\n\n{\"a\": [2, 3]}\n", Format::kNdjson);
  CHECK(table->columns() == Lines{"a"});
  CHECK(rows_of(*table) == Rows{{"1"}, {"[2,3]"}});
  CHECK(rows_of(*table_of("1\n\"x\"", Format::kNdjson)) == Rows{{"1"}, {"x"}});
}

TEST_CASE("every mistake of a JSON file is told with its line") {
  struct Case {
    std::string text;
    Lines complaints;
  };
  const Case cases[] = {
      {"{\"a\": 1}", {"1: '{', expected an array: [ … ]"}},
      {"\n\nhello", {"3: 'hello', expected an array: [ … ]"}},
      {"[]", {"1: an array without rows"}},
      {"[{}]", {"1: an object without values"}},
      {"[1]\n[2]", {"2: '[' behind the array"}},
      {"[\n{\"a\": 1},\n{\"b\": 2}\n]",
       {"3: \"b\" is not in the first object", "3: \"a\" is missing"}},
      {"[{\"a\": 1, \"a\": 2}]", {"1: \"a\" stands twice in the object"}},
      {"[{\"a\": 1},\n{\"a\": 1, \"a\": 2}]", {"2: \"a\" stands twice in the object"}},
      {"[{\"\": 1},\n{\"\": 1}]",
       {"1: a name that is empty", "2: \"\" is not in the first object", "2: \"?\" is missing"}},
      {"[{\"a\": 1},\n2,\n[3]]", {"2: a plain value among objects", "3: an array as a row"}},
      {"[1,\n{\"a\": 1}]", {"2: an object among plain values"}},
      {"[[1]]", {"1: an array as a row"}},
      {"[1,\n2", {"2: ',' or ']' expected, found the end of the file"}},
      {"[1,\n]", {"2: a value expected, found ']'"}},
      {"[{\"a\": 1,}]", {"1: a name in quotes expected, found '}'"}},
      {"[{\"a\" 1}]", {"1: ':' expected, found '1'"}},
      {"[{\"a\": 1 \"b\": 2}]", {"1: ',' or '}' expected, found '\"'"}},
      {"[{a: 1}]", {"1: a name in quotes expected, found 'a'"}},
      {"[True]", {"1: a value expected, found 'True'"}},
      {"[NaN]", {"1: a value expected, found 'NaN'"}},
      {"[01]", {"1: a value expected, found '01'"}},
      {"[1.]", {"1: a value expected, found '1'"}},
      {"[.5]", {"1: a value expected, found '.'"}},
      {"[1e]", {"1: a value expected, found '1e'"}},
      {"[+1]", {"1: a value expected, found '+'"}},
      {"[--1]", {"1: a value expected, found '-'"}},
      {"[nullx]", {"1: a value expected, found 'nullx'"}},
      {"[\"a", {"1: a text that never ends"}},
      {"[\"a\nb\"]",
       {"1: a line break or control character within a text, where JSON wants \\n or \\u"}},
      {"[\"\\x\"]", {"1: a backslash that begins no escape of JSON"}},
      {"[\"\\u12g4\"]", {"1: \\u needs four hexadecimal digits"}},
      {"[\"\\u0000\"]", {"1: \\u0000, expected text without NUL"}},
      {"[\"\\uD83D\"]", {"1: half of a surrogate pair without its other half"}},
      {"[\"\\uDE00\"]", {"1: half of a surrogate pair without its other half"}},
      {"[\"\\uD83D\\u0041\"]", {"1: half of a surrogate pair without its other half"}},
      {"[{\"a\": [1, 2}]", {"1: ',' or ']' expected, found '}'"}},
      {"[{\"a\": [1,]}]", {"1: a value expected, found ']'"}},
      {"[{\"a\": {\"b\"}}]", {"1: ':' expected, found '}'"}},
      {"[{\"a\": {\"b\": 1,}}]", {"1: a name in quotes expected, found '}'"}},
      {"[{\"a\": [}]", {"1: a value expected, found '}'"}},
      {"[{\"a\": [1", {"1: ',' or ']' expected, found the end of the file"}},
      {"[\"\xFF\"]", {"1: byte 3 of the line is 0xFF, which is no UTF-8 there"}},
  };
  for (const Case& each : cases) {
    CAPTURE(each.text);
    CHECK(complaints_of(each.text, Format::kJson) == each.complaints);
  }
}

TEST_CASE("a line that is no JSON does not hide the mistakes of the next") {
  CHECK(complaints_of("{\"a\": 1}\n{\"a\": \n{\"b\": 1}\n{\"a\": 1} 2\n", Format::kNdjson) ==
        Lines{"2: a value expected, found the end of the line",
              "3: \"b\" is not in the first object", "3: \"a\" is missing",
              "4: '2' behind the value"});
}

TEST_CASE("a value may be nested so deep and no deeper") {
  const auto nested = [](std::size_t depth) {
    return "[{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}]";
  };
  CHECK(table_of(nested(256), Format::kJson)->rows() == 1);
  CHECK(complaints_of(nested(257), Format::kJson) == Lines{"1: nested deeper than 256"});
  CHECK(complaints_of("[{\"a\":" + std::string(1'000'000, '['), Format::kJson) ==
        Lines{"1: nested deeper than 256"});
}
