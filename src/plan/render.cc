#include "plan/render.h"

#include <chrono>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "base/limits.h"
#include "http/chars.h"
#include "plan/credentials.h"
#include "plan/render_piece.h"

namespace gend::plan {

namespace {

constexpr std::string_view kLengthName = "content-length: ";
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kDigits = 20;  // of any 64-bit number, with its sign
constexpr std::size_t kUuidSize = 36;
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

template <class Integer>
void write_number(Integer value, TextBuffer& out) {
  const fmt::format_int digits{value};
  out.append({digits.data(), digits.size()});
}

// With leading zeros, and then `behind`; returns where it ends.
char* write_padded(unsigned value, int width, char behind, char* to) {
  for (int i = width - 1; i >= 0; --i, value /= 10) to[i] = static_cast<char>('0' + value % 10);
  to[width] = behind;
  return to + width + 1;
}

std::int64_t random_between(Rng& rng, std::int64_t a, std::int64_t b) {
  const std::uint64_t width = static_cast<std::uint64_t>(b) - static_cast<std::uint64_t>(a);
  const std::uint64_t step = width == ~std::uint64_t{0} ? rng() : rng.below(width + 1);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + step);
}

// RFC 9562, 5.4: version 4, variant 10.
void write_uuid(Rng& rng, TextBuffer& out) {
  const std::uint64_t words[2] = {(rng() & ~std::uint64_t{0xF000}) | 0x4000,
                                  (rng() & ~(std::uint64_t{3} << 62)) | (std::uint64_t{1} << 63)};
  char text[kUuidSize];
  std::size_t at = 0;
  for (int nibble = 0; nibble < 32; ++nibble) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) text[at++] = '-';
    const std::uint64_t word = words[nibble / 16];
    text[at++] = kHex[(word >> (60 - 4 * (nibble % 16))) & 15];
  }
  out.append({text, at});
}

void write_hex(std::uint64_t word, TextBuffer& out) {
  char* to = out.reserve(16);
  for (int nibble = 0; nibble < 16; ++nibble) to[nibble] = kHex[(word >> (60 - 4 * nibble)) & 15];
  out.commit(16);
}

void write_now(std::int64_t wall_ms, TextBuffer& out) {
  using namespace std::chrono;
  const sys_time<milliseconds> now{milliseconds{wall_ms}};
  const auto day = floor<days>(now);
  const year_month_day date{day};
  const hh_mm_ss time{now - day};
  constexpr std::size_t kSize = std::string_view{"2026-01-31T23:59:59.999Z"}.size();
  char* to = out.reserve(kSize);
  to = write_padded(static_cast<unsigned>(static_cast<int>(date.year())), 4, '-', to);
  to = write_padded(static_cast<unsigned>(date.month()), 2, '-', to);
  to = write_padded(static_cast<unsigned>(date.day()), 2, 'T', to);
  to = write_padded(static_cast<unsigned>(time.hours().count()), 2, ':', to);
  to = write_padded(static_cast<unsigned>(time.minutes().count()), 2, ':', to);
  to = write_padded(static_cast<unsigned>(time.seconds().count()), 2, '.', to);
  write_padded(static_cast<unsigned>(time.subseconds().count()), 3, 'Z', to);
  out.commit(kSize);
}

void write_random_string(Rng& rng, std::int64_t length, TextBuffer& out) {
  const auto size = static_cast<std::size_t>(length);
  char* to = out.reserve(size);
  for (std::size_t i = 0; i < size; ++i) to[i] = kAlphabet[rng.below(kAlphabet.size())];
  out.commit(size);
}

// W3C Trace Context, 3.2: version 00, sampled. Neither id may be 0, which no generator gives twice.
void write_traceparent(Rng& rng, TextBuffer& out) {
  out.append("00-");
  write_hex(rng() | 1, out);
  write_hex(rng(), out);
  out.append("-");
  write_hex(rng() | 1, out);
  out.append("-01");
}

RenderFault write_value(std::string_view text, Escaping escaping, TextBuffer& out) {
  const bool would_split = escaping == Escaping::kFieldValue &&
                           http::find_bad_value_char(text) != std::string_view::npos;
  if (would_split) return RenderFault::kControlCharacter;
  write_escaped(text, escaping, out);
  return RenderFault::kNone;
}

RenderFault write_variable(const Piece& piece, const RenderContext& context, TextBuffer& out) {
  const auto slot = static_cast<std::uint32_t>(piece.a);
  if (context.values == nullptr || !context.values->is_set(slot)) return RenderFault::kUnset;
  return write_value(context.values->at(slot), piece.escaping, out);
}

RenderFault write_column(const Piece& piece, const RenderContext& context, TextBuffer& out) {
  const auto set = static_cast<std::size_t>(piece.a);
  char scratch[kDigits];
  const std::string_view cell = context.program->data[set].table->cell(
      context.rows[set], static_cast<std::size_t>(piece.b), scratch);
  return write_value(cell, piece.escaping, out);
}

}  // namespace

RenderFault render_piece(const Piece& piece, const RenderContext& context, TextBuffer& out) {
  switch (piece.source) {
    case Source::kLiteral: out.append(piece.text); break;
    case Source::kVu: write_number(context.vu, out); break;
    case Source::kIteration: write_number(context.iteration, out); break;
    case Source::kUuid: write_uuid(*context.rng, out); break;
    case Source::kRandomInt:
      write_number(random_between(*context.rng, piece.a, piece.b), out);
      break;
    case Source::kRandomString: write_random_string(*context.rng, piece.a, out); break;
    case Source::kNow: write_now(context.wall_ms, out); break;
    case Source::kTimestamp: write_number(context.wall_ms, out); break;
    case Source::kCredential: {
      const auto index = static_cast<std::size_t>(piece.a);
      return render_credential(context.program->credentials[index], context, out);
    }
    case Source::kVariable: return write_variable(piece, context, out);
    case Source::kColumn: return write_column(piece, context, out);
    case Source::kStamp: out.append(context.stamp); break;
    case Source::kTraceparent: write_traceparent(*context.rng, out); break;
  }
  return RenderFault::kNone;
}

RenderFault render(const Template& text, const RenderContext& context, TextBuffer& out) {
  for (const Piece& piece : text.pieces) {
    if (const auto fault = render_piece(piece, context, out); fault != RenderFault::kNone)
      return fault;
  }
  return RenderFault::kNone;
}

RenderFault render(const HttpRequest& request, const RenderContext& context,
                   std::string_view cookie, TextBuffer& out) {
  if (const auto fault = render(request.head, context, out); fault != RenderFault::kNone)
    return fault;
  if (!cookie.empty()) {
    out.append("cookie: ");
    out.append(cookie);
    out.append(kLineEnd);
  }
  if (!request.has_body) {
    out.append(kLineEnd);
    return RenderFault::kNone;
  }
  // The length is only known with the body, so the body is rendered behind the longest length line
  // and moved up.
  const std::size_t head = out.size();
  const std::size_t gap = kLengthName.size() + kDigits + 2 * kLineEnd.size();
  out.reserve(gap);
  out.commit(gap);
  if (const auto fault = render(request.body, context, out); fault != RenderFault::kNone)
    return fault;
  const std::size_t body = out.size() - head - gap;
  if (out.size() > limits::kRequestBytes + gap) return RenderFault::kTooLarge;
  out.truncate(head);
  out.append(kLengthName);
  write_number(body, out);
  out.append(kLineEnd);
  out.append(kLineEnd);
  std::memmove(out.data() + out.size(), out.data() + head + gap, body);
  out.commit(body);
  return RenderFault::kNone;
}

}  // namespace gend::plan
