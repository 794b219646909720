#include <charconv>
#include <cmath>

#include "base/assert.h"
#include "plan/render_piece.h"

namespace gend::plan {

namespace {

constexpr std::string_view kUpperHex = "0123456789ABCDEF";

// RFC 3986, 2.3: what never needs percent-encoding.
bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

void write_byte_percent(char c, TextBuffer& out) {
  const auto byte = static_cast<unsigned char>(c);
  char* to = out.reserve(3);
  to[0] = '%';
  to[1] = kUpperHex[byte >> 4];
  to[2] = kUpperHex[byte & 15];
  out.commit(3);
}

void write_percent(std::string_view text, TextBuffer& out) {
  for (const char c : text) {
    if (is_unreserved(c))
      out.append({&c, 1});
    else
      write_byte_percent(c, out);
  }
}

// A path and query that are encoded already, or nearly so. A fragment is never sent.
void write_target(std::string_view text, TextBuffer& out) {
  text = text.substr(0, text.find('#'));
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F)
      out.append({&c, 1});
    else
      write_byte_percent(c, out);
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
    case Escaping::kTarget: return write_target(text, out);
    case Escaping::kJsonString: return write_json(text, out);
    case Escaping::kQueryValue:
    case Escaping::kPathSegment: return write_percent(text, out);
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
