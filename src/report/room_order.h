#pragma once

#include <vector>

#include "report/json_read.h"

namespace gend::report {

// The rooms of a summary's `delivery`, those that lost most first, then the late and slow ones.
using Rooms = std::vector<const Json*>;
Rooms rooms_worst_first(const Json& delivery);

}  // namespace gend::report
