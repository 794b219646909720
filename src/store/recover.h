#pragma once

#include <string>
#include <vector>

#include "store/sqlite.h"

namespace gend::store {

// A run that was going on when its daemon ended comes back as interrupted, exit code 95, with every
// second that was committed. Returns a line for the log for each of them.
Result<std::vector<std::string>> recover(Database& database);

}  // namespace gend::store
