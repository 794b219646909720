// Certificates and keys that cannot be used are told before anything is sent, each with its name.
#include "tls/context.h"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <string>

#include "tls/authority.h"
#include "tls/pem.h"

using namespace gend;
using namespace gend::test;

namespace {

void refused(const tls::Options& options, const std::string& words) {
  const auto made = tls::Context::create(options);
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().code == ExitCode::kBadPlan);
  CHECK_MESSAGE(made.error().message.find(words) != std::string::npos, made.error().message);
  CHECK_FALSE(made.error().remedy.empty());
}

std::string encrypted(const std::string& key_pem) {
  auto key = tls::read_private_key(key_pem, "key");
  REQUIRE(key.has_value());
  BIO* bio = BIO_new(BIO_s_mem());
  const unsigned char password[] = "secret";
  PEM_write_bio_PrivateKey(bio, key->get(), EVP_aes_128_cbc(), password, 6, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  const std::string pem{data, static_cast<std::size_t>(size)};
  BIO_free(bio);
  return pem;
}

}  // namespace

TEST_CASE("a bad certificate or key is named, with what to do about it") {
  const Identity me = make_identity({}), other = make_identity({});
  const std::string cut = me.certificate.substr(0, 200);
  refused({.ca_pem = "no certificate at all"}, "tls.ca: there is no certificate");
  refused({.ca_pem = me.certificate + cut}, "tls.ca: certificate 2 cannot be read");
  refused({.certificate_pem = me.certificate}, "tls.cert without tls.key");
  refused({.key_pem = me.key}, "tls.key without tls.cert");
  refused({.certificate_pem = cut, .key_pem = me.key}, "tls.cert: certificate 1 cannot be read");
  refused({.certificate_pem = me.key, .key_pem = me.key}, "tls.cert: there is no certificate");
  refused({.certificate_pem = me.certificate, .key_pem = me.certificate},
          "tls.key: the private key cannot be read");
  refused({.certificate_pem = me.certificate, .key_pem = encrypted(me.key)},
          "tls.key: the private key is encrypted");
  refused({.certificate_pem = me.certificate, .key_pem = other.key},
          "tls.key is not the key of the first certificate in tls.cert");
  refused({.min_version = 13, .max_version = 12}, "the lowest version is above the highest");
}

TEST_CASE("what is right is taken: a chain after the certificate, text around the blocks") {
  const Identity ca = make_identity({.name = "ca", .alternatives = "", .authority = true});
  const Identity me = make_identity({.issuer = &ca});
  const auto made = tls::Context::create({.ca_pem = "# ours\n" + ca.certificate + "\n\n",
                                          .certificate_pem = me.certificate + ca.certificate,
                                          .key_pem = me.key,
                                          .min_version = 12,
                                          .max_version = 13});
  CHECK(made.has_value());
}
