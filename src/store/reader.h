#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "report/run_status.h"
#include "store/limits.h"
#include "store/pack.h"
#include "store/sqlite.h"

namespace gend::store {

// What is committed, as one moment sees it. A reader and the writer do not wait for each other. One
// thread at a time.
class Reader {
 public:
  static Expected<Reader> open(const std::string& path);

  Expected<std::vector<report::RunStatus>> list(std::size_t newest);  // oldest of them first
  Expected<std::optional<report::RunStatus>> find(const std::string& id);
  Expected<std::optional<std::string>> summary(const std::string& id);  // JSON, on one line
  // As a run file (report/history.h). `newer` stands for a summary that is not on disk; seconds
  // that began before `from` are left out.
  Expected<std::optional<std::string>> run_file(const std::string& id,
                                                const std::optional<std::string>& newer,
                                                Duration from = {});

 private:
  Reader(std::string path, Database database)
      : path_{std::move(path)}, database_{std::move(database)} {}
  std::string path_;
  Database database_;
};

// Calls `use` with each second's encoded frame, in order, from time `from_ns` of the run on. A
// second that cannot be unpacked is left out. What there is before `from_ns` costs nothing: whoever
// asks every second for what is new asks cheaply of a long run too.
template <class Use>
Result<void> for_each_second(Database& database, std::int64_t run, std::int64_t from_ns, Use use) {
  auto rows = database.prepare(
      "SELECT body FROM seconds WHERE run=?1 AND n>coalesce((SELECT n FROM seconds WHERE run=?1 AND"
      " from_ns<?2 ORDER BY n DESC LIMIT 1), -1) ORDER BY n");
  if (!rows) return std::unexpected{rows.error()};
  rows->with(run, from_ns);
  for (;;) {
    const auto row = rows->next();
    if (!row) return std::unexpected{row.error()};
    if (!*row) return {};
    if (const auto bytes = unpacked(rows->text(0), limits::kStoredSecondBytes)) use(*bytes);
  }
}

}  // namespace gend::store
