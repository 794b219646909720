#include "cli/plan_file.h"

#include <fstream>

#include <doctest/doctest.h>

#include "control/sha256.h"
#include "control/temp_dir.h"

using namespace gend;

namespace {

void write(const std::string& path, const std::string& text) {
  std::ofstream{path, std::ios::binary} << text;
}

}  // namespace

TEST_CASE("a plan file that is not there is a bad plan, with its name") {
  cli::Options options;
  options.plan = "/nonexistent/plan.yaml";
  const auto plan = cli::read_plan(options);
  REQUIRE_FALSE(plan.has_value());
  CHECK(plan.error().exit_code == ExitCode::kBadPlan);
  CHECK(plan.error().detail == "/nonexistent/plan.yaml: No such file or directory");
}

TEST_CASE("a plan file that is a folder is a bad plan") {
  const test::TempDir dir;
  cli::Options options;
  options.plan = dir.str();
  const auto plan = cli::read_plan(options);
  REQUIRE_FALSE(plan.has_value());
  CHECK(plan.error().detail == dir.str() + ": Is a directory");
}

TEST_CASE("files are read from the folder of the plan, each once") {
  const test::TempDir dir;
  write(dir / "users.csv", "a\n1\n");
  write(dir / "empty.txt", "");
  const auto files = cli::read_files(
      {{"users.csv", {3, 5}}, {"./empty.txt", {4, 5}}, {"users.csv", {9, 9}}}, dir / "plan.yaml");
  REQUIRE(files.has_value());
  REQUIRE(files->size() == 2);
  CHECK((*files)[0].name == "users.csv");
  CHECK((*files)[0].path == (dir / "users.csv"));
  CHECK((*files)[0].content == "a\n1\n");
  CHECK((*files)[0].sha256 == control::sha256_hex("a\n1\n"));
  CHECK((*files)[1].name == "./empty.txt");
  CHECK((*files)[1].content.empty());
}

TEST_CASE("every file that cannot be read is told at its place in the plan") {
  const test::TempDir dir;
  write(dir / "good.csv", "a\n1\n");
  const std::string plan = dir / "plan.yaml";
  const auto files =
      cli::read_files({{"none.csv", {3, 5}}, {"good.csv", {4, 5}}, {".", {7, 1}}}, plan);
  REQUIRE_FALSE(files.has_value());
  CHECK(files.error().exit_code == ExitCode::kBadPlan);
  const std::string remedy = "; files are looked for from the plan's own folder";
  CHECK(files.error().errors ==
        std::vector<std::string>{
            plan + ":3:5: " + (dir / "none.csv") + ": No such file or directory" + remedy,
            plan + ":7:1: " + dir.str() + "/: Is a directory" + remedy});
}

TEST_CASE("complaints about a file begin with its path as seen from here") {
  const std::vector<cli::NamedFile> files{
      {.name = "data/u.csv", .path = "plans/data/u.csv", .content = {}, .sha256 = {}}};
  const auto mended = cli::with_paths(
      control::bad_plan({"data/u.csv:3: too short", "plans/p.yaml:1:1: data/u.csv: wrong"}), files);
  CHECK(mended.errors == std::vector<std::string>{"plans/data/u.csv:3: too short",
                                                  "plans/p.yaml:1:1: data/u.csv: wrong"});
  CHECK(cli::with_paths(control::bad_plan({"data/u.csv:3: x"}), files).detail ==
        "plans/data/u.csv:3: x");
}
