#include "data/support.h"

using namespace std::string_literals;
using gend::data::Format;
using gend::test::complaints_of;
using gend::test::Rows;
using gend::test::rows_of;
using gend::test::table_of;
using Lines = std::vector<std::string>;

TEST_CASE("a comma separated file is read as RFC 4180 says") {
  struct Case {
    std::string text;
    Lines columns;
    Rows rows;
  };
  const Case cases[] = {
      {"a,b\n1,2\n", {"a", "b"}, {{"1", "2"}}},
      {"a,b\n1,2", {"a", "b"}, {{"1", "2"}}},
      {"a,b\r\n1,2\r\n3,4\r\n", {"a", "b"}, {{"1", "2"}, {"3", "4"}}},
      {"\xEF\xBB\xBF" "a,b\n1,2\n", {"a", "b"}, {{"1", "2"}}},
      {"a,b\n,\n", {"a", "b"}, {{"", ""}}},
      {"a,b\n\"x, y\",\"say \"\"hi\"\"\"\n", {"a", "b"}, {{"x, y", "say \"hi\""}}},
      {"a,b\n\"two\nlines\",\"r\r\nn\"\n", {"a", "b"}, {{"two\nlines", "r\r\nn"}}},
      {"a\n\"\"\nx\n", {"a"}, {{""}, {"x"}}},
      {"a,b\n  1 ,\t2\n", {"a", "b"}, {{"  1 ", "\t2"}}},
      {"a,b\n1,2\n\n\r\n", {"a", "b"}, {{"1", "2"}}},
      {"\"a,1\",\"b\"\n1,2\n", {"a,1", "b"}, {{"1", "2"}}},
      {"größe\nüber\n", {"größe"}, {{"über"}}},
      {"a,b\n\"\",\"\"", {"a", "b"}, {{"", ""}}},
  };
  for (const Case& each : cases) {
    CAPTURE(each.text);
    const auto table = table_of(each.text, Format::kCsv);
    CHECK(table->columns() == each.columns);
    CHECK(rows_of(*table) == each.rows);
  }
}

TEST_CASE("tabs separate a tab separated file, and commas do not") {
  const auto table = table_of("a\tb\n1,5\t\"x\ty\"\n", Format::kTsv);
  CHECK(rows_of(*table) == Rows{{"1,5", "x\ty"}});
}

TEST_CASE("every mistake of a comma separated file is told with its line") {
  struct Case {
    std::string text;
    Lines complaints;
  };
  const Case cases[] = {
      {"", {"0: the file is empty"}},
      {"\n \n", {"0: the file is empty"}},
      {"\xEF\xBB\xBF", {"0: the file is empty"}},
      {"a,b\n", {"2: a header and no row"}},
      {"a,b", {"1: a header and no row"}},
      {"a,b,a\n1,2,3\n", {"1: two columns are named \"a\""}},
      {"a,,c\n1,2,3\n", {"1: column 2 has no name"}},
      {"\na\n1\n", {"1: column 1 has no name"}},
      {"a,b\n1\n1,2\n1,2,3\n",
       {"2: 1 value, expected 2 as in the header", "4: 3 values, expected 2 as in the header"}},
      {"a,b\n\"x\ny\",1\n2\n", {"4: 1 value, expected 2 as in the header"}},
      {"a,b\n1,\"two\n3,4\n", {"2: a value in quotes that never ends begins here"}},
      {"a,b\n1,\"two\"x\n3,4\n5\n",
       {"2: text behind a closing quote", "4: 1 value, expected 2 as in the header"}},
      {"a,b\n1,5\" disk\n", {"2: a quote within a value that does not begin with one"}},
      {"a,b\n1,2\n\n3,4\n", {"3: an empty line between rows"}},
      {"a\rb\r", {"1: a carriage return that no line feed follows"}},
      {"a,b\n1,\xFF\n2,\xC3\n", {"2: byte 3 of the line is 0xFF, which is no UTF-8 there",
                                "3: byte 3 of the line is 0xC3, which is no UTF-8 there"}},
      {"a,b\n1,\0\n"s, {"2: byte 3 of the line is NUL, expected text"}},
      {"\xFF\xFE" "a\0"s, {"1: the file is UTF-16, expected UTF-8"}},
  };
  for (const Case& each : cases) {
    CAPTURE(each.text);
    CHECK(complaints_of(each.text, Format::kCsv) == each.complaints);
  }
}

TEST_CASE("bytes that only look like UTF-8 are found") {
  // Overlong, surrogate, above U+10FFFF, cut short, a lone continuation (RFC 3629).
  for (const std::string bad : {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF",
                                "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF",
                                "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\x80"}) {
    CAPTURE(bad);
    CHECK(!gend::data::Table::load("a\n" + bad + "\n", Format::kCsv).has_value());
  }
  for (const std::string good : {"\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                                 "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    CAPTURE(good);
    CHECK(rows_of(*table_of("a\nxxxxxxx" + good + "\n", Format::kCsv)) ==
          Rows{{"xxxxxxx" + good}});
  }
}

TEST_CASE("after twenty complaints one says that there are more") {
  std::string text = "a,b\n";
  for (int i = 0; i < 20; ++i) text += "1\n";
  CHECK(complaints_of(text, Format::kCsv).size() == 20);
  text += "1\n1\n1\n";
  const auto complaints = complaints_of(text, Format::kCsv);
  REQUIRE(complaints.size() == 21);
  CHECK(complaints.back() == "0: and more");
}

TEST_CASE("a table has at most so many columns") {
  std::string header = "c0", row = "0";
  for (int i = 1; i < 1024; ++i) {
    header += ",c" + std::to_string(i);
    row += ",0";
  }
  CHECK(table_of(header + "\n" + row + "\n", Format::kCsv)->columns().size() == 1024);
  CHECK(complaints_of(header + ",x\n" + row + ",0\n", Format::kCsv) ==
        Lines{"1: 1025 columns, at most 1024 are possible"});
}
