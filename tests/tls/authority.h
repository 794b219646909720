#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "tls/context.h"

namespace gend::test {

struct Identity {
  std::string certificate, key;  // PEM
};

// What a certificate of these tests says; made with OpenSSL when the test runs.
struct Wanted {
  std::string name = "server.test";
  std::string alternatives = "DNS:server.test,IP:127.0.0.1";  // OpenSSL's subjectAltName
  int valid_from = -3600, valid_until = 3600;                  // seconds from now
  bool authority = false;
  const Identity* issuer = nullptr;  // null: signed by itself
};
Identity make_identity(const Wanted& wanted);

// The server's side of a connection in memory, by OpenSSL's own memory BIOs.
class ServerContext {
 public:
  explicit ServerContext(const Identity& identity, int version = TLS1_3_VERSION);
  void want_client_certificate(const std::string& ca_pem);
  SSL_CTX* get() const { return context_.get(); }

 private:
  tls::ContextHandle context_;
};

class Server {
 public:
  explicit Server(const ServerContext& context);
  void feed(std::string_view bytes);
  std::string take();  // what it has to send
  // Goes on with the handshake; true when it is over. A failure is a state like any other.
  bool shake_hands();
  bool failed() const { return failed_; }
  std::string read();  // everything that can be decrypted
  void write(std::string_view plain);
  void close_notify();
  SSL* ssl() const { return ssl_.get(); }

 private:
  tls::SslHandle ssl_;
  BIO* in_;
  BIO* out_;
  bool failed_ = false;
};

}  // namespace gend::test
