#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plan/expression.h"
#include "plan/inspect.h"
#include "plan/place.h"
#include "plan/program.h"
#include "plan/units.h"

// What a plan's text says of requests and of what they have in common, typed and with places.
namespace gend::plan {

// Fixed, but for columns of data (Source::kColumn alone), which become facets.
using TagsText = std::map<std::string, Template>;

struct TimeoutText {
  std::optional<Given<Duration>> connect, first_byte, total;
};

struct HeaderText {
  std::string name;  // as written
  Filled value;
  Place place;
};

struct BodyText {
  std::string key;  // what it was given as: "json", "form", …
  Template content;
  std::string type;  // Content-Type unless a header says another; empty: none
};

struct BackoffText {
  std::optional<Given<Duration>> initial, max;
  std::optional<double> factor;
  std::optional<Jitter> jitter;
};

// What was given; the rest comes from `defaults`.
struct RetryText {
  Place place;  // line 0: none was given
  std::optional<std::uint32_t> max;
  std::optional<Retry> on;  // only on_… and `statuses` count
  std::optional<bool> respect_retry_after;
  BackoffText backoff;
};

struct AuthText {
  enum class Kind : std::uint8_t { kNone, kBearer, kBasic, kJwt };
  Kind kind = Kind::kNone;
  Place place;
  Template bearer;
  Credential credential;  // kBasic, kJwt
};

// A pattern is compiled twice: where it is read, for complaints, and into the program.
struct CheckText {
  Check check;
  std::string of_pattern;     // of `check.of`: Part::kRegex
  std::string match_pattern;  // of `check`: Match::kMatches
};
struct CaptureText {
  Capture capture;
  std::string pattern;
};

struct HttpText {
  Place place;  // of the URL
  Method method = Method::kGet;
  Template url;            // as in the plan: absolute, or a path for the plan's target
  std::string url_source;  // as written, placeholders unfilled
  std::string url_secret;  // the name of a secret variable in the URL, if there is one
  std::optional<std::string> name;
  std::vector<HeaderText> headers;
  Template query;  // "a=1&b=2", encoded; no pieces when there is none
  std::optional<BodyText> body;
  std::optional<AuthText> auth;
  TimeoutText timeout;
  std::optional<std::uint8_t> redirects;
  RetryText retry;
  std::optional<bool> traceparent, request_id;
  TagsText tags;
  std::vector<CaptureText> captures;
  std::vector<CheckText> checks, expects;
  std::optional<StatusRanges> expected_statuses;
  bool has_expect = false;
  bool opens_session = false;  // a handshake: never tried again, redirected or closed after it
};

struct DefaultsText {
  TimeoutText timeout;
  std::vector<HeaderText> headers;
  std::optional<AuthText> auth;
  std::optional<std::uint8_t> redirects;
  RetryText retry;
  bool traceparent = false, request_id = false;
  std::optional<Scenario::Cookies> cookies;  // of scenarios that say nothing themselves
  std::vector<Given<std::string>> redirect_to;  // further servers, as URLs
  Tls tls;
  bool keep_alive = true;
  std::vector<std::string> source_addresses;
};

}  // namespace gend::plan
