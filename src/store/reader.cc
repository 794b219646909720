#include "store/reader.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <nlohmann/json.hpp>

#include "report/history.h"
#include "store/layout.h"

namespace gend::store {
namespace {

constexpr const char* kStatus =
    "SELECT id, name, plan, owner, state, exit_code, end_reason, started_ms, elapsed_s, planned_s,"
    " not_written FROM runs ";

Duration from_seconds(double seconds) {
  return Duration{std::llround(std::clamp(seconds, 0.0, 1e9) * 1e9)};
}

report::RunStatus status_of(const Statement& row) {
  const auto text = [&](int column) { return std::string{row.text(column)}; };
  return {.id = text(0), .name = text(1), .plan_file = text(2), .owner = text(3),
          .state = report::state_named(row.text(4)).value_or(report::RunState::kFailed),
          .exit_code = static_cast<ExitCode>(row.integer(5)), .end_reason = text(6),
          .started_wall_ms = row.integer(7), .elapsed = from_seconds(row.real(8)),
          .planned = from_seconds(row.real(9)), .not_written = text(10)};
}

Result<std::vector<report::RunStatus>> read_list(Database& database, std::size_t newest) {
  auto rows = database.prepare(std::string{kStatus} + "ORDER BY run DESC LIMIT ?");
  if (!rows) return std::unexpected{rows.error()};
  rows->with(newest);
  std::vector<report::RunStatus> list;
  for (;;) {
    const auto row = rows->next();
    if (!row) return std::unexpected{row.error()};
    if (!*row) break;
    list.push_back(status_of(*rows));
  }
  std::ranges::reverse(list);
  return list;
}

Result<std::optional<report::RunStatus>> read_status(Database& database, const std::string& id) {
  auto rows = database.prepare(std::string{kStatus} + "WHERE id=?");
  if (!rows) return std::unexpected{rows.error()};
  const auto row = rows->with(id).next();
  if (!row) return std::unexpected{row.error()};
  return *row ? std::optional{status_of(*rows)} : std::nullopt;
}

Result<std::optional<std::string>> read_text(Database& database, std::string_view sql,
                                             const std::string& id) {
  auto rows = database.prepare(sql);
  if (!rows) return std::unexpected{rows.error()};
  const auto row = rows->with(id).next();
  if (!row) return std::unexpected{row.error()};
  return *row ? std::optional{std::string{rows->text(0)}} : std::nullopt;
}

constexpr const char* kSummary =
    "SELECT json FROM summaries JOIN runs USING(run) WHERE runs.id=?";

// One moment for all that is read while it lives.
class Moment {
 public:
  explicit Moment(Database& database) : database_{database}, begun_{database.script("BEGIN")} {}
  ~Moment() {
    // A reader's transaction has nothing that could fail to be written.
    if (begun_) (void)database_.script("COMMIT");
  }
  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;
  const Result<void>& begun() const { return begun_; }

 private:
  Database& database_;
  Result<void> begun_;
};

Result<std::optional<std::string>> read_run_file(Database& database, const std::string& id,
                                                 const std::optional<std::string>& newer,
                                                 Duration from) {
  const Moment moment{database};
  if (!moment.begun()) return std::unexpected{moment.begun().error()};
  auto plan = database.prepare("SELECT run, text, schema FROM plans JOIN runs USING(run)"
                               " WHERE id=?");
  if (!plan) return std::unexpected{plan.error()};
  const auto found = plan->with(id).next();
  if (!found) return std::unexpected{found.error()};
  if (!*found) return std::nullopt;
  const auto kept = read_text(database, kSummary, id);
  if (!kept) return std::unexpected{kept.error()};
  using Json = nlohmann::ordered_json;
  const Json summary = Json::parse(newer ? *newer : kept->value_or("null"), nullptr, false);
  const auto schema = nlohmann::json::parse(plan->text(2), nullptr, false);
  if (summary.is_discarded() || schema.is_discarded())
    return std::unexpected{Trouble{Fault::kCorrupt, "the record of run " + id + " is damaged"}};
  report::RunFileWriter file{summary, schema, std::string{plan->text(1)}};
  const auto read = for_each_second(database, plan->integer(0), from.count(),
                                    [&](const std::string& frame) { file.add(frame); });
  if (!read) return std::unexpected{read.error()};
  return file.finish();
}

}  // namespace

Expected<Reader> Reader::open(const std::string& path) {
  auto database = open_for_reading(path);
  if (!database) return std::unexpected{std::move(database.error())};
  return Reader{path, std::move(*database)};
}

Expected<std::vector<report::RunStatus>> Reader::list(std::size_t newest) {
  auto list = read_list(database_, newest);
  if (!list) return std::unexpected{error_of(path_, list.error())};
  return *std::move(list);
}

Expected<std::optional<report::RunStatus>> Reader::find(const std::string& id) {
  auto found = read_status(database_, id);
  if (!found) return std::unexpected{error_of(path_, found.error())};
  return *std::move(found);
}

Expected<std::optional<std::string>> Reader::summary(const std::string& id) {
  auto found = read_text(database_, kSummary, id);
  if (!found) return std::unexpected{error_of(path_, found.error())};
  return *std::move(found);
}

Expected<std::optional<std::string>> Reader::run_file(const std::string& id,
                                                      const std::optional<std::string>& newer,
                                                      Duration from) {
  auto file = read_run_file(database_, id, newer, from);
  if (!file) return std::unexpected{error_of(path_, file.error())};
  return *std::move(file);
}

}  // namespace gend::store
