#pragma once

#include "export/exposition.h"
#include "report/run_result.h"

namespace gend::exporter {

// Rooms that have series of their own; the others are summed up as room="other". Which ones they
// are never changes: those that the run came upon first.
inline constexpr std::size_t kRoomsExported = 1000;

// The ledger of deliveries room by room, as it stands. Nothing when nobody listened.
void write_rooms(Exposition& out, const report::RunResult& run);

}  // namespace gend::exporter
