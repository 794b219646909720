#pragma once

#include <string>
#include <vector>

#include "base/host_facts.h"
#include "plan/program.h"
#include "report/run_result.h"

namespace gend::control {

// What a report says of a plan before anything has been measured.
std::vector<report::ScenarioFacts> scenario_facts(const plan::Program& program);
std::vector<std::string> check_names(const plan::Program& program);  // plan order, each once
Duration planned_duration(const plan::Program& program);  // without graceful stops
bool has_open_model(const plan::Program& program);
bool is_insecure(const plan::Program& program);  // TLS, and nobody looks at certificates

std::string describe(const HostFacts& host);  // "4 CPUs, 16.0 GiB, kernel 6.1.0"

}  // namespace gend::control
