#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/outcome.h"
#include "tls/context.h"

namespace gend::tls {

// One TLS connection, as bytes in and bytes out; it has no socket. Moves freely; holds nothing but
// OpenSSL's object, which keeps whatever part of a record has come so far. The Context must outlive
// it.
class Session {
 public:
  Session() = default;  // of no connection

  // `peer` is an index into Options::servers. Takes a session to resume when there is one.
  Session(Context& context, std::size_t peer);
  ~Session();
  Session(Session&&) = default;
  Session& operator=(Session&& other) noexcept;

  explicit operator bool() const { return ssl_ != nullptr; }

  enum class Event : std::uint8_t {
    kNeedMore,   // everything that came was used
    kConnected,  // the handshake ended well; told once
    kPlain,      // `plain` has decrypted bytes, valid until the next call on this context
    kClosed,     // close_notify: the peer sends no more
    kFailed      // outcome() says why; the session is of no more use
  };
  // Goes on with the handshake or decrypts, as far as the next event; to be called again until
  // kNeedMore, kClosed or kFailed. Takes from the front of `in`; appends to `out` what must be sent
  // whatever the event is: handshake messages, alerts.
  Event advance(std::string_view& in, std::string& out, std::string_view& plain);

  // Appends the records of `plain` to `out`. False when the connection cannot carry it any more.
  bool encrypt(std::string_view plain, std::string& out);

  // Tells the peer that nothing follows; the answer need not be waited for.
  void close_notify(std::string& out);

  bool connected() const { return connected_; }
  bool resumed() const { return resumed_; }
  Outcome outcome() const { return outcome_; }
  const SSL* ssl() const { return ssl_.get(); }

 private:
  Event shake_hands();
  Event decrypt(std::string_view& plain);
  Event fail(int result);

  Context* context_ = nullptr;
  SslHandle ssl_;
  bool connected_ = false, resumed_ = false;
  Outcome outcome_ = Outcome::kOk;
};

}  // namespace gend::tls
