#include "tls/pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <utility>

namespace gend::tls {
namespace {

using Bio = std::unique_ptr<BIO, Free<BIO_free>>;

Bio bio_of(std::string_view text) {
  return Bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

int asked_for_password(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Error bad(const std::string& what, const std::string& found, const char* remedy) {
  return Error{what + ": " + found, remedy, ExitCode::kBadPlan};
}

}  // namespace

std::string openssl_words() {
  const unsigned long error = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(error);
  ERR_clear_error();
  return reason != nullptr ? reason : "no reason given";
}

Expected<std::vector<Certificate>> read_certificates(std::string_view pem,
                                                     const std::string& what) {
  ERR_clear_error();
  const Bio bio = bio_of(pem);
  std::vector<Certificate> found;
  while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
    found.emplace_back(one);
  const unsigned long error = ERR_peek_last_error();
  const bool at_end =
      ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  if (!at_end) {
    return std::unexpected{bad(what,
                               "certificate " + std::to_string(found.size() + 1) +
                                   " cannot be read (" + openssl_words() + ")",
                               "give whole PEM blocks, -----BEGIN CERTIFICATE----- to "
                               "-----END CERTIFICATE-----")};
  }
  ERR_clear_error();
  if (found.empty())
    return std::unexpected{bad(what, "there is no certificate in it",
                               "give a PEM text that has -----BEGIN CERTIFICATE----- in it")};
  return found;
}

Expected<PrivateKey> read_private_key(std::string_view pem, const std::string& what) {
  ERR_clear_error();
  bool asked = false;
  const Bio bio = bio_of(pem);
  PrivateKey key{PEM_read_bio_PrivateKey(bio.get(), nullptr, asked_for_password, &asked)};
  if (key) return key;
  if (asked) {
    ERR_clear_error();
    return std::unexpected{bad(what, "the private key is encrypted",
                               "give it without a password: openssl pkey -in KEY -out PLAIN")};
  }
  return std::unexpected{bad(what, "the private key cannot be read (" + openssl_words() + ")",
                             "give a PEM text, -----BEGIN PRIVATE KEY-----")};
}

}  // namespace gend::tls
