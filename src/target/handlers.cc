#include "target/handlers.h"

#include <fmt/format.h>

#include "target/text.h"

namespace gend::target {

void add_limit_headers(Response& response, const Grant& grant) {
  // Whole seconds, rounded up: whoever waits that long is let in.
  const auto seconds = (grant.until_refill + std::chrono::seconds{1} - Duration{1}) /
                       std::chrono::seconds{1};
  response.headers += fmt::format(
      "X-RateLimit-Limit: {}\r\nX-RateLimit-Remaining: {}\r\nX-RateLimit-Reset: {}\r\n",
      grant.limit, grant.remaining, seconds);
  if (!grant.granted) response.headers += fmt::format("Retry-After: {}\r\n", seconds);
}

std::optional<nlohmann::json> json_body(Call& call) {
  auto json = nlohmann::json::parse(call.request.body(), nullptr, false);
  if (!json.is_discarded()) return json;
  refuse(call.response, 400, "the body is not JSON");
  return std::nullopt;
}

std::optional<std::uint32_t> query_number(Call& call, std::string_view name,
                                          std::uint32_t otherwise, std::uint32_t most) {
  const auto text = query_value(call.request.query, name);
  if (!text) return otherwise;
  const auto value = number(*text, most);
  if (value && *value > 0) return static_cast<std::uint32_t>(*value);
  refuse(call.response, 400, fmt::format("{} is a number from 1 to {}", name, most));
  return std::nullopt;
}

std::optional<std::uint32_t> query_cursor(Call& call) {
  const auto text = query_value(call.request.query, "cursor");
  if (!text || text->empty()) return 0;
  const auto value = text->starts_with('c')
                         ? number(std::string_view{*text}.substr(1), ~std::uint32_t{0})
                         : std::nullopt;
  if (value) return static_cast<std::uint32_t>(*value);
  refuse(call.response, 400, "no such cursor");
  return std::nullopt;
}

}  // namespace gend::target
