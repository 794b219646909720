#include "engine/request_bytes.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/assert.h"
#include "http/redirect.h"
#include "http/reference.h"

namespace gend::engine {
namespace {

constexpr std::string_view kLineEnd = "\r\n", kHeadEnd = "\r\n\r\n";

// The second word of the request line.
std::string_view target_of(std::string_view bytes) {
  const std::size_t begin = bytes.find(' ') + 1;
  const std::size_t end = bytes.find(' ', begin);
  return bytes.substr(begin, end - begin);
}

// Puts a Cookie line at the end of the head of the request that `out` holds.
void insert_cookie(std::string_view cookie, plan::TextBuffer& out) {
  constexpr std::string_view kName = "cookie: ";
  const std::size_t at = out.view().find(kHeadEnd) + kLineEnd.size();
  const std::size_t size = kName.size() + cookie.size() + kLineEnd.size();
  const std::size_t rest = out.size() - at;
  out.reserve(size);
  out.commit(size);
  char* const here = out.data() + at;
  std::copy_backward(here, here + rest, here + rest + size);
  char* to = std::copy(kName.begin(), kName.end(), here);
  to = std::copy(cookie.begin(), cookie.end(), to);
  std::copy(kLineEnd.begin(), kLineEnd.end(), to);
}

void append_number(std::size_t number, plan::TextBuffer& out) {
  char* const to = out.reserve(20);
  const auto [end, error] = std::to_chars(to, to + 20, number);
  GEND_ASSERT(error == std::errc{});
  out.commit(static_cast<std::size_t>(end - to));
}

bool takes_a_body(plan::Method method) {
  return method == plan::Method::kPost || method == plan::Method::kPut ||
         method == plan::Method::kPatch;
}

// The request that a redirect made: its own first lines, the fields of the plan's.
plan::RenderFault render_redirected(const plan::HttpRequest& request,
                                    const plan::Endpoint& endpoint,
                                    const plan::RenderContext& context, Exchange& exchange) {
  plan::TextBuffer& out = exchange.rendered;
  out.append(plan::name_of(exchange.method));
  out.append(" ");
  out.append(exchange.url);
  out.append(" HTTP/1.1\r\nHost: ");
  out.append(endpoint.authority);
  out.append(kLineEnd);
  const auto add = [&](const plan::Template& part) { return plan::render(part, context, out); };
  auto fault = add(request.fields);
  if (fault == plan::RenderFault::kNone && exchange.sends_credentials)
    fault = add(request.credentials);
  const bool with_body = exchange.sends_body && request.has_body;
  if (fault == plan::RenderFault::kNone && with_body) fault = add(request.body_fields);
  if (fault != plan::RenderFault::kNone) return fault;
  if (!with_body) {
    out.append(takes_a_body(exchange.method) ? "content-length: 0\r\n\r\n" : kLineEnd);
    return fault;
  }
  plan::TextBuffer body;  // a redirected body is rare enough for memory of its own
  fault = plan::render(request.redirect_body, context, body);
  if (fault != plan::RenderFault::kNone) return fault;
  out.append("content-length: ");
  append_number(body.size(), out);
  out.append(kHeadEnd);
  out.append(body.view());
  return fault;
}

http::Url url_of(const plan::Endpoint& endpoint, std::string_view target) {
  http::Url url;
  url.scheme = endpoint.tls ? http::Scheme::kHttps : http::Scheme::kHttp;
  url.host = endpoint.host;
  url.port = endpoint.port;
  url.target = target;
  return url;
}

std::optional<std::uint16_t> find_endpoint(const plan::Program& program, const http::Url& url) {
  for (std::size_t i = 0; i < program.endpoints.size(); ++i) {
    const plan::Endpoint& e = program.endpoints[i];
    if (e.tls == (url.scheme == http::Scheme::kHttps) && e.host == url.host && e.port == url.port)
      return static_cast<std::uint16_t>(i);
  }
  return std::nullopt;
}

void take_method(http::NextMethod next, plan::Method method, Exchange& exchange) {
  exchange.method = next.name == plan::name_of(method) ? method : plan::Method::kGet;
  exchange.sends_body = exchange.sends_body && next.keeps_body;
  exchange.redirected = true;
}

}  // namespace

plan::RenderFault render_bytes(const plan::HttpRequest& request, const plan::Endpoint& endpoint,
                               http::CookieJar* jar, const plan::RenderContext& context,
                               Exchange& exchange) {
  plan::TextBuffer& out = exchange.rendered;
  out.clear();
  auto fault = plan::RenderFault::kNone;
  if (exchange.redirected)
    fault = render_redirected(request, endpoint, context, exchange);
  else if (request.lifetime == plan::Lifetime::kFixed)
    out.append(request.wire);
  else
    fault = plan::render(request, context, {}, out);
  if (fault != plan::RenderFault::kNone || jar == nullptr) return fault;
  exchange.cookie.clear();
  jar->header(cookie_place(endpoint, target_of(out.view())), context.wall_ms / 1000,
              exchange.cookie);
  if (!exchange.cookie.empty()) insert_cookie(exchange.cookie, out);
  return fault;
}

std::string_view sent_target(const plan::HttpRequest& request, const Exchange& exchange) {
  return target_of(exchange.rendered.size() > 0 ? exchange.rendered.view()
                                                : std::string_view{request.wire});
}

http::CookieJar::Place cookie_place(const plan::Endpoint& endpoint, std::string_view target) {
  return {.host = endpoint.host, .path = target, .secure = endpoint.tls};
}

RedirectStep follow_redirect(const plan::Program& program, const plan::HttpRequest& request,
                             int status, std::uint16_t from, unsigned hops, Exchange& exchange) {
  if (hops >= request.redirects) return {Outcome::kRedirectLimit, 0};
  const plan::Method method = exchange.redirected ? exchange.method : request.method;
  const std::string_view location = exchange.kept.location;
  if (http::is_plain_path(location)) {
    // The same server: credentials stay. In memory that the exchange keeps.
    exchange.url.assign(location);
    take_method(http::method_after(status, plan::name_of(method)), method, exchange);
    return {Outcome::kOk, from};
  }
  const http::Url base = url_of(program.endpoints[from], sent_target(request, exchange));
  const http::Redirect next =
      http::next_request(status, plan::name_of(method), location, base);
  if (next.target != http::Redirect::Target::kFollow) return {Outcome::kRedirectInvalid, 0};
  const auto endpoint = find_endpoint(program, next.url);
  if (!endpoint) return {Outcome::kRedirectElsewhere, 0};
  exchange.sends_credentials = exchange.sends_credentials && next.same_origin;
  exchange.url = next.url.target;
  take_method({next.method, next.keeps_body}, method, exchange);
  return {Outcome::kOk, *endpoint};
}

Outcome decode_body(const plan::HttpRequest& request, Exchange& exchange,
                    http::ContentDecoder& decoder) {
  if (!request.reads_body || exchange.kept.content_encoding.empty()) return Outcome::kOk;
  return decoder.decode(exchange.kept.content_encoding, exchange.kept.body).outcome;
}

}  // namespace gend::engine
