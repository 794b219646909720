#include "demo/token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdint>

#include "base/assert.h"

namespace gend::demo {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";  // HS256, JWT

// RFC 4648 5, without padding.
std::string encoded(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 4 / 3 + 2);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) text += kAlphabet[bits >> (held - 6) & 63];
  }
  if (held > 0) text += kAlphabet[bits << (6 - held) & 63];
  return text;
}

std::optional<std::string> decoded(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const std::size_t value = kAlphabet.find(c);
    if (value == kAlphabet.npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(bits >> held & 0xFF);
  }
  return bytes;
}

std::string signature(std::string_view signed_part, std::string_view secret) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const auto* made = ::HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                            reinterpret_cast<const unsigned char*>(signed_part.data()),
                            signed_part.size(), digest.data(), &size);
  GEND_ASSERT(made != nullptr);
  return encoded({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace

std::string sign_token(std::string_view claims, std::string_view secret) {
  std::string token{kHeader};
  token += '.';
  token += encoded(claims);
  const std::string signed_with = signature(token, secret);
  return token + '.' + signed_with;
}

std::optional<std::string> verified_claims(std::string_view token, std::string_view secret) {
  const std::size_t first = token.find('.'), second = token.rfind('.');
  if (first == token.npos || first == second) return std::nullopt;
  const std::string expected = signature(token.substr(0, second), secret);
  const std::string_view given = token.substr(second + 1);
  if (given.size() != expected.size() ||
      ::CRYPTO_memcmp(given.data(), expected.data(), given.size()) != 0)
    return std::nullopt;
  // The signature is right, so the header was written by a holder of the secret; other libraries
  // order and space it differently.
  const auto header = decoded(token.substr(0, first));
  if (!header || header->find("\"HS256\"") == header->npos) return std::nullopt;
  return decoded(token.substr(first + 1, second - first - 1));
}

}  // namespace gend::demo
