// `data`: what becomes of rows, and what is said of files that are wrong.
#include <algorithm>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "base/host_facts.h"
#include "plan/explain.h"
#include "plan/render.h"
#include "plan/support.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::plan;
using gend::plan::support::compiled;
using gend::plan::support::complaints;
using gend::plan::support::Lines;

namespace {

using Files = std::map<std::string, std::string_view>;

Options with_files(Files files) {
  Options options;
  options.files = std::move(files);
  return options;
}

// A plan of two users that reads `text` in its URL, behind the given data sets.
std::string plan_of(const std::string& data, const std::string& text = "/") {
  return "target: http://h:1\nseed: 1\ndata:\n" + data +
         "scenarios:\n  s: {executor: constant-vus, vus: 2, duration: 1s, flow: [{get: \"" + text +
         "\"}]}\n";
}

// What is wrong with a file of users, when a plan reads their email.
Lines wrong_with(std::string_view csv, const std::string& name = "u.csv") {
  return complaints(plan_of("  user: {file: " + name + "}\n", "/${user.email}"),
                    with_files({{name, csv}}));
}

// What a request's head is rendered as when its rows are these.
std::string head_of(const Program& program, std::vector<std::uint64_t> rows) {
  TextBuffer out;
  Rng rng{1};
  RenderContext context{.program = &program, .vu = 1, .rng = &rng, .rows = rows.data()};
  REQUIRE(render(program.requests[0].head, context, out) == RenderFault::kNone);
  const std::string text{out.view()};
  return text.substr(0, text.find(" HTTP"));
}

const std::string_view kCsv = "email,name\na@x,Ann\nb@x,\"Bo, jr\"\nc@x,\"two\nlines\"\n";

}  // namespace

TEST_CASE("every format gives the same columns, named by the file's ending or by `format`") {
  const std::string_view tsv = "email\tname\na@x\tAnn\n";
  const std::string_view json = R"([{"email":"a@x","name":"Ann"}])";
  const std::string_view ndjson = "{\"email\":\"a@x\",\"name\":\"Ann\"}\n";
  const Files files{{"u.csv", kCsv}, {"u.TSV", tsv},     {"u.json", json},
                    {"u", kCsv},     {"u.jsonl", ndjson}, {"u.txt", ndjson}};
  for (const char* set : {"{file: u.csv}", "{file: u.TSV}", "{file: u.json}", "{file: u.jsonl}",
                          "{file: u, format: csv}", "{file: u.txt, format: ndjson}"}) {
    CAPTURE(set);
    const auto program = compiled(
        plan_of("  user: " + std::string{set} + "\n", "/${user.email}/${user.name}"),
        with_files(files));
    REQUIRE(program->data.size() == 1);
    CHECK(program->data[0].name == "user");
    CHECK(head_of(*program, {0}) == "GET /a%40x/Ann");
  }
}

TEST_CASE("quotes, line ends and a byte order mark are no part of a value") {
  const std::string_view csv =
      "\xEF\xBB\xBF"
      "email,name\r\na@x,\"say \"\"hi\"\"\"\r\nb@x,\"two\r\nlines\"\r\n";
  const auto program =
      compiled(plan_of("  user: {file: u.csv}\n", "/?q=${user.name}&e=${user.email}"),
               with_files({{"u.csv", csv}}));
  CHECK(program->data[0].table->rows() == 2);
  CHECK(head_of(*program, {0}) == "GET /?q=say%20%22hi%22&e=a%40x");
  CHECK(head_of(*program, {1}) == "GET /?q=two%0D%0Alines&e=b%40x");
}

TEST_CASE("a range and plain values are named without a column") {
  const auto program =
      compiled(plan_of("  n: {range: [-1, 3]}\n  w: {file: w.json}\n", "/${n}/${w}"),
               with_files({{"w.json", R"(["a", 2, true])"}}));
  CHECK(program->data[0].table->rows() == 5);
  CHECK(head_of(*program, {0, 1}) == "GET /-1/2");
  CHECK(head_of(*program, {4, 2}) == "GET /3/true");
}

