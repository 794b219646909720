#include "cli/plan_file.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "base/limits.h"

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

// yaml-cpp is recursive: text that is nested deeper than any plan may be is left to the compiler,
// which counts before it parses.
bool is_shallow(const std::string& text) {
  std::size_t brackets = 0, column = 0;
  bool indenting = true;
  for (const char c : text) {
    if (c == '\n') {
      column = 0;
      indenting = true;
    } else if (indenting && (c == ' ' || c == '-')) {
      if (++column > 4 * limits::kPlanDepth) return false;
    } else {
      indenting = false;
      if (c == '[' || c == '{') ++brackets;
    }
  }
  return brackets < 1000;
}

}  // namespace

std::map<std::string, std::string> declared_environment(const std::string& plan_text,
                                                        const Lookup& look_up) {
  std::map<std::string, std::string> found;
  if (plan_text.size() > limits::kPlanBytes || !is_shallow(plan_text)) return found;
  try {
    const YAML::Node root = YAML::Load(plan_text);
    if (!root.IsMap() || !root["vars"] || !root["vars"].IsMap()) return found;
    for (const auto& entry : root["vars"]) {
      if (!entry.first.IsScalar()) continue;
      const std::string& name = entry.first.Scalar();
      if (const char* value = look_up(name.c_str())) found[name] = value;
    }
  } catch (const YAML::Exception&) {
    // The compiler reports it, with its place.
  }
  return found;
}

Expected<control::RunRequest> read_request(const Options& options) {
  auto text = read_file(options.plan);
  if (!text) return std::unexpected{text.error()};
  control::RunRequest request;
  request.plan_name = options.plan == "-" ? "<standard input>" : options.plan;
  request.options.set = options.set;
  request.options.environment =
      declared_environment(*text, [](const char* name) { return std::getenv(name); });
  request.options.time_scale = options.time_scale;
  request.options.load_scale = options.load_scale;
  request.strict = options.strict ? control::Strict::kYes : control::Strict::kNo;
  request.plan_text = *std::move(text);
  return request;
}

}  // namespace gend::cli
