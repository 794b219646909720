#include "extract/json_document.h"

#include <doctest/doctest.h>
#include <pthread.h>

#include <string>
#include <thread>

#include "support/allocations.h"

using namespace gend::extract;

namespace {

JsonPath path(std::string_view text) {
  auto parsed = parse_json_path(text);
  REQUIRE(parsed.has_value());
  return *std::move(parsed);
}

// "kind:text" of what is at the path.
std::string at(const JsonDocument& document, std::string_view where) {
  static constexpr const char* kNames[] = {"text", "number", "boolean", "null", "object", "array"};
  std::string out = "left over";
  const auto kind = document.find(path(where), out);
  if (!kind) {
    CHECK(out.empty());
    return "none";
  }
  return std::string{kNames[static_cast<int>(*kind)]} + ":" + out;
}

std::string at(std::string body, std::string_view where) {
  JsonDocument document;
  REQUIRE(document.parse(body));
  CHECK(document.fault().empty());
  return at(document, where);
}

std::string fault_of(std::string body) {
  JsonDocument document;
  CHECK_FALSE(document.parse(body));
  std::string out;
  CHECK_FALSE(document.find(path("$"), out).has_value());
  return std::string{document.fault()};
}

}  // namespace

TEST_CASE("each kind of value is found and written plainly") {
  const std::string body = R"({"t": "a\"\u00e4\n", "i": -7, "u": 18446744073709551615, "d": 0.50,
      "e": 1e3, "b": true, "f": false, "n": null, "o": {"x": [1, 2.5, "\"\\\u0001"]}, "l": []})";
  CHECK(at(body, "$.t") == "text:a\"ä\n");
  CHECK(at(body, "$.i") == "number:-7");
  CHECK(at(body, "$.u") == "number:18446744073709551615");
  CHECK(at(body, "$.d") == "number:0.5");
  CHECK(at(body, "$.e") == "number:1000");
  CHECK(at(body, "$.b") == "boolean:true");
  CHECK(at(body, "$.f") == "boolean:false");
  CHECK(at(body, "$.n") == "null:");
  CHECK(at(body, "$.o") == R"(object:{"x":[1,2.5,"\"\\\u0001"]})");
  CHECK(at(body, "$.o.x") == R"(array:[1,2.5,"\"\\\u0001"])");
  CHECK(at(body, "$.l") == "array:[]");
  CHECK(at(" 5 ", "$") == "number:5");
  CHECK(at("{}", "$") == "object:{}");
}

TEST_CASE("what is not there is not found, whatever stands in its place") {
  const std::string body = R"({"a": {"b": 1}, "l": [1, 2], "t": "text"})";
  for (const char* where : {"$.x", "$.a.x", "$.a.b.c", "$.l.a", "$[0]", "$.l[2]", "$.l[-3]", "$.t.x",
                            "$.t[0]", "$.x[*]", "$.t[*]", "$.a.b.length()", "$.x.length()",
                            "$.x[*].length()"})
    CHECK(at(body, where) == "none");
  CHECK(at(body, "$.l[1]") == "number:2");
  CHECK(at(body, "$.l[-1]") == "number:2");
  CHECK(at(body, "$.l[-2]") == "number:1");
}

TEST_CASE("[*] gives an array of all matches in document order") {
  const std::string body =
      R"({"items": [{"id": 1}, {"no": 2}, {"id": "c"}, 4], "none": [], "m": {"b": [1], "a": [2, 3]}})";
  CHECK(at(body, "$.items[*].id") == R"(array:[1,"c"])");
  CHECK(at(body, "$.none[*]") == "array:[]");
  CHECK(at(body, "$.m.*") == "array:[[1],[2,3]]");
  CHECK(at(body, "$.m[*][*]") == "array:[1,2,3]");
  CHECK(at(body, "$.m.*.length()") == "number:2");
  CHECK(at(body, "$.items[*].id.length()") == "number:2");
}

TEST_CASE("length() counts elements, members and characters") {
  const std::string body = R"({"l": [1, [2, 3], {}], "o": {"a": 1, "b": {"c": 2}}, "t": "äb😀"})";
  CHECK(at(body, "$.l.length()") == "number:3");
  CHECK(at(body, "$.o.length()") == "number:2");
  CHECK(at(body, "$.t.length()") == "number:3");
  CHECK(at(body, "$.length()") == "number:3");
}

