#pragma once

#include <string>
#include <string_view>

namespace gend {

// The whole of `gend --simulate`, which genctl simulate starts: reads a request from standard
// input, carries the plan out in virtual time and writes lines of JSON to standard output:
//   {"elapsed_s": 12.5, "planned_s": 7200}   now and then
//   {"simulation": {…}} or {"problem": {…}}  at last
// Makes no socket and no ring. SIGINT and SIGTERM end it at the moment of virtual time that it has
// come to. The request:
//   {"run": {…}, "files": {"users.csv": "path/to/users.csv"}, "model": {"latency": "20ms", …}}
// `run` is what POST /v1/runs takes (control/run_request.h), its files given by their paths:
// whoever started us may read what we may read. `model` is sim/model_text.h's.
int run_simulation();

}  // namespace gend