TEST_CASE("a nested value is text, and JSON where `json()` says so") {
  const Options options = with_files({{"u.json", R"([{"tags": ["a", {"b": "c"}], "n": 3}])"}});
  const auto program = compiled(
      "target: http://h:1\ndata: {user: {file: u.json}}\nscenarios:\n  s:\n    executor: "
      "constant-vus\n    duration: 1s\n    flow:\n      - post: /\n        json:\n          raw: "
      "${json(user.tags)}\n          text: ${user.tags}\n          n: ${json(user.n)}\n",
      options);
  TextBuffer out;
  const std::uint64_t row = 0;
  const RenderContext context{.program = program.get(), .rows = &row};
  REQUIRE(render(program->requests[0].body, context, out) == RenderFault::kNone);
  CHECK(out.view() ==
        R"({"raw":["a",{"b":"c"}],"text":"[\"a\",{\"b\":\"c\"}]","n":3})");
}

TEST_CASE("`json()` may stand in quotes, and is no name") {
  const auto flow = [](const std::string& json) {
    return "target: http://h:1\ndata: {n: {range: [1, 9]}}\nscenarios:\n  s: {executor: "
           "constant-vus, duration: 1s, flow: [{post: /, json: " + json + "}]}\n";
  };
  const auto program = compiled(flow("{n: \"${json(n)}\"}"));
  TextBuffer out;
  const std::uint64_t row = 4;
  const RenderContext context{.program = program.get(), .rows = &row};
  REQUIRE(render(program->requests[0].body, context, out) == RenderFault::kNone);
  CHECK(out.view() == "{\"n\":5}");
  CHECK(complaints(flow("{\"${json(n)}\": 1}")) ==
        Lines{"p.yaml:4:69: `json()` stands for a value, not a name"});
}

TEST_CASE("a column lives as long as its row: with the user when it is unique") {
  const auto lifetime = [](const char* order) {
    return compiled(plan_of(std::string{"  user: {file: u.csv, order: "} + order + "}\n",
                            "/${user.email}"),
                    with_files({{"u.csv", kCsv}}))
        ->requests[0]
        .lifetime;
  };
  CHECK(lifetime("unique") == Lifetime::kPerUser);
  for (const char* order : {"sequential", "random", "shuffle"})
    CHECK(lifetime(order) == Lifetime::kPerIteration);
}

TEST_CASE("formulas compare columns") {
  const auto program = compiled(
      "target: http://h:1\ndata: {user: {file: u.csv}}\nscenarios:\n  s:\n    executor: "
      "constant-vus\n    duration: 1s\n    flow:\n      - if: \"${user.email} == 'b@x'\"\n        "
      "then: [{get: /}]\n      - think: 1s\n",
      with_files({{"u.csv", kCsv}}));
  REQUIRE(program->formulas.size() == 1);
  for (std::uint64_t row = 0; row < 3; ++row) {
    const RenderContext context{.program = program.get(), .rows = &row};
    bool holds = false;
    REQUIRE(is_true(program->formulas[0], context, holds) == RenderFault::kNone);
    CHECK(holds == (row == 1));
  }
}

TEST_CASE("a shuffled set has every row once, in an order that only the seed decides") {
  const auto shuffled = [](std::uint64_t seed, const char* sets) {
    return compiled("seed: " + std::to_string(seed) + "\ntarget: http://h:1\ndata:\n" + sets +
                    "scenarios:\n  s: {executor: constant-vus, duration: 1s, flow: [{get: "
                    "\"/${n}\"}]}\n");
  };
  const char* const kOne = "  n: {range: [1, 1000], order: shuffle}\n";
  const char* const kTwo = "  n: {range: [1, 1000], order: shuffle}\n"
                           "  m: {range: [1, 1000], order: shuffle}\n";
  const std::uint64_t seed = test::seed();
  const auto one = shuffled(seed, kOne), again = shuffled(seed, kTwo);
  const auto other = shuffled(seed + 1, kOne);
  const std::vector<std::uint32_t>& order = one->data[0].shuffled;
  const std::set<std::uint32_t> rows{order.begin(), order.end()};
  CHECK(order.size() == 1000);
  CHECK(rows.size() == 1000);
  CHECK(*rows.rbegin() == 999);
  CHECK_FALSE(std::ranges::is_sorted(order));
  CHECK(again->data[0].shuffled == order);
  CHECK(other->data[0].shuffled != order);
  CHECK(again->data[1].shuffled != order);  // sets side by side are no copies of each other
}

