// Handshakes and records in memory, against OpenSSL's own server side.
#include "tls/session.h"

#include <doctest/doctest.h>
#include <openssl/err.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "support/seed.h"
#include "tls/authority.h"

using namespace gend;
using namespace gend::test;
using tls::Session;

namespace {

using Splitter = std::function<std::size_t(std::size_t left)>;  // bytes that come at once

std::size_t whole(std::size_t left) {
  return left;
}

// One connection between a Session and a server, pumped until nobody has anything to say.
struct Link {
  Session session;
  Server server;
  Splitter split = whole;
  std::string out;       // of the session, not yet with the server
  std::string received;  // plain text
  int connected = 0;
  bool closed = false, failed = false;

  Link(tls::Context& context, const ServerContext& server_context, std::size_t peer = 0)
      : session{context, peer}, server{server_context} {}

  void take(std::string_view bytes) {
    do {
      const std::size_t size = bytes.empty() ? 0 : split(bytes.size());
      std::string_view in = bytes.substr(0, size);
      bytes.remove_prefix(size);
      while (!closed && !failed && !advance(in)) {
      }
      if (closed || failed) return;
      CHECK(in.empty());
    } while (!bytes.empty());
  }
  bool advance(std::string_view& in) {  // true: needs more
    std::string_view plain;
    switch (session.advance(in, out, plain)) {
      case Session::Event::kNeedMore: return true;
      case Session::Event::kConnected: ++connected; break;
      case Session::Event::kPlain: received += plain; break;
      case Session::Event::kClosed: closed = true; break;
      case Session::Event::kFailed: failed = true; break;
    }
    return false;
  }
  void pump() {
    if (connected == 0 && !failed) take({});
    for (int round = 0; round < 20; ++round) {
      server.feed(std::exchange(out, {}));
      server.shake_hands();
      const std::string bytes = server.take();
      if (bytes.empty() && out.empty()) return;
      if (!bytes.empty() && !failed && !closed) take(bytes);
    }
  }
};

struct Bed {
  Identity ca = make_identity({.name = "ca", .alternatives = "", .authority = true});
  Identity server = make_identity({.issuer = &ca});

  tls::Options options() const { return {.ca_pem = ca.certificate, .servers = {"server.test"}}; }
};

std::unique_ptr<tls::Context> client(const tls::Options& options) {
  auto made = tls::Context::create(options);
  REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().message));
  return std::move(*made);
}

Outcome outcome_of(const tls::Options& options, const Identity& identity,
                   int version = TLS1_3_VERSION) {
  const auto context = client(options);
  const ServerContext server{identity, version};
  Link link{*context, server};
  link.pump();
  CHECK(link.failed == (link.connected == 0));
  return link.session.outcome();
}

}  // namespace

TEST_CASE("a handshake and bytes both ways, TLS 1.2 and 1.3, however the bytes are split") {
  const Bed bed;
  Rng rng{test::seed()};
  const std::vector<Splitter> splits{whole, [](std::size_t) { return std::size_t{1}; },
                                     [&](std::size_t left) { return 1 + rng.below(left); }};
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const Splitter& split : splits) {
      const auto context = client(bed.options());
      const ServerContext server{bed.server, version};
      Link link{*context, server};
      link.split = split;
      link.pump();
      REQUIRE(link.connected == 1);
      CHECK(SSL_version(link.server.ssl()) == version);
      CHECK_FALSE(link.session.resumed());
      REQUIRE(link.session.encrypt("a question", link.out));
      link.server.feed(std::exchange(link.out, {}));
      CHECK(link.server.read() == "a question");
      const std::string answer(100'000, 'a');  // seven records
      link.server.write(answer);
      link.take(link.server.take());
      CHECK(link.received == answer);
      link.server.close_notify();
      link.take(link.server.take());
      CHECK(link.closed);
    }
  }
}

TEST_CASE("a request of a megabyte is encrypted whole") {
  const Bed bed;
  const auto context = client(bed.options());
  const ServerContext server{bed.server};
  Link link{*context, server};
  link.pump();
  std::string request(1 << 20, '\0');
  for (std::size_t i = 0; i < request.size(); ++i) request[i] = static_cast<char>(i * 31 >> 3);
  REQUIRE(link.session.encrypt(request, link.out));
  link.server.feed(link.out);
  CHECK(link.server.read() == request);
}

TEST_CASE("the server is told the name, never an address, and that we speak HTTP/1.1") {
  const Bed bed;
  for (const std::string name : {"server.test", "server.test.", "127.0.0.1"}) {
    tls::Options options = bed.options();
    options.servers = {name};
    const auto context = client(options);
    const ServerContext server{bed.server};
    std::string offered;
    SSL_CTX_set_alpn_select_cb(
        server.get(),
        [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in,
           unsigned n, void* to) {
          static_cast<std::string*>(to)->assign(reinterpret_cast<const char*>(in), n);
          *out = in + 1;
          *size = in[0];
          return SSL_TLSEXT_ERR_OK;
        },
        &offered);
    Link link{*context, server};
    link.pump();
    CHECK(link.connected == 1);
    CHECK(offered == "\x08http/1.1");
    const char* sni = SSL_get_servername(link.server.ssl(), TLSEXT_NAMETYPE_host_name);
    CHECK(std::string{sni != nullptr ? sni : ""} ==
          (name == "127.0.0.1" ? "" : "server.test"));
  }
}

