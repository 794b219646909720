#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/free.h"

namespace gend::tls {

using ContextHandle = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using SslHandle = std::unique_ptr<SSL, Free<SSL_free>>;
using SessionHandle = std::unique_ptr<SSL_SESSION, Free<SSL_SESSION_free>>;
using MethodHandle = std::unique_ptr<BIO_METHOD, Free<BIO_meth_free>>;

enum class Verify : std::uint8_t { kPeer, kNothing };
enum class Resume : std::uint8_t { kYes, kNo };
// kRelease: OpenSSL's record buffers, 2 x 17 KiB, are freed while a connection is idle, at the
// price of two allocations for each request (docs/benchmarks.md has both sides).
enum class IdleBuffers : std::uint8_t { kRelease, kKeep };

struct Options {
  Verify verify = Verify::kPeer;
  Resume resume = Resume::kYes;
  IdleBuffers idle_buffers = IdleBuffers::kRelease;
  std::string ca_pem{};  // one or more certificates; empty: the host's store
  std::string certificate_pem{}, key_pem{};  // of the client; the chain after its own certificate
  int min_version = 0, max_version = 0;      // 12, 13; 0: what OpenSSL allows
  std::vector<std::string> servers{};  // for each peer, the name or address it must prove to be
};

// What all client connections of one shard share: certificates, sessions to resume, the plaintext
// buffer. Used by one thread, since OpenSSL 3.0 takes locks on whatever contexts share.
class Context {
 public:
  // kBadPlan, naming which of the texts is wrong, when a certificate or key cannot be used.
  static Expected<std::unique_ptr<Context>> create(const Options& options);
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

 private:
  friend class Session;

  // Where the bytes of the OpenSSL call under way come from and go to.
  struct Wire {
    std::string_view* in = nullptr;
    std::string* out = nullptr;
  };
  struct Peer {
    std::string name;  // without the dot of a root
    bool is_address = false;
    std::vector<SessionHandle> sessions{};  // the latest is at the end
  };
  static constexpr std::size_t kPlainBytes = SSL3_RT_MAX_PLAIN_LENGTH;

  explicit Context(const Options& options);
  Expected<void> set_up(const Options& options);
  Expected<void> trust(const Options& options);
  Expected<void> identify(const Options& options);
  bool make_wire_method();

  static int on_new_session(SSL* ssl, SSL_SESSION* session);
  static int wire_read(BIO* bio, char* into, std::size_t size, std::size_t* got);
  static int wire_write(BIO* bio, const char* data, std::size_t size, std::size_t* taken);
  static long wire_control(BIO* bio, int command, long number, void* pointer);
  static int wire_create(BIO* bio);

  ContextHandle context_;
  MethodHandle wire_method_;
  Wire wire_;
  Resume resume_;
  IdleBuffers idle_buffers_;
  std::vector<Peer> peers_;
  std::unique_ptr<char[]> plain_;  // what the latest read decrypted
};

}  // namespace gend::tls
