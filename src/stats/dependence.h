#pragma once

#include <span>

namespace gend::stats {

// How much neighbours in a series resemble each other. A second that was slow is followed by
// another one: sixty such seconds say less than sixty independent ones.
struct Dependence {
  // Neighbours to be taken together in a block bootstrap; 1 without resemblance. Chosen as Politis
  // and White, "Automatic block-length selection for the dependent bootstrap" (Econometric Reviews
  // 23, 2004, with the correction of 2009) do for the circular bootstrap.
  double block = 1;
  // The variance of the mean, as a multiple of what it would be without resemblance; at least 1:
  // a series whose neighbours differ on purpose is not trusted more for it.
  double inflation = 1;
};

Dependence dependence_of(std::span<const double> series);

}  // namespace gend::stats
