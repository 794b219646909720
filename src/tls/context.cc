#include "tls/context.h"

#include <arpa/inet.h>
#include <openssl/err.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "base/limits.h"
#include "tls/pem.h"

namespace gend::tls {
namespace {

Error setup_failed(const char* what) {
  return Error{std::string{"OpenSSL: "} + what + ": " + openssl_words(),
               "check the OpenSSL installation of this host (openssl version -a)"};
}

bool is_ip_address(const std::string& name) {
  unsigned char bytes[sizeof(in6_addr)];
  return ::inet_pton(AF_INET, name.c_str(), bytes) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), bytes) == 1;
}

int protocol(int version) {
  return version == 13 ? TLS1_3_VERSION : version == 12 ? TLS1_2_VERSION : 0;
}

}  // namespace

Expected<std::unique_ptr<Context>> Context::create(const Options& options) {
  ERR_clear_error();
  std::unique_ptr<Context> made{new Context{options}};
  if (auto done = made->set_up(options); !done) return std::unexpected{done.error()};
  if (auto done = made->trust(options); !done) return std::unexpected{done.error()};
  if (auto done = made->identify(options); !done) return std::unexpected{done.error()};
  return made;
}

Context::Context(const Options& options)
    : context_{SSL_CTX_new(TLS_client_method())},
      resume_{options.resume},
      idle_buffers_{options.idle_buffers},
      plain_{std::make_unique<char[]>(kPlainBytes)} {
  for (const std::string& name : options.servers) {
    Peer& peer = peers_.emplace_back(Peer{name, is_ip_address(name)});
    if (!peer.is_address && peer.name.ends_with('.')) peer.name.pop_back();
    if (resume_ == Resume::kYes) peer.sessions.reserve(limits::kTlsSessions);
  }
}

Expected<void> Context::set_up(const Options& options) {
  SSL_CTX* context = context_.get();
  if (context == nullptr) return std::unexpected{setup_failed("no context")};
  if (!make_wire_method()) return std::unexpected{setup_failed("no I/O method")};
  if (SSL_CTX_set_min_proto_version(context, protocol(options.min_version)) != 1 ||
      SSL_CTX_set_max_proto_version(context, protocol(options.max_version)) != 1)
    return std::unexpected{setup_failed("the TLS versions were refused")};
  if (options.min_version != 0 && options.max_version != 0 &&
      options.min_version > options.max_version)
    return std::unexpected{Error{"tls: the lowest version is above the highest", "exchange them",
                                 ExitCode::kBadPlan}};
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  if (options.idle_buffers == IdleBuffers::kRelease)
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  constexpr unsigned char kAlpn[] = "\x08http/1.1";
  if (SSL_CTX_set_alpn_protos(context, kAlpn, sizeof kAlpn - 1) != 0)
    return std::unexpected{setup_failed("ALPN was refused")};
  SSL_CTX_set_app_data(context, this);
  if (resume_ == Resume::kNo) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    return {};
  }
  SSL_CTX_set_session_cache_mode(context,
                                 SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_sess_set_new_cb(context, on_new_session);
  return {};
}

Expected<void> Context::trust(const Options& options) {
  SSL_CTX* context = context_.get();
  if (options.verify == Verify::kNothing) {
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    return {};
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (options.ca_pem.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) == 1) return {};
    return std::unexpected{Error{"the CA certificates of this host cannot be read: " +
                                     openssl_words(),
                                 "install ca-certificates, or give tls.ca in the plan"}};
  }
  auto certificates = read_certificates(options.ca_pem, "tls.ca");
  if (!certificates) return std::unexpected{certificates.error()};
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const Certificate& one : *certificates)
    if (X509_STORE_add_cert(store, one.get()) != 1)
      return std::unexpected{setup_failed("a certificate of tls.ca was refused")};
  // What the plan names is trusted as it stands, also when it is no root (curl's --cacert).
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  return {};
}

Expected<void> Context::identify(const Options& options) {
  if (options.certificate_pem.empty() && options.key_pem.empty()) return {};
  if (options.certificate_pem.empty() || options.key_pem.empty())
    return std::unexpected{Error{options.key_pem.empty() ? "tls.cert without tls.key"
                                                         : "tls.key without tls.cert",
                                 "give both, or neither", ExitCode::kBadPlan}};
  auto chain = read_certificates(options.certificate_pem, "tls.cert");
  if (!chain) return std::unexpected{chain.error()};
  auto key = read_private_key(options.key_pem, "tls.key");
  if (!key) return std::unexpected{key.error()};
  if (X509_check_private_key(chain->front().get(), key->get()) != 1) {
    ERR_clear_error();
    return std::unexpected{Error{"tls.key is not the key of the first certificate in tls.cert",
                                 "give the key that belongs to it; the chain comes after it",
                                 ExitCode::kBadPlan}};
  }
  SSL_CTX* context = context_.get();
  if (SSL_CTX_use_certificate(context, chain->front().get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key->get()) != 1)
    return std::unexpected{Error{"tls.cert: OpenSSL refuses it: " + openssl_words(),
                                 "RSA keys need 2048 bits or more", ExitCode::kBadPlan}};
  for (std::size_t i = 1; i < chain->size(); ++i)
    if (SSL_CTX_add1_chain_cert(context, (*chain)[i].get()) != 1)
      return std::unexpected{setup_failed("the chain of tls.cert was refused")};
  return {};
}

// Takes a session for later: with TLS 1.2 at the end of the handshake, with 1.3 whenever the server
// sends a ticket. 1 keeps OpenSSL's reference.
int Context::on_new_session(SSL* ssl, SSL_SESSION* session) {
  auto& self = *static_cast<Context*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  auto& sessions = static_cast<Peer*>(SSL_get_app_data(ssl))->sessions;
  if (self.resume_ == Resume::kNo || SSL_SESSION_is_resumable(session) != 1) return 0;
  SessionHandle kept{session};
  // A session of TLS 1.2 may be used again and again: the latest is enough.
  if (SSL_SESSION_get_protocol_version(session) < TLS1_3_VERSION) sessions.clear();
  if (sessions.size() == limits::kTlsSessions) sessions.erase(sessions.begin());
  sessions.push_back(std::move(kept));
  return 1;
}

// ---- the wire: bytes in and bytes out, instead of a socket -------------------------------------

bool Context::make_wire_method() {
  wire_method_.reset(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "gend"));
  BIO_METHOD* method = wire_method_.get();
  return method != nullptr && BIO_meth_set_read_ex(method, wire_read) == 1 &&
         BIO_meth_set_write_ex(method, wire_write) == 1 &&
         BIO_meth_set_ctrl(method, wire_control) == 1 &&
         BIO_meth_set_create(method, wire_create) == 1;
}

int Context::wire_create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

int Context::wire_read(BIO* bio, char* into, std::size_t size, std::size_t* got) {
  std::string_view& in = *static_cast<Wire*>(BIO_get_data(bio))->in;
  BIO_clear_retry_flags(bio);
  if (in.empty()) {
    BIO_set_retry_read(bio);
    return 0;
  }
  *got = std::min(size, in.size());
  std::memcpy(into, in.data(), *got);
  in.remove_prefix(*got);
  return 1;
}

int Context::wire_write(BIO* bio, const char* data, std::size_t size, std::size_t* taken) {
  BIO_clear_retry_flags(bio);
  static_cast<Wire*>(BIO_get_data(bio))->out->append(data, size);
  *taken = size;
  return 1;
}

long Context::wire_control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

}  // namespace gend::tls
