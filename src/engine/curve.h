#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "plan/program.h"

namespace gend::engine {

// Load over time, piecewise linear: users (closed model) or arrivals per second (open model). Pure:
// times are offsets from the scenario's start.
class Curve {
 public:
  struct Segment {
    Duration from{}, to{};  // [from, to)
    double at_from = 0, at_to = 0;
    long double area_before = 0;  // integral up to `from`, in halves of value x nanosecond
  };

  Curve(double start, const std::vector<plan::Stage>& stages);

  Duration length() const { return length_; }
  double start() const { return start_; }
  const std::vector<Segment>& segments() const { return segments_; }
  long double area() const { return area_; }  // in halves of value x nanosecond

 private:
  double start_;
  Duration length_{};
  std::vector<Segment> segments_;  // of positive length only
  long double area_ = 0;
};

}  // namespace gend::engine
