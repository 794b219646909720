#include <string>
#include <utility>

#include "base/assert.h"
#include "cli/commands.h"
#include "cli/comparing.h"
#include "cli/messages.h"
#include "cli/output_file.h"
#include "cli/run_source.h"
#include "cli/screen.h"
#include "report/compare.h"
#include "report/summary_json.h"

namespace gend::cli {

namespace {

std::string rendered(const report::Comparison& comparison, const std::string& format,
                     const report::TextOptions& how) {
  if (format == "json") return report::json_text(report::comparison_json(comparison));
  if (format == "markdown") return report::comparison_markdown(comparison);
  GEND_ASSERT(format == "text");  // the command line was checked
  return report::comparison_text(comparison, how);
}

}  // namespace

int compare_runs(const Options& options) {
  auto file = OutputFile::open("--output", options.report.output);
  if (!file) return complain(file.error());
  const auto before = load_run(options, *options.baseline, Needs::kHistory);
  if (!before) return complain(before.error());
  const auto after = load_run(options, options.run, Needs::kHistory);
  if (!after) return complain(after.error());
  const auto compared = report::compare(*before, *after, options.comparing);
  if (!compared) return complain(refusal_of(compared.error(), ExitCode::kUsage));
  report::TextOptions how;
  if (file->is_stdout()) how = screen_of_stdout().text;
  const auto written = file->write(rendered(*compared, options.compare_format, how));
  if (!written) return complain(written.error());
  return exit_code_of(*compared);
}

}  // namespace gend::cli
