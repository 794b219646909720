#include "export/openmetrics.h"

#include <utility>

#include "export/exposition.h"
#include "export/rooms.h"
#include "export/standing.h"

namespace gend::exporter {
namespace {

void write_run(Exposition& out, const report::RunResult& run, Names names) {
  const Standing standing = standing_of(run);
  write_progress(out, standing);
  write_verdict(out, standing);
  if (run.schema == nullptr || run.total == nullptr) return;
  const stats::Schema& shown = run.shown_schema != nullptr ? *run.shown_schema : *run.schema;
  write_families(out, shown, run.total->recorder, names);
  write_rooms(out, run);
  write_generator(out, standing);
  write_thresholds(out, standing);
}

}  // namespace

std::string openmetrics(const report::RunResult* result, Names names) {
  OpenMetricsText out;
  out.family("gend_up", "gauge", "", "gend is running");
  out.sample("", {}, std::uint64_t{1});
  out.family("gend_build", "info", "", "The program that answers");
  out.sample("_info", {{"version", GEND_VERSION}}, std::uint64_t{1});
  if (result != nullptr) write_run(out, *result, names);
  return std::move(out).finish();
}

}  // namespace gend::exporter
