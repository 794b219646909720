#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include <fcntl.h>
#include <unistd.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/follow.h"
#include "cli/messages.h"
#include "cli/plan_file.h"
#include "cli/session.h"
#include "control/fd.h"
#include "report/summary_json.h"
#include "report/text.h"

namespace gend::cli {

namespace {

using Json = nlohmann::ordered_json;

// Where --summary-json goes. Opened before the first packet is sent: a path that cannot be written
// must not be found out an hour later.
class SummaryFile {
 public:
  static Expected<SummaryFile> open(const std::string& path) {
    if (path == "-") return SummaryFile{path, control::Fd{}, Left::kAlone};
    // Not truncated: what an earlier run left stays until there is something to replace it.
    control::Fd fd{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)};
    if (fd) return SummaryFile{path, std::move(fd), Left::kRemovedWhenEmpty};
    fd = control::Fd{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
    if (!fd)
      return std::unexpected{Error{fmt::format("--summary-json {}: {}", path,
                                               std::strerror(errno)), {}, ExitCode::kUsage}};
    return SummaryFile{path, std::move(fd), Left::kAlone};
  }

  // A run that was refused leaves no empty file behind.
  ~SummaryFile() {
    if (fd_ && left_ == Left::kRemovedWhenEmpty && ::lseek(fd_.get(), 0, SEEK_CUR) == 0)
      ::unlink(path_.c_str());
  }
  SummaryFile(SummaryFile&&) = default;
  SummaryFile& operator=(SummaryFile&&) = default;

  Expected<void> write(const Json& summary) const {
    const std::string text = report::json_text(summary);
    if (!fd_) {
      std::fputs(text.c_str(), stdout);
      return std::fflush(stdout) == 0 ? Expected<void>{} : std::unexpected{failed()};
    }
    // Pipes and devices cannot be truncated, and need not be.
    if (::ftruncate(fd_.get(), 0) != 0 && errno != EINVAL) return std::unexpected{failed()};
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t n = ::write(fd_.get(), text.data() + done, text.size() - done);
      if (n < 0 && errno != EINTR) return std::unexpected{failed()};
      if (n > 0) done += static_cast<std::size_t>(n);
    }
    return {};
  }

 private:
  enum class Left : std::uint8_t { kAlone, kRemovedWhenEmpty };

  SummaryFile(std::string path, control::Fd fd, Left left)
      : path_{std::move(path)}, fd_{std::move(fd)}, left_{left} {}
  Error failed() const {
    return {fmt::format("--summary-json {}: {}", path_, std::strerror(errno)), {},
            ExitCode::kHostCannotCarry};
  }
  std::string path_;
  control::Fd fd_;
  Left left_;
};

std::expected<std::string, control::Problem> begin(const control::Client& client,
                                                   const PlanFile& plan) {
  const auto reply = post_plan(client, "/v1/runs", plan);
  if (!reply) return std::unexpected{reply.error()};
  const Json json = Json::parse(reply->body, nullptr, false);
  if (json.is_object() && json.contains("id") && json["id"].is_string())
    return json["id"].get<std::string>();
  return std::unexpected{control::problem_of(*reply)};
}

int exit_code_in(const Json& summary) {
  const auto run = summary.find("run");
  if (run == summary.end() || !run->contains("exit_code"))
    return std::to_underlying(ExitCode::kRunLost);
  return (*run)["exit_code"].get<int>();
}

int report_end(const Options& options, const Json& summary, const SummaryFile* file,
               const std::string& kept) {
  const Screen screen = screen_of_stdout();
  const bool json_on_stdout = options.summary_json == "-";
  if (!options.quiet && !json_on_stdout)
    std::fputs(report::summary_text(summary, screen.text).c_str(), stdout);
  int code = exit_code_in(summary);
  if (file) {
    if (const auto written = file->write(summary); !written) {
      const int failure = complain(written.error());
      if (code == 0) code = failure;
    }
  }
  if (!options.quiet && !json_on_stdout) std::printf("%s\n", kept.c_str());
  return code;
}

int watch_to_the_end(const Options& options, const Session& session, const std::string& id,
                     const Interrupts& interrupts, const SummaryFile* file) {
  Progress progress{screen_of_stdout()};
  const bool shown = !options.quiet && options.summary_json != "-";
  auto followed = follow(session.client(), id, shown ? &progress : nullptr, interrupts,
                         OnInterrupt::kStopRun);
  if (!followed) return complain(followed.error());
  if (!followed->summary) {
    std::fprintf(stderr, "genctl: left run %s while it was ending\n", id.c_str());
    return std::to_underlying(ExitCode::kInterrupted);
  }
  const std::string kept =
      session.is_private()
          ? (file ? "  results: " + printable(*options.summary_json)
                  : "  results are not kept by a private gend; --summary-json FILE keeps them")
          : "  results: genctl show " + id;
  return report_end(options, *followed->summary, file, kept);
}

}  // namespace

int run_plan(const Options& options) {
  const auto plan = read_plan(options);
  if (!plan) return complain(plan.error());
  std::optional<SummaryFile> file;
  if (options.summary_json) {
    auto opened = SummaryFile::open(*options.summary_json);
    if (!opened) return complain(opened.error());
    file.emplace(*std::move(opened));
  }
  const auto session = Session::with_any(options);
  if (!session) return complain(session.error());
  if (!session->is_private() && (options.shards || !options.uring_profile.empty()))
    return complain(Error{"--shards and --uring-profile are for a private gend",
                          "add --local, or set them in the daemon's configuration",
                          ExitCode::kUsage});

  const Interrupts interrupts;
  const auto id = begin(session->client(), *plan);
  if (!id) return complain(id.error());
  if (options.detach) {
    std::printf("%s\n", id->c_str());
    return 0;
  }
  if (options.start_at && !options.quiet)
    std::fprintf(stderr, "genctl: run %s is set up and begins at %s\n", id->c_str(),
                 options.start_at->c_str());
  return watch_to_the_end(options, *session, *id, interrupts, file ? &*file : nullptr);
}

}  // namespace gend::cli
