#include "cli/plan_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "control/environment.h"
#include "control/fd.h"
#include "control/sha256.h"

namespace gend::cli {

namespace {

// The text of a file; the error is a sentence without its name. At most `limit` bytes and one more,
// so that whoever gets it sees that it is too large.
std::expected<std::string, std::string> read_file(const std::string& path, std::size_t limit) {
  const bool standard_input = path == "-";
  const control::Fd opened{standard_input ? -1 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  const int fd = standard_input ? STDIN_FILENO : opened.get();
  struct stat info {};
  if (fd < 0 || ::fstat(fd, &info) != 0) return std::unexpected{std::strerror(errno)};
  if (S_ISDIR(info.st_mode)) return std::unexpected{std::strerror(EISDIR)};
  std::string text;
  if (info.st_size > 0)
    text.reserve(std::min(static_cast<std::size_t>(info.st_size), limit) + 1);
  constexpr std::size_t kPiece = 256 * 1024;
  while (text.size() <= limit) {
    const std::size_t before = text.size();
    text.resize(before + std::min(kPiece, limit + 1 - before));
    const ssize_t n = ::read(fd, text.data() + before, text.size() - before);
    text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    if (n < 0 && errno != EINTR) return std::unexpected{std::strerror(errno)};
    if (n == 0) break;
  }
  return text;
}

std::string path_of(const std::string& name, const std::string& plan_path) {
  const std::filesystem::path folder = std::filesystem::path{plan_path}.parent_path();
  return (folder / name).lexically_normal().string();
}

}  // namespace

std::expected<std::vector<NamedFile>, control::Problem> read_files(
    const std::vector<plan::FileUse>& uses, const std::string& plan_path) {
  std::vector<NamedFile> files;
  std::vector<std::string> complaints;
  const std::string plan_name = plan_path == "-" ? "<standard input>" : plan_path;
  for (const plan::FileUse& use : uses) {
    const auto is_it = [&](const NamedFile& file) { return file.name == use.name; };
    if (std::any_of(files.begin(), files.end(), is_it)) continue;
    NamedFile file{.name = use.name, .path = path_of(use.name, plan_path == "-" ? "" : plan_path),
                   .content = {}, .sha256 = {}};
    const auto complain = [&](std::string_view what, std::string_view remedy) {
      complaints.push_back(fmt::format("{}:{}:{}: {}: {}; {}", plan_name, use.place.line,
                                       use.place.column, file.path, what, remedy));
    };
    auto content = read_file(file.path, limits::kDataFileBytes);
    if (!content) {
      complain(content.error(), "files are looked for from the plan's own folder");
    } else if (content->size() > limits::kDataFileBytes) {
      complain(fmt::format("more than {} MiB, which is the most a file may have",
                           limits::kDataFileBytes >> 20), "split it");
    } else {
      file.content = *std::move(content);
      file.sha256 = control::sha256_hex(file.content);
      files.push_back(std::move(file));
    }
  }
  if (!complaints.empty()) return std::unexpected{control::bad_plan(std::move(complaints))};
  return files;
}

std::expected<PlanFile, control::Problem> read_plan(const Options& options) {
  // One byte more than a plan may have is enough for the compiler to refuse it.
  auto text = read_file(options.plan, limits::kPlanBytes);
  if (!text)
    return std::unexpected{control::problem_of(
        Error{fmt::format("{}: {}", options.plan, text.error()), {}, ExitCode::kBadPlan})};
  PlanFile plan;
  control::RunRequest& request = plan.request;
  request.plan_name = options.plan == "-" ? "<standard input>" : options.plan;
  request.options.set = options.set;
  request.options.environment =
      control::declared_environment(*text, [](const char* name) { return std::getenv(name); });
  request.options.time_scale = options.time_scale;
  request.options.load_scale = options.load_scale;
  request.out = options.out;
  request.options.segment = control::parse_segment(options.segment).value_or(plan::Segment{});
  request.start_at = options.start_at;
  request.strict = options.strict ? control::Strict::kYes : control::Strict::kNo;
  request.plan_text = *std::move(text);
  auto files = read_files(plan::files_of(request.plan_text, request.options), options.plan);
  if (!files) return std::unexpected{std::move(files.error())};
  plan.files = *std::move(files);
  for (const NamedFile& file : plan.files) {
    request.options.files[file.name] = file.content;
    request.files[file.name] = file.sha256;
  }
  return plan;
}

control::Problem with_paths(control::Problem problem, const std::vector<NamedFile>& files) {
  const auto mend = [&](std::string& line) {
    for (const NamedFile& file : files)
      if (line.starts_with(file.name + ":")) {
        line.replace(0, file.name.size(), file.path);
        return;
      }
  };
  for (std::string& line : problem.errors) mend(line);
  if (problem.errors.size() == 1) mend(problem.detail);
  return problem;
}

std::expected<void, control::Problem> send_files(const control::Client& client,
                                                 const std::vector<NamedFile>& files) {
  for (const NamedFile& file : files) {
    const std::string path = "/v1/files/" + file.sha256;
    auto reply = client.head(path);
    if (reply && reply->status == 404) reply = client.put(path, file.content);
    if (!reply) return std::unexpected{control::problem_of(reply.error())};
    if (reply->ok()) continue;
    control::Problem problem = control::problem_of(*reply);
    problem.detail = file.path + ": " + problem.detail;
    return std::unexpected{std::move(problem)};
  }
  return {};
}

std::expected<control::Reply, control::Problem> post_plan(const control::Client& client,
                                                          const std::string& path,
                                                          const PlanFile& plan) {
  if (auto sent = send_files(client, plan.files); !sent)
    return std::unexpected{std::move(sent.error())};
  auto reply = client.post(path, control::to_json(plan.request));
  if (!reply) return std::unexpected{control::problem_of(reply.error())};
  if (!reply->ok()) return std::unexpected{with_paths(control::problem_of(*reply), plan.files)};
  return *std::move(reply);
}

}  // namespace gend::cli
