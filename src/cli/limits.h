#pragma once

#include <cstddef>

namespace gend::limits {

inline constexpr unsigned kDashboardClients = 32;  // connections; an open page has two or three
inline constexpr std::size_t kDashboardBodyBytes = 4 * 1024;  // {"users": 50}

}  // namespace gend::limits
