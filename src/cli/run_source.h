#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "cli/options.h"
#include "control/client.h"
#include "report/history.h"

// Runs that a command line names: RUN|FILE.
namespace gend::cli {

enum class Needs : std::uint8_t {
  kSummary,  // its summary only; schema and intervals may be missing
  kHistory   // all of it
};

// A run's id has letters, digits and hyphens; whatever has a slash or a dot in it is a file.
bool names_a_file(const std::string& text);
// What is wrong with the text as a RUN|FILE; empty when nothing is.
std::string check_run_or_file(const std::string& text);

// The id of the latest run that the daemon knows. Error 2 when it knows none.
Expected<std::string> latest_run(const control::Client& client);

// The id of the run that goes on. Error 2 when there is none.
Expected<std::string> active_run(const control::Client& client);

// Of a daemon that answers already.
Expected<report::History> load_run(const control::Client& client, const std::string& id,
                                   Needs needs);
// From a run file, or from a summary (--summary-json) where that will do; from the daemon
// otherwise, `run` being the id or empty for the latest one.
Expected<report::History> load_run(const Options& options, const std::string& run, Needs needs);

}  // namespace gend::cli
