#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "report/history.h"

namespace gend::report {

// What the page shows. `comparison` is report/compare's JSON of this run and its baseline; null
// without one.
struct PageData {
  nlohmann::ordered_json summary, timeline, comparison;
  std::string_view plan_text;
};

// One HTML file that holds everything it shows: it loads nothing, and its policy (CSP) lets nothing
// be loaded and no other script run. The data stand in it as JSON without a character that HTML
// gives a meaning, and the page sets every text as text: no name can become markup.
std::string page_html(const PageData& data);
std::string page_html(const History& history, const nlohmann::ordered_json& comparison = nullptr);

// JSON that can stand inside a <script> element: <, > and & and the line ends of Unicode as \u....
std::string json_for_html(const nlohmann::ordered_json& json);

}  // namespace gend::report
