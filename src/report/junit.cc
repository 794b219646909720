#include "report/junit.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "gend/exit_code.h"
#include "report/json_read.h"
#include "report/terminal.h"
#include "report/text.h"
#include "report/verdict_words.h"
#include "stats/words.h"

namespace gend::report {
namespace {

enum class Outcome : std::uint8_t { kPassed, kFailure, kError, kSkipped };

struct Case {
  std::string name;
  Outcome outcome = Outcome::kPassed;
  std::string type{}, message{};  // of what is not passed
  double seconds = 0;
  std::string output{};  // several lines
};

struct Suite {
  std::string name;
  std::vector<std::pair<std::string, std::string>> properties{};
  std::vector<Case> cases{};
};

std::size_t count_of(const Suite& suite, Outcome outcome) {
  return static_cast<std::size_t>(std::ranges::count(suite.cases, outcome, &Case::outcome));
}

// ---- what the cases are -------------------------------------------------------------------------

// Thresholds that failed have cases of their own.
bool came_to_its_end(int exit_code) {
  return exit_code == static_cast<int>(ExitCode::kPass) ||
         exit_code == static_cast<int>(ExitCode::kThresholdsFailed);
}

Case run_case(const Json& summary) {
  const Json& run = at(summary, "run");
  Case result{.name = text(at(run, "name")),
              .type = "run",
              .seconds = number(at(run, "elapsed_s")),
              .output = summary_text(summary, {})};
  const std::string state = text(at(run, "state"));
  if (state != "finished" && state != "failed" && state != "interrupted") {
    result.outcome = Outcome::kSkipped;
    result.message = "the run is not over: " + (state.empty() ? "its state is unknown" : state);
  } else if (!came_to_its_end(exit_code_of(run))) {
    result.outcome = Outcome::kError;
    result.message =
        fmt::format("exit code {}: {}", exit_code_of(run), text(at(run, "end_reason")));
  }
  return result;
}

Suite run_suite(const Json& summary) {
  const Json& run = at(summary, "run");
  const Json& generator = at(summary, "generator");
  return {.name = "run",
          .properties = {{"run", text(at(run, "id"))},
                         {"plan", text(at(run, "plan"))},
                         {"seed", std::to_string(count(at(run, "seed")))},
                         {"end_reason", text(at(run, "end_reason"))},
                         {"exit_code", std::to_string(exit_code_of(run))},
                         {"generator", text(at(generator, "verdict"))},
                         {"host", text(at(generator, "host"))},
                         {"gend", text(at(run, "version"))}},
          .cases = {run_case(summary)}};
}

Suite threshold_suite(const Json& summary) {
  Suite suite{.name = "thresholds"};
  for (const auto& [metric, entry] : at(summary, "metrics").items())
    for (const auto& [source, threshold] : at(entry, "thresholds").items()) {
      const std::string measured = measured_words(source, entry, threshold);
      const bool ok = truth(at(threshold, "ok"));
      suite.cases.push_back({.name = metric + ": " + source,
                             .outcome = ok ? Outcome::kPassed : Outcome::kFailure,
                             .type = "threshold",
                             .message = "measured " + measured});
    }
  return suite;
}

Suite check_suite(const Json& summary) {
  Suite suite{.name = "checks"};
  for (const Json& check : at(summary, {"root_group", "checks"})) {
    const auto passes = count(at(check, "passes")), fails = count(at(check, "fails"));
    Case result{.name = text(at(check, "name")), .type = "check"};
    if (fails > 0) {
      result.outcome = Outcome::kFailure;
      result.message = fmt::format("{} of {} failed", stats::grouped(fails),
                                   stats::counted(passes + fails, "check"));
    } else if (passes == 0) {
      result.outcome = Outcome::kSkipped;
      result.message = "nothing came to it";
    }
    suite.cases.push_back(std::move(result));
  }
  return suite;
}

// ---- how they are written -----------------------------------------------------------------------

std::string attribute(std::string_view name, std::string_view value) {
  return fmt::format(" {}=\"{}\"", name, xml_escaped(value));
}

// Lines stay lines; every other control character is shown.
std::string lines_escaped(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    result += xml_escaped(text.substr(0, end));
    if (end < text.size()) result += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

std::string_view element_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPassed: return "";
    case Outcome::kFailure: return "failure";
    case Outcome::kError: return "error";
    case Outcome::kSkipped: return "skipped";
  }
  return "";
}

void write(std::string& out, const Case& each, std::string_view class_name) {
  out += "    <testcase" + attribute("classname", class_name) + attribute("name", each.name) +
         fmt::format(" time=\"{:.3f}\">\n", each.seconds);
  if (const std::string_view element = element_of(each.outcome); !element.empty()) {
    out += fmt::format("      <{}", element) + attribute("message", each.message);
    // `skipped` has no type in most schemas.
    if (each.outcome != Outcome::kSkipped) out += attribute("type", each.type);
    out += fmt::format(">{}</{}>\n", xml_escaped(each.name + ": " + each.message), element);
  }
  if (!each.output.empty())
    out += "      <system-out>" + lines_escaped(each.output) + "</system-out>\n";
  out += "    </testcase>\n";
}

void write(std::string& out, const Suite& suite, const Json& run) {
  const bool is_run = suite.name == "run";
  // Ant's format wants a host's name, and "localhost" where it is not known; its time has no zone.
  out += "  <testsuite" + attribute("name", suite.name) +
         fmt::format(" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\"",
                     suite.cases.size(), count_of(suite, Outcome::kFailure),
                     count_of(suite, Outcome::kError), count_of(suite, Outcome::kSkipped),
                     is_run ? number(at(run, "elapsed_s")) : 0.0) +
         attribute("timestamp", text(at(run, "started")).substr(0, 19)) +
         attribute("hostname", "localhost") + ">\n";
  if (!suite.properties.empty()) out += "    <properties>\n";
  for (const auto& [name, value] : suite.properties)
    out += "      <property" + attribute("name", name) + attribute("value", value) + "/>\n";
  if (!suite.properties.empty()) out += "    </properties>\n";
  for (const Case& each : suite.cases)
    write(out, each, text(at(run, "name")) + "." + suite.name);
  out += "  </testsuite>\n";
}

}  // namespace

