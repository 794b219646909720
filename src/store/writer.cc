#include "store/writer.h"

#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "report/history.h"
#include "store/limits.h"

namespace gend::store {
namespace {

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
// Rows that one transaction deletes: some ten milliseconds, so that seconds never wait long.
constexpr int kPiece = 500;

constexpr const char* kSmallTables[] = {"runs", "plans", "hosts", "events", "thresholds",
                                        "verdicts", "summaries"};

Result<void> take_off_the_list(Database& database, std::int64_t run) {
  auto done = database.script("BEGIN IMMEDIATE");
  if (done) done = database.run("INSERT INTO removed VALUES(?)", run);
  for (const char* table : kSmallTables)
    if (done) done = database.run(fmt::format("DELETE FROM {} WHERE run=?", table), run);
  if (done) done = database.script("COMMIT");
  if (!done) (void)database.script("ROLLBACK");  // `done` says what is wrong
  return done;
}

struct Kept {
  std::int64_t run = 0;
  std::string id;
  std::int64_t started_ms = 0;
};

Result<std::optional<Kept>> oldest(Database& database, std::int64_t except) {
  auto rows = database.prepare("SELECT run, id, started_ms FROM runs WHERE state IN"
                               " ('finished', 'failed', 'interrupted') AND run<>?"
                               " ORDER BY run LIMIT 1");
  if (!rows) return std::unexpected{rows.error()};
  const auto row = rows->with(except).next();
  if (!row) return std::unexpected{row.error()};
  if (!*row) return std::nullopt;
  return Kept{rows->integer(0), std::string{rows->text(1)}, rows->integer(2)};
}

// Of the file, without the pages that are free.
Result<std::int64_t> bytes_used(Database& database) {
  return database.number("SELECT (page_count - freelist_count) * page_size FROM"
                         " pragma_page_count(), pragma_freelist_count(), pragma_page_size()");
}

Result<bool> is_too_much(Database& database, const Keep& keep, const Kept& oldest,
                         std::int64_t now_ms) {
  if (keep.days > 0 &&
      now_ms - oldest.started_ms > static_cast<std::int64_t>(keep.days) * kDayMs)
    return true;
  if (keep.runs > 0) {
    const auto runs = database.number("SELECT count(*) FROM runs");
    if (!runs) return std::unexpected{runs.error()};
    if (static_cast<std::uint64_t>(*runs) > keep.runs) return true;
  }
  if (keep.bytes == 0) return false;
  const auto bytes = bytes_used(database);
  if (!bytes) return std::unexpected{bytes.error()};
  return static_cast<std::uint64_t>(*bytes) > keep.bytes;
}

// A run that says it is not on disk, in the transaction that puts all of it there.
Result<void> absolve(Database& database, std::int64_t run) {
  auto done = database.run("UPDATE runs SET not_written='' WHERE run=?", run);
  if (done)
    done = database.run("UPDATE summaries SET json=json_remove(json, '$.run.not_written')"
                        " WHERE run=?", run);
  return done;
}

}  // namespace

Writer::Writer(Database database, std::int64_t last_run)
    : database_{std::move(database)}, run_{last_run} {}

void Writer::push(Row row) {
  pending_bytes_ += bytes_of(row);
  pending_.push_back(std::move(row));
}

void Writer::take(Beginning beginning) {
  ++run_;
  events_ = 0;
  missing_ = 0;
  missing_why_.clear();
  auto schema = report::schema_of(nlohmann::json::parse(beginning.schema, nullptr, false));
  digest_.reset();
  if (schema) {
    std::string latency = latency_metric(**schema, beginning.open_model);
    digest_ = std::make_unique<Digest>(*std::move(schema), std::move(latency));
  }
  push({.run = run_, .what = std::move(beginning)});
}

void Writer::take(Second second) {
  if (!digest_) return;
  for (; events_ < second.events.size(); ++events_)
    push({.run = run_, .what = EventRow{static_cast<std::int64_t>(events_),
                                        second.events[events_]}});
  std::vector<MinuteRow> minutes;
  SecondRow row = digest_->add(second.frame, second.wall_ms, minutes);
  if (!minutes.empty()) push({.run = run_, .what = std::move(minutes)});
  if (pending_bytes_ < limits::kStorePendingBytes) {
    push({.run = run_, .what = std::move(row)});
  } else {
    ++missing_;
    missing_why_ = fault_;
  }
}

void Writer::take(Standing standing) {
  // Of several that wait only the latest counts.
  std::erase_if(pending_, [this](const Row& row) {
    const bool older = row.run == run_ && std::holds_alternative<Standing>(row.what);
    if (older) pending_bytes_ -= bytes_of(row);
    return older;
  });
  const bool over = report::is_over(standing.status.state);
  if (over && digest_) {
    if (auto minutes = digest_->finish(); !minutes.empty())
      push({.run = run_, .what = std::move(minutes)});
    digest_.reset();
  }
  push({.run = run_, .what = std::move(standing)});
}

Result<void> Writer::write_pending(std::uint64_t refused) {
  auto done = database_.script("BEGIN IMMEDIATE");
  if (!done) return done;
  for (const Row& row : pending_) {
    if (done) done = store::write(database_, row);
    const auto* standing = std::get_if<Standing>(&row.what);
    const bool whole = row.run == run_ && missing_ == 0 && refused == 0;
    if (done && standing != nullptr && !standing->status.not_written.empty() && whole)
      done = absolve(database_, row.run);
  }
  if (done) done = database_.script("COMMIT");
  if (!done) (void)database_.script("ROLLBACK");  // fails when SQLite has done it already
  return done;
}

void Writer::write(std::uint64_t refused) {
  if (pending_.empty()) return;
  if (const auto done = write_pending(refused); !done) {
    fault_ = done.error().words;
    return;
  }
  fault_.clear();
  pending_.clear();
  pending_bytes_ = 0;
}

std::string Writer::trouble() const {
  if (missing_ > 0)
    return fmt::format("{} seconds are missing on disk: {}{}", missing_, missing_why_,
                       fault_.empty() ? "" : ", and it goes on");
  return fault_;
}

Result<bool> Writer::remove(const std::string& id) {
  auto rows = database_.prepare("SELECT run FROM runs WHERE id=?");
  if (!rows) return std::unexpected{rows.error()};
  const auto row = rows->with(id).next();
  if (!row) return std::unexpected{row.error()};
  if (!*row || (digest_ && rows->integer(0) == run_)) return false;
  const std::int64_t run = rows->integer(0);
  rows->with(std::string_view{});  // ends the read, so that the deletion can begin
  if (auto done = take_off_the_list(database_, run); !done) return std::unexpected{done.error()};
  return true;
}

Result<std::string> Writer::remove_oldest(const Keep& keep, std::int64_t now_ms) {
  const auto newest = database_.number("SELECT max(run) FROM runs");
  if (!newest) return std::unexpected{newest.error()};
  const auto candidate = oldest(database_, *newest);
  if (!candidate) return std::unexpected{candidate.error()};
  if (!*candidate) return std::string{};
  const auto too_much = is_too_much(database_, keep, **candidate, now_ms);
  if (!too_much) return std::unexpected{too_much.error()};
  if (!*too_much) return std::string{};
  if (auto done = take_off_the_list(database_, (*candidate)->run); !done)
    return std::unexpected{done.error()};
  return (*candidate)->id;
}

Result<bool> Writer::sweep() {
  const auto run = database_.number("SELECT coalesce(min(run), -1) FROM removed");
  if (!run) return std::unexpected{run.error()};
  if (*run < 0) return false;
  auto done = database_.script("BEGIN IMMEDIATE");
  std::int64_t deleted = 0;
  for (const char* sql :
       {"DELETE FROM seconds WHERE rowid IN (SELECT rowid FROM seconds WHERE run=? LIMIT ?)",
        "DELETE FROM minutes WHERE (run, minute, series) IN"
        " (SELECT run, minute, series FROM minutes WHERE run=? LIMIT ?)",
        "DELETE FROM series WHERE (run, series) IN"
        " (SELECT run, series FROM series WHERE run=? LIMIT ?)"}) {
    if (done) done = database_.run(sql, *run, kPiece);
    if (done) deleted += database_.changed();
  }
  if (done && deleted == 0) done = database_.run("DELETE FROM removed WHERE run=?", *run);
  if (done) done = database_.script("COMMIT");
  if (done) done = database_.script(fmt::format("PRAGMA incremental_vacuum({})", 4 * kPiece));
  if (!done) {
    (void)database_.script("ROLLBACK");  // `done` says what is wrong
    return std::unexpected{done.error()};
  }
  return true;
}

}  // namespace gend::store
