#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace gend::report {

// The run as JUnit XML, the dialect that Jenkins, GitLab and GitHub's actions read: one case for
// the run itself, one for each threshold, one for each check.
//   run         an error when it did not come to its end as the plan wanted: interrupted, lost,
//               aborted, not begun, or (--strict) the generator was the limit. Skipped while it
//               goes on. The report's text is its output
//   thresholds  a failure when it failed, with what was measured
//   checks      a failure when it failed even once, skipped when nothing came to it. Whether that
//               fails the run is for a threshold to say, as in k6
std::string junit_xml(const nlohmann::ordered_json& summary);

// Text for XML 1.0, in content and in attributes: control characters shown as in terminal.h, what
// XML cannot hold at all replaced by U+FFFD.
std::string xml_escaped(std::string_view text);

}  // namespace gend::report