std::string xml_escaped(std::string_view text) {
  std::string result;
  const std::string shown = escaped(text);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const char c = shown[i];
    // U+FFFE and U+FFFF: in no XML document (XML 1.0, 2.2).
    const std::string_view rest = std::string_view{shown}.substr(i);
    if (rest.starts_with("\xef\xbf\xbe") || rest.starts_with("\xef\xbf\xbf")) {
      result += "\xef\xbf\xbd";
      i += 2;
    } else if (c == '&') result += "&amp;";
    else if (c == '<') result += "&lt;";
    else if (c == '>') result += "&gt;";
    else if (c == '"') result += "&quot;";
    else if (c == '\'') result += "&apos;";
    else result += c;
  }
  return result;
}

std::string junit_xml(const Json& summary) {
  const Json& run = at(summary, "run");
  std::vector<Suite> suites{run_suite(summary), threshold_suite(summary), check_suite(summary)};
  std::erase_if(suites, [](const Suite& suite) { return suite.cases.empty(); });
  std::size_t tests = 0, failures = 0, errors = 0;
  for (const Suite& suite : suites) {
    tests += suite.cases.size();
    failures += count_of(suite, Outcome::kFailure);
    errors += count_of(suite, Outcome::kError);
  }
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" +
                    attribute("name", text(at(run, "name"))) +
                    fmt::format(" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.3f}\">\n",
                                tests, failures, errors, number(at(run, "elapsed_s")));
  for (const Suite& suite : suites) write(out, suite, run);
  return out + "</testsuites>\n";
}

}  // namespace gend::report
