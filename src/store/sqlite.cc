#include "store/sqlite.h"

#include <sqlite3.h>

namespace gend::store {
namespace {

// Readers never wait for a writer in WAL mode; only opening, recovery and checkpoints can collide.
constexpr int kBusyMs = 5000;

Fault fault_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_FULL: return Fault::kFull;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN: return Fault::kReadOnly;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Fault::kBusy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Fault::kCorrupt;
    default: return Fault::kOther;
  }
}

Trouble trouble_of(sqlite3* database, int code) {
  const char* words = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  return {fault_of(code), words};
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

void Database::Close::operator()(sqlite3* database) const noexcept { sqlite3_close(database); }

Trouble Statement::trouble() const {
  sqlite3* database = sqlite3_db_handle(statement_.get());
  return trouble_of(database, sqlite3_extended_errcode(database));
}

Result<bool> Statement::next() {
  switch (sqlite3_step(statement_.get())) {
    case SQLITE_ROW: return true;
    case SQLITE_DONE: return false;
    default: return std::unexpected{trouble()};
  }
}

Result<void> Statement::run() {
  for (;;) {
    auto row = next();
    if (!row) {
      rewind();
      return std::unexpected{std::move(row.error())};
    }
    if (!*row) break;
  }
  rewind();
  return {};
}

void Statement::rewind() { sqlite3_reset(statement_.get()); }

// What cannot be bound (a text beyond SQLite's limit) is NULL, and the table's NOT NULL says so.
void Statement::bind(int place, std::string_view text) {
  // A null pointer would be NULL instead of an empty text.
  const char* const data = text.empty() ? "" : text.data();
  sqlite3_bind_text64(statement_.get(), place, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
}
void Statement::bind(int place, Blob blob) {
  const char* const data = blob.bytes.empty() ? "" : blob.bytes.data();
  sqlite3_bind_blob64(statement_.get(), place, data, blob.bytes.size(), SQLITE_STATIC);
}
void Statement::bind(int place, const std::optional<double>& value) {
  if (value) sqlite3_bind_double(statement_.get(), place, *value);
  else sqlite3_bind_null(statement_.get(), place);
}
void Statement::bind_integer(int place, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), place, value);
}
void Statement::bind_real(int place, double value) {
  sqlite3_bind_double(statement_.get(), place, value);
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}
double Statement::real(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}
std::string_view Statement::text(int column) const {
  const auto* const data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return data != nullptr ? std::string_view{data, size} : std::string_view{};
}
bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

Result<Database> Database::open(const std::string& path, Access access) {
  const int flags = access == Access::kWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                             : SQLITE_OPEN_READONLY;
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database{raw};  // also when opening failed: it must be closed then, too
  if (code != SQLITE_OK) return std::unexpected{trouble_of(raw, code)};
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, kBusyMs);
  return database;
}

Result<void> Database::script(const std::string& sql) {
  const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected{trouble_of(database_.get(), code)};
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      &raw, nullptr);
  if (code != SQLITE_OK) return std::unexpected{trouble_of(database_.get(), code)};
  return Statement{raw};
}

Result<std::int64_t> Database::number(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return std::unexpected{std::move(statement.error())};
  const auto row = statement->next();
  if (!row) return std::unexpected{row.error()};
  return *row ? statement->integer(0) : 0;
}

std::int64_t Database::last_row() const { return sqlite3_last_insert_rowid(database_.get()); }
std::int64_t Database::changed() const { return sqlite3_changes64(database_.get()); }

}  // namespace gend::store
