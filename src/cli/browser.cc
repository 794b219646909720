#include "cli/browser.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/fd.h"

extern char** environ;

namespace gend::cli {

namespace {

Error failed(const std::string& what, int error) {
  return {fmt::format("the page cannot be opened in a browser: {}: {}", what,
                      std::strerror(error)),
          "open the address that is printed yourself", ExitCode::kHostCannotCarry};
}

std::string own_folder() {
  const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
  return runtime != nullptr && *runtime == '/' ? runtime : "/tmp";
}

// xdg-open goes its own way: browsers that it starts may live longer than we do. It is not waited
// for, so it must not become a child of ours that nobody looks after: its shell forks it off.
int spawn_opener(const std::string& path) {
  constexpr const char* kScript = "exec 0</dev/null >/dev/null 2>&1; xdg-open \"$1\" &";
  std::array<char*, 6> arguments{const_cast<char*>("sh"), const_cast<char*>("-c"),
                                 const_cast<char*>(kScript), const_cast<char*>("sh"),
                                 const_cast<char*>(path.c_str()), nullptr};
  pid_t child = -1;
  const int error = ::posix_spawnp(&child, "sh", nullptr, nullptr, arguments.data(), environ);
  if (error != 0) return error;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  return 0;
}

}  // namespace

std::string leading_page(const std::string& url) {
  return fmt::format("<!doctype html><meta charset=\"utf-8\"><meta name=\"referrer\" "
                     "content=\"no-referrer\"><meta http-equiv=\"refresh\" content=\"0; url={0}\">"
                     "<title>gend</title><a href=\"{0}\">The page of the run</a>\n",
                     url);
}

Expected<OpenedPage> OpenedPage::open(const std::string& url) {
  constexpr std::string_view kSuffix = ".html";
  std::string path = own_folder() + "/gend-dashboard-XXXXXX" + std::string{kSuffix};
  // Readable for nobody else (mkostemps: 0600).
  const control::Fd file{::mkostemps(path.data(), kSuffix.size(), O_CLOEXEC)};
  if (!file) return std::unexpected{failed(path, errno)};
  OpenedPage page{path};
  const std::string text = leading_page(url);
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return std::unexpected{failed(path, errno)};
  if (const int error = spawn_opener(path); error != 0)
    return std::unexpected{failed("sh", error)};
  return page;
}

OpenedPage::~OpenedPage() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

}  // namespace gend::cli
