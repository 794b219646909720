#include "base/base64.h"

#include <array>

namespace gend {
namespace {

constexpr std::string_view alphabet_of(Base64 kind) {
  return kind == Base64::kStandard
             ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
             : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
}

constexpr std::uint8_t kNoValue = 0xFF;
using Values = std::array<std::uint8_t, 256>;

constexpr Values values_of(Base64 kind) {
  Values values{};
  values.fill(kNoValue);
  std::uint8_t value = 0;
  for (const char c : alphabet_of(kind)) values[static_cast<unsigned char>(c)] = value++;
  return values;
}
constexpr Values kStandardValues = values_of(Base64::kStandard);
constexpr Values kUrlValues = values_of(Base64::kUrl);

}  // namespace

std::size_t encode_base64(std::string_view bytes, Base64 kind, char* to) {
  const std::string_view alphabet = alphabet_of(kind);
  const char* const begin = to;
  std::uint32_t bits = 0;
  int have = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (have += 8; have >= 6; have -= 6) *to++ = alphabet[(bits >> (have - 6)) & 63];
  }
  if (have > 0) *to++ = alphabet[(bits << (6 - have)) & 63];
  if (kind == Base64::kStandard)
    while ((to - begin) % 4 != 0) *to++ = '=';
  return static_cast<std::size_t>(to - begin);
}

std::string base64_of(std::string_view bytes, Base64 kind) {
  std::string out(base64_size(bytes.size(), kind), '\0');
  encode_base64(bytes, kind, out.data());
  return out;
}

std::optional<std::size_t> decode_base64(std::string_view text, Base64 kind, char* to) {
  const Values& values = kind == Base64::kStandard ? kStandardValues : kUrlValues;
  if (kind == Base64::kStandard) {
    if (text.size() % 4 != 0) return std::nullopt;
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  }
  if (text.size() % 4 == 1) return std::nullopt;
  char* const begin = to;
  std::uint32_t bits = 0;
  int have = 0;
  for (const char c : text) {
    const std::uint8_t value = values[static_cast<unsigned char>(c)];
    if (value == kNoValue) return std::nullopt;
    bits = (bits << 6) | value;
    have += 6;
    if (have < 8) continue;
    have -= 8;
    *to++ = static_cast<char>((bits >> have) & 0xFF);
  }
  if ((bits & ((1U << have) - 1)) != 0) return std::nullopt;
  return static_cast<std::size_t>(to - begin);
}

std::optional<std::string> decode_base64(std::string_view text, Base64 kind) {
  std::string out(text.size() * 3 / 4, '\0');
  const auto size = decode_base64(text, kind, out.data());
  if (!size) return std::nullopt;
  out.resize(*size);
  return out;
}

}  // namespace gend
