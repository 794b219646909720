#include "http/line_reader.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

namespace gend::http {
namespace {

using Result = LineReader::Result;

TEST_CASE("a line inside the bytes is not copied") {
  LineReader reader;
  const std::string_view all = "one\r\ntwo\r\n";
  std::string_view bytes = all;
  std::string_view line;
  CHECK(reader.next(bytes, 100, line) == Result::kLine);
  CHECK(line == "one\r\n");
  CHECK(line.data() == all.data());
  CHECK(reader.next(bytes, 100, line) == Result::kLine);
  CHECK(line == "two\r\n");
  CHECK(line.data() == all.data() + 5);
  CHECK(bytes.empty());
}

TEST_CASE("a line that straddles pieces is put together, and the next one is not") {
  LineReader reader;
  std::string_view line;
  for (std::string_view piece : {"a", "", "b\r"}) {
    CHECK(reader.next(piece, 100, line) == Result::kPartial);
    CHECK(piece.empty());
  }
  CHECK(reader.partial() == "ab\r");
  CHECK_FALSE(reader.at_line_start());
  std::string_view last = "\nnext\n";
  CHECK(reader.next(last, 100, line) == Result::kLine);
  CHECK(line == "ab\r\n");
  CHECK(reader.partial() == "");
  CHECK(reader.at_line_start());
  CHECK(reader.next(last, 100, line) == Result::kLine);
  CHECK(line == "next\n");
}

TEST_CASE("room is counted with what was carried over, and the LF") {
  LineReader reader;
  std::string_view line;
  std::string_view piece = "abc";
  CHECK(reader.next(piece, 5, line) == Result::kPartial);
  piece = "d\n";
  CHECK(reader.next(piece, 5, line) == Result::kLine);
  piece = "abc";
  CHECK(reader.next(piece, 5, line) == Result::kPartial);
  piece = "de\n";
  CHECK(reader.next(piece, 5, line) == Result::kTooLong);
  CHECK(line == "abcde");
}

TEST_CASE("reset forgets the line") {
  LineReader reader;
  std::string_view line;
  std::string_view piece = "abc";
  CHECK(reader.next(piece, 100, line) == Result::kPartial);
  reader.reset();
  CHECK(reader.partial() == "");
  piece = "d\n";
  CHECK(reader.next(piece, 100, line) == Result::kLine);
  CHECK(line == "d\n");
}

TEST_CASE("reset keeps the memory of a usual line, and gives back that of a long one") {
  LineReader reader;
  std::string_view line;
  const std::string usual(500, 'u'), long_one(5000, 'l');
  std::string_view piece = usual;
  CHECK(reader.next(piece, 10'000, line) == Result::kPartial);
  reader.reset();
  CHECK(reader.memory() >= 500);
  piece = long_one;
  CHECK(reader.next(piece, 10'000, line) == Result::kPartial);
  reader.reset();
  CHECK(reader.memory() < 500);
}

}  // namespace
}  // namespace gend::http
