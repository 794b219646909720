#pragma once

#include <cstdint>
#include <string_view>

#include "base/outcome.h"
#include "engine/exchange.h"
#include "http/content_coding.h"
#include "http/cookie_jar.h"
#include "plan/program.h"
#include "plan/render.h"

// What goes out and what comes in for one request, without sockets: bytes with their cookies, where
// a redirect leads, bodies decoded.
namespace gend::engine {

// Renders what is to be sent into `exchange.rendered`: the request of the plan or the one that a
// redirect made of it, with the cookies of `jar` (null: none are sent).
plan::RenderFault render_bytes(const plan::HttpRequest& request, const plan::Endpoint& endpoint,
                               http::CookieJar* jar, const plan::RenderContext& context,
                               Exchange& exchange);

// The path and query of the request that was sent last.
std::string_view sent_target(const plan::HttpRequest& request, const Exchange& exchange);

struct RedirectStep {
  Outcome outcome = Outcome::kOk;  // why it cannot be followed
  std::uint16_t endpoint = 0;
};
// Turns the exchange into the request that a redirect asks for (RFC 9110 15.4). Credentials of the
// plan are not sent to another origin, and not again afterwards.
RedirectStep follow_redirect(const plan::Program& program, const plan::HttpRequest& request,
                             int status, std::uint16_t from, unsigned hops, Exchange& exchange);

// Where a request to this endpoint goes, for cookies.
http::CookieJar::Place cookie_place(const plan::Endpoint& endpoint, std::string_view target);

// Decodes the kept body when something reads it.
Outcome decode_body(const plan::HttpRequest& request, Exchange& exchange,
                    http::ContentDecoder& decoder);

}  // namespace gend::engine
