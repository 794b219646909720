#include "demo/token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "base/assert.h"
#include "base/base64.h"

namespace gend::demo {
namespace {

constexpr std::string_view kHeader = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";  // HS256, JWT

std::string signature(std::string_view signed_part, std::string_view secret) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const auto* made = ::HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                            reinterpret_cast<const unsigned char*>(signed_part.data()),
                            signed_part.size(), digest.data(), &size);
  GEND_ASSERT(made != nullptr);
  return base64_of({reinterpret_cast<const char*>(digest.data()), size}, Base64::kUrl);
}

}  // namespace

std::string sign_token(std::string_view claims, std::string_view secret) {
  std::string token{kHeader};
  token += '.';
  token += base64_of(claims, Base64::kUrl);
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
  const auto header = decode_base64(token.substr(0, first), Base64::kUrl);
  if (!header || header->find("\"HS256\"") == header->npos) return std::nullopt;
  return decode_base64(token.substr(first + 1, second - first - 1), Base64::kUrl);
}

}  // namespace gend::demo
