#include "sio/engine_packet.h"

namespace gend::sio {

std::expected<EnginePacket, Outcome> parse_engine_packet(std::string_view text) noexcept {
  if (text.empty() || text.front() < digit_of(EngineType::kOpen) ||
      text.front() > digit_of(EngineType::kNoop))
    return std::unexpected{Outcome::kSioPacket};
  const auto type = static_cast<EngineType>(text.front() - '0');
  return EnginePacket{type, Content::kText, text.substr(1)};
}

}  // namespace gend::sio
