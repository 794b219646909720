#pragma once

#include <cerrno>
#include <string_view>

#include <unistd.h>

namespace gend {

// However many calls it takes. False: errno says why.
inline bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace gend
