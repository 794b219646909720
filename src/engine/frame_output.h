#pragma once

#include <cstring>

#include "plan/render.h"
#include "ws/deflate.h"
#include "ws/frame.h"

namespace gend::engine {

// Appends one frame whose payload `render(out)` appends; it is masked where it stands. After a
// fault `out` is as it was.
template <class Render>
plan::RenderFault append_frame(plan::TextBuffer& out, ws::Opcode opcode, std::uint32_t key,
                               ws::Deflater* deflater, Render&& render) {
  // Most payloads have the short header; longer ones move on.
  constexpr std::size_t kShort = ws::header_bytes(0);
  const std::size_t start = out.size();
  out.reserve(kShort);
  out.commit(kShort);
  const plan::RenderFault fault = render(out);
  if (fault != plan::RenderFault::kNone) {
    out.truncate(start);
    return fault;
  }
  std::string_view payload = out.view().substr(start + kShort);
  auto compressed = ws::Compressed::kNo;
  if (deflater != nullptr) {
    compressed = ws::Compressed::kYes;
    payload = deflater->deflate(payload);
    out.truncate(start + kShort);
    out.append(payload);
  }
  const std::size_t size = payload.size();
  const std::size_t header = ws::header_bytes(size);
  if (header > kShort) {
    out.reserve(header - kShort);
    out.commit(header - kShort);
    std::memmove(out.data() + start + header, out.data() + start + kShort, size);
  }
  char* const at = out.data() + start;
  ws::write_frame(at, opcode, {at + header, size}, key, ws::Fin::kLast, compressed);
  return fault;
}

}  // namespace gend::engine
