#pragma once

#include <string>
#include <utility>

#include "base/error.h"

namespace gend::cli {

// Opens an address that is a secret in the user's browser: not on a command line, which everybody
// on this host can read, but in a file of the user's own that leads there. The file is removed with
// this object.
class OpenedPage {
 public:
  static Expected<OpenedPage> open(const std::string& url);
  OpenedPage(OpenedPage&& other) noexcept : path_{std::move(other.path_)} { other.path_.clear(); }
  OpenedPage& operator=(OpenedPage&&) = delete;
  ~OpenedPage();

 private:
  explicit OpenedPage(std::string path) : path_{std::move(path)} {}
  std::string path_;
};

// The file's text. `url` is one of ours.
std::string leading_page(const std::string& url);

}  // namespace gend::cli
