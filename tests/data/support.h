#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "data/table.h"

namespace gend::test {

using Rows = std::vector<std::vector<std::string>>;

inline std::unique_ptr<const data::Table> table_of(std::string_view text, data::Format format) {
  auto loaded = data::Table::load(text, format);
  if (!loaded)
    for (const data::Complaint& each : loaded.error())
      MESSAGE(fmt::format("{}: {}; {}", each.line, each.what, each.remedy));
  REQUIRE(loaded.has_value());
  return *std::move(loaded);
}

inline Rows rows_of(const data::Table& table) {
  Rows rows(table.rows());
  char scratch[20];
  for (std::uint64_t row = 0; row < table.rows(); ++row)
    for (std::size_t column = 0; column < table.columns().size(); ++column)
      rows[row].emplace_back(table.cell(row, column, scratch));
  return rows;
}

// "line: what" of each, in their order.
inline std::vector<std::string> complaints_of(std::string_view text, data::Format format) {
  const auto loaded = data::Table::load(text, format);
  REQUIRE(!loaded.has_value());
  std::vector<std::string> lines;
  for (const data::Complaint& each : loaded.error()) {
    CHECK(!each.remedy.empty());
    lines.push_back(fmt::format("{}: {}", each.line, each.what));
  }
  return lines;
}

}  // namespace gend::test
