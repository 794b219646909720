#pragma once

#include <string>

#include "report/compare.h"

// What the text and the Markdown of a comparison share.
namespace gend::report {

std::string series_words(const CompareRow& row);     // http_req_duration{name:orders}; not escaped
std::string value_words(const CompareRow& row, double value);  // 12.3ms, 0.42%, 950/s
std::string change_words(const CompareRow& row);     // +21.1 %, +0.12 pp
std::string interval_words(const CompareRow& row);   // +18.2 … +24.0 %; empty without one
std::string verdict_words(const Comparison& comparison);  // 3 of 14 judged quantities are worse
// What the columns mean, in two sentences.
std::string reading_words(const Comparison& comparison);

}  // namespace gend::report
