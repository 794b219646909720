#pragma once

#include "base/error.h"
#include "cli/options.h"
#include "control/run_request.h"

namespace gend::cli {

// The plan file and what the command line says about it, ready to be compiled here or sent.
Expected<control::RunRequest> read_request(const Options& options);

}  // namespace gend::cli