TEST_CASE("scenarios share the rows of a unique set out, and those that read none take none") {
  const std::string text =
      "target: http://h:1\n"
      "data: {user: {file: u.csv, order: unique}, n: {range: [1, 30], order: unique}}\n"
      "scenarios:\n"
      "  a: {executor: constant-vus, vus: 2, duration: 1s, flow: [{get: \"/${n}\"}]}\n"
      "  b: {executor: constant-vus, vus: 5, duration: 1s, flow: [{get: /}]}\n"
      "  c: {executor: constant-arrival-rate, rate: 1, duration: 1s, maxVUs: 20, flow: [call: f]}\n"
      "  d: {executor: constant-vus, vus: 3, duration: 1s, flow: [{get: \"/${user.email}\"}]}\n"
      "flows: {f: [{get: \"/${n}\"}]}\n";
  const auto program = compiled(text, with_files({{"u.csv", kCsv}}));
  constexpr std::uint64_t kNoRow = Scenario::kNoRow;
  using Rows = std::vector<std::uint64_t>;
  CHECK(program->scenarios[0].first_rows == Rows{kNoRow, 0});
  CHECK(program->scenarios[1].first_rows == Rows{kNoRow, kNoRow});
  CHECK(program->scenarios[2].first_rows == Rows{kNoRow, 2});
  CHECK(program->scenarios[3].first_rows == Rows{0, kNoRow});
  const std::string shown = explain(*program, HostFacts{});
  CHECK(shown.find("data user: u.csv, 3 rows, unique (rows: d 1 to 3)\n") != shown.npos);
  CHECK(shown.find("data n: 1 to 30, 30 rows, unique (rows: a 1 to 2, c 3 to 22)\n") !=
        shown.npos);
}

TEST_CASE("what the defaults read, every scenario reads") {
  const auto program = compiled(
      "target: http://h:1\n"
      "scenarios:\n"
      "  a: {executor: constant-vus, vus: 2, duration: 1s, flow: [{get: /}]}\n"
      "  b: {executor: constant-vus, vus: 5, duration: 1s, flow: [{get: /}]}\n"
      "defaults: {headers: {x-n: \"${n}\"}}\n"
      "data: {n: {range: [1, 7], order: unique}}\n");
  CHECK(program->scenarios[0].first_rows == std::vector<std::uint64_t>{0});
  CHECK(program->scenarios[1].first_rows == std::vector<std::uint64_t>{2});
}

TEST_CASE("too few rows for all users are complained of before the run, with both numbers") {
  const std::string data = "  user: {file: u.csv, order: unique}\n";
  Options options = with_files({{"u.csv", kCsv}});
  CHECK(complaints(plan_of(data, "/${user.email}"), options).empty());
  options.load_scale = 2;
  CHECK(complaints(plan_of(data, "/${user.email}"), options) ==
        Lines{"p.yaml:4:3: data \"user\" has 3 rows, and 4 users need one each (s 4; --load-scale "
              "is 2); add rows, take fewer users (`vus`, `stages`, `maxVUs`), or write order: "
              "sequential"});
  // Nobody needs rows of his own of what nobody reads, or of another order.
  CHECK(complaints(plan_of(data, "/"), options).empty());
  CHECK(complaints(plan_of("  user: {file: u.csv}\n", "/${user.email}"), options).empty());
  CHECK(complaints("target: http://h:1\ndata: {n: {range: [1, 1], order: unique}}\nscenarios:\n  "
                   "s: {executor: constant-arrival-rate, rate: 1, duration: 1s, maxVUs: 2, flow: "
                   "[{get: \"/${n}\"}]}\n") ==
        Lines{"p.yaml:2:8: data \"n\" has 1 row, and 2 users need one each (s 2); add rows, take "
              "fewer users (`vus`, `stages`, `maxVUs`), or write order: sequential"});
}

