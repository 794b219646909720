#include "control/environment.h"

#include <yaml-cpp/yaml.h>

#include "base/limits.h"

namespace gend::control {

namespace {

// yaml-cpp is recursive: text that is nested deeper than any plan may be is left to the compiler,
// which counts before it parses.
bool is_shallow(const std::string& text) {
  std::size_t brackets = 0, column = 0;
  bool indenting = true;
  for (const char c : text) {
    if (c == '\n') {
      column = 0;
      indenting = true;
    } else if (indenting && (c == ' ' || c == '-')) {
      if (++column > 4 * limits::kPlanDepth) return false;
    } else {
      indenting = false;
      if (c == '[' || c == '{') ++brackets;
    }
  }
  return brackets < 1000;
}

}  // namespace

std::map<std::string, std::string> declared_environment(const std::string& plan_text,
                                                        const Lookup& look_up) {
  std::map<std::string, std::string> found;
  if (plan_text.size() > limits::kPlanBytes || !is_shallow(plan_text)) return found;
  try {
    const YAML::Node root = YAML::Load(plan_text);
    if (!root.IsMap() || !root["vars"] || !root["vars"].IsMap()) return found;
    for (const auto& entry : root["vars"]) {
      if (!entry.first.IsScalar()) continue;
      const std::string& name = entry.first.Scalar();
      if (const char* value = look_up(name.c_str())) found[name] = value;
    }
  } catch (const YAML::Exception&) {
    // The compiler reports it, with its place.
  }
  return found;
}

}  // namespace gend::control
