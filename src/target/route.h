#pragma once

#include <cstdint>
#include <string_view>

#include "base/time.h"

namespace gend::target {

// What gentarget does with one request.
enum class Action : std::uint8_t {
  kAnswer,  // `status` with a body of `bytes` bytes
  kCounts,  // the JSON of what was served
  kReset,   // sets all counts to zero
  kApplication,  // none of these: the demo application knows, or nobody does
  kStall    // freezes the server, see Stall
};

// A freeze: no answer leaves between `from` and `from + length`, and again every `every`.
struct StallPlan {
  Duration length{};
  Duration every{};  // 0: once
  std::uint32_t times = 1;
};

struct Route {
  Action action = Action::kAnswer;
  int status = 200;
  std::uint64_t bytes = 0;
  Duration delay{};
  StallPlan stall{};
};

inline constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;
inline constexpr Duration kLongestDelay = std::chrono::minutes{10};

// Any method may be used: what counts is the path. Bad numbers are 400; other paths are the
// application's (target/router.h), and 404 where there is none.
//   /               200, 13 bytes
//   /bytes/{n}      200, n bytes, up to 1 GiB
//   /delay/{ms}     200 after that time
//   /status/{code}  that status, 200..999
//   /stall?ms=M[&every=MS&times=N]   the server freezes for M ms, N times
//   /counts, /counts/reset
Route route(std::string_view target);

}  // namespace gend::target
