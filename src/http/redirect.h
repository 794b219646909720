#pragma once

#include <cstdint>
#include <string_view>

#include "http/url.h"

namespace gend::http {

// 301, 302, 303, 307 and 308: the answers that lead elsewhere by themselves (RFC 9110 15.4).
constexpr bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// What to send after a redirect.
struct Redirect {
  enum class Target : std::uint8_t {
    kFollow,
    kMissing,  // no Location, or an empty one
    kInvalid   // a Location that is no http or https URL
  };
  Target target = Target::kMissing;
  std::string_view method;   // as given, or "GET"
  bool keeps_body = false;   // and the header fields that describe it
  bool same_origin = false;  // scheme, host and port; credentials go nowhere else
  Url url;                   // with kFollow
};

bool is_same_origin(const Url& a, const Url& b);

// `name` is as given, or "GET".
struct NextMethod {
  std::string_view name;
  bool keeps_body = false;  // and the header fields that describe it
};
NextMethod method_after(int status, std::string_view method);

// `status` is a redirect's, `method` in capitals, `base` the URL that answered. 301 and 302 make a
// POST a GET, as all browsers do; 303 makes anything but HEAD one; 307 and 308 change nothing.
Redirect next_request(int status, std::string_view method, std::string_view location,
                      const Url& base);

}  // namespace gend::http
