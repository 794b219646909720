#include "plan/source.h"

#include <fmt/format.h>

#include "base/limits.h"

namespace gend::plan {

namespace {

struct Sequence {
  std::size_t length;
  unsigned char second_min, second_max;
};

// Table 3-7 of the Unicode standard: what may follow each first byte. Length 0: not a first byte.
Sequence sequence_of(unsigned char first) {
  if (first < 0x80) return {1, 0, 0};
  if (first < 0xC2) return {0, 0, 0};
  if (first < 0xE0) return {2, 0x80, 0xBF};
  if (first == 0xE0) return {3, 0xA0, 0xBF};
  if (first == 0xED) return {3, 0x80, 0x9F};
  if (first < 0xF0) return {3, 0x80, 0xBF};
  if (first == 0xF0) return {4, 0x90, 0xBF};
  if (first < 0xF4) return {4, 0x80, 0xBF};
  if (first == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

bool is_forbidden_control(unsigned char byte) {
  return (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F;
}

}  // namespace

std::string normalized(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      out += text[i];
      continue;
    }
    out += '\n';
    if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
  }
  return out;
}

std::size_t find_invalid_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const Sequence s = sequence_of(static_cast<unsigned char>(text[i]));
    if (s.length == 0 || i + s.length > text.size()) return i;
    for (std::size_t k = 1; k < s.length; ++k) {
      const auto byte = static_cast<unsigned char>(text[i + k]);
      if (byte < (k == 1 ? s.second_min : 0x80) || byte > (k == 1 ? s.second_max : 0xBF)) return i;
    }
    i += s.length;
  }
  return std::string_view::npos;
}

bool check_text(std::string_view text, Reporter& reporter) {
  if (text.size() > limits::kPlanBytes) {
    reporter.complain({1, 1}, fmt::format("larger than 1 MiB ({} bytes)", text.size()),
                      "split the plan, or move data out of it");
    return false;
  }
  static_assert(limits::kPlanBytes == 1024 * 1024, "the message says 1 MiB");
  if (const std::size_t bad = find_invalid_utf8(text); bad != std::string_view::npos) {
    reporter.complain(
        reporter.place_of(bad),
        fmt::format("byte 0x{:02X} is not UTF-8", static_cast<unsigned char>(text[bad])),
        "save the file as UTF-8");
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (!is_forbidden_control(byte)) continue;
    reporter.complain(reporter.place_of(i),
                      byte == 0 ? std::string{"a NUL byte in a text file"}
                                : fmt::format("control character 0x{:02X}", byte),
                      "write it as an escape in double quotes (\"\\x00\"), or remove it");
    return false;
  }
  return true;
}

}  // namespace gend::plan
