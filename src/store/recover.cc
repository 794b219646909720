#include "store/recover.h"

#include <cstdint>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/time.h"
#include "gend/exit_code.h"
#include "report/history.h"
#include "report/run_status.h"
#include "report/summary_json.h"
#include "store/digest.h"
#include "store/reader.h"
#include "store/rows.h"

namespace gend::store {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::int64_t kMinuteNs = 60'000'000'000;

struct Lost {
  std::int64_t run = 0;
  std::string id, latency;
  double elapsed = 0;  // seconds that are committed
};

Result<std::vector<Lost>> lost_runs(Database& database) {
  auto rows = database.prepare(
      "SELECT run, id, latency, coalesce((SELECT max(to_ns) FROM seconds"
      " WHERE seconds.run=runs.run), 0) FROM runs"
      " WHERE state NOT IN ('finished', 'failed', 'interrupted') ORDER BY run");
  if (!rows) return std::unexpected{rows.error()};
  std::vector<Lost> lost;
  for (;;) {
    const auto row = rows->next();
    if (!row) return std::unexpected{row.error()};
    if (!*row) return lost;
    lost.push_back({.run = rows->integer(0), .id = std::string{rows->text(1)},
                    .latency = std::string{rows->text(2)},
                    .elapsed = to_seconds(Duration{rows->integer(3)})});
  }
}

std::string reason_of(const Lost& lost) {
  return fmt::format("interrupted: the daemon ended during the run; its seconds are kept up to "
                     "{:g} s", lost.elapsed);
}

// The summary was written now and then only: it says until when its tables go.
std::string mended(std::string_view text, const Lost& lost, double until) {
  Json summary = Json::parse(text, nullptr, false);
  if (!summary.is_object()) return "null";
  Json& run = summary["run"];
  run["state"] = report::name_of(report::RunState::kInterrupted);
  run["exit_code"] = static_cast<int>(ExitCode::kRunLost);
  run["end_reason"] = reason_of(lost);
  run["elapsed_s"] = lost.elapsed;
  if (until < lost.elapsed) run["summary_until_s"] = until;
  summary["state"]["testRunDurationMs"] = lost.elapsed * 1000;
  return report::json_line(summary);
}

Result<void> mend_summary(Database& database, const Lost& lost) {
  auto kept = database.prepare("SELECT json, until_s FROM summaries WHERE run=?");
  if (!kept) return std::unexpected{kept.error()};
  const auto row = kept->with(lost.run).next();
  if (!row) return std::unexpected{row.error()};
  const std::string summary = *row ? mended(kept->text(0), lost, kept->real(1)) : "null";
  return database.run("INSERT OR REPLACE INTO summaries VALUES(?,?,?)", lost.run, lost.elapsed,
                      summary);
}

// The rows of the minute that was under way were never written.
Result<void> finish_minutes(Database& database, const Lost& lost) {
  auto plan = database.prepare("SELECT schema FROM plans WHERE run=?");
  if (!plan) return std::unexpected{plan.error()};
  const auto row = plan->with(lost.run).next();
  if (!row) return std::unexpected{row.error()};
  auto schema = report::schema_of(
      nlohmann::json::parse(*row ? plan->text(0) : std::string_view{}, nullptr, false));
  if (!schema) return {};  // said when somebody asks for the run
  const stats::Schema& series = **schema;
  auto written = database.number(
      fmt::format("SELECT coalesce(max(minute) + 1, 0) FROM minutes WHERE run={}", lost.run));
  if (!written) return std::unexpected{written.error()};

  Digest digest{*std::move(schema), lost.latency};
  std::vector<MinuteRow> all;
  const auto read = for_each_second(
      database, lost.run, *written * kMinuteNs, [&](const std::string& bytes) {
        const auto frame = stats::decode_frame(bytes);
        if (!frame || !stats::fits(*frame, series)) return;
        std::vector<MinuteRow> over;
        digest.add(*frame, 0, over);
        all.insert(all.end(), over.begin(), over.end());
      });
  if (!read) return read;
  const auto rest = digest.finish();
  all.insert(all.end(), rest.begin(), rest.end());
  return write(database, {.run = lost.run, .what = std::move(all)});
}

Result<void> mend(Database& database, const Lost& lost) {
  auto done = database.run("UPDATE runs SET state=?, exit_code=?, end_reason=?, elapsed_s=?"
                           " WHERE run=?",
                           report::name_of(report::RunState::kInterrupted),
                           static_cast<int>(ExitCode::kRunLost), reason_of(lost), lost.elapsed,
                           lost.run);
  if (done) done = mend_summary(database, lost);
  return done ? finish_minutes(database, lost) : done;
}

}  // namespace

Result<std::vector<std::string>> recover(Database& database) {
  const auto lost = lost_runs(database);
  if (!lost) return std::unexpected{lost.error()};
  std::vector<std::string> words;
  if (lost->empty()) return words;
  if (auto begun = database.script("BEGIN IMMEDIATE"); !begun)
    return std::unexpected{begun.error()};
  for (const Lost& each : *lost) {
    if (auto done = mend(database, each); !done) {
      (void)database.script("ROLLBACK");  // the reason why it is given up is returned
      return std::unexpected{done.error()};
    }
    words.push_back("run " + each.id + ": " + reason_of(each));
  }
  if (auto done = database.script("COMMIT"); !done) return std::unexpected{done.error()};
  return words;
}

}  // namespace gend::store
