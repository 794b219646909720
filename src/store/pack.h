#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gend::store {

// zlib (RFC 1950). Unpacking gives nothing for what is cut off, damaged or larger than `limit`.
std::string packed(std::string_view bytes);
std::optional<std::string> unpacked(std::string_view bytes, std::size_t limit);

}  // namespace gend::store
