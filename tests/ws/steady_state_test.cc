// Many sessions whose messages all come in pieces: once each buffer was used, nothing allocates.
#include <sys/prctl.h>

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "support/allocations.h"
#include "support/seed.h"
#include "ws/deflate.h"
#include "ws/handshake.h"
#include "ws/message_reader.h"
#include "ws/wire.h"

namespace gend::test {
namespace {

using Kind = ws::MessageReader::Kind;

constexpr std::size_t kSessions = 500;

struct Shard {
  ws::Spill spill;
  ws::Inflater inflater;
  ws::Deflater deflater;
  std::vector<ws::MessageReader> readers = std::vector<ws::MessageReader>(kSessions);
};

// A fragmented message with a ping in it, then a compressed one.
std::string stream(ws::Deflater& deflater) {
  const std::string text(700, 't');
  return server_frame(1, text) + server_frame(0x89, std::string(100, 'p')) +
         server_frame(0x80, text) + server_frame(0xC2, deflater.deflate(text));
}

// The next piece of `bytes` for each session in turn; the number of messages that were read.
std::size_t feed_all(Shard& shard, std::string_view bytes) {
  std::size_t messages = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 37)
    for (ws::MessageReader& reader : shard.readers) {
      std::string_view piece = bytes.substr(at, 37);
      for (;;) {
        ws::MessageReader::Item item = reader.next(piece, shard.spill);
        if (item.kind == Kind::kNeedMore) break;
        if (item.compressed) reader.inflate(item, shard.inflater, shard.spill);
        messages += item.kind != Kind::kFailed;
      }
    }
  return messages;
}

TEST_CASE("sessions whose messages come in pieces allocate nothing once they are under way") {
  ::prctl(PR_SET_NAME, "gend-shard");
  Shard shard;
  const std::string bytes = stream(shard.deflater);
  ws::ReaderOptions options;
  options.deflate = ws::DeflateUse::kAgreed;
  for (ws::MessageReader& reader : shard.readers) reader.begin(options);
  std::size_t messages = feed_all(shard, bytes) + feed_all(shard, bytes);
  CHECK(messages == 2 * 3 * kSessions);

  const std::uint64_t before = shard_allocations();
  messages = 0;
  for (int round = 0; round < 10; ++round) messages += feed_all(shard, bytes);
  const std::uint64_t after = shard_allocations();
  CHECK(messages == 10 * 3 * kSessions);
  CHECK(after == before);
  // What was read last is still borrowed, until the next call.
  for (ws::MessageReader& reader : shard.readers) reader.end(shard.spill);
  CHECK(shard.spill.lent() == 0);
}

TEST_CASE("keys, accepts and checks of a handshake allocate nothing after the first") {
  ::prctl(PR_SET_NAME, "gend-shard");
  Rng rng{seed()};
  http::Kept kept;
  const ws::Offer offer;
  ws::Agreement agreement;
  bool good = true;
  const auto shake = [&] {
    const ws::HandshakeKey key = ws::make_key(rng);
    const auto accept = ws::accept_of({key.data(), key.size()});
    kept.headers.assign("Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Accept: ");
    kept.headers.append(accept.data(), accept.size()).append("\n");
    good &= check_upgrade(kept, {key.data(), key.size()}, offer, agreement) == Outcome::kOk;
  };
  shake();
  const std::uint64_t before = shard_allocations();
  for (int i = 0; i < 1000; ++i) shake();
  const std::uint64_t after = shard_allocations();
  CHECK(good);
  CHECK(after == before);
}

}  // namespace
}  // namespace gend::test
