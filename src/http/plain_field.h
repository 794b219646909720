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
// value without tabs, CR LF, bytes behind it) is left to parse_field_line, which alone says what is
// wrong. Both give the same field for what both take; the tests hold that by splitting lines.
namespace gend::http {

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

// A set bit for each control byte (HTAB too) and DEL.
inline unsigned control(Vector bytes) {
  const Vector below_space = _mm_cmpeq_epi8(_mm_min_epu8(bytes, all(0x1f)), bytes);
  const Vector is_del = _mm_cmpeq_epi8(bytes, all(0x7f));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(below_space, is_del)));
}

// The index, from `at`, of the first byte that `marks_of` marks; bytes.size() when there is none in
// whole vectors.
template <unsigned marks_of(Vector)>
inline std::size_t find(std::string_view bytes, std::size_t at) {
  for (; at + sizeof(Vector) <= bytes.size(); at += sizeof(Vector)) {
    const auto* from = reinterpret_cast<const Vector*>(bytes.data() + at);
    if (const unsigned marks = marks_of(_mm_loadu_si128(from)))
      return at + static_cast<std::size_t>(std::countr_zero(marks));
  }
  return bytes.size();
}

}  // namespace plain

// The size of the header line, with its CR LF, at the front of `bytes`, and its parts; 0 when the
// line is not complete and plain.
inline std::size_t plain_field_line(std::string_view bytes, FieldLine& field) {
  const std::size_t colon = plain::find<plain::not_name>(bytes, 0);
  if (colon == 0 || colon >= bytes.size() || bytes[colon] != ':') return 0;
  const std::size_t end = plain::find<plain::control>(bytes, colon + 1);
  if (end + 1 >= bytes.size() || bytes[end] != '\r' || bytes[end + 1] != '\n') return 0;
  field.name = bytes.substr(0, colon);
  field.value = trim_blanks(bytes.substr(colon + 1, end - colon - 1));
  return end + 2;
}

#else

inline std::size_t plain_field_line(std::string_view, FieldLine&) { return 0; }

#endif

}  // namespace gend::http
