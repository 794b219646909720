#include "sio/payload.h"

#include <optional>

#include "base/base64.h"

namespace gend::sio {

std::unexpected<Outcome> PayloadReader::fail(Outcome why) noexcept {
  done_ = true;
  return std::unexpected{why};
}

std::expected<EnginePacket, Outcome> PayloadReader::next() noexcept {
  const std::string_view all{body_.data(), body_.size()};
  const std::string_view text = all.substr(at_, all.find(kRecordSeparator, at_) - at_);
  const bool first = at_ == 0;
  const std::size_t from = at_;
  at_ += text.size() + 1;
  done_ = at_ > all.size();
  if (text.starts_with('b')) {
    char* const into = body_.data() + from;
    const auto size = decode_base64(text.substr(1), Base64::kStandard, into);
    if (!size) return fail(Outcome::kSioPacket);
    return binary_packet({into, *size});
  }
  const auto packet = parse_engine_packet(text);
  if (first && is_old_payload(all)) return fail(Outcome::kSioVersion);
  if (!packet) return fail(packet.error());
  return packet;
}

bool is_old_payload(std::string_view body) noexcept {
  const bool binary = body.starts_with('\0') || body.starts_with('\1');
  if (binary) body.remove_prefix(1);
  // The length, as characters or as bytes with the values 0 to 9, then what ends it.
  const char zero = binary ? '\0' : '0';
  std::size_t digits = 0;
  while (digits < body.size() && body[digits] >= zero && body[digits] <= zero + 9) ++digits;
  if (digits == 0 || digits > 9) return false;
  return body.substr(digits).starts_with(binary ? "\xff"
                                                  "0{"
                                                : ":0{");
}

void append_packet(std::string& body, std::string_view packet) {
  if (!body.empty()) body += kRecordSeparator;
  body += packet;
}

void append_binary_packet(std::string& body, std::string_view bytes) {
  if (!body.empty()) body += kRecordSeparator;
  body += 'b';
  const std::size_t at = body.size();
  body.resize(at + base64_size(bytes.size(), Base64::kStandard));
  encode_base64(bytes, Base64::kStandard, body.data() + at);
}

}  // namespace gend::sio
