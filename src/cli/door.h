#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// Who may come to a page that is served on 127.0.0.1, where every program and every web page of
// this host can connect.
namespace gend::cli {

// 128 bits from the kernel's generator, as 32 hexadecimal digits. Nothing when it gives none.
std::optional<std::string> random_token();

class Door {
 public:
  Door(std::string token, std::uint16_t port) : token_{std::move(token)}, port_{port} {}

  // "http://127.0.0.1:PORT/TOKEN/".
  std::string url() const;

  // True when the client means this server: a name of the web that was made to lead to 127.0.0.1
  // (DNS rebinding) is in the header Host as it was typed.
  bool is_for_us(std::string_view host) const;

  // What stands behind "/TOKEN/"; nothing for any other path. How long it takes does not depend on
  // how much of the token is right.
  std::optional<std::string> inside(std::string_view path) const;

 private:
  std::string token_;
  std::uint16_t port_;
};

}  // namespace gend::cli
