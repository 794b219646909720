#include "http/redirect.h"

#include <utility>

#include "base/assert.h"
#include "http/reference.h"

namespace gend::http {
namespace {

bool becomes_get(int status, std::string_view method) {
  if (status == 303) return method != "HEAD";
  return (status == 301 || status == 302) && method == "POST";
}

}  // namespace

NextMethod method_after(int status, std::string_view method) {
  const bool to_get = becomes_get(status, method);
  return {.name = to_get ? "GET" : method, .keeps_body = !to_get};
}

bool is_same_origin(const Url& a, const Url& b) {
  return a.scheme == b.scheme && a.port == b.port && a.host == b.host;
}

Redirect next_request(int status, std::string_view method, std::string_view location,
                      const Url& base) {
  GEND_ASSERT(is_redirect(status));
  Redirect out;
  if (location.empty()) return out;
  auto url = resolve_reference(base, location);
  if (!url) {
    out.target = Redirect::Target::kInvalid;
    return out;
  }
  out.target = Redirect::Target::kFollow;
  const NextMethod to = method_after(status, method);
  out.method = to.name;
  out.keeps_body = to.keeps_body;
  out.same_origin = is_same_origin(base, *url);
  out.url = *std::move(url);
  return out;
}

}  // namespace gend::http