TEST_CASE("each thing that is wrong with a certificate has its own outcome, in both versions") {
  const Bed bed;
  const Identity other_ca = make_identity({.name = "other", .alternatives = "",
                                           .authority = true});
  const Identity expired = make_identity({.valid_from = -7200, .valid_until = -3600,
                                          .issuer = &bed.ca});
  const Identity early = make_identity({.valid_from = 3600, .valid_until = 7200,
                                        .issuer = &bed.ca});
  const Identity self_signed = make_identity({});
  const Identity stranger = make_identity({.issuer = &other_ca});
  const Identity misnamed = make_identity({.alternatives = "DNS:other.test", .issuer = &bed.ca});
  tls::Options by_address = bed.options();
  by_address.servers = {"127.0.0.2"};
  tls::Options blind = bed.options();
  blind.verify = tls::Verify::kNothing;
  tls::Options trusting = bed.options();
  trusting.ca_pem += self_signed.certificate;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    CHECK(outcome_of(bed.options(), bed.server, version) == Outcome::kOk);
    CHECK(outcome_of(bed.options(), expired, version) == Outcome::kTlsCertificateExpired);
    CHECK(outcome_of(bed.options(), early, version) == Outcome::kTlsCertificateExpired);
    CHECK(outcome_of(bed.options(), self_signed, version) ==
          Outcome::kTlsCertificateSelfSigned);
    CHECK(outcome_of(bed.options(), stranger, version) == Outcome::kTlsCertificateUntrusted);
    CHECK(outcome_of(bed.options(), misnamed, version) == Outcome::kTlsWrongName);
    CHECK(outcome_of(by_address, bed.server, version) == Outcome::kTlsWrongName);
    CHECK(outcome_of(trusting, self_signed, version) == Outcome::kOk);
    for (const Identity* any : {&expired, &early, &self_signed, &stranger, &misnamed})
      CHECK(outcome_of(blind, *any, version) == Outcome::kOk);
  }
}

TEST_CASE("without tls.ca the host's store decides, and it does not know our authority") {
  const Bed bed;
  tls::Options options = bed.options();
  options.ca_pem.clear();
  CHECK(outcome_of(options, bed.server) == Outcome::kTlsCertificateUntrusted);
}

TEST_CASE("a session is resumed once a ticket came, and a ticket of TLS 1.3 is used once") {
  const Bed bed;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    const auto context = client(bed.options());
    const ServerContext server{bed.server, version};
    SSL_CTX_set_num_tickets(server.get(), 1);
    std::vector<std::unique_ptr<Link>> links;
    const auto next = [&] {
      links.push_back(std::make_unique<Link>(*context, server));
      links.back()->pump();
      REQUIRE(links.back()->connected == 1);
      return links.back()->session.resumed();
    };
    CHECK_FALSE(next());
    links.clear();  // its session outlives it
    CHECK(next());
    CHECK(next());
    // Two handshakes begun at once: with 1.3 there is one ticket for the two of them.
    Link first{*context, server}, second{*context, server};
    first.pump();
    second.pump();
    CHECK(first.session.resumed());
    CHECK(second.session.resumed() == (version == TLS1_2_VERSION));
  }
}

TEST_CASE("with resume off every handshake is a full one") {
  const Bed bed;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    tls::Options options = bed.options();
    options.resume = tls::Resume::kNo;
    const auto context = client(options);
    const ServerContext server{bed.server, version};
    for (int i = 0; i < 3; ++i) {
      Link link{*context, server};
      link.pump();
      REQUIRE(link.connected == 1);
      CHECK_FALSE(link.session.resumed());
    }
  }
}

TEST_CASE("sessions of one peer are never offered to another") {
  const Bed bed;
  tls::Options options = bed.options();
  options.servers = {"server.test", "127.0.0.1"};
  const auto context = client(options);
  const ServerContext server{bed.server};
  Link first{*context, server, 0};
  first.pump();
  Link other{*context, server, 1};
  other.pump();
  REQUIRE(other.connected == 1);
  CHECK_FALSE(other.session.resumed());
}

TEST_CASE("a server that wants a certificate gets ours, and refuses us with an alert without one") {
  const Bed bed;
  const Identity me = make_identity({.name = "me", .alternatives = "", .issuer = &bed.ca});
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    ServerContext server{bed.server, version};
    server.want_client_certificate(bed.ca.certificate);
    tls::Options options = bed.options();
    const auto anonymous = client(options);
    Link refused{*anonymous, server};
    refused.pump();
    CHECK(refused.failed);
    CHECK(refused.session.outcome() == Outcome::kTlsAlert);
    options.certificate_pem = me.certificate;
    options.key_pem = me.key;
    const auto known = client(options);
    Link welcome{*known, server};
    welcome.pump();
    CHECK(welcome.connected == 1);
    CHECK_FALSE(welcome.failed);
    CHECK(SSL_get0_peer_certificate(welcome.server.ssl()) != nullptr);
  }
}

