#include "target/route.h"

#include <optional>

#include "target/text.h"

namespace gend::target {
namespace {

constexpr std::uint64_t kGreetingBytes = 13;

Route plain(int status, std::uint64_t bytes = 0) {
  Route route;
  route.status = status;
  route.bytes = bytes;
  return route;
}

Duration milliseconds(std::uint64_t n) {
  return std::chrono::milliseconds{static_cast<std::int64_t>(n)};
}

constexpr std::uint64_t kMostMs =
    static_cast<std::uint64_t>(kLongestDelay / std::chrono::milliseconds{1});

std::optional<StallPlan> parse_stall(std::string_view query) {
  StallPlan plan;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(pair.size() + (pair.size() < query.size() ? 1 : 0));
    const std::size_t equals = pair.find('=');
    if (equals == pair.npos) return std::nullopt;
    const std::string_view name = pair.substr(0, equals);
    const auto value = number(pair.substr(equals + 1), kMostMs);
    if (!value) return std::nullopt;
    if (name == "ms")
      plan.length = milliseconds(*value);
    else if (name == "every")
      plan.every = milliseconds(*value);
    else if (name == "times")
      plan.times = static_cast<std::uint32_t>(*value);
    else
      return std::nullopt;
  }
  if (plan.length == Duration::zero()) return std::nullopt;
  if (plan.times > 1 && plan.every <= plan.length) return std::nullopt;
  return plan;
}

}  // namespace

Route route(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  const std::string_view query =
      path.size() < target.size() ? target.substr(path.size() + 1) : std::string_view{};
  if (path == "/") return plain(200, kGreetingBytes);
  if (path == "/counts") return {.action = Action::kCounts};
  if (path == "/counts/reset") return {.action = Action::kReset};
  if (path == "/stall") {
    const auto stall = parse_stall(query);
    if (!stall) return plain(400);
    return {.action = Action::kStall, .stall = *stall};
  }
  if (path.starts_with("/bytes/")) {
    const auto bytes = number(path.substr(7), kMostBytes);
    return bytes ? plain(200, *bytes) : plain(400);
  }
  if (path.starts_with("/delay/")) {
    const auto ms = number(path.substr(7), kMostMs);
    if (!ms) return plain(400);
    Route delayed = plain(200, kGreetingBytes);
    delayed.delay = milliseconds(*ms);
    return delayed;
  }
  if (path.starts_with("/status/")) {
    const auto status = number(path.substr(8), 999);
    return status && *status >= 200 ? plain(static_cast<int>(*status)) : plain(400);
  }
  return {.action = Action::kApplication, .status = 404};
}

}  // namespace gend::target
