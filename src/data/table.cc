#include "data/table.h"

#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "data/loading.h"

namespace gend::data {

struct Table::Impl {
  std::vector<std::string> columns;
  std::uint64_t rows = 0;
  Cells cells;             // empty for a range
  bool is_range = false;
  std::int64_t first = 0;  // of a range
};

Table::Table(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Table::~Table() = default;

std::optional<Format> format_of(std::string_view file_name) {
  constexpr std::array<std::pair<std::string_view, Format>, 5> kEndings{
      {{".csv", Format::kCsv}, {".tsv", Format::kTsv}, {".json", Format::kJson},
       {".ndjson", Format::kNdjson}, {".jsonl", Format::kNdjson}}};
  std::string name{file_name};
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const auto& [ending, format] : kEndings)
    if (name.ends_with(ending)) return format;
  return std::nullopt;
}

std::expected<std::unique_ptr<const Table>, std::vector<Complaint>> Table::load(
    std::string_view text, Format format) {
  const auto refused = [](std::string what, std::string remedy) {
    return std::unexpected{std::vector{Complaint{0, std::move(what), std::move(remedy)}}};
  };
  if (text.size() > limits::kDataFileBytes)
    return refused(fmt::format("{} bytes, at most {} are possible", text.size(),
                               limits::kDataFileBytes), "split the file");
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark
  if (text.find_first_not_of(" \t\r\n") == text.npos)
    return refused("the file is empty", "it needs at least one row");

  Loading loading{text.size()};
  if (check_encoding(text, loading.complaints)) {
    switch (format) {
      case Format::kCsv: read_separated(text, ',', loading); break;
      case Format::kTsv: read_separated(text, '\t', loading); break;
      case Format::kJson: read_json(text, loading); break;
      case Format::kNdjson: read_ndjson(text, loading); break;
    }
  }
  if (!loading.complaints.empty()) return std::unexpected{std::move(loading.complaints).take()};
  loading.cells.fit();
  const std::uint64_t rows = loading.cells.count() / loading.columns.size();
  return std::unique_ptr<const Table>{new Table{std::make_unique<Impl>(
      Impl{.columns = std::move(loading.columns), .rows = rows, .cells = std::move(loading.cells),
           .is_range = false, .first = 0})}};
}

std::unique_ptr<const Table> Table::range(std::int64_t first, std::int64_t last) {
  GEND_ASSERT(first <= last);
  // Unsigned, because the distance of two numbers can be more than the largest one.
  const std::uint64_t distance =
      static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first);
  GEND_ASSERT(distance != ~std::uint64_t{0});
  return std::unique_ptr<const Table>{new Table{std::make_unique<Impl>(
      Impl{.columns = {""}, .rows = distance + 1, .cells = Cells{0}, .is_range = true,
           .first = first})}};
}

std::uint64_t Table::rows() const { return impl_->rows; }
const std::vector<std::string>& Table::columns() const { return impl_->columns; }

int Table::column(std::string_view name) const {
  for (std::size_t i = 0; i < impl_->columns.size(); ++i)
    if (impl_->columns[i] == name) return static_cast<int>(i);
  return -1;
}

std::string_view Table::cell(std::uint64_t row, std::size_t column, char* scratch) const {
  const Impl& impl = *impl_;
  GEND_ASSERT(row < impl.rows && column < impl.columns.size());
  if (!impl.is_range) return impl.cells[row * impl.columns.size() + column];
  const auto number = static_cast<std::int64_t>(static_cast<std::uint64_t>(impl.first) + row);
  const char* const end = std::to_chars(scratch, scratch + 20, number).ptr;
  return {scratch, static_cast<std::size_t>(end - scratch)};
}

std::size_t Table::memory() const {
  std::size_t bytes = sizeof(Impl) + impl_->cells.memory();
  for (const std::string& column : impl_->columns) bytes += sizeof column + column.capacity();
  return bytes;
}

}  // namespace gend::data
