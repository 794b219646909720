#include "store/layout.h"

#include <utility>

#include <fmt/format.h>

namespace gend::store {
namespace {

// `run` is the same small number in all tables. Times of day are ms since 1970 (UTC), times of a
// run seconds or ns since it began, latencies ms, data bytes.
constexpr const char* kTables = R"(
CREATE TABLE runs(
  run INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  plan TEXT NOT NULL,
  owner TEXT NOT NULL,
  state TEXT NOT NULL,
  exit_code INTEGER NOT NULL,
  end_reason TEXT NOT NULL,
  started_ms INTEGER NOT NULL,
  elapsed_s REAL NOT NULL,
  planned_s REAL NOT NULL,
  not_written TEXT NOT NULL,
  latency TEXT NOT NULL) STRICT;
CREATE TABLE plans(
  run INTEGER PRIMARY KEY REFERENCES runs,
  file TEXT NOT NULL,
  text TEXT NOT NULL,
  schema TEXT NOT NULL) STRICT;
CREATE TABLE hosts(
  run INTEGER PRIMARY KEY REFERENCES runs,
  host TEXT NOT NULL,
  ring TEXT NOT NULL,
  shards INTEGER NOT NULL,
  version TEXT NOT NULL) STRICT;
CREATE TABLE series(
  run INTEGER NOT NULL REFERENCES runs,
  series INTEGER NOT NULL,
  metric TEXT NOT NULL,
  kind TEXT NOT NULL,
  contains TEXT NOT NULL,
  tags TEXT NOT NULL,
  facet INTEGER NOT NULL,
  PRIMARY KEY(run, series)) STRICT, WITHOUT ROWID;
CREATE TABLE seconds(
  run INTEGER NOT NULL REFERENCES runs,
  n INTEGER NOT NULL,
  from_ns INTEGER NOT NULL,
  to_ns INTEGER NOT NULL,
  wall_ms INTEGER NOT NULL,
  users INTEGER NOT NULL,
  started INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  received INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  p50 REAL, p95 REAL, p99 REAL, max REAL,
  lag_p99 REAL,
  busy REAL NOT NULL,
  body BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX seconds_of_runs ON seconds(run, n);
CREATE TABLE minutes(
  run INTEGER NOT NULL REFERENCES runs,
  minute INTEGER NOT NULL,
  series INTEGER NOT NULL,
  count INTEGER NOT NULL,
  sum REAL NOT NULL,
  min REAL, max REAL, p50 REAL, p90 REAL, p95 REAL, p99 REAL,
  PRIMARY KEY(run, minute, series)) STRICT, WITHOUT ROWID;
CREATE TABLE events(
  run INTEGER NOT NULL REFERENCES runs,
  n INTEGER NOT NULL,
  at_s REAL NOT NULL,
  what TEXT NOT NULL,
  by TEXT NOT NULL,
  PRIMARY KEY(run, n)) STRICT, WITHOUT ROWID;
CREATE TABLE thresholds(
  run INTEGER NOT NULL REFERENCES runs,
  n INTEGER NOT NULL,
  selector TEXT NOT NULL,
  threshold TEXT NOT NULL,
  ok INTEGER NOT NULL,
  value REAL,
  PRIMARY KEY(run, n)) STRICT, WITHOUT ROWID;
CREATE TABLE verdicts(
  run INTEGER PRIMARY KEY REFERENCES runs,
  verdict TEXT NOT NULL,
  limiting TEXT NOT NULL,
  findings TEXT NOT NULL) STRICT;
CREATE TABLE summaries(
  run INTEGER PRIMARY KEY REFERENCES runs,
  until_s REAL NOT NULL,
  json TEXT NOT NULL) STRICT;
CREATE TABLE removed(run INTEGER PRIMARY KEY) STRICT;
)";

Error refused(const std::string& path, const std::string& what, const std::string& remedy) {
  return {path + ": " + what, remedy, ExitCode::kHostCannotCarry};
}

constexpr const char* kElsewhere = "move it away, or give gend another directory with --state";

// Must come before the first table: a page holds several of a second's rows, and the pages of runs
// that are removed can be given back.
Result<void> make_tables(Database& database) {
  auto made = database.script("PRAGMA page_size=16384; PRAGMA auto_vacuum=INCREMENTAL;"
                              "PRAGMA journal_mode=WAL;");
  if (!made) return made;
  return database.script(fmt::format("BEGIN IMMEDIATE; {} PRAGMA application_id={};"
                                     "PRAGMA user_version={}; COMMIT;",
                                     kTables, kApplicationId, kLayoutVersion));
}

struct Found {
  std::int64_t application = 0, version = 0, tables = 0;
};

Result<Found> look(Database& database) {
  Found found;
  for (const auto& [sql, number] :
       {std::pair{"PRAGMA application_id", &found.application},
        std::pair{"PRAGMA user_version", &found.version},
        std::pair{"SELECT count(*) FROM sqlite_schema", &found.tables}}) {
    const auto value = database.number(sql);
    if (!value) return std::unexpected{value.error()};
    *number = *value;
  }
  return found;
}

Expected<void> check(const std::string& path, const Found& found) {
  if (found.application != kApplicationId)
    return std::unexpected{refused(path, "is a database of another program", kElsewhere)};
  if (found.version > kLayoutVersion)
    return std::unexpected{refused(
        path, fmt::format("was written by a newer gend (layout {}; this one, {}, knows {})",
                          found.version, GEND_VERSION, kLayoutVersion),
        std::string{"use that gend, or "} + kElsewhere)};
  return {};
}

// Everything that is looked at in the life of a daemon anyway, before anything depends on it.
constexpr const char* kProbes[] = {"SELECT count(*) FROM runs WHERE state=''",
                                   "SELECT count(*) FROM series WHERE run<0",
                                   "SELECT count(*) FROM seconds WHERE run<0",
                                   "SELECT count(*) FROM minutes WHERE run<0"};

Result<void> configure(Database& database, Durability durability) {
  // Rows are appended and read in order: a larger cache than this is never hit, and would only
  // fill up, minute by minute, with what was written (SQLite's own default is 2 MB).
  auto done = database.script(fmt::format(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous={}; PRAGMA journal_size_limit=67108864; "
      "PRAGMA cache_size=-512;",
      durability == Durability::kDurable ? "FULL" : "OFF"));
  if (!done) return done;
  for (const char* probe : kProbes)
    if (const auto answer = database.number(probe); !answer)
      return std::unexpected{answer.error()};
  return {};
}

}  // namespace

Error error_of(const std::string& path, const Trouble& trouble) {
  switch (trouble.fault) {
    case Fault::kCorrupt:
      return refused(path, "is damaged, or no results of gend: " + trouble.words,
                     fmt::format("`sqlite3 {} .recover` saves what can be read; then {}", path,
                                 kElsewhere));
    case Fault::kReadOnly:
      return refused(path, "results cannot be written: " + trouble.words,
                     "make the directory writable, or give gend another one with --state");
    case Fault::kFull:
      return refused(path, "results cannot be written: " + trouble.words,
                     "make room on that disk");
    case Fault::kBusy:
    case Fault::kOther: break;
  }
  return refused(path, trouble.words, "give gend a directory of its own with --state");
}

Expected<Database> open_for_writing(const std::string& path, Durability durability) {
  auto database = Database::open(path, Database::Access::kWrite);
  if (!database) return std::unexpected{error_of(path, database.error())};
  auto found = look(*database);
  if (!found) return std::unexpected{error_of(path, found.error())};
  const bool fresh = found->tables == 0 && found->application == 0 && found->version == 0;
  if (fresh) {
    if (auto made = make_tables(*database); !made)
      return std::unexpected{error_of(path, made.error())};
  } else if (auto checked = check(path, *found); !checked) {
    return std::unexpected{std::move(checked.error())};
  }
  if (auto done = configure(*database, durability); !done)
    return std::unexpected{error_of(path, done.error())};
  return std::move(*database);
}

Expected<Database> open_for_reading(const std::string& path) {
  auto database = Database::open(path, Database::Access::kRead);
  if (!database) return std::unexpected{error_of(path, database.error())};
  const auto found = look(*database);
  if (!found) return std::unexpected{error_of(path, found.error())};
  if (auto checked = check(path, *found); !checked)
    return std::unexpected{std::move(checked.error())};
  return std::move(*database);
}

}  // namespace gend::store
