#pragma once

#include <cstdint>
#include <span>

#include "base/rng.h"
#include "plan/program.h"

namespace gend::plan {

// What the dynamic pieces of a template are rendered from.
struct RenderContext {
  std::uint64_t vu = 0;         // from 1
  std::uint64_t iteration = 0;  // from 0
  Rng* rng = nullptr;           // the user's own generator
  std::int64_t wall_ms = 0;     // wall clock, ms since 1970
};

// The longest that `request` can become when rendered; known at compile time because every dynamic
// piece has a largest size.
std::size_t max_rendered_size(const HttpRequest& request);

// Renders a request whose lifetime is not kFixed, with Content-Length where it has a body. `out`
// must hold max_rendered_size(); returns the bytes written. No allocation, no locale.
std::size_t render(const HttpRequest& request, const RenderContext& context, std::span<char> out);

}  // namespace gend::plan
