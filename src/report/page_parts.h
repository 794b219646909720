#pragma once

#include <string_view>

namespace gend::report {

// The report's page around the gap for its data, made from web/ when the program is built.
extern const std::string_view kPageBeforeData, kPageAfterData;

}  // namespace gend::report
