#include <array>
#include <charconv>
#include <cmath>

#include "base/assert.h"
#include "plan/render_piece.h"

namespace gend::plan {

namespace {

constexpr std::string_view kUpperHex = "0123456789ABCDEF";

using Bytes = std::array<bool, 256>;  // which of them stand as they are

// RFC 3986, 2.3: what never needs percent-encoding.
constexpr Bytes kUnreserved = [] {
  Bytes bytes{};
  for (const char c : std::string_view{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                       "0123456789-._~"})
    bytes[static_cast<unsigned char>(c)] = true;
  return bytes;
}();

// What may stand in a path and query that are encoded already, or nearly so.
constexpr Bytes kInTarget = [] {
  Bytes bytes{};
  for (std::size_t byte = 0x21; byte < 0x7F; ++byte) bytes[byte] = true;
  return bytes;
}();

// Room is asked for piece by piece: most bytes take one and not three.
void write_percent(std::string_view text, const Bytes& plain, TextBuffer& out) {
  constexpr std::size_t kPiece = 256, kLongest = 3;  // bytes read at a time, and written of each
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, kPiece);
    text.remove_prefix(piece.size());
    char* const begin = out.reserve(kLongest * piece.size());
    char* to = begin;
    for (const char c : piece) {
      const auto byte = static_cast<unsigned char>(c);
      if (plain[byte]) {
        *to++ = c;
        continue;
      }
      *to++ = '%';
      *to++ = kUpperHex[byte >> 4];
      *to++ = kUpperHex[byte & 15];
    }
    out.commit(static_cast<std::size_t>(to - begin));
  }
}

// RFC 8259, 7.
void write_json(std::string_view text, TextBuffer& out) {
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out.append(text.substr(plain, i - plain));
    plain = i + 1;
    switch (text[i]) {
      case '"': out.append("\\\""); break;
      case '\\': out.append("\\\\"); break;
      case '\n': out.append("\\n"); break;
      case '\r': out.append("\\r"); break;
      case '\t': out.append("\\t"); break;
      default: {
        const char code[6] = {'\\', 'u', '0', '0', byte < 16 ? '0' : '1', kUpperHex[byte & 15]};
        out.append({code, sizeof code});
      }
    }
  }
  out.append(text.substr(plain));
}

}  // namespace

void write_escaped(std::string_view text, Escaping escaping, TextBuffer& out) {
  switch (escaping) {
    case Escaping::kNone:
    case Escaping::kFieldValue: return out.append(text);
    case Escaping::kTarget:  // a fragment is never sent
      return write_percent(text.substr(0, text.find('#')), kInTarget, out);
    case Escaping::kJsonString: return write_json(text, out);
    case Escaping::kQueryValue:
    case Escaping::kPathSegment: return write_percent(text, kUnreserved, out);
  }
}

void write_real(double value, TextBuffer& out) {
  // Beyond this numbers are written with an exponent; below it every digit is there.
  constexpr double kPlain = 1e21;
  constexpr std::size_t kLongest = 400;  // of a fixed double
  char* to = out.reserve(kLongest);
  const bool plain = value == 0 || (std::abs(value) < kPlain && std::abs(value) >= 1e-6);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::general;
  // No "-0".
  const auto [end, error] = std::to_chars(to, to + kLongest, value == 0 ? 0.0 : value, format);
  GEND_ASSERT(error == std::errc{});
  out.commit(static_cast<std::size_t>(end - to));
}

}  // namespace gend::plan
