#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/program.h"

// Parts of an explanation, each in a file of its own.
namespace gend::plan {

// Names come from the plan and go to a terminal: without control characters.
std::string clean(std::string_view text);
std::string show_bytes(double bytes);  // "1.5 kB"

// explain_steps.cc: the compiled steps of a scenario, one line each, indented.
std::string show_steps(const Program& program, const Scenario& scenario);

// explain_session.cc: a step of a session, and what stands below it.
struct StepWords {
  std::string title;
  std::vector<std::string> details;
};
StepWords session_words(const Program& program, const Step& step);

// explain_data.cc: the data sets, one line each, and what was decided for the user.
std::string show_data(const Program& program);
// What is watched while the plan runs, one line for each source and series. Without headers.
std::string show_observed(const Program& program);

}  // namespace gend::plan
