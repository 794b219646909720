#pragma once

#include <sys/types.h>

#include <string>

#include "base/error.h"

namespace gend::cli {

// A gentarget of our own on a free port of 127.0.0.1. It ends with this object, and with this
// process.
class LocalTarget {
 public:
  static Expected<LocalTarget> start(unsigned threads);

  LocalTarget(LocalTarget&& other) noexcept;
  LocalTarget& operator=(LocalTarget&&) = delete;
  ~LocalTarget();

  const std::string& url() const { return url_; }  // "http://127.0.0.1:40123"

 private:
  LocalTarget(pid_t child, std::string url) : child_{child}, url_{std::move(url)} {}

  pid_t child_ = -1;
  std::string url_;
};

}  // namespace gend::cli
