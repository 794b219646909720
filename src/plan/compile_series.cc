#include "plan/compile_series.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/limits.h"
#include "plan/nearest.h"
#include "plan/units.h"

namespace gend::plan {

namespace {

stats::Tags tags_of(TagValues tags) {
  return {tags.begin(), tags.end()};
}

// The two halves of a trend: unexpected responses, expected ones.
std::array<std::uint32_t, 2> add_trend(std::string_view metric, const TagValues& tags,
                                       stats::Schema& schema) {
  std::array<std::uint32_t, 2> slots{};
  for (const std::size_t expected : {0U, 1U}) {
    TagValues half = tags;
    half["expected_response"] = expected == 1 ? "true" : "false";
    slots[expected] = schema.add(metric, tags_of(std::move(half)));
  }
  return slots;
}

bool is_response_tag(const std::string& name) {
  return name == "status" || name == "error";
}

bool has(const stats::Series& series, const std::pair<std::string, std::string>& tag) {
  return std::ranges::find(series.tags, tag) != series.tags.end();
}

// What makes a metric that the plan does not have.
std::string_view remedy_for(std::string_view metric) {
  if (metric == "checks") return "add a `check` to a step";
  if (metric == "captures_missed") return "add a `capture` to a step";
  if (metric == "group_duration") return "put steps into a `group`";
  if (metric == "picks") return "use a `pick` or a `mix`";
  if (metric == "http_req_retries") return "add a `retry`";
  if (metric == "ws_msg_duration") return "use a `receive`, or a `send` with a `reply`";
  if (metric == "ws_connecting" || metric == "ws_ping") return "use a `websocket` step";
  if (metric == "sio_ack") return "give an `emit` an `ack`";
  if (metric == "sio_upgrade") return "use a `socketio` step with both transports";
  if (metric.starts_with("sio_")) return "use a `socketio` step";
  if (metric.starts_with("ws_")) return "use a `websocket` or a `socketio` step";
  if (metric.starts_with("delivery_")) return "use a `listen`";
  if (metric == "host_cpu_core") return "write host_cpu_core{cpu:0}, or host_cpu_busiest";
  if (metric.starts_with("tls_")) return "use https:// URLs";
  if (metric.starts_with("http_")) return "add a request";
  return "";
}

constexpr std::string_view kFacetMetrics =
    "http_req_duration, http_req_duration_corrected, http_req_failed and http_reqs";

bool is_facet_tag(const std::pair<std::string, std::string>& tag) {
  return stats::is_facet_tag(tag.first);
}

// As stats::select() does it.
bool matches(const stats::Series& series, const stats::Selector& selector) {
  if (series.facet && std::ranges::none_of(selector.tags, is_facet_tag)) return false;
  return series.metric == selector.metric &&
         std::ranges::all_of(selector.tags, [&](const auto& tag) {
           return (series.kind == stats::Kind::kTally && is_response_tag(tag.first)) ||
                  has(series, tag);
         });
}

// What to write instead of a tag that the metric does not have.
std::string remedy_for_tag(const std::string& tag, const std::set<std::string_view>& known,
                           const stats::Schema& schema) {
  if (tag == "stage") {
    return fmt::format("only scenarios with 2 to {} stages have it, and of their metrics {}",
                       limits::kTaggedStages, kFacetMetrics);
  }
  if (tag == "room") return "deliveries have it: delivery_latency, delivery_lost and so on";
  const bool is_facet = std::ranges::any_of(schema.series(), [&](const stats::Series& series) {
    return series.facet &&
           std::ranges::any_of(series.tags, [&](const auto& each) { return each.first == tag; });
  });
  if (is_facet) return fmt::format("a tag from data is known of {} only", kFacetMetrics);
  return hint(tag, {known.begin(), known.end()});
}

// Why no series has this tag, and what comes near.
void complain_of_tag(const ThresholdText& threshold, const std::pair<std::string, std::string>& tag,
                     const stats::Schema& schema, Reporter& reporter) {
  std::set<std::string_view> names, values;
  for (const stats::Series& series : schema.series()) {
    if (series.metric != threshold.threshold.parsed.metric) continue;
    for (const auto& [name, value] : series.tags) {
      names.insert(name);
      if (name == tag.first) values.insert(value);
    }
  }
  const auto& metric = threshold.threshold.parsed.metric;
  if (is_response_tag(tag.first)) {
    return reporter.complain(
        threshold.selector_place,
        fmt::format("{} has no tag `{}`: it is only known when the response is there", metric,
                    tag.first),
        metric.starts_with("http_")
            ? fmt::format("use http_reqs{{{}:{}}}, or http_req_duration{{expected_response:true}}",
                          tag.first, tag.second)
            : fmt::format("use ws_errors{{error:timeout}} for sessions"));
  }
  if (values.empty()) {
    return reporter.complain(threshold.selector_place,
                             fmt::format("{} has no tag {}", metric, quote(tag.first)),
                             remedy_for_tag(tag.first, names, schema));
  }
  reporter.complain(threshold.selector_place,
                    fmt::format("nothing in the plan has the tag {}:{}", tag.first, tag.second),
                    hint(tag.second, {values.begin(), values.end()}));
}

// A tag of the selector that only facets have; empty when there is none.
std::string_view facet_tag_of(const stats::Selector& selector, const stats::Schema& schema) {
  for (const auto& tag : selector.tags) {
    if (!is_facet_tag(tag)) continue;
    for (const stats::Series& series : schema.series()) {
      if (series.facet && series.metric == selector.metric && has(series, tag)) return tag.first;
    }
  }
  return {};
}

void add_fixed(const TagsText& from, TagValues& to) {
  for (const auto& [name, value] : from) {
    if (value.lifetime == Lifetime::kFixed)
      to[name] = fixed_text(value);
    else
      to.erase(name);
  }
}

}  // namespace

TagValues fixed_tags(const TagsText& scenario, const TagsText& step) {
  TagValues tags;
  add_fixed(scenario, tags);
  add_fixed(step, tags);
  return tags;
}

stats::Tags with_scenario(const TagValues& tags, const std::string& scenario) {
  TagValues all = tags;
  all["scenario"] = scenario;
  return tags_of(std::move(all));
}

ScenarioSeries add_scenario_series(const std::string& scenario, const TagValues& tags,
                                   stats::Schema& schema) {
  const stats::Tags all = with_scenario(tags, scenario);
  const auto add = [&](std::string_view metric) { return schema.add(metric, all); };
  ScenarioSeries series;
  series.iterations = add("iterations");
  series.iteration_duration = add("iteration_duration");
  series.dropped_iterations = add("dropped_iterations");
  series.vus = add("vus");
  series.vus_max = add("vus_max");
  series.data_sent = add("data_sent");
  series.data_received = add("data_received");
  // Of the whole process, whatever its scenarios; the control side samples them.
  schema.add("gen_cpu", {});
  schema.add("gen_memory", {});
  series.lag = add("gen_lag");
  series.planned = add("gen_planned");
  series.started = add("gen_started");
  series.reconnects = add("http_reconnects");
  series.loops_cut = add("loops_cut");
  for (std::size_t reason = 0; reason < kFailReasons; ++reason) {
    // `fail` steps have series under their own words.
    if (reason == static_cast<std::size_t>(FailReason::kFailStep)) continue;
    TagValues of_reason = tags;
    of_reason["reason"] = describe(static_cast<FailReason>(reason));
    series.failed[reason] = schema.add("failed_iterations", with_scenario(of_reason, scenario));
  }
  return series;
}

void add_host_series(unsigned cpus, const std::vector<ThresholdText>& thresholds,
                     stats::Schema& schema) {
  constexpr std::string_view kCore = "host_cpu_core";
  for (const stats::Metric& metric : stats::builtin_metrics())
    if (metric.name.starts_with(stats::kHostPrefix) && metric.name != kCore)
      schema.add(metric.name, {});
  std::set<std::uint64_t> cores;
  for (std::uint64_t core = 0; core < std::min(cpus, limits::kHostCpus); ++core)
    cores.insert(core);
  for (const ThresholdText& text : thresholds) {
    const stats::Selector& selector = text.threshold.parsed;
    if (cpus != 0 || selector.metric != kCore || selector.tags.size() != 1) continue;
    const auto core = parse_integer(selector.tags.front().second);
    if (core && *core >= 0 && *core < limits::kHostCpus)
      cores.insert(static_cast<std::uint64_t>(*core));
  }
  for (const std::uint64_t core : cores) schema.add(kCore, {{"cpu", std::to_string(core)}});
}

void add_observed_series(Program& program) {
  for (observe::Source& source : program.observe) {
    for (observe::Series& series : source.series) {
      const stats::Metric* metric = program.schema.declare(
          series.metric, stats::Kind::kGauge, stats::Contains::kDefault);
      GEND_ASSERT(metric != nullptr);  // no step may declare such a name
      series.slot = program.schema.add(series.metric, {});
    }
  }
}

void add_tls_series(Program& program) {
  const auto secure = [](const Endpoint& endpoint) { return endpoint.tls; };
  if (std::ranges::none_of(program.endpoints, secure)) return;
  for (Scenario& scenario : program.scenarios) {
    scenario.series.tls_handshakes = program.schema.add("tls_handshakes", scenario.tags);
    scenario.series.tls_resumed = program.schema.add("tls_resumed", scenario.tags);
  }
}

void add_http_series(const std::string& scenario, const TagValues& tags, HttpRequest& request,
                     stats::Schema& schema) {
  TagValues all = tags;
  all["scenario"] = scenario;
  all["name"] = request.name;
  all["method"] = name_of(request.method);
  HttpSeries& series = request.series;
  series.duration = add_trend("http_req_duration", all, schema);
  series.corrected = add_trend("http_req_duration_corrected", all, schema);
  series.waiting = add_trend("http_req_waiting", all, schema);
  series.sending = add_trend("http_req_sending", all, schema);
  series.receiving = add_trend("http_req_receiving", all, schema);
  series.blocked = add_trend("http_req_blocked", all, schema);
  series.connecting = add_trend("http_req_connecting", all, schema);
  series.tls_handshaking = add_trend("http_req_tls_handshaking", all, schema);
  series.reqs = schema.add("http_reqs", tags_of(all));
  series.failed = schema.add("http_req_failed", tags_of(all));
  if (request.retry.max > 0) series.retries = schema.add("http_req_retries", tags_of(all));
  add_inspection_series(all, request.captures, schema);
  add_inspection_series(all, request.checks, schema);
  add_inspection_series(all, request.expects, schema);
}

void add_inspection_series(const TagValues& tags, std::vector<Capture>& captures,
                           stats::Schema& schema) {
  for (Capture& capture : captures) {
    TagValues of_capture = tags;
    of_capture["capture"] = capture.name;
    capture.missed = schema.add("captures_missed", tags_of(std::move(of_capture)));
  }
}

void add_inspection_series(const TagValues& tags, std::vector<Check>& checks,
                           stats::Schema& schema) {
  for (Check& check : checks) {
    TagValues of_check = tags;
    of_check["check"] = check.name;
    check.series = schema.add("checks", tags_of(std::move(of_check)));
  }
}

void check_selector(const ThresholdText& threshold, const stats::Schema& schema,
                    Reporter& reporter) {
  const stats::Selector& selector = threshold.threshold.parsed;
  if (selector.metric == "host_cpu_core" && selector.tags.empty()) {
    return reporter.complain(threshold.selector_place, "host_cpu_core is of one processor",
                             "write host_cpu_core{cpu:0}, or host_cpu_busiest");
  }
  bool metric_measured = false;
  for (const stats::Series& series : schema.series()) {
    if (matches(series, selector)) return;
    metric_measured |= series.metric == selector.metric;
  }
  if (!metric_measured) {
    return reporter.complain(threshold.selector_place,
                             fmt::format("nothing in the plan is measured as {}", selector.metric),
                             std::string{remedy_for(selector.metric)});
  }
  const bool tally = schema.find(selector.metric)->kind == stats::Kind::kTally;
  for (const auto& tag : selector.tags) {
    if (tally && is_response_tag(tag.first)) continue;
    const bool known = std::ranges::any_of(schema.series(), [&](const stats::Series& series) {
      return series.metric == selector.metric && has(series, tag);
    });
    if (!known) return complain_of_tag(threshold, tag, schema, reporter);
  }
  const std::string_view facet = facet_tag_of(selector, schema);
  reporter.complain(threshold.selector_place,
                    fmt::format("no one thing in the plan has all tags of {}",
                                quote(threshold.threshold.selector)),
                    facet.empty() ? ""
                                  : fmt::format("`{}` goes together with `scenario` only", facet));
}

}  // namespace gend::plan
