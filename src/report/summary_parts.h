#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <nlohmann/json.hpp>

#include "report/run_result.h"
#include "stats/tally.h"

// The parts that summary_json() is made of.
namespace gend::report {

nlohmann::ordered_json metrics_json(const RunResult& result);
nlohmann::ordered_json checks_json(const RunResult& result);
nlohmann::ordered_json http_json(const RunResult& result);
nlohmann::ordered_json errors_json(const RunResult& result);

// summary_flow.cc: what iterations did besides requests.
nlohmann::ordered_json picks_json(const RunResult& result);
nlohmann::ordered_json groups_json(const RunResult& result);
nlohmann::ordered_json failed_iterations_json(const RunResult& result);
nlohmann::ordered_json captures_missed_json(const RunResult& result);

// summary_facets.cc: requests by tags that change while the run goes on.
nlohmann::ordered_json facets_json(const RunResult& result);

// summary_sessions.cc: WebSocket and Socket.IO sessions by step.
nlohmann::ordered_json sessions_json(const RunResult& result);

// summary_delivery.cc: what was owed to whom in which room; {} when nobody listened. More rooms
// than these are summed up only, but for those that went worst.
inline constexpr std::size_t kRoomsTold = 10'000;
nlohmann::ordered_json delivery_json(const RunResult& result);

// summary_resources.cc: what the plan observes, source by source, and this host; gauges without a
// value are left out of the latter.
nlohmann::ordered_json observed_json(const RunResult& result);
nlohmann::ordered_json host_json(const RunResult& result);

// summary_samples.cc: single requests worth looking at, with nothing secret in them.
nlohmann::ordered_json samples_json(const RunResult& result);

// How requests or sessions ended, by the keys of stats::Tally.
using TallyCounts = std::array<std::uint64_t, stats::Tally::kKeys>;
void add_tally(TallyCounts& counts, const stats::Tally& tally);
nlohmann::ordered_json statuses_json(const TallyCounts& counts);  // {"503": 60}
// By name, the most frequent first.
nlohmann::ordered_json error_counts_json(const TallyCounts& counts);

// The value of a series' tag; empty when it has none of that name.
std::string tag_of(const stats::Tags& tags, std::string_view key);

// avg, min, med, max, p(90), p(95), p(99) and count of a trend, in ms (or the metric's own unit).
nlohmann::ordered_json trend_values(const stats::Histogram& trend);

// "as many `hits` as in `total`", 0 without any.
double share(std::uint64_t hits, std::uint64_t total);
// Milliseconds since 1970 as RFC 3339, UTC.
std::string wall_text(std::int64_t wall_ms);
// Per second of `elapsed`; 0 without time.
double per_second(std::uint64_t count, Duration elapsed);

}  // namespace gend::report
