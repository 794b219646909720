#include "cli/messages.h"

#include <doctest/doctest.h>

using namespace gend;

TEST_CASE("complaints come first, each on its own line and beginning with its place") {
  const control::Problem problem = control::bad_plan({"a.yaml:1:1: x", "a.yaml:2:1: y"});
  CHECK(cli::message_of(problem) ==
        "a.yaml:1:1: x\na.yaml:2:1: y\ngenctl: 2 complaints; nothing was started\n");
}

TEST_CASE("a single complaint is not said twice") {
  const control::Problem problem = control::bad_plan({"a.yaml:1:1: x"});
  CHECK(cli::message_of(problem) ==
        "a.yaml:1:1: x\ngenctl: The plan cannot be carried out; nothing was started\n");
}

TEST_CASE("cause and remedy have a line each") {
  CHECK(cli::message_of(Error{"no room", "make some", ExitCode::kHostCannotCarry}) ==
        "genctl: no room\n  make some\n");
  CHECK(cli::message_of(Error{"no room", "", ExitCode::kHostCannotCarry}) == "genctl: no room\n");
}

TEST_CASE("text from elsewhere cannot move the cursor") {
  CHECK(cli::printable("a\x1b[2Jb\r\x7f\n\tü") == "a\\x1b[2Jb\\x0d\\x7f\n\tü");
}
