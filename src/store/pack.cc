#include "store/pack.h"

#include <algorithm>
#include <limits>

#include <zlib.h>

#include "base/assert.h"

namespace gend::store {

std::string packed(std::string_view bytes) {
  uLongf size = compressBound(bytes.size());
  std::string out(size, '\0');
  const int code = compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                             reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(),
                             Z_DEFAULT_COMPRESSION);
  GEND_ASSERT(code == Z_OK);  // the room is enough for anything
  out.resize(size);
  return out;
}

std::optional<std::string> unpacked(std::string_view bytes, std::size_t limit) {
  std::string out(std::clamp<std::size_t>(bytes.size() * 4, 4096, limit), '\0');
  for (;;) {
    uLongf size = out.size();
    const int code = uncompress(reinterpret_cast<Bytef*>(out.data()), &size,
                                reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
    if (code == Z_OK) {
      out.resize(size);
      return out;
    }
    if (code != Z_BUF_ERROR || out.size() >= limit) return std::nullopt;
    out.resize(std::min(limit, out.size() * 4));
  }
}

}  // namespace gend::store
