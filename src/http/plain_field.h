#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "http/chars.h"
#include "http/fields.h"

// The quick way over header lines: sixteen bytes at a time, without looking for the line's end
// first. It only ever says yes: a line that is not entirely usual (a name of letters and dashes, a
// value of printable ASCII, CR LF, bytes behind it) is left to parse_field_line, which alone says
// what is wrong. Both give the same field for what both take; the tests hold that by splitting
// lines.
namespace gend::http {

struct PlainLine {
  std::size_t size = 0;   // with its CR LF; 0: the line is not complete and plain
  std::size_t colon = 0;  // where the name ends
};

// The parts of a line that plain_field_line found at the front of `bytes`.
inline FieldLine parts_of(std::string_view bytes, PlainLine line) {
  const std::string_view value{bytes.data() + line.colon + 1, line.size - line.colon - 3};
  return {Outcome::kOk, {bytes.data(), line.colon}, trim_blanks(value)};
}

#ifdef __SSE2__

namespace plain {

using Vector = __m128i;

inline Vector all(char c) { return _mm_set1_epi8(c); }

// A set bit for each byte that is neither an ASCII letter nor '-'.
inline unsigned not_name(Vector bytes) {
  const Vector from_a = _mm_sub_epi8(_mm_or_si128(bytes, all(0x20)), all('a'));
  const Vector is_letter = _mm_cmpeq_epi8(_mm_min_epu8(from_a, all('z' - 'a')), from_a);
  const Vector is_name = _mm_or_si128(is_letter, _mm_cmpeq_epi8(bytes, all('-')));
  return static_cast<unsigned>(_mm_movemask_epi8(is_name)) ^ 0xffffU;
}

// A set bit for each byte that is printable ASCII: with one added, and signed, only those are above
// ' '.
inline unsigned plain_bytes(Vector bytes) {
  const Vector next = _mm_add_epi8(bytes, all(1));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpgt_epi8(next, all(' '))));
}
inline unsigned not_plain(Vector bytes) { return plain_bytes(bytes) ^ 0xffffU; }

inline Vector load(const char* from) {
  return _mm_loadu_si128(reinterpret_cast<const Vector*>(from));
}

inline std::size_t lowest(unsigned marks) {
  return static_cast<unsigned>(std::countr_zero(marks));
}

// The index, from `at`, of the first byte that `marks_of` marks; bytes.size() when there is none.
// There must be a whole vector of bytes.
template <unsigned marks_of(Vector)>
inline std::size_t find(std::string_view bytes, std::size_t at) {
  for (; at + sizeof(Vector) <= bytes.size(); at += sizeof(Vector))
    if (const unsigned marks = marks_of(load(bytes.data() + at))) return at + lowest(marks);
  if (at >= bytes.size()) return bytes.size();
  const std::size_t last = bytes.size() - sizeof(Vector);  // the rest, with what was seen before it
  const unsigned marks = marks_of(load(bytes.data() + last)) >> (at - last);
  return marks != 0 ? at + lowest(marks) : bytes.size();
}

// The size of a line whose first byte that is not plain, at `end`, is the CR of its CR LF; 0 for
// another.
inline std::size_t size_to(std::string_view bytes, std::size_t end) {
  if (end + 1 >= bytes.size()) return 0;
  return bytes[end] == '\r' && bytes[end + 1] == '\n' ? end + 2 : 0;
}

}  // namespace plain

// The header line at the front of `bytes`.
[[gnu::always_inline]] inline PlainLine plain_field_line(std::string_view bytes) {
  constexpr std::size_t kVector = sizeof(plain::Vector);
  if (bytes.size() < 2 * kVector) {
    if (bytes.size() < kVector) return {};
    const std::size_t colon = plain::find<plain::not_name>(bytes, 0);
    if (colon == 0 || colon >= bytes.size() || bytes[colon] != ':') return {};
    return {plain::size_to(bytes, plain::find<plain::not_plain>(bytes, colon)), colon};
  }
  const plain::Vector front = plain::load(bytes.data());
  const unsigned marks = plain::not_name(front);
  if ((marks & 1) != 0) return {};
  const std::size_t colon = marks != 0 ? plain::lowest(marks)
                                       : plain::find<plain::not_name>(bytes, kVector);
  if (colon >= bytes.size() || bytes[colon] != ':') return {};
  // All up to the colon is plain, and most lines end within the first two vectors.
  const unsigned ends = ~(plain::plain_bytes(front) |
                          plain::plain_bytes(plain::load(bytes.data() + kVector)) << kVector);
  const std::size_t end =
      ends != 0 ? plain::lowest(ends) : plain::find<plain::not_plain>(bytes, 2 * kVector);
  return {plain::size_to(bytes, end), colon};
}

// The size of the line at the front of `bytes`, with its CR LF, when all from `at` on is plain; 0
// for another.
inline std::size_t plain_line(std::string_view bytes, std::size_t at) {
  if (bytes.size() < at + sizeof(plain::Vector)) return 0;
  return plain::size_to(bytes, plain::find<plain::not_plain>(bytes, at));
}

#else

inline PlainLine plain_field_line(std::string_view) { return {}; }
inline std::size_t plain_line(std::string_view, std::size_t) { return 0; }

#endif

}  // namespace gend::http
