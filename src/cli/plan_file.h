#pragma once

#include <expected>
#include <string>
#include <vector>

#include "cli/options.h"
#include "control/client.h"
#include "control/problem.h"
#include "control/run_request.h"
#include "plan/load.h"

namespace gend::cli {

// A file that the plan names, read: the daemon cannot read its users' files.
struct NamedFile {
  std::string name;  // as in the plan, relative to the plan's folder
  std::string path;  // as seen from here
  std::string content;
  std::string sha256;
};

// The plan and what belongs to it, ready to be compiled here or sent.
struct PlanFile {
  control::RunRequest request;  // its options.files are the contents below
  std::vector<NamedFile> files;
};

// Reads the plan file and every file that it names. Every file that cannot be read is complained
// about, at its place in the plan.
std::expected<PlanFile, control::Problem> read_plan(const Options& options);

// As read_plan() does it, for what a plan at `plan_path` names.
std::expected<std::vector<NamedFile>, control::Problem> read_files(
    const std::vector<plan::FileUse>& uses, const std::string& plan_path);

// A complaint about one of the files begins with its path as seen from here, so that an editor
// finds it.
control::Problem with_paths(control::Problem problem, const std::vector<NamedFile>& files);

// Sends the files that the daemon does not have.
std::expected<void, control::Problem> send_files(const control::Client& client,
                                                 const std::vector<NamedFile>& files);

// Sends them, then the request to `path`. A refusal is an error too.
std::expected<control::Reply, control::Problem> post_plan(const control::Client& client,
                                                          const std::string& path,
                                                          const PlanFile& plan);

}  // namespace gend::cli