TEST_CASE("a column that is not there is refused, with the nearest one") {
  const auto refused = [](const std::string& text, const std::string& data) {
    return complaints(plan_of(data, text), with_files({{"u.csv", kCsv}}));
  };
  const std::string user = "  user: {file: u.csv}\n";
  CHECK(refused("/${user.emial}", user) ==
        Lines{"p.yaml:6:68: data \"user\" has no column \"emial\"; did you mean \"email\"?"});
  CHECK(refused("/${user}", user) ==
        Lines{"p.yaml:6:68: data \"user\" has columns: which one?; write ${user.email}"});
  CHECK(refused("/${usr.email}", user) ==
        Lines{"p.yaml:6:68: data \"usr\" is not declared; did you mean \"user\"?"});
  CHECK(refused("/${n.x}", "  n: {range: [1, 9]}\n") ==
        Lines{"p.yaml:6:68: data \"n\" holds plain values, without columns; write ${n}"});
}

TEST_CASE("a file with mistakes is complained of by its own name and line, all of them") {
  CHECK(wrong_with("email,name\na,b\nc\nd,e,f\n") ==
        Lines{"u.csv:3: 1 value, expected 2 as in the header; a value with a comma in it goes into "
              "quotes: \"a, b\"",
              "u.csv:4: 3 values, expected 2 as in the header; a value with a comma in it goes "
              "into quotes: \"a, b\""});
  CHECK(wrong_with("") == Lines{"u.csv: the file is empty; it needs at least one row"});
  CHECK(wrong_with("email\n") ==
        Lines{"u.csv:2: a header and no row; add a row for each set of values"});
  const Lines bytes = wrong_with("email\na\nb\xFF\n");
  REQUIRE(bytes.size() == 1);
  CHECK(bytes[0].starts_with("u.csv:3: "));
  const Lines quote = wrong_with("email,name\n\"a\nb\",c\n\"d,e\n");
  REQUIRE(quote.size() == 1);
  CHECK(quote[0].starts_with("u.csv:4: "));
  const Lines json = wrong_with("[{\"email\": 1},\n {\"email\": }]", "u.json");
  REQUIRE(json.size() == 1);
  CHECK(json[0].starts_with("u.json:2: "));
}

TEST_CASE("what is wrong with the plan stands before what is wrong with its files") {
  const Lines lines = complaints(plan_of("  b: {file: b.csv}\n  a: {file: a.csv}\n", "/${x}"),
                                 with_files({{"a.csv", ""}, {"b.csv", "h\n"}}));
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].starts_with("p.yaml:7:"));
  CHECK(lines[1].starts_with("a.csv: "));
  CHECK(lines[2].starts_with("b.csv:2: "));
}

TEST_CASE("a file that is not there is complained of once, where it is named") {
  CHECK(complaints(plan_of("  user: {file: no.csv, order: unique}\n", "/${user.email}")) ==
        Lines{"p.yaml:4:16: there is no file \"no.csv\"; names are relative to the plan's folder"});
}

TEST_CASE("a data set that is none says so") {
  const auto refused = [](const std::string& set) {
    return complaints(plan_of("  " + set + "\n"), with_files({{"u.csv", kCsv}, {"u", kCsv}}));
  };
  CHECK(refused("n: {}") ==
        Lines{"p.yaml:4:6: a data set is one of `file` and `range`; write {file: users.csv, order: "
              "unique} or {range: [1, 100]}"});
  CHECK(refused("n: {file: u.csv, range: [1, 2]}").size() == 1);
  CHECK(refused("n: u.csv") ==
        Lines{"p.yaml:4:6: expected {file: users.csv, order: unique} or {range: [1, 100]}, found "
              "\"u.csv\""});
  CHECK(refused("n: {file: u}") ==
        Lines{"p.yaml:4:13: the name of \"u\" does not say what is in it; add format: csv, tsv, "
              "json or ndjson"});
  CHECK(refused("n: {file: u.csv, order: uniqe}") ==
        Lines{"p.yaml:4:27: \"uniqe\" is not an order; did you mean \"unique\"?"});
  CHECK(refused("n: {file: u.csv, format: xml}").front().starts_with(
      "p.yaml:4:28: \"xml\" is not a format"));
  CHECK(refused("n: {range: [5, 1]}") ==
        Lines{"p.yaml:4:14: the range begins at 5, behind its end 1"});
  CHECK(refused("n: {range: [1]}") ==
        Lines{"p.yaml:4:14: expected [first, last], found a list of 1"});
  CHECK(refused("n: {range: [1, x]}").front().starts_with("p.yaml:4:18: \"x\" is not a whole"));
  CHECK(refused("n: {range: 5}") ==
        Lines{"p.yaml:4:14: expected two whole numbers: [first, last], found \"5\""});
  CHECK(refused("n: {range: [1, 2], format: csv}") ==
        Lines{"p.yaml:4:6: `format` is of a file, and a range has none"});
  CHECK(refused("n: {range: [1, 1000000000], order: shuffle}") ==
        Lines{"p.yaml:4:6: 1000000000 rows are too many to shuffle, at most 100000000; write "
              "order: random"});
  CHECK(refused("n: {file: u.csv, ordr: unique}") ==
        Lines{"p.yaml:4:20: unknown key \"ordr\"; did you mean \"order\"?"});
}

