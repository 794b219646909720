#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "stats/schema.h"

namespace gend::exporter {

// The series of a schema by kind and slot, which is how frames name them. The schema must outlive
// it.
class Slots {
 public:
  explicit Slots(const stats::Schema& schema);

  struct Entry {
    const stats::Series* series = nullptr;
    const stats::Metric* metric = nullptr;
  };
  const Entry& at(stats::Kind kind, std::uint32_t slot) const {
    return by_kind_[static_cast<std::size_t>(kind)][slot];
  }

 private:
  std::array<std::vector<Entry>, stats::kKinds> by_kind_;
};

}  // namespace gend::exporter
