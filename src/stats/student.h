#pragma once

namespace gend::stats {

// The value below which a standard normal variable lies with this probability, in (0, 1).
double normal_quantile(double probability);

// The same of Student's t with `freedom` > 0 degrees of freedom: what an error that was itself
// estimated from few numbers has to be multiplied by.
double student_quantile(double probability, double freedom);

}  // namespace gend::stats
