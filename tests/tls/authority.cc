#include "tls/authority.h"

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>

#include "tls/pem.h"

namespace gend::test {
namespace {

using Bio = std::unique_ptr<BIO, Free<BIO_free>>;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

void extend(X509* certificate, int what, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value);
  REQUIRE(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

Identity make_identity(const Wanted& wanted) {
  static std::atomic<long> serial{1};
  const tls::PrivateKey key{EVP_EC_gen("P-256")};
  const tls::Certificate certificate{X509_new()};
  X509* x = certificate.get();
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
  X509_gmtime_adj(X509_getm_notBefore(x), wanted.valid_from);
  X509_gmtime_adj(X509_getm_notAfter(x), wanted.valid_until);
  X509_set_pubkey(x, key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wanted.name.c_str()), -1, -1,
                             0);
  if (wanted.authority) extend(x, NID_basic_constraints, "critical,CA:TRUE");
  if (!wanted.alternatives.empty()) extend(x, NID_subject_alt_name, wanted.alternatives.c_str());
  if (wanted.issuer != nullptr) {
    auto issuer = tls::read_certificates(wanted.issuer->certificate, "issuer");
    auto issuer_key = tls::read_private_key(wanted.issuer->key, "issuer");
    REQUIRE(issuer.has_value());
    REQUIRE(issuer_key.has_value());
    X509_set_issuer_name(x, X509_get_subject_name(issuer->front().get()));
    X509_sign(x, issuer_key->get(), EVP_sha256());
  } else {
    X509_set_issuer_name(x, X509_get_subject_name(x));
    X509_sign(x, key.get(), EVP_sha256());
  }
  const Bio certificate_text{BIO_new(BIO_s_mem())}, key_text{BIO_new(BIO_s_mem())};
  PEM_write_bio_X509(certificate_text.get(), x);
  PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return {text_of(certificate_text.get()), text_of(key_text.get())};
}

ServerContext::ServerContext(const Identity& identity, int version)
    : context_{SSL_CTX_new(TLS_server_method())} {
  SSL_CTX_set_min_proto_version(context_.get(), version);
  SSL_CTX_set_max_proto_version(context_.get(), version);
  auto certificate = tls::read_certificates(identity.certificate, "server");
  auto key = tls::read_private_key(identity.key, "server");
  REQUIRE(SSL_CTX_use_certificate(context_.get(), certificate->front().get()) == 1);
  REQUIRE(SSL_CTX_use_PrivateKey(context_.get(), key->get()) == 1);
  constexpr unsigned char kContext[] = "test";
  SSL_CTX_set_session_id_context(context_.get(), kContext, sizeof kContext - 1);
}

void ServerContext::want_client_certificate(const std::string& ca_pem) {
  auto authorities = tls::read_certificates(ca_pem, "client ca");
  for (const auto& one : *authorities)
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), one.get());
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

Server::Server(const ServerContext& context)
    : ssl_{SSL_new(context.get())}, in_{BIO_new(BIO_s_mem())}, out_{BIO_new(BIO_s_mem())} {
  SSL_set_bio(ssl_.get(), in_, out_);
  SSL_set_accept_state(ssl_.get());
}

void Server::feed(std::string_view bytes) {
  if (!bytes.empty()) BIO_write(in_, bytes.data(), static_cast<int>(bytes.size()));
}

std::string Server::take() {
  std::string bytes = text_of(out_);
  BIO_reset(out_);
  return bytes;
}

bool Server::shake_hands() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  failed_ = failed_ || (result != 1 && SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ);
  return result == 1;
}

std::string Server::read() {
  ERR_clear_error();
  std::string all;
  char chunk[4096];
  for (int n; (n = SSL_read(ssl_.get(), chunk, sizeof chunk)) > 0;)
    all.append(chunk, static_cast<std::size_t>(n));
  return all;
}

void Server::write(std::string_view plain) {
  REQUIRE(SSL_write(ssl_.get(), plain.data(), static_cast<int>(plain.size())) > 0);
}

void Server::close_notify() {
  SSL_shutdown(ssl_.get());
}

}  // namespace gend::test
