#include "cli/plan_file.h"

#include <doctest/doctest.h>

using namespace gend;

TEST_CASE("a plan file that is not there is a bad plan, with its name") {
  cli::Options options;
  options.plan = "/nonexistent/plan.yaml";
  const auto request = cli::read_request(options);
  REQUIRE_FALSE(request.has_value());
  CHECK(request.error().code == ExitCode::kBadPlan);
  CHECK(request.error().message == "/nonexistent/plan.yaml: No such file or directory");
}
