#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gend::demo {

// A JSON Web Token of these claims (a JSON object), signed with HS256 (RFC 7515, RFC 7519).
std::string sign_token(std::string_view claims, std::string_view secret);

// The claims of a token whose HS256 signature is right, whatever they say about time; compared in
// constant time. Any other algorithm ("none" above all) is refused.
std::optional<std::string> verified_claims(std::string_view token, std::string_view secret);

}  // namespace gend::demo
