#pragma once

#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "control/runs.h"

namespace gend::test {

inline control::Runs::Options with(Expected<std::unique_ptr<store::Store>> store) {
  REQUIRE(store.has_value());
  return {.fleet = {}, .store = std::move(*store)};
}
inline control::Runs::Options with_scratch() { return with(store::Store::scratch()); }
inline control::Runs::Options with_store(const std::string& directory) {
  return with(store::Store::open(directory, {}));
}

}  // namespace gend::test
