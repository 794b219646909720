#pragma once

#include <functional>
#include <map>
#include <string>

namespace gend::control {

using Lookup = std::function<const char*(const char* name)>;  // std::getenv

// The values that the environment has for the names under the plan's `vars`, and no others: the
// rest of the environment is nobody's business. A plan that cannot be read gives none; the compiler
// will say what is wrong with it.
std::map<std::string, std::string> declared_environment(const std::string& plan_text,
                                                        const Lookup& look_up);

}  // namespace gend::control
