#include <limits>
#include <random>

#include "data/support.h"
#include "support/seed.h"

using gend::data::Format;
using gend::data::Table;
using gend::test::Rows;
using gend::test::rows_of;
using gend::test::table_of;

TEST_CASE("a range gives its numbers, both ends included") {
  const auto table = Table::range(-2, 3);
  CHECK(table->rows() == 6);
  CHECK(table->columns() == std::vector<std::string>{""});
  CHECK(rows_of(*table) == Rows{{"-2"}, {"-1"}, {"0"}, {"1"}, {"2"}, {"3"}});
  CHECK(Table::range(7, 7)->rows() == 1);
}

TEST_CASE("a range may be as large as numbers are, and takes no memory for it") {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  const auto table = Table::range(kMin + 1, kMax);
  char scratch[20];
  CHECK(table->rows() == std::numeric_limits<std::uint64_t>::max());
  CHECK(table->cell(0, 0, scratch) == "-9223372036854775807");
  CHECK(table->cell(table->rows() - 1, 0, scratch) == "9223372036854775807");
  CHECK(table->memory() < 1000);
  CHECK(Table::range(kMin, 0)->cell(0, 0, scratch) == "-9223372036854775808");
}

TEST_CASE("columns are found by their names") {
  const auto table = table_of("id,email\n1,a@b\n", Format::kCsv);
  CHECK(table->column("id") == 0);
  CHECK(table->column("email") == 1);
  CHECK(table->column("Email") == -1);
  CHECK(table->column("") == -1);
}

TEST_CASE("the end of a file's name says what it is") {
  using gend::data::format_of;
  CHECK(format_of("data/users.csv") == Format::kCsv);
  CHECK(format_of("USERS.TSV") == Format::kTsv);
  CHECK(format_of("a.json") == Format::kJson);
  CHECK(format_of("a.ndjson") == Format::kNdjson);
  CHECK(format_of("a.jsonl") == Format::kNdjson);
  CHECK(!format_of("a.txt"));
  CHECK(!format_of("csv"));
}

TEST_CASE("a table takes little more than its file and four bytes a cell") {
  std::string text = "id,name,city\n";
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i) + ",somebody,somewhere\n";
  const std::size_t cells = 300'000;
  CHECK(table_of(text, Format::kCsv)->memory() <= text.size() + 4 * cells + 1000);
}

// Any bytes give a table or complaints, and never a cell outside of it: for the sanitizers.
TEST_CASE("a file of any bytes is read or complained about") {
  std::mt19937_64 random{gend::test::seed()};
  const std::string alphabet = "ab,\t\n\r\"{}[]:\\u0 1-.e\xC3\xA9" "tn";
  const std::string starts[] = {"", "a,b\n1,2\n", "[{\"a\": 1, \"b\": \"x\"}, ", "[1, 2, "};
  for (int round = 0; round < 20'000; ++round) {
    std::string text = starts[random() % std::size(starts)];
    for (std::size_t n = random() % 30; n > 0; --n) text += alphabet[random() % alphabet.size()];
    for (const Format format : {Format::kCsv, Format::kTsv, Format::kJson, Format::kNdjson}) {
      CAPTURE(text);
      const auto loaded = Table::load(text, format);
      if (!loaded) {
        REQUIRE(!loaded.error().empty());
        REQUIRE(loaded.error().size() <= 21);
        continue;
      }
      REQUIRE((*loaded)->rows() > 0);
      std::size_t bytes = 0;
      for (const auto& row : rows_of(**loaded))
        for (const auto& cell : row) bytes += cell.size();
      REQUIRE(bytes <= text.size());
    }
  }
}
