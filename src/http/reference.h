#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

#include "http/url.h"

namespace gend::http {

enum class ReferenceFault : std::uint8_t {
  kOtherScheme,  // neither http nor https
  kInvalid       // no URL, or one with a user and password
};

// What `reference` (a Location, for example) means beside `base`: RFC 3986 5.2, strict. The
// fragment is dropped; bytes that may not stand in a URL are percent-encoded as parse_url does.
std::expected<Url, ReferenceFault> resolve_reference(const Url& base, std::string_view reference);

// Whether the reference is an absolute path that means itself beside any base, with nothing to
// encode, resolve or drop: what nearly every Location is. Such a one needs no memory.
bool is_plain_path(std::string_view reference);

}  // namespace gend::http
