#include "engine/user_level.h"

#include <cmath>
#include <utility>

#include "base/assert.h"

namespace gend::engine {
namespace {

Duration crossing(const Curve::Segment& s, double value) {
  const long double share =
      (static_cast<long double>(value) - static_cast<long double>(s.at_from)) /
      (static_cast<long double>(s.at_to) - static_cast<long double>(s.at_from));
  const long double length = static_cast<long double>((s.to - s.from).count());
  return s.from + Duration{static_cast<std::int64_t>(std::floor(share * length))};
}

}  // namespace

UserLevel::UserLevel(Curve users) : users_{std::move(users)} {
  find_next();
}

void UserLevel::advance() {
  GEND_ASSERT(next_.has_value());
  if (next_->change == Change::kBegin)
    ++wanted_;
  else
    --wanted_;
  find_next();
}

void UserLevel::find_next() {
  next_.reset();
  for (; segment_ < users_.segments().size(); ++segment_, at_segment_start_ = true) {
    const Curve::Segment& segment = users_.segments()[segment_];
    if (at_segment_start_) {
      const auto level = static_cast<std::uint64_t>(segment.at_from);
      if (wanted_ < level) next_ = Step{segment.from, Change::kBegin, wanted_};
      // A falling curve that the segment before reached exactly has been followed already.
      else if (wanted_ > static_cast<std::uint64_t>(std::ceil(segment.at_from)))
        next_ = Step{segment.from, Change::kEnd, wanted_ - 1};
      if (next_) return;
      at_segment_start_ = false;
    }
    next_ = step_within(segment);
    if (next_) return;
  }
}

std::optional<UserLevel::Step> UserLevel::step_within(const Curve::Segment& segment) const {
  const auto wanted = static_cast<double>(wanted_);
  if (segment.at_to > segment.at_from && wanted + 1 <= segment.at_to)
    return Step{crossing(segment, wanted + 1), Change::kBegin, wanted_};
  if (segment.at_to < segment.at_from && wanted_ > 0 && wanted - 1 >= segment.at_to)
    return Step{crossing(segment, wanted - 1), Change::kEnd, wanted_ - 1};
  return std::nullopt;
}

}  // namespace gend::engine
