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
  // Of a page that is served while the run goes on (live_page_html); null in a file.
  nlohmann::ordered_json live = nullptr;
};

// One HTML file that holds everything it shows: it loads nothing, and its policy (CSP) lets nothing
// be loaded and no other script run. The data stand in it as JSON without a character that HTML
// gives a meaning, and the page sets every text as text: no name can become markup.
std::string page_html(const PageData& data);
std::string page_html(const History& history, const nlohmann::ordered_json& comparison = nullptr);

// The data of a page as JSON that can stand inside a <script> element.
std::string page_json(const PageData& data);
// The same page around page_json(), for those who serve it: its policy lets it talk to the address
// that it came from, and to nobody else.
std::string live_page_html(std::string_view json);

// JSON that can stand inside a <script> element: <, > and & and the line ends of Unicode as \u....
std::string json_for_html(const nlohmann::ordered_json& json);

}  // namespace gend::report
