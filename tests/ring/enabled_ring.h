#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <utility>

#include "ring/ring.h"

namespace gend::ring {

// A small ring with four slots, of the thread that calls.
inline std::unique_ptr<Ring> enabled_ring() {
  auto features = probe();
  REQUIRE(features.has_value());
  auto ring =
      Ring::create(*features, {.sq_entries = 64, .cq_entries = 256, .file_slots = 4});
  REQUIRE_MESSAGE(ring.has_value(), (ring ? "" : ring.error().message));
  REQUIRE((*ring)->enable().has_value());
  return std::move(*ring);
}

}  // namespace gend::ring