TEST_CASE("names are compared unescaped, and the first of equal names counts") {
  CHECK(at(R"({"\u0061": 1})", "$.a") == "number:1");
  CHECK(at(R"({"a.b": 1})", "$['a.b']") == "number:1");
  CHECK(at(R"({"": 1})", "$['']") == "number:1");
  CHECK(at(R"({"a": 1, "a": 2})", "$.a") == "number:1");
}

TEST_CASE("a byte order mark before the document is ignored") {
  CHECK(at("\xEF\xBB\xBF{\"a\": 1}", "$.a") == "number:1");
}

TEST_CASE("what is not JSON is refused with a reason, and nothing is found in it") {
  CHECK(fault_of("") == "it is empty");
  CHECK(fault_of("   ") == "it is empty");
  CHECK(fault_of("\"\xFF\"") == "it is not UTF-8");
  CHECK(fault_of("{\"a\": 123456789012345678901}").find("64 bits") != std::string::npos);
  CHECK(fault_of("[01]").find("malformed") != std::string::npos);
  for (const char* bad : {"<html>", "{", "[1,]", "{\"a\":1,}", "{'a':1}", "[1] x", "nul", "NaN",
                          "\"a", "{\"a\" 1}", "[1 2]", "\"\\x\"", "\"a\nb\"", "//c\n1"})
    CHECK_FALSE(fault_of(bad).empty());
  CHECK_FALSE(fault_of(std::string(5000, '[') + std::string(5000, ']')).empty());
}

TEST_CASE("a document that is no JSON forgets the one before") {
  JsonDocument document;
  CHECK(document.fault() == "nothing was parsed");
  std::string good = R"({"a": 1})", bad = "x";
  CHECK(document.parse(good));
  CHECK_FALSE(document.parse(bad));
  CHECK(at(document, "$.a") == "none");
  CHECK(document.parse(good));
  CHECK(at(document, "$.a") == "number:1");
  CHECK(good == R"({"a": 1})");
}

TEST_CASE("a list gives its items one by one") {
  JsonList list;
  CHECK(list.size() == 0);
  REQUIRE(list.parse(R"([1, "a b", null, {"x": [1]}, 18446744073709551615])"));
  CHECK(list.size() == 5);
  std::string out;
  const auto item = [&](std::size_t i) {
    list.item(i, out);
    return out;
  };
  CHECK(item(0) == "1");
  CHECK(item(1) == "a b");
  CHECK(item(2).empty());
  CHECK(item(3) == R"({"x":[1]})");
  CHECK(item(4) == "18446744073709551615");
  CHECK(list.parse("[]"));
  CHECK(list.size() == 0);
  CHECK_FALSE(list.parse("{}"));
  CHECK_FALSE(list.parse("1"));
  CHECK_FALSE(list.parse(""));
  CHECK(list.size() == 0);
}

TEST_CASE("nothing is allocated once a document as large was seen") {
  std::uint64_t before = 1, after = 0;
  bool all_found = true;
  std::thread shard{[&] {
    ::pthread_setname_np(::pthread_self(), "gend-shard-0");
    JsonDocument document;
    JsonList list;
    std::string out;
    std::string body = R"({"user": {"id": 17, "name": "someone with a longer name"}, "l": [)";
    for (int i = 0; i < 500; ++i) body += std::to_string(i) + ", ";
    body += "0]}";
    const JsonPath name = *parse_json_path("$.user.name"), all = *parse_json_path("$.l[*]");
    for (int round = 0; round < 100; ++round) {
      if (round == 2) before = gend::test::shard_allocations();
      body.insert(1, " ");  // a little longer each time
      all_found &= document.parse(body) && document.find(name, out) && document.find(all, out);
      all_found &= list.parse(out) && list.size() == 501;
    }
    after = gend::test::shard_allocations();
  }};
  shard.join();
  CHECK(all_found);
  CHECK(before > 0);
  CHECK(after == before);
}
