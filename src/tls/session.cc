#include "tls/session.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <utility>

#include "base/assert.h"

namespace gend::tls {
namespace {

Outcome certificate_outcome(long verdict) {
  switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID: return Outcome::kTlsCertificateExpired;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return Outcome::kTlsCertificateSelfSigned;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return Outcome::kTlsWrongName;
    default: return Outcome::kTlsCertificateUntrusted;
  }
}

// The peer's alerts are reasons above this number: SSL_R_TLSV1_ALERT_…, one for each description.
constexpr int kFirstAlert = SSL_AD_REASON_OFFSET;

// SSL_get_error() wants this thread's queue empty, which it nearly always is; clearing it writes
// all of its 16 places.
void forget_errors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

// Reads this thread's queue of errors empty. What libssl says counts; the lower libraries that it
// called may have said something before.
Outcome failure_outcome(SSL* ssl) {
  unsigned long error = ERR_get_error();
  while (error != 0 && ERR_GET_LIB(error) != ERR_LIB_SSL) error = ERR_get_error();
  ERR_clear_error();
  if (error == 0) return Outcome::kTls;
  const int reason = ERR_GET_REASON(error);
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED)
    return certificate_outcome(SSL_get_verify_result(ssl));
  return reason > kFirstAlert ? Outcome::kTlsAlert : Outcome::kTlsProtocol;
}

}  // namespace

Session::Session(Context& context, std::size_t peer) : context_{&context} {
  GEND_ASSERT(peer < context.peers_.size());
  Context::Peer& server = context.peers_[peer];
  SslHandle ssl{SSL_new(context.context_.get())};
  BIO* bio = ssl ? BIO_new(context.wire_method_.get()) : nullptr;
  if (bio == nullptr) return;  // no memory: the session is of no connection
  BIO_set_data(bio, &context.wire_);
  SSL_set_bio(ssl.get(), bio, bio);
  SSL_set_app_data(ssl.get(), &server);
  SSL_set_connect_state(ssl.get());
  X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl.get());
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (server.is_address) {  // and no SNI: RFC 6066 section 3 has no addresses in it
    X509_VERIFY_PARAM_set1_ip_asc(parameters, server.name.c_str());
  } else {
    X509_VERIFY_PARAM_set1_host(parameters, server.name.data(), server.name.size());
    SSL_set_tlsext_host_name(ssl.get(), server.name.c_str());
  }
  if (!server.sessions.empty()) {
    SSL_set_session(ssl.get(), server.sessions.back().get());
    // Tickets of TLS 1.3 are for one use (RFC 8446 appendix C.4).
    if (SSL_SESSION_get_protocol_version(server.sessions.back().get()) >= TLS1_3_VERSION)
      server.sessions.pop_back();
  }
  ssl_ = std::move(ssl);
}

Session::~Session() {
  // Without this OpenSSL would call the session of every connection that ends bad, and nothing
  // would ever be resumed. After a failure it is right to.
  if (ssl_ && outcome_ == Outcome::kOk)
    SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

Session& Session::operator=(Session&& other) noexcept {
  Session gone{std::move(*this)};
  context_ = other.context_;
  ssl_ = std::move(other.ssl_);
  connected_ = other.connected_;
  resumed_ = other.resumed_;
  outcome_ = other.outcome_;
  return *this;
}

Session::Event Session::advance(std::string_view& in, std::string& out, std::string_view& plain) {
  GEND_ASSERT(ssl_ && outcome_ == Outcome::kOk);
  // Nothing came and nothing is left: a read that finds that out itself takes a buffer of 16 KiB,
  // and gives it back.
  if (connected_ && in.empty() && SSL_has_pending(ssl_.get()) == 0) {
    // A ticket of TLS 1.3 makes OpenSSL 3.0 take its write buffer of 16 KiB, and leave it there
    // (SSL_MODE_RELEASE_BUFFERS looks at it after a write only).
    if (context_->idle_buffers_ == IdleBuffers::kRelease) SSL_free_buffers(ssl_.get());
    return Event::kNeedMore;
  }
  context_->wire_ = {&in, &out};
  forget_errors();
  return connected_ ? decrypt(plain) : shake_hands();
}

Session::Event Session::shake_hands() {
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) return fail(result);
  connected_ = true;
  resumed_ = SSL_session_reused(ssl_.get()) == 1;
  return Event::kConnected;
}

Session::Event Session::decrypt(std::string_view& plain) {
  std::size_t size = 0;
  const int result =
      SSL_read_ex(ssl_.get(), context_->plain_.get(), Context::kPlainBytes, &size);
  if (result != 1) return fail(result);
  plain = {context_->plain_.get(), size};
  return Event::kPlain;
}

Session::Event Session::fail(int result) {
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ) return Event::kNeedMore;
  if (error == SSL_ERROR_ZERO_RETURN && connected_) return Event::kClosed;
  outcome_ = failure_outcome(ssl_.get());
  return Event::kFailed;
}

bool Session::encrypt(std::string_view plain, std::string& out) {
  GEND_ASSERT(ssl_ && connected_);
  std::string_view nothing;
  context_->wire_ = {&nothing, &out};
  forget_errors();
  std::size_t written = 0;
  if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written) == 1) {
    GEND_ASSERT(written == plain.size());
    return true;
  }
  outcome_ = failure_outcome(ssl_.get());
  return false;
}

void Session::close_notify(std::string& out) {
  if (!connected_ || outcome_ != Outcome::kOk) return;
  std::string_view nothing;
  context_->wire_ = {&nothing, &out};
  forget_errors();
  SSL_shutdown(ssl_.get());
}

}  // namespace gend::tls
