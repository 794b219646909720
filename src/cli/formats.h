#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "cli/output_file.h"
#include "cli/run_source.h"
#include "report/compare.h"
#include "report/history.h"
#include "report/terminal.h"
#include "stats/threshold.h"

// The forms in which a run can be had: genctl report --format NAME, and genctl run with an option
// for each.
namespace gend::cli {

struct FormatOptions {
  std::optional<Duration> every;           // window of csv and hlog; report::usual_window() if not
  std::optional<stats::Selector> metric;   // of hlog and hgrm
  report::TextOptions text;                // of text
  const report::Comparison* comparison = nullptr;  // with a baseline: text, markdown, json, html
};

struct Format {
  std::string_view name;
  const char* option;  // of genctl run, with its hyphens; null: it has none
  const char* help;
  Needs needs;
  // The error says what the run has not, or what is wrong with an option.
  std::expected<std::string, std::string> (*render)(const report::History& history,
                                                    const FormatOptions& options);
};

std::span<const Format> formats();
const Format* find_format(std::string_view name);  // nullptr when unknown

// What one command writes besides its own text: a format and its file each.
class Outputs {
 public:
  // Opens all of them. Refuses a path that cannot be written and a file that is named twice.
  static Expected<Outputs> open(const std::map<std::string, std::string>& paths_by_format);

  bool empty() const { return wanted_.empty(); }
  bool use_stdout() const;
  // Those that were written: "report.md, junit.xml". Without standard output.
  std::string words() const;
  // What the outputs that there are need of a run.
  Needs needs() const;
  // Renders and writes those for which `known` is enough. What cannot be is complained about, and
  // the others are written all the same; returns the first failure's exit code, or 0.
  int write(const report::History& history, Needs known, const FormatOptions& options);

 private:
  struct Wanted {
    const Format* format;
    OutputFile file;
  };
  std::vector<Wanted> wanted_;
};

}  // namespace gend::cli
