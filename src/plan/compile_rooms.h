#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "plan/compile_series.h"
#include "plan/profile.h"
#include "plan/program.h"
#include "plan/reporter.h"

namespace gend::plan {

// Series of deliveries: of the whole, and of each room that is known before the run.
class RoomCompiler {
 public:
  RoomCompiler(const Profile& profile, Program& program, Reporter& reporter)
      : profile_{profile}, program_{program}, reporter_{reporter} {}

  // Fills `series`, `rooms` and `room_series`. `tags`: of the session, with its scenario.
  void add(const ListenText& text, const stats::Tags& tags, const std::string& scenario,
           Listen& into);

 private:
  // Distinct names of a data set's rows, those beyond limits::kTagValues left out.
  struct Rooms {
    std::vector<std::string> names;  // sorted
    std::uint64_t folded = 0;        // how many were left out
  };
  // The one data set whose columns the name is made of; kNone: only the run knows it.
  static constexpr std::size_t kFixed = ~std::size_t{0}, kNone = kFixed - 1;
  std::size_t source_of(const Template& room) const;
  Rooms rooms_of(const Template& room, std::size_t data, const ListenText& text);
  bool is_good_name(const ListenText& text, const std::string& name);
  void note(std::string text);

  const Profile& profile_;
  Program& program_;
  Reporter& reporter_;
  std::set<std::string> noted_;
};

}  // namespace gend::plan
