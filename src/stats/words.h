#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

// Numbers as people read them. Shared by the verdict and the reports, so that one quantity looks
// the same everywhere.
namespace gend::stats {

std::string grouped(std::uint64_t n);                         // 12,345
std::string counted(std::uint64_t n, std::string_view noun);  // "1 start", "2,500 starts"
std::string times(std::uint64_t n);                           // "once", "twice", "2,500 times"

// Three significant digits or better and the unit that fits: 0s, 850ns, 12.3µs, 1.23ms, 4.50s,
// 12m05s, 1h02m05s.
std::string duration_text(Duration d);
std::string milliseconds_text(double ms);  // the same for a number of milliseconds

std::string count_text(double n);   // 7, 12.3, 950, 12.3k, 4.56M, 7.89G: at most three digits
std::string bytes_text(double n);   // 512 B, 1.23 kB, 45.6 MB: decimal units, as k6 prints them

}  // namespace gend::stats
