#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "control/fd.h"

namespace gend::cli {

// A file that a command line names for results; "-" is standard output. Opened before the first
// packet is sent: a path that cannot be written must not be found out an hour later.
class OutputFile {
 public:
  // `option` is what names it in messages: "--junit". Error 2 when the path cannot be written.
  static Expected<OutputFile> open(std::string option, const std::string& path);

  // A file that was made and not written whole goes again: a run that was refused leaves nothing.
  ~OutputFile();
  OutputFile(OutputFile&&) = default;
  OutputFile& operator=(OutputFile&&) = delete;

  // Replaces what is in the file. Error 94 when that fails: the disk is full.
  Expected<void> write(std::string_view text);

  bool was_written() const { return written_; }
  bool is_stdout() const { return path_ == "-"; }
  const std::string& path() const { return path_; }
  // The same file under whatever names; pipes and devices may be named twice.
  bool is_same_as(const OutputFile& other) const;

 private:
  enum class Left : std::uint8_t { kAlone, kRemovedWhenEmpty };

  OutputFile(std::string option, std::string path, control::Fd fd, Left left);
  Error failed(ExitCode code) const;

  std::string option_, path_;
  control::Fd fd_;
  Left left_;
  bool written_ = false;
};

}  // namespace gend::cli
