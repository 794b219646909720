#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gend::auth {

enum class Algorithm : std::uint8_t { kHs256, kRs256 };

// Signs JSON Web Tokens (RFC 7515, compact) with a key that is parsed once. For one thread.
class Signer {
 public:
  // kHs256: any secret; kRs256: an RSA private key in PEM (PKCS#1 or PKCS#8, no password, at least
  // 2048 bits, as RFC 7518 3.3 asks). The error says what is wrong with the key.
  static std::expected<Signer, std::string> create(Algorithm algorithm, std::string_view key);
  ~Signer();
  Signer(Signer&&) noexcept;
  Signer& operator=(Signer&&) noexcept;

  // The most that a token with claims of that size takes.
  std::size_t token_size(std::size_t claims_size) const;
  // Writes the token to `to`, which has room for token_size() and does not overlap `claims`;
  // returns its size. The header is {"alg":"HS256","typ":"JWT"}.
  std::size_t sign(std::string_view claims, char* to);

 private:
  struct Impl;
  explicit Signer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Whether `pem` is a key that Signer takes for kRs256.
std::expected<void, std::string> check_rsa_key(std::string_view pem);

// The signers of one shard, made when they are first asked for.
class Signers {
 public:
  // `key` was checked; a key that does not work is a bug.
  Signer& at(std::size_t index, Algorithm algorithm, std::string_view key);

 private:
  std::vector<std::optional<Signer>> signers_;
};

}  // namespace gend::auth
