#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "cli/commands.h"
#include "cli/comparing.h"
#include "cli/formats.h"
#include "cli/messages.h"
#include "cli/run_source.h"
#include "cli/screen.h"

namespace gend::cli {

int report_run(const Options& options) {
  const Format* const format = find_format(options.report.format);
  GEND_ASSERT(format != nullptr);  // the command line was checked
  auto file = OutputFile::open("--output", options.report.output);
  if (!file) return complain(file.error());
  const auto history =
      load_run(options, options.run, options.baseline ? Needs::kHistory : format->needs);
  if (!history) return complain(history.error());
  std::optional<report::Comparison> comparison;
  if (options.baseline) {
    const auto before = load_run(options, *options.baseline, Needs::kHistory);
    if (!before) return complain(before.error());
    auto compared = report::compare(*before, *history, options.comparing);
    if (!compared) return complain(refusal_of(compared.error(), ExitCode::kUsage));
    comparison = *std::move(compared);
  }
  FormatOptions how{.every = options.report.every, .metric = options.report.metric, .text = {},
                    .comparison = comparison ? &*comparison : nullptr};
  if (file->is_stdout()) how.text = screen_of_stdout().text;
  const auto text = format->render(*history, how);
  if (!text)
    return complain(Error{fmt::format("--format {}: {}", format->name, text.error()), {},
                          ExitCode::kUsage});
  if (const auto written = file->write(*text); !written) return complain(written.error());
  return 0;
}

}  // namespace gend::cli
