#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gend::data {

enum class Format : std::uint8_t { kCsv, kTsv, kJson, kNdjson };
// By the end of the file's name: .csv, .tsv, .json, .ndjson or .jsonl, in any case.
std::optional<Format> format_of(std::string_view file_name);

// Something wrong with a file, for a person: line from 1.
struct Complaint {
  std::uint64_t line = 0;  // 0: the whole file
  std::string what, remedy;
};

// Rows of text cells, loaded once and never changed; shared by all shards. Its memory is near the
// size of the text it was made from. A table of one unnamed column holds plain values.
class Table {
 public:
  // At most limits::kDataComplaints complaints, and one more that says so when there were others.
  // A file that is not empty but has no rows is complained about too. `text` is not kept.
  static std::expected<std::unique_ptr<const Table>, std::vector<Complaint>> load(
      std::string_view text, Format format);
  // The whole numbers first … last, both included; they are made when asked for.
  static std::unique_ptr<const Table> range(std::int64_t first, std::int64_t last);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  std::uint64_t rows() const;
  const std::vector<std::string>& columns() const;  // one empty name: plain values
  int column(std::string_view name) const;          // -1 when there is none
  // `scratch` (20 bytes or more) is where ranges write their number.
  std::string_view cell(std::uint64_t row, std::size_t column, char* scratch) const;
  std::size_t memory() const;  // bytes

 private:
  struct Impl;
  explicit Table(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gend::data
