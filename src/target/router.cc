#include "target/router.h"

#include <algorithm>
#include <vector>

#include "target/handlers.h"

namespace gend::target {
namespace {

constexpr RouteRow kRoutes[] = {
    {"POST", "/auth/login", Needs::kNothing, login},
    {"GET", "/auth/me", Needs::kAccount, who_am_i},
    {"GET", "/api/villages/{id}", Needs::kAccount, show_village},
    {"GET", "/api/villages/{id}/updates", Needs::kAccount, list_updates},
    {"POST", "/api/villages/{id}/updates", Needs::kAccount, post_update},
    {"GET", "/api/villages/{id}/resources", Needs::kAccount, list_resources},
    {"GET", "/api/products", Needs::kNothing, list_products},
    {"GET", "/api/products/search", Needs::kNothing, list_products},
    {"GET", "/api/products/{id}", Needs::kNothing, show_product},
    {"POST", "/api/orders", Needs::kNothing, place_order},
    {"GET", "/api/orders/{id}", Needs::kNothing, show_order},
    {"GET", "/api/stock/{id}", Needs::kNothing, show_stock},
    {"POST", "/api/inventory/adjustments", Needs::kNothing, adjust_inventory},
    {"GET", "/api/analytics/{name}", Needs::kNothing, show_report},
    {"GET", "/api/reports/{name}", Needs::kNothing, show_report},
    {"POST", "/api/bulk/import", Needs::kNothing, import_bulk},
    {"GET", "/api/limited", Needs::kNothing, answer_limited},
    {"GET", "/api/profile/activity", Needs::kAccount, list_activity},
    {"POST", "/api/metrics", Needs::kNothing, ingest_metrics},
    {"POST", "/api/metrics/sessions", Needs::kAccount, ingest_metrics},
    {"GET", "/api/metrics", Needs::kNothing, show_metrics},
    {"GET", "/api/dashboard", Needs::kAccount, show_dashboard},
    {"GET", "/admin/users", Needs::kAdmin, list_users},
    {"POST", "/admin/stock", Needs::kControl, set_stock},
    {"POST", "/admin/leak", Needs::kControl, set_leak},
    {"POST", "/admin/reset", Needs::kControl, reset_everything},
    {"GET", "/counts/users", Needs::kControl, count_users},
    {"GET", "/counts/seconds", Needs::kControl, count_seconds},
    {"GET", "/metrics", Needs::kControl, expose_metrics},
    {"GET", "/health", Needs::kNothing, answer_health},
    {"POST", "/session", Needs::kNothing, begin_session},
    {"GET", "/session", Needs::kNothing, show_session},
    {"DELETE", "/session", Needs::kNothing, end_session},
    {"GET", "/basic-auth/{user}/{password}", Needs::kNothing, check_basic},
    {"*", "/redirect/{n}", Needs::kNothing, redirect_hops},
    {"*", "/redirect-to", Needs::kNothing, redirect_to},
    {"*", "/redirect-loop", Needs::kNothing, redirect_loop},
    {"GET", "/encoded/{coding}", Needs::kNothing, answer_encoded},
    {"GET", "/bomb", Needs::kNothing, answer_bomb},
    {"*", "/echo", Needs::kNothing, echo},
    {"POST", "/form", Needs::kNothing, echo_form},
    {"POST", "/multipart", Needs::kNothing, echo_multipart},
    {"GET", "/ws/echo", Needs::kNothing, open_echo},
    {"GET", "/ws/rooms", Needs::kNothing, open_rooms},
    {"GET", "/ws/feed", Needs::kNothing, open_feed},
    {"GET", "/socket.io/", Needs::kNothing, open_engine},
    {"POST", "/socket.io/", Needs::kNothing, open_engine},
    {"GET", "/ws/faults", Needs::kControl, show_faults},
    {"POST", "/ws/faults", Needs::kControl, set_faults},
};
static_assert(std::size(kRoutes) <= kNoRoute);

// The first segment of a path, without its slash; removed from it.
std::string_view take_segment(std::string_view& path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

bool matches(std::string_view pattern, std::string_view path, Match& match) {
  std::size_t parameter = 0;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = take_segment(pattern), found = take_segment(path);
    if (wanted.starts_with('{')) {
      if (found.empty()) return false;
      match.parameters[parameter++] = found;
    } else if (wanted != found) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

// Without the version. "/api/v1/auth/login" -> "/auth/login", "/api/v1/metrics" -> "/metrics" with
// `prefix` "/api".
struct Unversioned {
  std::string_view prefix, rest;
};
Unversioned unversioned(std::string_view path) {
  constexpr std::string_view kVersion = "/api/v1";
  if (!path.starts_with("/api/v1/")) return {"", path};
  const std::string_view rest = path.substr(kVersion.size());
  if (rest.starts_with("/auth/") || rest.starts_with("/admin/")) return {"", rest};
  return {"/api", rest};
}

}  // namespace

std::span<const RouteRow> routes() {
  return kRoutes;
}

Match match(std::string_view method, std::string_view path) {
  const Unversioned plain = unversioned(path);
  Match result;
  for (std::size_t i = 0; i < std::size(kRoutes); ++i) {
    const RouteRow& row = kRoutes[i];
    Match found;
    if (!row.pattern.starts_with(plain.prefix)) continue;
    if (!matches(row.pattern.substr(plain.prefix.size()), plain.rest, found)) continue;
    const bool same = row.method == method || row.method == "*" ||
                      (method == "HEAD" && row.method == "GET");
    if (!same) {
      result.kind = Match::Kind::kOtherMethod;
      continue;
    }
    found.kind = Match::Kind::kFound;
    found.route = i;
    return found;
  }
  return result;
}

}  // namespace gend::target
