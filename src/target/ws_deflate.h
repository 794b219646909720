#pragma once

#include <zlib.h>

#include <optional>
#include <string>
#include <string_view>

namespace gend::target {

// permessage-deflate without context takeover (RFC 7692): each message for itself, so one pair of
// streams serves all connections of a thread.
class WsDeflate {
 public:
  WsDeflate();
  ~WsDeflate();
  WsDeflate(const WsDeflate&) = delete;
  WsDeflate& operator=(const WsDeflate&) = delete;

  // Both valid until the next call.
  std::string_view compress(std::string_view payload);
  // Nothing when it is no deflate stream, or becomes larger than limits::kTargetMessageBytes.
  std::optional<std::string_view> inflate(std::string_view payload);

 private:
  z_stream deflate_{}, inflate_{};
  std::string compressed_, plain_;
};

}  // namespace gend::target
