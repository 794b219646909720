#include "cli/door.h"

#include <array>
#include <cerrno>

#include <fmt/format.h>
#include <sys/random.h>

namespace gend::cli {

namespace {

constexpr std::size_t kTokenBytes = 16;

bool same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;  // the length is no secret
  unsigned char differences = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    differences |= static_cast<unsigned char>(a[i] ^ b[i]);
  return differences == 0;
}

}  // namespace

std::optional<std::string> random_token() {
  std::array<unsigned char, kTokenBytes> bytes;
  ssize_t got = -1;
  do got = ::getrandom(bytes.data(), bytes.size(), 0);
  while (got < 0 && errno == EINTR);
  if (got != static_cast<ssize_t>(bytes.size())) return std::nullopt;
  std::string token;
  for (const unsigned char byte : bytes) token += fmt::format("{:02x}", byte);
  return token;
}

std::string Door::url() const { return fmt::format("http://127.0.0.1:{}/{}/", port_, token_); }

bool Door::is_for_us(std::string_view host) const {
  return host == fmt::format("127.0.0.1:{}", port_) || host == fmt::format("localhost:{}", port_);
}

std::optional<std::string> Door::inside(std::string_view path) const {
  if (path.size() < token_.size() + 2 || path.front() != '/') return std::nullopt;
  const std::string_view rest = path.substr(1 + token_.size());
  if (!same(path.substr(1, token_.size()), token_) || rest.front() != '/') return std::nullopt;
  return std::string{rest.substr(1)};
}

}  // namespace gend::cli
