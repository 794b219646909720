#include "report/md5.h"

#include <array>

#include <openssl/evp.h>

#include "base/assert.h"

namespace gend::report {

std::string md5_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const int made =
      ::EVP_Digest(text.data(), text.size(), digest.data(), &size, ::EVP_md5(), nullptr);
  GEND_ASSERT(made == 1);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

}  // namespace gend::report
