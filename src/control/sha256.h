#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace gend::control {

// SHA-256 of a text that comes in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::string_view bytes);
  std::string hex();  // 64 digits, small letters; once, nothing can be added afterwards

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

std::string sha256_hex(std::string_view bytes);
bool is_sha256_hex(std::string_view text);

}  // namespace gend::control
