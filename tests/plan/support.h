#pragma once

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "plan/load.h"

// A failed comparison shows the complaints, each on a line of its own.
template <>
struct doctest::StringMaker<std::vector<std::string>> {
  static String convert(const std::vector<std::string>& lines) {
    std::string out;
    for (const std::string& line : lines) out += "\n  " + line;
    return out.c_str();
  }
};

namespace gend::plan::support {

using Lines = std::vector<std::string>;

inline bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}

// Plans that compile go to the folder GEND_VALID_PLANS, when there is one, for schema_test.py.
inline void keep_valid(const std::string& text) {
  const char* folder = std::getenv("GEND_VALID_PLANS");
  if (folder == nullptr) return;
  static int number = 0;
  std::ofstream{std::string{folder} + "/" + std::to_string(++number) + ".yaml"} << text;
}

// The complaints about a plan, as a user reads them; empty when it compiles.
inline std::vector<std::string> complaints(const std::string& text, const Options& options = {}) {
  const auto program = compile("p.yaml", text, options);
  std::vector<std::string> out;
  if (program) {
    keep_valid(text);
    return out;
  }
  for (const Complaint& complaint : program.error()) out.push_back(complaint.str());
  return out;
}

inline std::unique_ptr<const Program> compiled(const std::string& text,
                                               const Options& options = {}) {
  auto program = compile("p.yaml", text, options);
  if (program) {
    keep_valid(text);
    return std::move(*program);
  }
  for (const Complaint& complaint : program.error()) MESSAGE(complaint.str());
  REQUIRE(program.has_value());
  return nullptr;
}

// A plan with one scenario of one user, whose flow is the given lines (each indented by 6).
inline std::string with_flow(const std::string& steps) {
  return "target: http://h:1\n"
         "scenarios:\n"
         "  s:\n"
         "    executor: constant-vus\n"
         "    duration: 1s\n"
         "    flow:\n" +
         steps;
}

// A plan whose one scenario has the given lines (each indented by 4) and a flow of one request.
inline std::string with_scenario(const std::string& lines) {
  return "target: http://h:1\n"
         "scenarios:\n"
         "  s:\n" +
         lines + "    flow: [{get: /}]\n";
}

// A plan with the given lines at the top and one plain scenario.
inline std::string with_top(const std::string& lines) {
  return lines +
         "scenarios:\n"
         "  s: {executor: constant-vus, duration: 1s, flow: [{get: \"http://h:1/\"}]}\n";
}

}  // namespace gend::plan::support
