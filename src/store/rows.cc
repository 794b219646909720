#include "store/rows.h"

#include <nlohmann/json.hpp>

#include "base/time.h"
#include "report/history.h"
#include "report/summary_json.h"

namespace gend::store {
namespace {

Result<void> write_thresholds(Database& database, std::int64_t run, const Standing& standing) {
  auto insert = database.prepare("INSERT OR REPLACE INTO thresholds VALUES(?,?,?,?,?,?)");
  if (!insert) return std::unexpected{insert.error()};
  std::int64_t n = 0;
  for (const Standing::Threshold& each : standing.thresholds) {
    const auto value = each.has_data ? std::optional{each.value} : std::nullopt;
    auto done = insert->with(run, n++, each.selector, each.threshold, each.ok, value).run();
    if (!done) return done;
  }
  return {};
}

Result<void> write_standing(Database& database, std::int64_t run, const Standing& standing) {
  const report::RunStatus& status = standing.status;
  auto done = database.run("UPDATE runs SET state=?, exit_code=?, end_reason=?, started_ms=?,"
                           " elapsed_s=?, planned_s=?, not_written=? WHERE run=?",
                           report::name_of(status.state), static_cast<int>(status.exit_code),
                           status.end_reason, status.started_wall_ms, to_seconds(status.elapsed),
                           to_seconds(status.planned), status.not_written, run);
  if (done)
    done = database.run("INSERT OR REPLACE INTO summaries VALUES(?,?,?)", run,
                        to_seconds(status.elapsed), standing.summary);
  if (done)
    done = database.run("INSERT OR REPLACE INTO verdicts VALUES(?,?,?,?)", run, standing.verdict,
                        standing.limiting, standing.findings);
  return done ? write_thresholds(database, run, standing) : done;
}

Result<void> write_series(Database& database, std::int64_t run, const stats::Schema& schema) {
  auto insert = database.prepare("INSERT INTO series VALUES(?,?,?,?,?,?,?)");
  if (!insert) return std::unexpected{insert.error()};
  std::int64_t number = 0;
  for (const stats::Series& each : schema.series()) {
    nlohmann::ordered_json tags = nlohmann::ordered_json::object();
    for (const auto& [key, value] : each.tags) tags[key] = value;
    const std::string text = report::json_line(tags);
    auto done = insert->with(run, number++, each.metric, stats::name_of(each.kind),
                             stats::name_of(each.contains), text, each.facet).run();
    if (!done) return done;
  }
  return {};
}

Result<void> write_row(Database& database, std::int64_t run, const Beginning& begin) {
  const report::RunStatus& status = begin.standing.status;
  const auto schema = report::schema_of(nlohmann::json::parse(begin.schema, nullptr, false));
  if (!schema) return std::unexpected{Trouble{Fault::kOther, schema.error()}};
  const std::string latency = latency_metric(**schema, begin.open_model);
  auto done = database.run("INSERT INTO runs VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)", run, status.id,
                           status.name, status.plan_file, status.owner,
                           report::name_of(status.state), static_cast<int>(status.exit_code),
                           status.end_reason, status.started_wall_ms, to_seconds(status.elapsed),
                           to_seconds(status.planned), status.not_written, latency);
  if (done)
    done = database.run("INSERT INTO plans VALUES(?,?,?,?)", run, status.plan_file,
                        begin.plan_text, begin.schema);
  if (done)
    done = database.run("INSERT INTO hosts VALUES(?,?,?,?,?)", run, begin.host, begin.ring,
                        begin.shards, begin.version);
  if (done) done = write_series(database, run, **schema);
  return done ? write_standing(database, run, begin.standing) : done;
}

Result<void> write_row(Database& database, std::int64_t run, const SecondRow& row) {
  return database.run("INSERT INTO seconds VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", run,
                      row.n, row.from_ns, row.to_ns, row.wall_ms, row.users, row.started,
                      row.requests, row.failed, row.received, row.sent, row.p50, row.p95, row.p99,
                      row.max, row.lag_p99, row.busy, Blob{row.body});
}

Result<void> write_row(Database& database, std::int64_t run, const std::vector<MinuteRow>& rows) {
  // A minute that was cut off by the end of a daemon is written again when the next one begins.
  auto insert = database.prepare("INSERT OR REPLACE INTO minutes VALUES(?,?,?,?,?,?,?,?,?,?,?)");
  if (!insert) return std::unexpected{insert.error()};
  for (const MinuteRow& row : rows)
    if (auto done = insert->with(run, row.minute, row.series, row.count, row.sum, row.min, row.max,
                                 row.p50, row.p90, row.p95, row.p99).run();
        !done)
      return done;
  return {};
}

Result<void> write_row(Database& database, std::int64_t run, const EventRow& row) {
  return database.run("INSERT OR REPLACE INTO events VALUES(?,?,?,?,?)", run, row.n,
                      to_seconds(row.event.at), row.event.what, row.event.by);
}

Result<void> write_row(Database& database, std::int64_t run, const Standing& standing) {
  return write_standing(database, run, standing);
}

std::size_t bytes(const Beginning& row) {
  return row.plan_text.size() + row.schema.size() + row.standing.summary.size();
}
std::size_t bytes(const SecondRow& row) { return sizeof row + row.body.size(); }
std::size_t bytes(const std::vector<MinuteRow>& rows) { return rows.size() * sizeof(MinuteRow); }
std::size_t bytes(const EventRow& row) { return sizeof row + row.event.what.size(); }
std::size_t bytes(const Standing& row) { return row.summary.size(); }

}  // namespace

Result<void> write(Database& database, const Row& row) {
  return std::visit([&](const auto& what) { return write_row(database, row.run, what); },
                    row.what);
}

std::size_t bytes_of(const Row& row) {
  return std::visit([](const auto& what) { return bytes(what); }, row.what);
}

}  // namespace gend::store
