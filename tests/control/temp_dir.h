#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace gend::test {

// A directory of its own for one test, gone afterwards. Short, because socket paths must be.
class TempDir {
 public:
  TempDir() {
    if (!::mkdtemp(path_.data())) std::abort();
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& str() const { return path_; }

 private:
  std::string path_ = "/tmp/gend-test-XXXXXX";
};

}  // namespace gend::test
