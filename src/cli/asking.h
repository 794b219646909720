#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/options.h"
#include "control/client.h"

// What commands ask a daemon, and how its answers are read.
namespace gend::cli {

Error strange_answer(const std::string& path);

// Members of an answer; what is missing or of another type reads as nothing.
std::string text_of(const nlohmann::ordered_json& json, const char* name);
double number_of(const nlohmann::ordered_json& json, const char* name);

// A GET whose refusal has been printed already when there is no value; `code` says what to return.
struct Answer {
  std::optional<nlohmann::ordered_json> json;
  std::string body;
  int code = 0;
};
Answer ask(const control::Client& client, const std::string& path);

// The id that was given, else that of the active run; empty when there is neither.
std::string chosen_run(const Options& options, const control::Client& client);
int no_active_run();  // says so; the exit code

}  // namespace gend::cli
