#include "ring/features.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <string>

using namespace gend;
using namespace gend::ring;

TEST_CASE("a profile has what the ladder says, and no lower one has more") {
  const auto best = probe();
  REQUIRE_MESSAGE(best.has_value(), (best ? "" : best.error().message));
  CHECK(best->describe().find(best->kernel) != std::string::npos);
  for (char wanted = 'A'; wanted <= static_cast<char>(best->profile); ++wanted) {
    const auto forced = probe(wanted);
    REQUIRE(forced.has_value());
    CHECK(static_cast<char>(forced->profile) == wanted);
    CHECK(forced->absolute_wait == (wanted >= 'D'));
    CHECK(forced->min_wait == (wanted >= 'D'));
    CHECK(forced->no_iowait == (wanted >= 'E'));
  }
}

TEST_CASE("a profile that does not exist is a mistake on the command line") {
  const auto forced = probe('F');
  REQUIRE_FALSE(forced.has_value());
  CHECK(forced.error().code == ExitCode::kUsage);
}

TEST_CASE("each reason why io_uring cannot be had is told apart, with what to change") {
  CHECK(explain_setup_failure(ENOMEM, "io_uring_setup", 4096).message.find("RLIMIT_MEMLOCK") !=
        std::string::npos);
  CHECK(explain_setup_failure(ENOMEM, "io_uring_setup", 4096).remedy.find("LimitMEMLOCK") !=
        std::string::npos);
  CHECK(explain_setup_failure(ENOSYS, "io_uring_setup", 8).message.find("has no io_uring") !=
        std::string::npos);
  CHECK(explain_setup_failure(EINVAL, "io_uring_setup", 8).remedy.find("6.1") != std::string::npos);
  CHECK(explain_setup_failure(EMFILE, "eventfd", 1).remedy.find("LimitNOFILE") !=
        std::string::npos);
  CHECK(explain_setup_failure(EPERM, "io_uring_setup", 8).code == ExitCode::kHostCannotCarry);
}
