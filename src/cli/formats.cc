#include "cli/formats.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/messages.h"
#include "report/hdr_log.h"
#include "report/intervals_csv.h"
#include "report/junit.h"
#include "report/k6_summary.h"
#include "report/markdown.h"
#include "report/page.h"
#include "report/summary_json.h"
#include "report/text.h"
#include "report/windows.h"

namespace gend::cli {

namespace {

using report::History;
using Rendered = std::expected<std::string, std::string>;

Duration window_of(const History& history, const FormatOptions& options) {
  if (options.every) return *options.every;
  return report::usual_window(history.frames.empty() ? Duration::zero()
                                                     : history.frames.back().to);
}

const stats::Selector* selector_of(const FormatOptions& options) {
  return options.metric ? &*options.metric : nullptr;
}

constexpr Format kFormats[] = {
    {"text", nullptr, "what genctl run prints at the end", Needs::kSummary,
     [](const History& history, const FormatOptions& options) -> Rendered {
       std::string text = report::summary_text(history.summary, options.text);
       if (options.comparison != nullptr)
         text += "\n" + report::comparison_text(*options.comparison, options.text);
       return text;
     }},
    {"markdown", "--markdown", "for pull requests and wikis (GFM)", Needs::kSummary,
     [](const History& history, const FormatOptions& options) -> Rendered {
       std::string text = report::summary_markdown(history.summary);
       if (options.comparison != nullptr)
         text += "\n" + report::comparison_markdown(*options.comparison);
       return text;
     }},
    {"json", "--summary-json", "the summary, in the layout of k6's handleSummary",
     Needs::kSummary,
     [](const History& history, const FormatOptions& options) -> Rendered {
       if (options.comparison == nullptr) return report::json_text(history.summary);
       auto summary = history.summary;
       summary["comparison"] = report::comparison_json(*options.comparison);
       return report::json_text(summary);
     }},
    {"json-schema", "--json-schema", "k6's machine-readable summary, schema 1.0.0",
     Needs::kSummary,
     [](const History& history, const FormatOptions&) -> Rendered {
       return report::json_text(report::k6_summary_json(history.summary));
     }},
    {"junit", "--junit", "JUnit XML: a case for each threshold and check", Needs::kSummary,
     [](const History& history, const FormatOptions&) -> Rendered {
       return report::junit_xml(history.summary);
     }},
    {"html", "--report", "one HTML file with charts, for any browser and on paper",
     Needs::kHistory,
     [](const History& history, const FormatOptions& options) -> Rendered {
       if (options.comparison == nullptr) return report::page_html(history);
       return report::page_html(history, report::comparison_json(*options.comparison));
     }},
    {"csv", "--csv", "every series over time", Needs::kHistory,
     [](const History& history, const FormatOptions& options) -> Rendered {
       return report::intervals_csv(history, window_of(history, options));
     }},
    {"hlog", "--hlog", "HdrHistogram's interval log", Needs::kHistory,
     [](const History& history, const FormatOptions& options) -> Rendered {
       return report::hdr_log(history, window_of(history, options), selector_of(options));
     }},
    {"hgrm", "--hgrm", "HdrHistogram's percentile distribution of the latency", Needs::kHistory,
     [](const History& history, const FormatOptions& options) -> Rendered {
       return report::hdr_percentiles(history, selector_of(options));
     }},
    {"run", "--run-file", "the run file: all that is known, for genctl report and compare",
     Needs::kHistory,
     [](const History& history, const FormatOptions&) -> Rendered {
       return report::encode(history);
     }},
};

}  // namespace

std::span<const Format> formats() { return kFormats; }

const Format* find_format(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name, &Format::name);
  return found == std::end(kFormats) ? nullptr : found;
}

Expected<Outputs> Outputs::open(const std::map<std::string, std::string>& paths_by_format) {
  Outputs outputs;
  // In the table's order, so that the same command line always complains about the same.
  for (const Format& format : kFormats) {
    const auto path = paths_by_format.find(std::string{format.name});
    if (path == paths_by_format.end()) continue;
    auto file = OutputFile::open(format.option, path->second);
    if (!file) return std::unexpected{file.error()};
    for (const Wanted& other : outputs.wanted_)
      if (file->is_same_as(other.file))
        return std::unexpected{Error{fmt::format("{} and {} name the same file, {}",
                                                 other.format->option, format.option,
                                                 path->second), {}, ExitCode::kUsage}};
    outputs.wanted_.push_back({&format, std::move(*file)});
  }
  return outputs;
}

bool Outputs::use_stdout() const {
  return std::ranges::any_of(wanted_, [](const Wanted& each) { return each.file.is_stdout(); });
}

std::string Outputs::words() const {
  std::vector<std::string> paths;
  for (const Wanted& each : wanted_)
    if (each.file.was_written() && !each.file.is_stdout())
      paths.push_back(printable(each.file.path()));
  return fmt::format("{}", fmt::join(paths, ", "));
}

Needs Outputs::needs() const {
  const bool history = std::ranges::any_of(
      wanted_, [](const Wanted& each) { return each.format->needs == Needs::kHistory; });
  return history ? Needs::kHistory : Needs::kSummary;
}

int Outputs::write(const report::History& history, Needs known, const FormatOptions& options) {
  int code = 0;
  const auto note = [&](const Error& error) {
    const int failure = complain(error);
    if (code == 0) code = failure;
  };
  for (Wanted& each : wanted_) {
    if (each.format->needs == Needs::kHistory && known == Needs::kSummary) continue;
    const auto text = each.format->render(history, options);
    if (!text)
      note({fmt::format("{}: {}", each.format->option, text.error()), {},
            ExitCode::kHostCannotCarry});
    else if (const auto written = each.file.write(*text); !written)
      note(written.error());
  }
  return code;
}

}  // namespace gend::cli
