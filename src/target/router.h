#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace gend::target {

struct Call;

// What a route of the application asks for before its handler is called.
enum class Needs : std::uint8_t {
  kNothing,
  kAccount,  // a valid token: 401 otherwise
  kAdmin,    // that of the administrator: 403 otherwise
  kControl   // for whoever drives a test: not counted, not delayed, never made to fail
};

struct RouteRow {
  std::string_view method;   // "*": any
  std::string_view pattern;  // "/api/villages/{id}"; {…} is one segment, not empty
  Needs needs;
  void (*handle)(Call& call);
};

// All of them; an index into it identifies a route in the counts.
std::span<const RouteRow> routes();

// Routes that are not in the table: the plain ones of target/route.h, and what leads nowhere.
inline constexpr std::size_t kMostRoutes = 64;
inline constexpr std::size_t kPlainRoute = kMostRoutes - 1;
inline constexpr std::size_t kNoRoute = kMostRoutes - 2;

struct Match {
  enum class Kind : std::uint8_t { kFound, kNoSuchPath, kOtherMethod };
  Kind kind = Kind::kNoSuchPath;
  std::size_t route = kNoRoute;
  std::array<std::string_view, 2> parameters{};  // still percent-encoded
};

// HEAD is answered as GET. "/api/v1/…" is the same as "/api/…", "/api/v1/auth/…" as "/auth/…" and
// "/api/v1/admin/…" as "/admin/…". `path` is looked at in place: parameters point into it.
Match match(std::string_view method, std::string_view path);

}  // namespace gend::target
