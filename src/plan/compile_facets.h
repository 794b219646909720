#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "plan/profile.h"
#include "plan/program.h"
#include "plan/reporter.h"

namespace gend::plan {

// Tags whose value is a column of data: every value that a row may have is known before the run, so
// each gets its series now.
class FacetCompiler {
 public:
  FacetCompiler(const Profile& profile, Program& program, Reporter& reporter)
      : profile_{profile}, program_{program}, reporter_{reporter} {}

  // The facets of a request with these tags, the step's stronger than the scenario's.
  std::vector<std::uint16_t> facets_of(const std::string& scenario, const TagsText& of_scenario,
                                       const TagsText& of_step);

 private:
  // The distinct values of a column, in the order in which they come, and which one a row has.
  struct Values {
    std::vector<std::string> texts;
    std::vector<std::uint16_t> of_row;
    std::uint32_t folded = 0;  // as Facet::folded
  };
  using Column = std::pair<std::size_t, std::size_t>;  // index into Program::data, column

  const Values& values_of(const Column& column, const std::string& tag);
  void number_rows(const Column& column, Values& values);
  bool is_good_value(const Column& column, std::uint64_t row, std::string_view text);
  std::uint16_t add(const std::string& scenario, const std::string& tag, const Column& column);

  const Profile& profile_;
  Program& program_;
  Reporter& reporter_;
  std::map<Column, Values> values_;
  std::map<std::tuple<std::string, std::string, Column>, std::uint16_t> facets_;
};

}  // namespace gend::plan
