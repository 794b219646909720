#include "cli/plan_file.h"

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
  const auto found = cli::declared_environment(
      "vars:\n  TOKEN: {secret: true}\n  OTHER: 1\nname: ${HOME}\n", environment);
  CHECK(found == std::map<std::string, std::string>{{"TOKEN", "secret"}});
}

TEST_CASE("a plan that cannot be read takes nothing") {
  for (const std::string& text : {std::string{"vars: ["}, std::string{"vars: 3"}, std::string{"- a"},
                                  std::string{}, std::string(5000, '['), std::string("\xff\0", 2)})
    CHECK(cli::declared_environment(text, environment).empty());
}

TEST_CASE("a plan file that is not there is a bad plan, with its name") {
  cli::Options options;
  options.plan = "/nonexistent/plan.yaml";
  const auto request = cli::read_request(options);
  REQUIRE_FALSE(request.has_value());
  CHECK(request.error().code == ExitCode::kBadPlan);
  CHECK(request.error().message == "/nonexistent/plan.yaml: No such file or directory");
}
