#include "plan/compile_request.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "base/limits.h"
#include "http/chars.h"
#include "http/request.h"
#include "http/url.h"
#include "ledger/stamp.h"
#include "plan/load_parts.h"
#include "plan/request_template.h"

namespace gend::plan {

namespace {

using namespace std::chrono_literals;

bool is_absolute(std::string_view url) {
  const auto begins_with = [&](std::string_view scheme) {
    return url.size() >= scheme.size() &&
           http::equals_ignoring_case(url.substr(0, scheme.size()), scheme);
  };
  return begins_with("http://") || begins_with("https://");
}

std::string_view first_literal(const Template& text) {
  if (text.pieces.empty() || text.pieces.front().source != Source::kLiteral) return {};
  return text.pieces.front().text;
}

// Where the path, query or fragment begins.
std::size_t end_of_authority(std::string_view url) {
  return url.find_first_of("/?#", url.find("://") + 3);
}

bool is_user_value(const Piece& piece) {
  return piece.source == Source::kVariable || piece.source == Source::kColumn;
}

// Percent-encodes the literals of a path and query, and says how values are encoded when they are
// sent; one that the target begins with is a path already. The error is in plain words.
std::expected<Template, std::string> encoded_target(const Template& text) {
  Template out;
  auto part = http::TargetPart::kPath;
  for (const Piece& piece : text.pieces) {
    if (piece.source != Source::kLiteral) {
      Template value{{piece}, text.lifetime};
      if (is_user_value(piece)) {
        value.pieces.front().escaping = out.pieces.empty() ? Escaping::kTarget
                                        : part == http::TargetPart::kPath
                                            ? Escaping::kPathSegment
                                            : Escaping::kQueryValue;
      }
      append(out, value);
      continue;
    }
    if (piece.text.find('#') != std::string::npos) {
      return std::unexpected{std::string{"a fragment (#…) is never sent"}};
    }
    auto encoded = http::encode_target(piece.text, part);
    if (!encoded) return std::unexpected{encoded.error()};
    append(out, *encoded);
  }
  return out;
}

std::size_t expected_size(const HttpRequest& request) {
  std::size_t size = request.wire.size();
  for (const Template* part : {&request.head, &request.body})
    for (const Piece& piece : part->pieces) size += expected_size(piece);
  return size;
}

Duration chosen(const std::optional<Given<Duration>>& step,
                const std::optional<Given<Duration>>& defaults, Duration otherwise) {
  if (step) return step->value;
  return defaults ? defaults->value : otherwise;
}

}  // namespace

std::size_t expected_size(const Piece& piece) {
  switch (piece.source) {
    case Source::kLiteral: return piece.text.size();
    case Source::kUuid: return 36;
    case Source::kRandomString: return static_cast<std::size_t>(piece.a);
    case Source::kNow: return 24;
    case Source::kTraceparent: return 55;
    case Source::kCredential: return 200;
    case Source::kStamp: return ledger::kStampBytes;
    case Source::kColumn:
    case Source::kVariable: return 16;
    case Source::kVu:
    case Source::kIteration:
    case Source::kRandomInt:
    case Source::kTimestamp: return 20;
  }
  return 0;
}

Timeouts merged(const TimeoutText& step, const TimeoutText& defaults) {
  Timeouts timeouts;
  timeouts.total = chosen(step.total, defaults.total, 60s);
  // A default for connecting that outlasts the whole request would never be reached.
  timeouts.connect =
      chosen(step.connect, defaults.connect, std::min<Duration>(10s, timeouts.total));
  timeouts.first_byte = chosen(step.first_byte, defaults.first_byte, 0s);
  return timeouts;
}

Retry merged(const RetryText& step, const RetryText& defaults) {
  Retry retry;
  if (step.on)
    retry = *step.on;
  else if (defaults.on)
    retry = *defaults.on;
  const auto choose = [](const auto& a, const auto& b, auto& to) {
    if (a)
      to = *a;
    else if (b)
      to = *b;
  };
  choose(step.max, defaults.max, retry.max);
  choose(step.respect_retry_after, defaults.respect_retry_after, retry.respect_retry_after);
  const BackoffText &own = step.backoff, &other = defaults.backoff;
  retry.backoff.initial = chosen(own.initial, other.initial, retry.backoff.initial);
  retry.backoff.max = chosen(own.max, other.max, retry.backoff.max);
  choose(own.factor, other.factor, retry.backoff.factor);
  choose(own.jitter, other.jitter, retry.backoff.jitter);
  return retry;
}

RequestCompiler::RequestCompiler(const Profile& profile, Program& program, Reporter& reporter)
    : profile_{profile}, program_{program}, reporter_{reporter} {
  read_target();
}

void RequestCompiler::read_target() {
  if (!profile_.target) return;
  const std::string& url = profile_.target->value;
  const Place place = profile_.target->place;
  if (!is_absolute(url)) {
    reporter_.complain(place, fmt::format("{} is not a URL", quote(url)),
                       "write http://host or https://host, perhaps with :port");
    base_ = Base{};
    return;
  }
  Base base;
  const auto endpoint = endpoint_of(url, place, base.path);
  if (base.path.find_first_of("?#") != std::string::npos) {
    reporter_.complain(place, "a target has no query and no fragment", "put it into the steps");
  }
  while (base.path.ends_with('/')) base.path.pop_back();
  base.endpoint = endpoint.value_or(0);
  base_ = base;
}

// `path` becomes the URL's path and query. Empty after a complaint.
std::optional<std::uint16_t> RequestCompiler::endpoint_of(std::string_view url, Place place,
                                                          std::string& path) {
  const auto parsed = http::parse_url(url);
  if (!parsed) {
    reporter_.complain(place, fmt::format("{} is not a URL: {}", quote(url), parsed.error()));
    return std::nullopt;
  }
  const bool tls = parsed->scheme == http::Scheme::kHttps;
  path = parsed->target;
  const auto same = [&](const Endpoint& e) {
    return e.host == parsed->host && e.port == parsed->port && e.tls == tls;
  };
  auto& endpoints = program_.endpoints;
  const auto found = std::ranges::find_if(endpoints, same);
  if (found != endpoints.end()) return static_cast<std::uint16_t>(found - endpoints.begin());
  if (endpoints.size() == limits::kEndpoints) {
    reporter_.complain(place, fmt::format("{} is one server too many: a plan has at most {}",
                                          quote(parsed->authority()), limits::kEndpoints));
    return std::nullopt;
  }
  endpoints.push_back(
      {.host = parsed->host, .port = parsed->port, .tls = tls, .authority = parsed->authority()});
  return static_cast<std::uint16_t>(endpoints.size() - 1);
}

bool RequestCompiler::place_absolute(const HttpText& text, Template& target, HttpRequest& request) {
  const std::string_view first = first_literal(text.url);
  const std::size_t end = end_of_authority(first);
  if (end == std::string_view::npos && text.url.pieces.size() > 1) {
    reporter_.complain(text.place, "the server of a URL must be fixed",
                       "put a / before the first ${…}");
    return false;
  }
  if (!text.url_secret.empty()) {
    reporter_.complain(text.place,
                       fmt::format("the secret {} would be printed: servers stand in "
                                   "reports",
                                   quote(text.url_secret)),
                       "use it in `query` or `headers`, with a path as URL");
    return false;
  }
  std::string ignored;
  const auto endpoint = endpoint_of(first.substr(0, end), text.place, ignored);
  if (!endpoint) return false;
  request.endpoint = *endpoint;
  const std::string_view rest = end == std::string_view::npos ? "" : first.substr(end);
  if (!rest.starts_with('/')) append(target, "/");
  append(target, rest);
  Template others{{text.url.pieces.begin() + 1, text.url.pieces.end()}, text.url.lifetime};
  append(target, others);
  return true;
}

// Sends the request to the plan's target; false after a complaint.
bool RequestCompiler::place_at_target(const HttpText& text, HttpRequest& request) {
  if (base_) {
    request.endpoint = base_->endpoint;
    return true;
  }
  // A `target` that could not be read was complained of where it stands.
  if (profile_.has_target_key || missing_target_complained_) return false;
  missing_target_complained_ = true;
  reporter_.complain(
      text.place, fmt::format("{} needs a `target`, and the plan has none", quote(text.url_source)),
      "add target: http://host:port at the top");
  return false;
}

// Finds the server and the path of a request; false after a complaint.
bool RequestCompiler::place_request(const HttpText& text, Template& target, HttpRequest& request) {
  const std::string_view first = first_literal(text.url);
  if (is_absolute(first)) return place_absolute(text, target, request);
  if (is_user_value(text.url.pieces.front())) {
    target = text.url;  // a whole path, the target's own included
    return place_at_target(text, request);
  }
  if (!first.starts_with('/')) {
    reporter_.complain(text.place,
                       fmt::format("{} is neither a path nor a URL", quote(text.url_source)),
                       "begin it with /, http:// or https://");
    return false;
  }
  if (!place_at_target(text, request)) return false;
  append(target, base_->path);
  append(target, text.url);
  return true;
}

HttpRequest RequestCompiler::compile(const HttpText& text) {
  HttpRequest request;
  request.name = text.name.value_or(text.url_source);
  request.method = text.method;
  request.timeout = merged(text.timeout, profile_.defaults.timeout);
  request.keep_alive = profile_.defaults.keep_alive || text.opens_session;
  request.redirects = 0;
  if (!text.opens_session) {
    request.redirects = text.redirects.value_or(profile_.defaults.redirects.value_or(kRedirects));
    request.retry = merged(text.retry, profile_.defaults.retry);
    check_retry(text, request.retry);
  }
  add_inspections(text, request, program_);
  Template raw;
  if (text.url.pieces.empty() || !place_request(text, raw, request)) return request;
  auto target = encoded_target(raw);
  if (!target) {
    reporter_.complain(text.place, fmt::format("{}: {}", quote(text.url_source), target.error()));
    return request;
  }
  if (!text.query.pieces.empty()) {
    const bool has_query = std::ranges::any_of(
        target->pieces, [](const Piece& p) { return p.text.find('?') != std::string::npos; });
    append(*target, has_query ? "&" : "?");
    append(*target, text.query);
  }
  // The endpoint list is empty when the target itself was complained of.
  if (!program_.endpoints.empty()) render(text, *target, request);
  return request;
}

void RequestCompiler::check_retry(const HttpText& text, const Retry& retry) {
  const RetryText& step = text.retry;
  const RetryText& defaults = profile_.defaults.retry;
  const Place place = step.place.line > 0 ? step.place : defaults.place;
  if (place.line == 0) return;
  if (!step.max && !defaults.max) {
    reporter_.complain(place, "`max` is missing: how often to try again", "add max: 2");
  } else if (retry.max > 0 && !step.on && !defaults.on) {
    reporter_.complain(place, "`on` is missing: what to try again",
                       "add on: [connect, timeout, 503]");
  }
  if (retry.backoff.initial > retry.backoff.max) {
    reporter_.complain(place, "the first wait (`initial`) is longer than the longest (`max`)");
  }
}

// Who logs in how: the step's word is stronger than the defaults', a header than the default auth.
void RequestCompiler::add_auth(const HttpText& text, std::vector<TemplateField>& fields) {
  const auto is_authorization = [](const auto& field) {
    return http::equals_ignoring_case(field.name, "authorization");
  };
  const bool own_header = std::ranges::any_of(text.headers, is_authorization);
  if (text.auth && own_header) {
    reporter_.complain(text.auth->place, "`auth`, beside a header authorization",
                       "leave one of them out");
    return;
  }
  if (text.auth) std::erase_if(fields, is_authorization);
  const auto& auth = text.auth || own_header ? text.auth : profile_.defaults.auth;
  if (auth && auth->kind != AuthText::Kind::kNone) {
    put_field(fields, {"authorization", authorization_of(*auth, program_)});
  }
}

std::vector<TemplateField> RequestCompiler::fields_of(const HttpText& text) {
  std::vector<TemplateField> fields;
  const DefaultsText& defaults = profile_.defaults;
  for (const HeaderText& header : defaults.headers) {
    put_field(fields, {header.name, header.value.text});
  }
  for (const HeaderText& header : text.headers) {
    put_field(fields, {header.name, header.value.text});
  }
  add_auth(text, fields);
  const auto add = [&](std::string_view name, Template value) {
    if (!has_field(fields, name)) fields.push_back({std::string{name}, std::move(value)});
  };
  const auto made = [](Source source) {
    return Template{{{.source = source, .text = {}}}, Lifetime::kPerMessage};
  };
  if (text.traceparent.value_or(defaults.traceparent)) {
    add("traceparent", made(Source::kTraceparent));
  }
  if (text.request_id.value_or(defaults.request_id)) add("x-request-id", made(Source::kUuid));
  if (text.body && !text.body->type.empty()) {
    Template type;
    append(type, text.body->type);
    add("content-type", std::move(type));
  }
  for (TemplateField& field : fields) {
    for (Piece& piece : field.value.pieces) {
      if (is_user_value(piece)) piece.escaping = Escaping::kFieldValue;
    }
  }
  return fields;
}

void RequestCompiler::render(const HttpText& text, const Template& target, HttpRequest& request) {
  RequestTemplate parts{.method = name_of(request.method),
                        .target = target,
                        .authority = program_.endpoints[request.endpoint].authority,
                        .fields = fields_of(text),
                        .body = {},
                        .keep_alive = request.keep_alive};
  if (text.body) parts.body = text.body->content;
  request.sends_cookies = !has_field(parts.fields, "cookie");
  if (auto fault = render_parts(parts, request)) {
    reporter_.complain(text.place, std::move(*fault));
    return;
  }
  if (request.redirects > 0) split_for_redirects(parts, request);
  request.expected_bytes = expected_size(request);
  if (request.expected_bytes > limits::kRequestBytes) {
    reporter_.complain(text.place, fmt::format("the request may become {} bytes long, at most {}",
                                               request.expected_bytes, limits::kRequestBytes));
  }
}

void RequestCompiler::finish() {
  std::string ignored;
  for (const auto& [url, place] : profile_.defaults.redirect_to) endpoint_of(url, place, ignored);
  program_.tls = profile_.defaults.tls;
}

}  // namespace gend::plan
