#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gend::report {

enum class Ends : bool { kWhole, kCutOff };

// What a server sent, without what must not be seen: the plan's secrets, tokens that look like
// JWTs, and the values of JSON members, parameters and headers whose names speak of a token, a
// password, a secret, an authorization, an API key, a session or a cookie. Each becomes ***. Of a
// text that was cut off the beginning of a secret at its end goes as well. Masks rather too much.
std::string masked(std::string_view text, const std::vector<std::string>& secrets, Ends ends);

// The secrets as they are and as they stand in JSON: what masked() should know of. Percent-encoded
// it knows them anyway.
std::vector<std::string> forms_of(const std::vector<std::string>& secrets);

}  // namespace gend::report
