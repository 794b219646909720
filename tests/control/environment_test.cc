#include "control/environment.h"

#include <doctest/doctest.h>

#include <string_view>

using namespace gend;

namespace {

const char* environment(const char* name) {
  const std::string_view wanted{name};
  if (wanted == "TOKEN") return "secret";
  if (wanted == "HOME") return "/root";
  return nullptr;
}

}  // namespace

TEST_CASE("only variables that the plan declares are taken from the environment") {
  const auto found = control::declared_environment(
      "vars:\n  TOKEN: {secret: true}\n  OTHER: 1\nname: ${HOME}\n", environment);
  CHECK(found == std::map<std::string, std::string>{{"TOKEN", "secret"}});
}

TEST_CASE("a plan that cannot be read takes nothing") {
  for (const std::string& text :
       {std::string{"vars: ["}, std::string{"vars: 3"}, std::string{"- a"}, std::string{},
        std::string(5000, '['), std::string("\xff\0", 2)})
    CHECK(control::declared_environment(text, environment).empty());
}
