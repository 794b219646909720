#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "plan/inspect.h"
#include "plan/template.h"

// One HTTP request of a plan, compiled.
namespace gend::plan {

enum class Method : std::uint8_t { kGet, kPost, kPut, kPatch, kDelete, kHead, kOptions };
std::string_view name_of(Method method);  // "GET"

struct Timeouts {
  Duration connect{std::chrono::seconds{10}};  // TCP and TLS together
  Duration first_byte{};                       // 0: only the total counts
  Duration total{std::chrono::seconds{60}};
};

enum class Jitter : std::uint8_t { kNone, kFull, kEqual };  // AWS's names
struct Backoff {
  Duration initial{std::chrono::milliseconds{200}};
  double factor = 2;
  Duration max{std::chrono::seconds{5}};
  Jitter jitter = Jitter::kFull;  // full: uniform in [0, wait); equal: half of it and a random half
};

// What is tried again. Every attempt is measured as a request of its own.
struct Retry {
  std::uint32_t max = 0;  // further attempts; 0: none
  bool on_connect = false;
  bool on_timeout = false;
  bool on_reset = false;  // reset, closed, truncated
  bool on_tls = false;
  bool on_malformed = false;
  StatusRanges statuses{};
  bool respect_retry_after = true;  // an answer's Retry-After in seconds wins over the backoff
  Backoff backoff{};
};

// Slots of the series one HTTP step records into. Index 0: unexpected (failed), 1: expected, the
// `expected_response` tag.
struct HttpSeries {
  std::array<std::uint32_t, 2> duration{}, corrected{}, waiting{}, sending{}, receiving{};
  std::array<std::uint32_t, 2> blocked{}, connecting{}, tls_handshaking{};
  std::uint32_t reqs = 0;     // tally
  std::uint32_t failed = 0;   // rate
  std::uint32_t retries = 0;  // counter http_req_retries
};

struct HttpRequest {
  std::string name{};  // the `name` tag
  Method method = Method::kGet;
  std::uint16_t endpoint = 0;
  // With lifetime kFixed `wire` is the whole request, ready to send, and `head` and `body` are
  // empty. Otherwise `head` renders up to and including the last header line (without
  // Content-Length and the empty line), and `body` the body; both are needed to know the length.
  Lifetime lifetime = Lifetime::kFixed;
  std::string wire{};
  std::size_t wire_head = 0;  // kFixed: bytes of `wire` before the empty line: a Cookie goes there
  Template head{}, body{};
  bool has_body = false;
  bool sends_cookies = true;  // no `cookie` header of its own, and the plan has not said `off`
  // The same request in parts, for redirects, which change its first lines.
  Template fields{};       // header lines but Host, credentials and those that describe the body
  Template credentials{};  // Authorization and Cookie lines of the plan: not for other origins
  Template body_fields{};  // Content-Type, Content-Encoding, …
  Template redirect_body{};  // the body, also of a fixed request
  Timeouts timeout{};
  std::uint8_t redirects = 10;  // followed at most; 0: a redirect is an answer like any other
  Retry retry{};
  StatusRanges expected_statuses{};  // default 200-399
  std::vector<Capture> captures{};
  std::vector<Check> checks{};
  std::vector<Check> expects{};  // counted like checks; the iteration ends when one fails
  bool stops_on_failure = false;  // has an `expect`
  bool reads_body = false;        // a check or capture looks at the body, so it is kept (bounded)
  bool reads_json = false;
  bool reads_headers = false;  // a check or capture looks at headers
  bool keep_alive = true;
  std::vector<std::uint16_t> facets{};  // indexes into Program::facets
  HttpSeries series{};
  std::size_t expected_bytes = 0;  // size of `wire`, or an estimate, for explain
};

// What the run can send instead of itself: a credential that is made when it is sent.
struct Credential {
  enum class Kind : std::uint8_t { kBasic, kJwt };
  Kind kind = Kind::kBasic;
  Template user{}, password{};  // kBasic
  Template claims{};            // kJwt: a JSON object
  std::string secret{};         // kJwt: HS256's key, or RS256's private key in PEM
  bool rsa = false;             // RS256
  Duration expires_in{};        // 0: no exp claim is added; iat goes with it
  // The user's value that keeps a token whose claims do not change with every message; kNoSlot:
  // made anew for each request.
  std::uint32_t cache_slot = kNoSlot;
};

}  // namespace gend::plan