TEST_CASE("every range of 64-bit numbers can be read") {
  const auto program = compiled(plan_of(
      "  n: {range: [-9223372036854775807, 9223372036854775807], order: random}\n", "/${n}"));
  CHECK(program->data[0].table->rows() == ~std::uint64_t{0});
  CHECK(head_of(*program, {~std::uint64_t{0} - 1}) == "GET /9223372036854775807");
}

TEST_CASE("a name means one thing: a variable, an expression or data") {
  const auto refused = [](const std::string& top, const std::string& scenario = "") {
    return complaints(top + "target: http://h:1\nscenarios:\n  s: {executor: constant-vus, "
                            "duration: 1s, " + scenario + "flow: [{get: /}]}\n");
  };
  CHECK(refused("vars: {n: 1}\ndata: {n: {range: [1, 2]}}\n") ==
        Lines{"p.yaml:2:8: \"n\" is the name of a variable; choose another name"});
  CHECK(refused("data: {vu: {range: [1, 2]}}\n") ==
        Lines{"p.yaml:1:8: \"vu\" is the name of an expression; choose another name"});
  CHECK(refused("data: {a-b: {range: [1, 2]}}\n") ==
        Lines{"p.yaml:1:8: \"a-b\" is not a name of data; use letters, digits and _, not beginning "
              "with a digit"});
  CHECK(refused("data: {n: {range: [1, 2]}}\n", "vars: {n: 1}, ") ==
        Lines{"p.yaml:4:52: \"n\" is the name of a data set; choose another name"});
}

TEST_CASE("data that nothing reads is a note, not a mistake") {
  const auto program = compiled(plan_of("  a: {range: [1, 2]}\n  b: {range: [1, 2]}\n", "/${a}"));
  CHECK(program->notes == Lines{"data \"b\" is declared, and nothing reads it"});
  // A flow that nobody calls reads it, for those who will.
  CHECK(compiled(plan_of("  a: {range: [1, 2]}\n", "/") + "flows: {f: [{get: \"/${a}\"}]}\n")
            ->notes.empty());
}

TEST_CASE("the files of data are those that a plan asks for, variables filled in") {
  Options options;
  options.set = {{"DIR", "fixtures"}};
  const auto uses = files_of(
      "vars: {DIR: data}\n" + plan_of("  user: {file: \"${DIR}/u.csv\"}\n", "/${user.email}"),
      options);
  REQUIRE(uses.size() == 1);
  CHECK(uses[0].name == "fixtures/u.csv");
}

// ---- tags from columns ------------------------------------------------------------------------

namespace {

std::string tagged(const std::string& value, const std::string& more = "") {
  return "target: http://h:1\ndata: {user: {file: u.csv, order: unique}, n: {range: [1, 300]}}\n" +
         more + "scenarios:\n  s: {executor: constant-vus, duration: 1s, flow: [{get: /, tags: "
                "{t: " + value + "}}]}\n";
}

std::size_t facet_series(const Program& program) {
  return static_cast<std::size_t>(
      std::ranges::count_if(program.schema.series(), [](const auto& s) { return s.facet; }));
}

}  // namespace

