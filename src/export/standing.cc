#include "export/standing.h"

#include <array>
#include <cstdint>
#include <set>
#include <utility>

namespace gend::exporter {

Standing standing_of(const report::RunResult& run) {
  Standing standing{.id = run.id, .name = run.name, .plan = run.plan_file,
                    .elapsed = run.elapsed, .planned = run.planned,
                    .verdict = run.verdict.verdict, .health = {}, .latest = {}, .thresholds = {}};
  if (run.total != nullptr) standing.health = run.total->health;
  standing.latest = run.interval == nullptr ? standing.health : run.interval->health;
  std::set<std::pair<std::string, std::string>> seen;  // a plan may repeat itself
  for (const auto& result : run.thresholds) {
    const auto& threshold = *result.threshold;
    if (seen.emplace(threshold.selector, threshold.source).second)
      standing.thresholds.push_back({threshold.selector, threshold.source, result.ok});
  }
  return standing;
}

void write_progress(Exposition& out, const Standing& standing) {
  out.family("gend_run", "info", "", "The run that these numbers are of");
  out.sample("_info",
             {{"id", standing.id}, {"name", standing.name}, {"plan", standing.plan}},
             std::uint64_t{1});
  out.family("gend_run_elapsed_seconds", "gauge", "seconds", "How long the run has been going on");
  out.sample("", {}, to_seconds(standing.elapsed));
  out.family("gend_run_planned_seconds", "gauge", "seconds", "How long the run is meant to take");
  out.sample("", {}, to_seconds(standing.planned));
}

void write_verdict(Exposition& out, const Standing& standing) {
  out.family("gend_generator_verdict", "stateset", "", "Whether the generator's numbers hold");
  for (const auto verdict :
       {stats::Verdict::kClean, stats::Verdict::kSuspect, stats::Verdict::kSaturated})
    out.sample("", {{"gend_generator_verdict", std::string{stats::name_of(verdict)}}},
               std::uint64_t{verdict == standing.verdict ? 1u : 0u});
}

void write_generator(Exposition& out, const Standing& standing) {
  const stats::GeneratorHealth& health = standing.health;
  out.family("gend_gen_cpu_ratio", "gauge", "ratio",
             "Busy share of the busiest shard, in the latest second while a run goes on");
  out.sample("", {}, standing.latest.busiest);
  out.family("gend_gen_memory_bytes", "gauge", "bytes", "Resident memory of the generator");
  out.sample("", {}, static_cast<double>(health.memory_bytes));
  out.family("gend_generator_loops", "counter", "", "Turns of the event loops");
  out.sample("_total", {}, health.loops);
  out.family("gend_generator_syscalls", "counter", "", "System calls of the event loops");
  out.sample("_total", {}, health.syscalls);
  out.family("gend_generator_limits", "counter", "",
             "Limits of this host or of gend that work ran into; not the target's doing");
  const std::array<std::pair<const char*, std::uint64_t>, 6> limits{
      {{"descriptors", health.host_descriptors},
       {"ports", health.host_ports},
       {"memory", health.host_memory},
       {"host", health.host_other},
       {"buffers", health.buffer_starved},
       {"completion_queue", health.cq_overflows}}};
  for (const auto& [resource, count] : limits)
    out.sample("_total", {{"resource", resource}}, count);
  out.family("gend_iterations_dropped_by_reason", "counter", "",
             "Iterations that were due and never began, by reason");
  out.sample("_total", {{"reason", "no_user"}}, health.dropped_no_user);
  out.sample("_total", {{"reason", "stopped"}}, health.dropped_stopped);
  out.sample("_total", {{"reason", "no_time"}}, health.dropped_no_time);
}

void write_thresholds(Exposition& out, const Standing& standing) {
  if (standing.thresholds.empty()) return;
  out.family("gend_threshold_ok", "gauge", "", "Whether a threshold holds so far");
  for (const Standing::Threshold& each : standing.thresholds)
    out.sample("", {{"metric", each.metric}, {"threshold", each.threshold}},
               std::uint64_t{each.ok ? 1u : 0u});
}

}  // namespace gend::exporter
