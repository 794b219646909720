#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "store/digest.h"
#include "store/record.h"
#include "store/sqlite.h"

// Rows on their way to the disk: a value each, that can be written again when a transaction failed.
namespace gend::store {

struct EventRow {
  std::int64_t n = 0;
  report::RunEvent event;
};

struct Row {
  std::int64_t run = 0;
  std::variant<Beginning, SecondRow, std::vector<MinuteRow>, EventRow, Standing> what;
};

// Inside a transaction of the caller's.
Result<void> write(Database& database, const Row& row);

std::size_t bytes_of(const Row& row);  // about, to bound what waits

}  // namespace gend::store
