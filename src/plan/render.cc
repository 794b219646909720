#include "plan/render.h"

#include <charconv>
#include <chrono>
#include <cstring>
#include <string_view>

#include "base/assert.h"

namespace gend::plan {

namespace {

constexpr std::string_view kLengthName = "content-length: ";
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kDigits = 20;  // of any 64-bit number, with its sign
constexpr std::size_t kUuidSize = 36;
constexpr std::size_t kNowSize = 24;  // "2026-11-21T01:43:09.123Z"
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

// Writes into a span that is known to be large enough; a bug when it is not.
class Writer {
 public:
  explicit Writer(std::span<char> out) : out_{out} {}

  void text(std::string_view text) {
    GEND_ASSERT(text.size() <= out_.size() - used_);
    std::memcpy(out_.data() + used_, text.data(), text.size());
    used_ += text.size();
  }
  template <class Integer>
  void number(Integer value) {
    char digits[kDigits + 1];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    GEND_ASSERT(error == std::errc{});
    text({digits, static_cast<std::size_t>(end - digits)});
  }
  // With leading zeros.
  void padded(unsigned value, int width) {
    char digits[4];
    for (int i = width - 1; i >= 0; --i, value /= 10) {
      digits[i] = static_cast<char>('0' + value % 10);
    }
    text({digits, static_cast<std::size_t>(width)});
  }
  std::size_t used() const { return used_; }

 private:
  std::span<char> out_;
  std::size_t used_ = 0;
};

std::int64_t random_between(Rng& rng, std::int64_t a, std::int64_t b) {
  const std::uint64_t width = static_cast<std::uint64_t>(b) - static_cast<std::uint64_t>(a);
  const std::uint64_t step = width == ~std::uint64_t{0} ? rng() : rng.below(width + 1);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + step);
}

// RFC 9562, 5.4: version 4, variant 10.
void write_uuid(Rng& rng, Writer& out) {
  const std::uint64_t words[2] = {(rng() & ~std::uint64_t{0xF000}) | 0x4000,
                                  (rng() & ~(std::uint64_t{3} << 62)) | (std::uint64_t{1} << 63)};
  char text[kUuidSize];
  std::size_t at = 0;
  for (int nibble = 0; nibble < 32; ++nibble) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) text[at++] = '-';
    const std::uint64_t word = words[nibble / 16];
    text[at++] = "0123456789abcdef"[(word >> (60 - 4 * (nibble % 16))) & 15];
  }
  out.text({text, at});
}

void write_now(std::int64_t wall_ms, Writer& out) {
  using namespace std::chrono;
  const sys_time<milliseconds> now{milliseconds{wall_ms}};
  const auto day = floor<days>(now);
  const year_month_day date{day};
  const hh_mm_ss time{now - day};
  out.padded(static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out.text("-");
  out.padded(static_cast<unsigned>(date.month()), 2);
  out.text("-");
  out.padded(static_cast<unsigned>(date.day()), 2);
  out.text("T");
  out.padded(static_cast<unsigned>(time.hours().count()), 2);
  out.text(":");
  out.padded(static_cast<unsigned>(time.minutes().count()), 2);
  out.text(":");
  out.padded(static_cast<unsigned>(time.seconds().count()), 2);
  out.text(".");
  out.padded(static_cast<unsigned>(time.subseconds().count()), 3);
  out.text("Z");
}

void write_random_string(Rng& rng, std::int64_t length, Writer& out) {
  for (std::int64_t i = 0; i < length; ++i) {
    out.text(kAlphabet.substr(rng.below(kAlphabet.size()), 1));
  }
}

void write_piece(const Piece& piece, const RenderContext& context, Writer& out) {
  switch (piece.source) {
    case Source::kLiteral: return out.text(piece.text);
    case Source::kVu: return out.number(context.vu);
    case Source::kIteration: return out.number(context.iteration);
    case Source::kUuid: return write_uuid(*context.rng, out);
    case Source::kRandomInt: return out.number(random_between(*context.rng, piece.a, piece.b));
    case Source::kRandomString: return write_random_string(*context.rng, piece.a, out);
    case Source::kNow: return write_now(context.wall_ms, out);
    case Source::kTimestamp: return out.number(context.wall_ms);
  }
}

std::size_t largest(const Piece& piece) {
  switch (piece.source) {
    case Source::kLiteral: return piece.text.size();
    case Source::kUuid: return kUuidSize;
    case Source::kRandomString: return static_cast<std::size_t>(piece.a);
    case Source::kNow: return kNowSize;
    case Source::kVu:
    case Source::kIteration:
    case Source::kRandomInt:
    case Source::kTimestamp: return kDigits;
  }
  GEND_ASSERT(!"a piece has a largest size");
}

std::size_t largest(const Template& text) {
  std::size_t size = 0;
  for (const Piece& piece : text.pieces) size += largest(piece);
  return size;
}

std::size_t write(const Template& text, const RenderContext& context, std::span<char> out) {
  Writer writer{out};
  for (const Piece& piece : text.pieces) write_piece(piece, context, writer);
  return writer.used();
}

}  // namespace

std::size_t max_rendered_size(const HttpRequest& request) {
  if (request.lifetime == Lifetime::kFixed) return request.wire.size();
  const std::size_t head = largest(request.head) + kLineEnd.size();
  if (!request.has_body) return head;
  return head + kLengthName.size() + kDigits + kLineEnd.size() + largest(request.body);
}

std::size_t render(const HttpRequest& request, const RenderContext& context, std::span<char> out) {
  GEND_ASSERT(request.lifetime != Lifetime::kFixed);
  GEND_ASSERT(context.rng != nullptr && out.size() >= max_rendered_size(request));
  const std::size_t head = write(request.head, context, out);
  Writer rest{out.subspan(head)};
  if (!request.has_body) {
    rest.text(kLineEnd);
    return head + rest.used();
  }
  // The length is only known with the body, so the body is rendered behind the longest length line
  // and moved up.
  const std::size_t body_at = head + kLengthName.size() + kDigits + 2 * kLineEnd.size();
  const std::size_t body = write(request.body, context, out.subspan(body_at));
  rest.text(kLengthName);
  rest.number(body);
  rest.text(kLineEnd);
  rest.text(kLineEnd);
  std::memmove(out.data() + head + rest.used(), out.data() + body_at, body);
  return head + rest.used() + body;
}

}  // namespace gend::plan
