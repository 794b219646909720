#include "cli/messages.h"

#include <cstdio>
#include <utility>

#include <fmt/format.h>

namespace gend::cli {

namespace {

int print(const std::string& message, ExitCode code) {
  std::fputs(message.c_str(), stderr);
  return std::to_underlying(code);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool control = (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f;
    if (control) safe += fmt::format("\\x{:02x}", byte);
    else safe += c;
  }
  return safe;
}

std::string message_of(const control::Problem& problem) {
  std::string text;
  for (const std::string& line : problem.errors) text += printable(line) + "\n";
  // A single complaint has been said already.
  const bool said = problem.errors.size() == 1 && problem.errors.front() == problem.detail;
  text += "genctl: " + printable(said || problem.detail.empty() ? problem.title : problem.detail);
  if (!problem.errors.empty()) text += "; nothing was started";
  text += "\n";
  if (!problem.remedy.empty()) text += "  " + printable(problem.remedy) + "\n";
  return text;
}

std::string message_of(const Error& error) {
  std::string text = "genctl: " + printable(error.message) + "\n";
  if (!error.remedy.empty()) text += "  " + printable(error.remedy) + "\n";
  return text;
}

int complain(const control::Problem& problem) {
  return print(message_of(problem), problem.exit_code);
}
int complain(const Error& error) { return print(message_of(error), error.code); }
int complain(const control::Reply& reply) { return complain(control::problem_of(reply)); }

}  // namespace gend::cli