TEST_CASE("a tag that is a column has a series for each value, and can be asked for") {
  const Options options = with_files({{"u.csv", "tier\nfree\ngold\nfree\n"}});
  const auto program = compiled(
      tagged("\"${user.tier}\"", "thresholds: {\"http_reqs{t:gold}\": [\"count>0\"]}\n"), options);
  REQUIRE(program->facets.size() == 1);
  const Facet& facet = program->facets[0];
  CHECK(facet.tag == "t");
  CHECK(facet.data == 0);
  CHECK(facet.values == Lines{"free", "gold"});
  CHECK(facet.value_of_row == std::vector<std::uint16_t>{0, 1, 0});
  CHECK(facet.folded == 0);
  CHECK(program->requests[0].facets == std::vector<std::uint16_t>{0});
  CHECK(facet_series(*program) == 2 * 4);
  CHECK(complaints(tagged("\"${user.tier}\"",
                          "thresholds: {\"http_reqs{t:golf}\": [\"count>0\"]}\n"),
                   options) ==
        Lines{"p.yaml:3:14: nothing in the plan has the tag t:golf; did you mean \"gold\"?"});
}

TEST_CASE("requests with the same tag share a facet, scenarios do not, and steps win") {
  const auto program = compiled(
      "target: http://h:1\ndata: {n: {range: [1, 3]}}\nscenarios:\n"
      "  a: {executor: constant-vus, duration: 1s, tags: {t: \"${n}\", u: x}, flow: [{get: /}, "
      "{get: /b}, {get: /c, tags: {t: fixed, u: \"${n}\"}}]}\n"
      "  b: {executor: constant-vus, duration: 1s, tags: {t: \"${n}\"}, flow: [{get: /}]}\n");
  using Facets = std::vector<std::uint16_t>;
  CHECK(program->requests[0].facets == Facets{0});
  CHECK(program->requests[1].facets == Facets{0});
  CHECK(program->requests[2].facets == Facets{1});
  CHECK(program->requests[3].facets == Facets{2});
  CHECK(facet_series(*program) == 3 * 3 * 4);
}

TEST_CASE("values beyond the limit are counted together, and a note says so") {
  const auto program = compiled(tagged("\"${n}\""), with_files({{"u.csv", "tier\nx\n"}}));
  const Facet& facet = program->facets.at(0);
  CHECK(facet.values.size() == 257);
  CHECK(facet.values.front() == "1");
  CHECK(facet.values[255] == "256");
  CHECK(facet.values.back() == "other");
  CHECK(facet.value_of_row[255] == 255);
  CHECK(facet.value_of_row[256] == 256);
  CHECK(facet.value_of_row[299] == 256);
  CHECK(facet.folded == 44);
  CHECK(std::ranges::count(program->notes,
                           "the tag \"t\" takes 300 values from data \"n\": those beyond the first "
                           "256 are counted together, as \"other\"") == 1);
}

TEST_CASE("a value that is called like the rest shares its series") {
  std::string csv = "tier\nother\n";
  for (int i = 0; i < 300; ++i) csv += "v" + std::to_string(i) + "\n";
  const auto program = compiled(tagged("\"${user.tier}\""), with_files({{"u.csv", csv}}));
  const Facet& facet = program->facets.at(0);
  CHECK(facet.values.size() == 256);
  CHECK(facet.value_of_row[0] == 0);
  CHECK(facet.value_of_row[300] == 0);
  CHECK(facet.folded == 45);
}

TEST_CASE("a tag's value is known before the run, or refused") {
  const Options options = with_files({{"u.csv", "tier\nfree\n"}});
  const std::string remedy =
      " is not known before the run, the value of a tag must be; use declared variables, or one "
      "column of data and nothing else: \"${user.tier}\"";
  for (const std::string value :
       {"${vu}", "${uuid}", "x-${user.tier}", "${user.tier}${n}", "${random(1,2)}"}) {
    CAPTURE(value);
    CHECK(complaints(tagged('"' + value + '"'), options) ==
          Lines{"p.yaml:4:71: \"" + value + "\"" + remedy});
  }
  CHECK(complaints("target: http://h:1\nscenarios:\n  s: {executor: constant-vus, duration: 1s, "
                   "flow: [{get: /, capture: {id: status}}, {get: /, tags: {t: \"${id}\"}}]}\n") ==
        Lines{"p.yaml:3:104: \"${id}\"" + remedy});
}

TEST_CASE("a row that no tag can hold is complained of with its number") {
  const Lines said = complaints(tagged("\"${user.tier}\""),
                                with_files({{"u.csv", "tier\nfree\n\"a\nb\"\n"}}));
  CHECK(said == Lines{"p.yaml:2:8: data \"user\", row 2: \"a\\nb\" cannot be a tag's value: it "
                      "holds a control character; change the row, or the tag"});
}
