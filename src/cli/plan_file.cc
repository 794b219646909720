#include "cli/plan_file.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "base/limits.h"
#include "control/environment.h"

namespace gend::cli {

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};

Expected<std::string> read_file(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file{path == "-" ? stdin
                                                               : std::fopen(path.c_str(), "rb")};
  const auto failed = [&](int error) {
    return std::unexpected{Error{fmt::format("{}: {}", path, std::strerror(error)), {},
                                 ExitCode::kBadPlan}};
  };
  if (!file) return failed(errno);
  std::string text;
  char buffer[16384];
  // One byte more than a plan may have is enough for the compiler to refuse it.
  while (text.size() <= limits::kPlanBytes) {
    const std::size_t n = std::fread(buffer, 1, sizeof buffer, file.get());
    text.append(buffer, n);
    if (std::ferror(file.get())) return failed(errno);
    if (n == 0) break;
  }
  return text;
}

}  // namespace

Expected<control::RunRequest> read_request(const Options& options) {
  auto text = read_file(options.plan);
  if (!text) return std::unexpected{text.error()};
  control::RunRequest request;
  request.plan_name = options.plan == "-" ? "<standard input>" : options.plan;
  request.options.set = options.set;
  request.options.environment =
      control::declared_environment(*text, [](const char* name) { return std::getenv(name); });
  request.options.time_scale = options.time_scale;
  request.options.load_scale = options.load_scale;
  request.strict = options.strict ? control::Strict::kYes : control::Strict::kNo;
  request.plan_text = *std::move(text);
  return request;
}

}  // namespace gend::cli
