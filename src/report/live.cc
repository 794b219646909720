#include "report/live.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "report/json_read.h"
#include "report/live_words.h"
#include "report/summary_parts.h"
#include "report/text_page.h"
#include "stats/words.h"

namespace gend::report {
namespace {

using stats::milliseconds_text;

const stats::Snapshot* shown_of(const RunResult& result) {
  return result.interval != nullptr ? result.interval : result.total;
}

Duration length_of(const RunResult& result) {
  if (result.interval == nullptr) return result.elapsed;
  const Duration length = result.interval->recorder.to - result.interval->recorder.from;
  return length > Duration::zero() ? length : std::chrono::seconds{1};
}

}  // namespace

bool has_rates(const RunResult& result) {
  constexpr Duration kRest = std::chrono::milliseconds{100};
  return length_of(result) >= kRest || length_of(result) >= result.elapsed / 2;
}

namespace {

bool records(const RunResult& result, std::string_view metric) {
  return std::ranges::any_of(result.schema->series(),
                             [&](const stats::Series& s) { return s.metric == metric; });
}

struct Watched {
  std::string metric, name;
};

// What latency means to this plan: of requests, and where there are none, of messages.
Watched watched_of(const RunResult& result) {
  if (!records(result, "http_reqs"))
    for (const auto& [metric, name] : {std::pair{"delivery_latency", "delivery"},
                                       std::pair{"ws_msg_duration", "answers"},
                                       std::pair{"sio_ack", "acks"}})
      if (records(result, metric)) return {metric, name};
  if (result.has_open_model) return {"http_req_duration_corrected", "corrected"};
  return {"http_req_duration", "service"};
}

void add_latency(const RunResult& result, const stats::Recorder& recorder, Json& json) {
  const Watched watched = watched_of(result);
  const auto trend = stats::select(*result.schema, recorder, {watched.metric, {}}).trend;
  json["latency"] = watched.name;
  json["p50_ms"] = trend.percentile(50) / 1e6;
  json["p95_ms"] = trend.percentile(95) / 1e6;
  json["p99_ms"] = trend.percentile(99) / 1e6;
  json["max_ms"] = static_cast<double>(trend.max()) / 1e6;
  json["samples"] = trend.count();
}

// Of plans with sessions only.
void add_sessions(const RunResult& result, Json& json) {
  if (!records(result, "ws_sessions")) return;
  const Duration length = length_of(result);
  const auto of = [&](const stats::Snapshot* of_time, std::string metric) {
    return stats::select(*result.schema, of_time->recorder, {std::move(metric), {}});
  };
  const stats::Snapshot* now = shown_of(result);
  const std::uint64_t begun = of(result.total, "ws_sessions").count;
  const std::uint64_t ended = of(result.total, "ws_session_duration").trend.count();
  json["sessions"] = {
      {"open", begun - std::min(begun, ended)},
      {"without_requests", !records(result, "http_reqs")},
      {"sent_per_s", per_second(of(now, "ws_msgs_sent").count, length)},
      {"received_per_s", per_second(of(now, "ws_msgs_received").count, length)},
      {"listens", records(result, "delivery_latency")},
      {"deliveries_per_s", per_second(of(now, "delivery_reach").rate.hits, length)},
      {"lost", of(result.total, "delivery_lost").rate.hits},
      {"errors", of(result.total, "ws_errors").count}};
}

void add_measured(const RunResult& result, Json& json) {
  const stats::Recorder& recorder = shown_of(result)->recorder;
  const Duration length = length_of(result);
  const auto now = [&](std::string metric) {
    return stats::select(*result.schema, recorder, {std::move(metric), {}});
  };
  const auto so_far = [&](std::string metric) {
    return stats::select(*result.schema, result.total->recorder, {std::move(metric), {}}).count;
  };
  json["users"] = now("vus").gauge.value;
  json["users_max"] = now("vus_max").gauge.value;
  json["requests_per_s"] = per_second(now("http_reqs").count, length);
  json["iterations_per_s"] = per_second(now("iterations").count, length);
  add_latency(result, recorder, json);
  add_sessions(result, json);
  const stats::Rate failed = now("http_req_failed").rate;
  json["failed"] = failed.hits;
  json["failed_rate"] = share(failed.hits, failed.total);
  json["sent_per_s"] = per_second(now("data_sent").count, length);
  json["received_per_s"] = per_second(now("data_received").count, length);
  json["requests"] = so_far("http_reqs");
  json["iterations"] = so_far("iterations");
  const stats::GeneratorHealth& health = result.total->health;
  json["planned"] = health.planned;
  json["started"] = health.started;
  json["completed"] = health.completed;
  json["dropped"] = health.dropped();
  json["busiest_percent"] = shown_of(result)->health.busiest * 100;
}

std::string progress_line(const Json& interval, const TextOptions& options) {
  const std::string times = fmt::format(" {:3.0f}%  {} of {}  {}",
                                        std::floor(progress_of(interval) * 100),
                                        clock_words(number(at(interval, "elapsed_s"))),
                                        clock_words(number(at(interval, "planned_s"))),
                                        state_words(interval));
  const std::size_t fixed = columns_of(times) + 4;
  const std::size_t room = options.width > fixed + 20 ? options.width - fixed : 20;
  const std::size_t bar_columns = std::min<std::size_t>(room / 2, 40);
  const std::string name = shortened(escaped(text(at(interval, "name"))), room - bar_columns - 2);
  return shortened(fmt::format("  {} {}{}", name, bar(progress_of(interval), bar_columns), times),
                   options.width);
}

// "100 users  100 sessions  190/s out  1.9k/s in  1.9k/s deliveries"; what is told of requests is
// left out where the plan has none.
std::string load_words(const Json& interval) {
  const Json& sessions = at(interval, "sessions");
  const auto rate = [](const Json& of, std::string_view key) {
    return left(rate_text(number(at(of, key))), 8);
  };
  std::string words = fmt::format("  load       {} users  ",
                                  left(stats::grouped(count(at(interval, "users"))), 6));
  if (!truth(at(sessions, "without_requests")))
    words += fmt::format("{} requests  ", rate(interval, "requests_per_s"));
  if (!sessions.is_object())
    return words + fmt::format("{} iterations  {} failed", rate(interval, "iterations_per_s"),
                               percent_text(number(at(interval, "failed_rate"))));
  words += fmt::format("{} sessions  {} out  {} in",
                       left(stats::grouped(count(at(sessions, "open"))), 6),
                       rate(sessions, "sent_per_s"), rate(sessions, "received_per_s"));
  if (truth(at(sessions, "listens")))
    words += fmt::format("  {} deliveries", rate_text(number(at(sessions, "deliveries_per_s"))));
  return words;
}

// The same for a line of a log.
std::string load_fields(const Json& interval) {
  const Json& sessions = at(interval, "sessions");
  std::string fields;
  if (!truth(at(sessions, "without_requests")))
    fields += fmt::format(" requests={} failed={}",
                          rate_text(number(at(interval, "requests_per_s"))),
                          percent_text(number(at(interval, "failed_rate"))));
  if (!sessions.is_object()) return fields;
  fields += fmt::format(" sessions={} out={} in={}", count(at(sessions, "open")),
                        rate_text(number(at(sessions, "sent_per_s"))),
                        rate_text(number(at(sessions, "received_per_s"))));
  if (truth(at(sessions, "listens")))
    fields += fmt::format(" deliveries={}", rate_text(number(at(sessions, "deliveries_per_s"))));
  for (const auto key : {"lost", "errors"})
    if (const auto n = count(at(sessions, key)); n > 0) fields += fmt::format(" {}={}", key, n);
  return fields;
}

}  // namespace

Json interval_json(const RunResult& result) {
  const auto failing = std::ranges::count_if(
      result.thresholds, [](const stats::ThresholdResult& r) { return !r.ok; });
  Json json{{"id", result.id},
            {"name", result.name},
            {"state", name_of(result.state)},
            {"elapsed_s", to_seconds(result.elapsed)},
            {"planned_s", to_seconds(result.planned)},
            {"verdict", stats::name_of(result.verdict.verdict)},
            {"limiting_resource", stats::name_of(result.verdict.limiting)},
            {"thresholds", result.thresholds.size()},
            {"failing", failing}};
  if (result.paused) json["paused"] = true;
  if (!result.not_written.empty()) json["not_written"] = result.not_written;
  if (result.state == RunState::kWaiting) json["waiting_until"] = wall_text(result.started_wall_ms);
  if (result.schema != nullptr && result.total != nullptr) add_measured(result, json);
  return json;
}

std::string live_view(const Json& interval, const TextOptions& options) {
  const auto fitted = [&](const std::string& line) { return shortened(line, options.width); };
  const auto paint = [&](const std::string& line, bool bad) {
    return bad ? painted(line, Paint::kBad, options.colour) : line;
  };
  const bool failing = number(at(interval, "failed_rate")) > 0 ||
                       count(at(interval, {"sessions", "lost"})) > 0 ||
                       count(at(interval, {"sessions", "errors"})) > 0;
  const std::string load = fitted(load_words(interval));
  const std::string latency = fitted(fmt::format("  {}{}", left(text(at(interval, "latency")), 11),
                                                 latency_words(interval)));
  const auto dropped = count(at(interval, "dropped"));
  const std::string verdict = text(at(interval, "verdict"));
  std::string generator = fitted(fmt::format(
      "  generator  {}  thresholds: {}{}", verdict_words(interval), threshold_words(interval),
      dropped > 0 ? fmt::format("  {} dropped", stats::grouped(dropped)) : ""));
  generator = verdict == "CLEAN" ? paint(generator, count(at(interval, "failing")) > 0)
                                 : painted(generator, paint_of_verdict(verdict), options.colour);
  return fmt::format("{}\n{}\n{}\n{}\n", progress_line(interval, options), paint(load, failing),
                     latency, generator);
}

std::string live_line(const Json& interval) {
  const auto ms = [&](std::string_view key) {
    return milliseconds_text(number(at(interval, key)));
  };
  if (at(interval, "waiting_until").is_string()) return state_words(interval);
  std::string line = fmt::format(
      "{}/{} {:.0f}% users={}{}", clock_words(number(at(interval, "elapsed_s"))),
      clock_words(number(at(interval, "planned_s"))), std::floor(progress_of(interval) * 100),
      count(at(interval, "users")), load_fields(interval));
  if (truth(at(interval, "paused"))) line += " paused";
  if (!text(at(interval, "not_written")).empty()) line += " NOT ON DISK";
  if (count(at(interval, "samples")) > 0)
    line += fmt::format(" {}: p50={} p95={} p99={} max={}", escaped(text(at(interval, "latency"))),
                        ms("p50_ms"), ms("p95_ms"), ms("p99_ms"), ms("max_ms"));
  if (const auto dropped = count(at(interval, "dropped")); dropped > 0)
    line += fmt::format(" dropped={}", dropped);
  if (count(at(interval, "failing")) > 0)
    line += fmt::format(" thresholds={}", threshold_words(interval));
  return line + fmt::format(" generator={}", verdict_words(interval));
}

}  // namespace gend::report