TEST_CASE("versions that the plan rules out end with an alert") {
  const Bed bed;
  tls::Options options = bed.options();
  options.min_version = 13;
  CHECK(outcome_of(options, bed.server, TLS1_2_VERSION) == Outcome::kTlsAlert);
  options.min_version = 0;
  options.max_version = 12;
  CHECK(outcome_of(options, bed.server, TLS1_3_VERSION) == Outcome::kTlsAlert);
}

TEST_CASE("what is no TLS is a protocol failure, whatever it says and however it comes") {
  const Bed bed;
  Rng rng{test::seed()};
  const ServerContext server{bed.server};
  const auto context = client(bed.options());
  std::string noise(600, '\0');
  for (char& c : noise) c = static_cast<char>(rng.below(256));
  noise[0] = 'H';
  for (const std::string& bytes : {std::string{"HTTP/1.1 400 Bad Request\r\n\r\n"}, noise}) {
    Link link{*context, server};
    link.split = [&](std::size_t left) { return 1 + rng.below(left); };
    link.take({});
    link.take(bytes);
    CHECK(link.failed);
    CHECK(link.session.outcome() == Outcome::kTlsProtocol);
  }
}

TEST_CASE("a byte changed anywhere in the server's flight never leads to a connection") {
  const Bed bed;
  Rng rng{test::seed()};
  const ServerContext server{bed.server};
  for (int round = 0; round < 60; ++round) {
    const auto context = client(bed.options());
    Link link{*context, server};
    link.take({});
    link.server.feed(std::exchange(link.out, {}));
    link.server.shake_hands();
    std::string flight = link.server.take();
    const std::size_t at = rng.below(flight.size());
    flight[at] = static_cast<char>(flight[at] ^ (1 << rng.below(8)));
    CAPTURE(at);
    link.take(flight);
    // Failed, or waits for what a forged length promises; a change in the unprotected version of a
    // record may go unnoticed (RFC 8446 section 5.1), so the server has the last word.
    if (link.connected == 1) {
      link.server.feed(std::exchange(link.out, {}));
      CHECK(link.server.shake_hands());
    }
  }
}

TEST_CASE("a changed byte in application data ends the connection, and none of it is handed on") {
  const Bed bed;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto context = client(bed.options());
    const ServerContext server{bed.server, version};
    Link link{*context, server};
    link.pump();
    link.server.write("secret");
    std::string record = link.server.take();
    record.back() = static_cast<char>(record.back() ^ 1);
    link.take(record);
    CHECK(link.failed);
    CHECK(link.received.empty());
    CHECK(link.session.outcome() == Outcome::kTlsProtocol);
    CHECK_FALSE(link.out.empty());  // bad_record_mac goes to the server
  }
}

TEST_CASE("an alert of the server after the handshake has its outcome") {
  const Bed bed;
  const ServerContext server{bed.server, TLS1_2_VERSION};
  const auto context = client(bed.options());
  Link link{*context, server};
  link.pump();
  std::string forged(40, '\x17');  // a record that the server cannot decrypt makes it send an alert
  forged.replace(0, 5, std::string{"\x17\x03\x03\x00\x23", 5});
  link.server.feed(forged);
  link.server.read();
  link.take(link.server.take());
  CHECK(link.failed);
  CHECK(link.session.outcome() == Outcome::kTlsAlert);
}

TEST_CASE("a server that asks for renegotiation is refused, and stays with the keys it has") {
  const Bed bed;
  const ServerContext server{bed.server, TLS1_2_VERSION};
  const auto context = client(bed.options());
  Link link{*context, server};
  link.pump();
  REQUIRE(link.connected == 1);
  SSL_renegotiate(link.server.ssl());
  link.server.shake_hands();
  link.take(link.server.take());
  CHECK_FALSE(link.failed);
  CHECK_FALSE(link.out.empty());  // the warning no_renegotiation
  link.server.feed(std::exchange(link.out, {}));
  link.server.read();
  CHECK(link.connected == 1);
  CHECK(SSL_num_renegotiations(link.server.ssl()) <= 1);
}

TEST_CASE("our close_notify reaches the server as an end of stream") {
  const Bed bed;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const ServerContext server{bed.server, version};
    const auto context = client(bed.options());
    Link link{*context, server};
    link.pump();
    link.session.close_notify(link.out);
    link.server.feed(link.out);
    CHECK(link.server.read().empty());
    CHECK((SSL_get_shutdown(link.server.ssl()) & SSL_RECEIVED_SHUTDOWN) != 0);
  }
}
