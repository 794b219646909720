#include "ws/deflate.h"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <zlib.h>

#include "base/assert.h"
#include "base/limits.h"
#include "base/rng.h"
#include "http/guarded_buffer.h"
#include "support/seed.h"
#include "ws/wire.h"

namespace gend::test {
namespace {

using Kind = ws::MessageReader::Kind;
using namespace std::string_view_literals;

constexpr std::uint64_t kLimit = 1'000'000;
constexpr unsigned kFin = 0x80, kRsv1 = 0x40, kText = 1, kBinary = 2, kPing = 9;

// A raw deflate stream as zlib writes it in one go, with the flush that ends it.
std::string compressed(std::string_view message, int flush, int level = 6, int window = 15,
                       int strategy = Z_DEFAULT_STRATEGY) {
  z_stream stream{};
  GEND_ASSERT(deflateInit2(&stream, level, Z_DEFLATED, -window, 8, strategy) == Z_OK);
  std::string out(message.size() * 2 + 1000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(message.data()));
  stream.avail_in = static_cast<uInt>(message.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, flush);
  GEND_ASSERT(stream.avail_in == 0 && stream.avail_out > 0);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

// RFC 7692 7.2.1.
std::string payload_of(std::string_view message, int level = 6, int window = 15,
                       int strategy = Z_DEFAULT_STRATEGY) {
  std::string bytes = compressed(message, Z_SYNC_FLUSH, level, window, strategy);
  GEND_ASSERT(bytes.ends_with("\0\0\xff\xff"sv));
  bytes.resize(bytes.size() - 4);
  return bytes;
}

// RFC 7692 7.2.2 by zlib alone, for messages of at most `most` bytes.
std::string inflated(std::string_view payload, std::size_t most) {
  const std::string bytes = std::string{payload}.append("\0\0\xff\xff"sv);
  z_stream stream{};
  GEND_ASSERT(inflateInit2(&stream, -15) == Z_OK);
  std::string out(most + 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(inflate(&stream, Z_SYNC_FLUSH) == Z_OK);
  CHECK(stream.avail_in == 0);
  out.resize(out.size() - stream.avail_out);
  inflateEnd(&stream);
  return out;
}

std::string some_message(Rng& rng) {
  const std::size_t size = rng.below(8) ? rng.below(300) : rng.below(40'000);
  const std::uint64_t letters = rng.below(3) ? 4 : 256;
  std::string message(size, '\0');
  for (char& c : message) c = static_cast<char>('a' + rng.below(letters));
  return message;
}

Outcome outcome_of(std::string_view payload, std::uint64_t limit = kLimit) {
  static ws::Inflater inflater;
  return inflater.inflate(payload, limit).outcome;
}

std::string text_of(std::string_view payload) {
  static ws::Inflater inflater;
  const auto result = inflater.inflate(payload, kLimit);
  CHECK(result.outcome == Outcome::kOk);
  return std::string{result.message};
}

TEST_CASE("the examples of RFC 7692 7.2.3 are read") {
  CHECK(text_of("\xf2\x48\xcd\xc9\xc9\x07\x00"sv) == "Hello");
  // As the second message of a window that was kept: refers to what we do not have.
  CHECK(outcome_of("\xf2\x00\x11\x00\x00"sv) == Outcome::kWsDeflate);
  // One block without compression.
  CHECK(text_of("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"sv) == "Hello");
  // A block that calls itself the last.
  CHECK(text_of("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"sv) == "Hello");
  // Two blocks.
  CHECK(text_of("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"sv) == "Hello");
}

TEST_CASE("an empty message is read in each of its forms") {
  CHECK(text_of("\x00"sv) == "");
  CHECK(text_of("\x02\x00"sv) == "");
  CHECK(text_of("") == "");
  CHECK(text_of("\x03\x00"sv) == "");
}

TEST_CASE("zlib reads what we write, and we read what zlib writes") {
  Rng rng{seed()};
  ws::Inflater inflater;
  ws::Deflater deflater, fast{1};
  for (int round = 0; round < 500; ++round) {
    const std::string message = some_message(rng);
    CHECK(inflated(deflater.deflate(message), message.size()) == message);
    CHECK(inflated(fast.deflate(message), message.size()) == message);
    CHECK(deflater.deflate(message) == payload_of(message));  // each message alone
    static constexpr int kStrategies[] = {Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED};
    const std::string payload =
        payload_of(message, static_cast<int>(rng.below(10)), 9 + static_cast<int>(rng.below(7)),
                   kStrategies[rng.below(4)]);
    const auto result = inflater.inflate(payload, kLimit);
    CHECK(result.outcome == Outcome::kOk);
    CHECK(result.message == message);
  }
  CHECK(deflater.deflate("") == "\x00"sv);
}

TEST_CASE("a message may hold blocks that call themselves the last, and go on behind them") {
  const std::string one(40'000, 'a'), two = "bcd" + one;
  const std::string first = compressed(one, Z_FINISH), second = compressed(two, Z_FINISH);
  CHECK(text_of(first) == one);
  CHECK(text_of(first + '\0') == one);
  CHECK(text_of(first + second) == one + two);
  CHECK(text_of(first + payload_of(two)) == one + two);
  // And may refer to what was before: 3 bytes at a distance of 3, in a block with fixed codes.
  CHECK(text_of(compressed("abc", Z_FINISH).append("\x02\x22\x00\x00"sv)) == "abcabc");
  CHECK(outcome_of("\x02\x22\x00\x00"sv) == Outcome::kWsDeflate);
}

TEST_CASE("what is no deflate data, or is cut, is refused") {
  using enum Outcome;
  CHECK(outcome_of("\xff\xff\xff\xff") == kWsDeflate);
  CHECK(outcome_of("\x06") == kWsDeflate);                        // a block of no known type
  CHECK(outcome_of("\x00\x05\x00\x00\x00Hello"sv) == kWsDeflate);  // lengths that do not agree
  CHECK(outcome_of("plain text") == kWsDeflate);
  const std::string message = "The quick brown fox jumps over the lazy dog, and over the fox.";
  const std::string payload = payload_of(message);
  std::size_t taken = 0;
  for (std::size_t size = 0; size < payload.size(); ++size)
    taken += outcome_of(std::string_view{payload}.substr(0, size)) == kOk;
  CHECK(taken == 1);  // nothing at all, which is an empty message
}

TEST_CASE("after a fault the next message is read as if nothing had been") {
  ws::Inflater inflater;
  const std::string message(5000, 'm');
  for (const std::string_view bad : {"\xff\xff"sv, "\x00\x05"sv, "\xed\xfd"sv}) {
    CHECK(inflater.inflate(bad, kLimit).outcome == Outcome::kWsDeflate);
    CHECK(inflater.inflate(payload_of(message), kLimit).message == message);
    CHECK(inflater.inflate(payload_of(message), 4999).outcome == Outcome::kWsTooLarge);
    CHECK(inflater.inflate(payload_of(message), 5000).message == message);
  }
}

TEST_CASE("a bomb ends at the limit of a message, and not behind it") {
  const std::string bomb = payload_of(std::string(20'000'000, '\0'), 9);
  CHECK(bomb.size() < 30'000);
  CHECK(outcome_of(bomb, kLimit) == Outcome::kWsTooLarge);
  CHECK(outcome_of(bomb, 0) == Outcome::kWsTooLarge);
  CHECK(outcome_of(bomb, 19'999'999) == Outcome::kWsTooLarge);
  CHECK(outcome_of(bomb, 20'000'000) == Outcome::kOk);
  // Garbage behind the limit is never reached.
  CHECK(outcome_of(bomb.substr(0, 5'000) + "garbage", kLimit) == Outcome::kWsTooLarge);
}

TEST_CASE("nothing is read beyond the end of a payload, whatever it is") {
  Rng rng{seed()};
  ws::Inflater inflater;
  GuardedBuffer buffer{200'000};
  for (int round = 0; round < 6'000; ++round) {
    std::string payload = payload_of(some_message(rng).substr(0, 500));
    for (std::uint64_t times = rng.below(3); times > 0; --times)
      payload[rng.below(payload.size())] = static_cast<char>(rng());
    payload.resize(rng.below(8) ? payload.size() : rng.below(payload.size() + 1));
    const auto result = inflater.inflate(buffer.place(payload), 2000);
    CHECK(result.message.size() <= 2000);
    if (result.outcome == Outcome::kOk) continue;
    CHECK(result.message.empty());
    const bool named =
        result.outcome == Outcome::kWsDeflate || result.outcome == Outcome::kWsTooLarge;
    CHECK(named);
  }
}

ws::ReaderOptions agreed() {
  ws::ReaderOptions options;
  options.deflate = ws::DeflateUse::kAgreed;
  return options;
}

std::vector<Said> read(std::string_view bytes, const ws::ReaderOptions& options = agreed()) {
  CHECK(split_difference(bytes, options) == "");
  return read_whole(bytes, options);
}

TEST_CASE("compressed messages are read beside plain ones, in fragments and pieces") {
  const std::string message = "A compressed message, a compressed message, a compressed message.";
  const std::string payload = payload_of(message);
  const std::string bytes = server_frame(kFin | kRsv1 | kText, payload) +
                            server_frame(kFin | kText, "plain") +
                            server_frame(kRsv1 | kBinary, payload.substr(0, 5)) +
                            server_frame(kFin | kPing, "p") +
                            server_frame(0, payload.substr(5, 6)) +
                            server_frame(kFin, payload.substr(11));
  const std::vector<Said> expected{
      {Kind::kText, Outcome::kOk, 0, 1, 2 + payload.size(), message},
      {Kind::kText, Outcome::kOk, 0, 1, 7, "plain"},
      {Kind::kPing, Outcome::kOk, 0, 1, 3, "p"},
      {Kind::kBinary, Outcome::kOk, 0, 3, 6 + payload.size(), message}};
  CHECK(read(bytes) == expected);
}

TEST_CASE("the text that a compressed message holds is UTF-8, what it is compressed to need not") {
  const auto frame = [](unsigned opcode, std::string_view message) {
    return server_frame(kFin | kRsv1 | opcode, payload_of(message));
  };
  CHECK(read(frame(kText, "gr\xc3\xbc\xc3\x9f"))[0].kind == Kind::kText);
  CHECK(read(frame(kText, "\xc3"))[0].outcome == Outcome::kWsUtf8);
  CHECK(read(frame(kBinary, "\xc3"))[0].kind == Kind::kBinary);
  ws::ReaderOptions unchecked = agreed();
  unchecked.utf8 = ws::Utf8Check::kNo;
  CHECK(read(frame(kText, "\xc3"), unchecked)[0].kind == Kind::kText);
}

TEST_CASE("a compressed message that is wrong or too long ends the session") {
  CHECK(read(server_frame(kFin | kRsv1 | kText, "garbage"))[0].outcome == Outcome::kWsDeflate);
  ws::ReaderOptions options = agreed();
  options.message_bytes = 100;
  const auto frame = [](std::size_t size) {
    return server_frame(kFin | kRsv1 | kText, payload_of(std::string(size, 'b')));
  };
  CHECK(read(frame(100), options)[0].payload.size() == 100);
  CHECK(read(frame(101), options)[0].outcome == Outcome::kWsTooLarge);
  CHECK(read(frame(1'000'000), options)[0].outcome == Outcome::kWsTooLarge);
  // More than any message of 100 bytes needs: refused before it is there.
  CHECK(read("\xc1\x7e\x00\xff"sv, options)[0].outcome == Outcome::kWsTooLarge);
}

TEST_CASE("what cannot be compressed may be as long as any message") {
  Rng rng{seed()};
  ws::ReaderOptions options = agreed();
  for (const std::size_t size : {0, 1, 10, 1000, 20'000}) {
    options.message_bytes = size;
    std::string message(size, '\0');
    for (char& c : message) c = static_cast<char>(rng());
    for (int level = 0; level < 10; ++level) {
      const auto said =
          read_whole(server_frame(kFin | kRsv1 | kBinary, payload_of(message, level)), options);
      REQUIRE(said.size() == 1);
      CHECK(said[0].payload == message);
    }
  }
}

}  // namespace
}  // namespace gend::test
