#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plan/load.h"
#include "plan/place.h"

namespace gend::plan {

// Collects everything that is wrong with one plan; nobody stops at the first complaint.
class Reporter {
 public:
  // `source` is the plan as it is parsed (normalized, see source.h); it must outlive the reporter.
  Reporter(std::string file, std::string_view source);

  void complain(Place place, std::string what, std::string remedy = {});
  // The same, with the source line and a caret under the place.
  void complain_showing_line(Place place, std::string what, std::string remedy = {});

  // About a line of a file that the plan names; line 0: the whole file.
  void complain_of_file(std::string name, std::uint64_t line, std::string what,
                        std::string remedy);

  bool clean() const { return complaints_.empty(); }
  std::size_t count() const { return complaints_.size(); }  // so far
  std::string_view source() const { return source_; }

  // The place of a byte of the source.
  Place place_of(std::size_t offset) const;
  std::size_t offset_of(
      Place place) const;  // of the character there; the source's size when beyond

  // All complaints in the order of the file, without repetitions (an anchor is read where it is
  // used), and at most kShown of them.
  Complaints take();

  static constexpr std::size_t kShown = 100;

 private:
  std::string excerpt(Place place) const;

  std::string file_;
  std::string_view source_;
  std::vector<std::size_t> line_starts_;
  // Where place_of was asked last: places are asked for in the order of the file, and counting on
  // from the last one keeps a plan of one long line linear.
  struct Known {
    std::size_t offset = 0;
    Place place;
  };
  mutable Known last_;
  Complaints complaints_;
};

// User text for a message: in double quotes, control characters escaped, shortened when long.
std::string quote(std::string_view text);

}  // namespace gend::plan
