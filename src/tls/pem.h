#pragma once

#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "tls/context.h"

namespace gend::tls {

using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

// The certificates of a PEM text, in order; text around them is ignored, as everywhere. `what`
// names the text in the complaint: "tls.ca".
Expected<std::vector<Certificate>> read_certificates(std::string_view pem, const std::string& what);

// An unencrypted private key: nobody is there to type a password.
Expected<PrivateKey> read_private_key(std::string_view pem, const std::string& what);

// OpenSSL's words for the latest error of this thread, "no start line"; and forgets it.
std::string openssl_words();

}  // namespace gend::tls
