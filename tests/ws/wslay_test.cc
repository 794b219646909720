// Against wslay, which knows nothing of us: what either side writes, the other reads as it was
// meant, and what breaks a rule for one breaks it for the other. GEND_TEST_FRAMES says how many
// frames each direction has.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "base/rng.h"
#include "support/seed.h"
#include "ws/frame.h"
#include "ws/wire.h"
#include "ws/wslay_peer.h"

namespace gend::test {
namespace {

using Kind = ws::MessageReader::Kind;

constexpr std::uint64_t kMostBytes = 10'000'000;
constexpr unsigned kText = 1, kBinary = 2, kClose = 8, kPing = 9;

std::uint64_t frames_wanted(std::uint64_t otherwise) {
  const char* told = std::getenv("GEND_TEST_FRAMES");
  return told ? std::strtoull(told, nullptr, 10) : otherwise;
}

// Mostly small; now and then beyond the lengths of 7 and of 16 bits.
std::size_t some_size(Rng& rng) {
  const std::uint64_t kind = rng.below(1000);
  if (kind < 700) return rng.below(33);
  if (kind < 950) return rng.below(400);
  if (kind < 998) return rng.below(4000);
  return rng.below(70'000);
}

std::string some_bytes(Rng& rng, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t at = 0; at < size; at += 8) {
    const std::uint64_t word = rng();
    std::memcpy(bytes.data() + at, &word, std::min<std::size_t>(8, size - at));
  }
  return bytes;
}

void append_character(std::string& text, std::uint32_t c) {
  const auto more = [&](int shift) { text += static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xC0 | c >> 6);
    more(0);
  } else if (c < 0x10000) {
    text += static_cast<char>(0xE0 | c >> 12);
    more(6), more(0);
  } else {
    text += static_cast<char>(0xF0 | c >> 18);
    more(12), more(6), more(0);
  }
}

std::string some_text(Rng& rng, std::size_t size) {
  std::string text = some_bytes(rng, size);
  for (char& c : text) c = static_cast<char>(c & 0x7F);
  if (rng.below(3) != 0) return text;
  text.clear();
  while (text.size() < size) {
    static constexpr std::uint32_t kBelow[] = {0x80, 0x800, 0x10000, 0x110000};
    const auto c = static_cast<std::uint32_t>(rng.below(kBelow[rng.below(4)]));
    append_character(text, c >= 0xD800 && c < 0xE000 ? 'x' : c);
  }
  return text;
}

// Random messages as frames for `write(opcode, last, payload)`, with control frames in between, and
// each as a whole for `meant(opcode, payload, frames)` when its last frame was written.
template <class Write, class Meant>
std::uint64_t speak(Rng& rng, int messages, Write&& write, Meant&& meant) {
  std::uint64_t count = 0;
  const auto control = [&] {
    const unsigned opcode = kPing + static_cast<unsigned>(rng.below(2));
    const std::string payload = some_bytes(rng, rng.below(4) ? rng.below(16) : rng.below(126));
    write(opcode, true, payload);
    meant(opcode, payload, 1);
    ++count;
  };
  for (int i = 0; i < messages; ++i) {
    if (rng.below(8) == 0) control();
    const unsigned opcode = rng.below(2) ? kText : kBinary;
    const std::size_t size = some_size(rng);
    const std::string payload = opcode == kText ? some_text(rng, size) : some_bytes(rng, size);
    const std::uint32_t frames = rng.below(4) ? 1 : 1 + static_cast<std::uint32_t>(rng.below(6));
    std::string_view rest = payload;
    for (std::uint32_t n = 1; n <= frames; ++n) {
      if (n > 1 && rng.below(2)) control();
      const bool last = n == frames;
      const std::string_view piece =
          rest.substr(0, last ? rest.size() : rng.below(rest.size() + 1));
      rest.remove_prefix(piece.size());
      write(n == 1 ? opcode : 0u, last, piece);
      ++count;
    }
    meant(opcode, payload, frames);
  }
  return count;
}

void append_ours(std::string& to, Rng& rng, unsigned opcode, bool last, std::string_view payload) {
  const std::size_t at = to.size();
  to.resize(at + ws::frame_bytes(payload.size()));
  ws::write_frame(to.data() + at, static_cast<ws::Opcode>(opcode), payload,
                  ws::next_key(ws::Masking::kRandom, rng), last ? ws::Fin::kLast : ws::Fin::kMore);
}

// Sizes of the pieces in which bytes come: sometimes all at once, sometimes a few at a time.
std::vector<std::size_t> some_pieces(Rng& rng, std::size_t size) {
  std::vector<std::size_t> sizes;
  const std::uint64_t most = rng.below(3) == 0 ? 8 : rng.below(2) ? 300 : 16'384;
  for (std::size_t at = 0; at < size; at += sizes.back())
    sizes.push_back(1 + rng.below(most));
  return sizes;
}

template <class Take>
void in_pieces(std::string_view bytes, const std::vector<std::size_t>& sizes, Take&& take) {
  for (const std::size_t size : sizes) {
    take(bytes.substr(0, size));
    bytes.remove_prefix(std::min(size, bytes.size()));
  }
}

Kind kind_of(unsigned opcode) {
  switch (opcode) {
    case kText: return Kind::kText;
    case kBinary: return Kind::kBinary;
    case kClose: return Kind::kClose;
    case kPing: return Kind::kPing;
    default: return Kind::kPong;
  }
}

std::uint64_t wire_size(std::size_t payload) {  // of a frame that is not masked
  return ws::header_bytes(payload) - 4 + payload;
}

TEST_CASE("wslay reads what we write, and we read what it answers") {
  const std::uint64_t wanted = frames_wanted(1'000'000);
  std::uint64_t frames = 0, answers = 0;
  for (Rng rng{seed()}; frames < wanted;) {
    WslayPeer server{WslayPeer::Role::kServer, kMostBytes};
    std::string bytes;
    std::vector<Heard> expected;
    std::vector<Said> pongs;
    frames += speak(
        rng, 50,
        [&](unsigned opcode, bool last, std::string_view payload) {
          append_ours(bytes, rng, opcode, last, payload);
        },
        [&](unsigned opcode, const std::string& payload, std::uint32_t) {
          expected.push_back({opcode, 0, payload});
          if (opcode == kPing)
            pongs.push_back({Kind::kPong, Outcome::kOk, 0, 1, 2 + payload.size(), payload});
        });
    const auto code = static_cast<std::uint16_t>(3000 + rng.below(2000));
    const std::string reason = some_text(rng, rng.below(120));
    char close[ws::kMaxControlFrame];
    const std::size_t close_bytes =
        ws::write_close(close, code, reason, static_cast<std::uint32_t>(rng()));
    ++frames;
    in_pieces(bytes, some_pieces(rng, bytes.size()),
              [&](std::string_view piece) { server.feed(piece); });
    // The close frame comes alone, or wslay drops the pongs that it still has to send; and as a
    // whole, since wslay takes the first two bytes of each piece of it for the code.
    server.feed({close, close_bytes});
    REQUIRE_FALSE(server.failed());
    // Its close frame says what ours said.
    REQUIRE(!server.heard.empty());
    const Heard& last = server.heard.back();
    const bool same_end = last.opcode == kClose && last.close_code == code &&
                          reason.starts_with(last.payload) &&
                          last.payload.size() + 3 >= reason.size();
    REQUIRE(same_end);
    expected.push_back(last);
    REQUIRE(server.heard == expected);
    pongs.push_back({Kind::kClose, Outcome::kOk, code, 1, 4 + last.payload.size(), last.payload});
    const auto said = read_pieces(server.said, some_pieces(rng, server.said.size()));
    REQUIRE_MESSAGE(said == pongs, in_words(said));
    answers += said.size();
  }
  std::printf("wslay read %llu frames of ours, we read %llu answers of its\n",
              static_cast<unsigned long long>(frames), static_cast<unsigned long long>(answers));
}

TEST_CASE("we read what wslay writes, in any pieces") {
  const std::uint64_t wanted = frames_wanted(1'000'000);
  std::uint64_t frames = 0;
  WslayWriter writer;
  for (Rng rng{seed() + 1}; frames < wanted;) {
    writer.bytes.clear();
    std::vector<Said> expected;
    std::uint64_t wire = 0;
    frames += speak(
        rng, 50,
        [&](unsigned opcode, bool last, std::string_view payload) {
          writer.write(opcode, last, payload);
          if (opcode < kClose) wire += wire_size(payload.size());
        },
        [&](unsigned opcode, const std::string& payload, std::uint32_t count) {
          const std::uint64_t size =
              opcode < kClose ? std::exchange(wire, 0) : wire_size(payload.size());
          expected.push_back({kind_of(opcode), Outcome::kOk, 0, count, size, payload});
        });
    const auto said = read_pieces(writer.bytes, some_pieces(rng, writer.bytes.size()));
    REQUIRE_MESSAGE(said == expected, in_words(said));
  }
  std::printf("we read %llu frames of wslay's\n", static_cast<unsigned long long>(frames));
}

// A stream of a server in which something is wrong, or maybe not.
std::string spoiled(Rng& rng) {
  std::string bytes;
  speak(
      rng, 1 + static_cast<int>(rng.below(4)),
      [&](unsigned opcode, bool last, std::string_view payload) {
        bytes += server_frame((last ? 0x80u : 0u) | opcode, payload.substr(0, 1000));
      },
      [](unsigned, const std::string&, std::uint32_t) {});
  bytes.resize(std::min<std::size_t>(bytes.size(), 3900));  // wslay reads 4096 bytes at a time
  if (rng.below(4) == 0) {
    const auto code = rng.below(2) ? 995 + rng.below(25) : rng.below(65'536);
    bytes += server_frame(0x80 | kClose, std::string{static_cast<char>(code >> 8),
                                                     static_cast<char>(code)} +
                                             some_bytes(rng, rng.below(4)));
  }
  for (std::uint64_t times = rng.below(4); times > 0 && !bytes.empty(); --times) {
    const std::size_t at = rng.below(std::min<std::size_t>(bytes.size(), rng.below(2) ? 40 : 4000));
    switch (rng.below(4)) {
      case 0: bytes[at] = static_cast<char>(rng()); break;
      case 1: bytes[at] = static_cast<char>(bytes[at] ^ 1 << rng.below(8)); break;
      case 2: bytes.erase(at, 1 + rng.below(3)); break;
      default: bytes.insert(at, some_bytes(rng, 1 + rng.below(3)));
    }
  }
  return bytes;
}

// As wslay would tell it, up to the fault.
std::vector<Heard> as_heard(const std::vector<Said>& said) {
  static constexpr unsigned kOpcodes[] = {0, kText, kBinary, kPing, kPing + 1, kClose};
  std::vector<Heard> heard;
  for (const Said& one : said) {
    if (one.kind == Kind::kFailed) break;
    const std::uint16_t code = one.close_code == 1005 ? 0 : one.close_code;
    heard.push_back({kOpcodes[static_cast<std::size_t>(one.kind)], code, one.payload});
  }
  return heard;
}

Outcome fault_of(const std::vector<Said>& said) {
  return said.empty() ? Outcome::kOk : said.back().outcome;
}

// wslay says nothing of a header that is wrong in itself, and we have one outcome for all that is
// wrong with a close frame.
bool is_same_fault(std::uint16_t code, Outcome fault) {
  const std::uint16_t our_code = ws::close_code_for(fault);
  return code == our_code || (code == 1005 && our_code == 1002) ||
         (code == 1007 && fault == Outcome::kWsClosePayload);
}

// wslay takes a close frame of one byte for one without a code; RFC 6455 5.5.1 asks for two.
bool takes_for_no_code(const WslayPeer& peer) {
  return !peer.heard.empty() && peer.heard.back() == Heard{kClose, 0, ""};
}

TEST_CASE("wslay and we find the same faults in the same places") {
  const std::uint64_t wanted = frames_wanted(1'000'000) / 4;
  std::uint64_t faults = 0;
  Rng rng{seed() + 2};
  ws::ReaderOptions options;
  options.message_bytes = kMostBytes;
  for (std::uint64_t round = 0; round < wanted; ++round) {
    const std::string bytes = spoiled(rng);
    WslayPeer client{WslayPeer::Role::kClient, kMostBytes};
    client.feed(bytes);
    std::vector<Said> said = read_pieces(bytes, some_pieces(rng, bytes.size()), options);
    const std::vector<Heard> ours = as_heard(said);
    // Codes that IANA registered since are new to wslay.
    if (!ours.empty() && ours.back().close_code >= 1012 && ours.back().close_code <= 1014) {
      REQUIRE(client.failed());
      continue;
    }
    // Where we look at the first byte, wslay waits for the whole header; where wslay looks at
    // pieces of a close frame's reason, we wait for the whole.
    if (fault_of(said) != Outcome::kOk && !client.failed()) client.feed(std::string(14, '\0'));
    if (fault_of(said) == Outcome::kOk && client.failed())
      said = read_whole(bytes + std::string(ws::kMaxControlPayload, '\0'), options);

    const Outcome fault = fault_of(said);
    if (fault == Outcome::kWsClosePayload && takes_for_no_code(client)) continue;
    const std::string words = in_words(said) + " in round " + std::to_string(round);
    REQUIRE_MESSAGE(ours == client.heard, words);
    REQUIRE_MESSAGE(client.failed() == (fault != Outcome::kOk), words);
    if (fault == Outcome::kOk) continue;
    REQUIRE_MESSAGE(is_same_fault(client.close_code_sent(), fault), words);
    ++faults;
  }
  std::printf("wslay and we agreed on %llu streams, %llu of them with a fault\n",
              static_cast<unsigned long long>(wanted), static_cast<unsigned long long>(faults));
}

}  // namespace
}  // namespace gend::test
