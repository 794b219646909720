// docs/plan.schema.json is what the tables of keys say. schema_test.py asks an independent
// validator what it thinks of plans.
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "plan/json_schema.h"

TEST_CASE("the schema that is shipped is the one that gend makes: genctl schema") {
  std::ifstream in{GEND_PLAN_SCHEMA};
  REQUIRE(in.good());
  std::ostringstream shipped;
  shipped << in.rdbuf();
  // Not CHECK(a == b): the text would fill the terminal.
  const bool same = shipped.str() == gend::plan::json_schema();
  CHECK_MESSAGE(same, "run: genctl schema > docs/plan.schema.json");
}
