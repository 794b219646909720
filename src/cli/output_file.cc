#include "cli/output_file.h"

#include "base/write_all.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <fmt/format.h>


namespace gend::cli {

OutputFile::OutputFile(std::string option, std::string path, control::Fd fd, Left left)
    : option_{std::move(option)}, path_{std::move(path)}, fd_{std::move(fd)}, left_{left} {}

OutputFile::~OutputFile() {
  if (fd_ && left_ == Left::kRemovedWhenEmpty && !written_) ::unlink(path_.c_str());
}

Expected<OutputFile> OutputFile::open(std::string option, const std::string& path) {
  if (path == "-") return OutputFile{std::move(option), path, control::Fd{}, Left::kAlone};
  // Not truncated: what an earlier run left stays until there is something to replace it.
  control::Fd fd{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)};
  if (fd) return OutputFile{std::move(option), path, std::move(fd), Left::kRemovedWhenEmpty};
  OutputFile file{std::move(option), path,
                  control::Fd{::open(path.c_str(), O_WRONLY | O_CLOEXEC)}, Left::kAlone};
  if (!file.fd_) return std::unexpected{file.failed(ExitCode::kUsage)};
  return file;
}

Expected<void> OutputFile::write(std::string_view text) {
  if (!fd_) {
    const bool done = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
                      std::fflush(stdout) == 0;
    written_ = done;
    return done ? Expected<void>{} : std::unexpected{failed(ExitCode::kHostCannotCarry)};
  }
  // Pipes and devices cannot be truncated, and need not be.
  if ((::ftruncate(fd_.get(), 0) != 0 && errno != EINVAL) || !write_all(fd_.get(), text))
    return std::unexpected{failed(ExitCode::kHostCannotCarry)};
  written_ = true;
  return {};
}

bool OutputFile::is_same_as(const OutputFile& other) const {
  if (is_stdout() || other.is_stdout()) return is_stdout() && other.is_stdout();
  struct stat mine {}, theirs {};
  if (::fstat(fd_.get(), &mine) != 0 || ::fstat(other.fd_.get(), &theirs) != 0) return false;
  return S_ISREG(mine.st_mode) && mine.st_dev == theirs.st_dev && mine.st_ino == theirs.st_ino;
}

Error OutputFile::failed(ExitCode code) const {
  return {fmt::format("{} {}: {}", option_, path_, std::strerror(errno)), {}, code};
}

}  // namespace gend::cli
