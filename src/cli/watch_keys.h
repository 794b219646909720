#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "cli/keys.h"
#include "report/watch_state.h"

namespace gend::cli {

// What a key asks for beyond the screen itself.
enum class Wish : std::uint8_t {
  kNothing, kLeave, kStop, kStopNow, kPause, kResume, kUsers, kRate
};
struct Wanted {
  Wish wish = Wish::kNothing;
  std::string value;  // kUsers, kRate: what was typed
};

// A key of `genctl watch`: changes what is shown, or what is asked, or says what is wanted now.
// `page`: lines that PgUp and PgDn move by. What the plan does not allow is said, not wanted.
Wanted press(report::WatchState& state, const Key& key, std::size_t page);

}  // namespace gend::cli
