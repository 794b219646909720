#include "ws/wire.h"

#include <algorithm>

#include "base/assert.h"
#include "http/guarded_buffer.h"
#include "ws/deflate.h"

namespace gend::test {
namespace {

using Kind = ws::MessageReader::Kind;

constexpr std::size_t kLongest = 1024 * 1024;

struct Desk {
  GuardedBuffer buffer{kLongest};
  ws::Spill spill;
  ws::Inflater inflater;
};

// Shared by all reads, as by the sessions of a shard.
Desk& desk() {
  static Desk desk;
  return desk;
}

Said copy_of(const ws::MessageReader::Item& item) {
  return {item.kind, item.outcome, item.close_code, item.frames, item.wire_bytes,
          std::string{item.payload}};
}

}  // namespace

std::string server_frame(unsigned first, std::string_view payload) {
  std::string bytes(1, static_cast<char>(first));
  const std::size_t length_bytes = payload.size() < 126 ? 0 : payload.size() <= 0xFFFF ? 2 : 8;
  bytes += static_cast<char>(length_bytes == 0   ? payload.size()
                             : length_bytes == 2 ? 126
                                                 : 127);
  for (std::size_t i = length_bytes; i > 0; --i)
    bytes += static_cast<char>(payload.size() >> (i - 1) * 8);
  return bytes.append(payload);
}

std::string in_words(const std::vector<Said>& said) {
  static constexpr const char* kNames[] = {"need more", "text", "binary", "ping",
                                           "pong",      "close", "failed"};
  std::string words;
  for (const Said& one : said) {
    if (!words.empty()) words += ", ";
    words += kNames[static_cast<std::size_t>(one.kind)];
    if (one.kind == Kind::kFailed) words.append(" ").append(name_of(one.outcome));
    if (one.kind == Kind::kClose) words.append(" ").append(std::to_string(one.close_code));
    words.append(" [").append(one.payload.substr(0, 100)).append("] of ");
    words.append(std::to_string(one.payload.size())).append(" in ");
    words.append(std::to_string(one.frames)).append("/").append(std::to_string(one.wire_bytes));
  }
  return words;
}

std::vector<Said> read_pieces(std::string_view bytes, const std::vector<std::size_t>& sizes,
                              const ws::ReaderOptions& options) {
  ws::MessageReader reader;
  reader.begin(options);
  std::vector<Said> said;
  const auto take = [&](std::string_view piece) {
    std::string_view rest = desk().buffer.place(piece);
    for (;;) {
      ws::MessageReader::Item item = reader.next(rest, desk().spill);
      if (item.kind == Kind::kNeedMore) {
        GEND_ASSERT(rest.empty());
        return true;
      }
      if (item.compressed) reader.inflate(item, desk().inflater, desk().spill);
      said.push_back(copy_of(item));
      if (item.kind == Kind::kFailed) return false;
    }
  };
  bool good = true;
  for (const std::size_t size : sizes) {
    if (!good || bytes.empty()) break;
    good = take(bytes.substr(0, size));
    bytes.remove_prefix(std::min(size, bytes.size()));
  }
  if (good && !bytes.empty()) take(bytes);
  reader.end(desk().spill);
  GEND_ASSERT(desk().spill.lent() == 0);
  return said;
}

std::vector<Said> read_whole(std::string_view bytes, const ws::ReaderOptions& options) {
  return read_pieces(bytes, {}, options);
}

std::string split_difference(std::string_view bytes, const ws::ReaderOptions& options) {
  const std::vector<Said> whole = read_whole(bytes, options);
  const auto compare = [&](const std::vector<std::size_t>& sizes, const std::string& how) {
    const std::vector<Said> said = read_pieces(bytes, sizes, options);
    return said == whole ? "" : "whole: " + in_words(whole) + "\n" + how + ": " + in_words(said);
  };
  std::string wrong = compare(std::vector<std::size_t>(bytes.size(), 1), "byte by byte");
  for (std::size_t at = 0; at < bytes.size() && wrong.empty(); ++at)
    wrong = compare({at}, "cut at " + std::to_string(at));
  return wrong;
}

}  // namespace gend::test
