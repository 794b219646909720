#include "fuzz/ws_frames_oracle.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "ws/utf8.h"
#include "ws/wire.h"

namespace gend::test {
namespace {

using Kind = ws::MessageReader::Kind;

constexpr std::size_t kLongestByteByByte = 1024;  // beyond that only cut at random, to stay fast

ws::ReaderOptions options_of(unsigned choice) {
  ws::ReaderOptions options;
  if (choice & 1) options.deflate = ws::DeflateUse::kAgreed;
  if (choice & 2) options.utf8 = ws::Utf8Check::kNo;
  if (choice & 4) options.message_bytes = 100;
  return options;
}

std::string contradiction(const std::vector<Said>& said, std::size_t size,
                          const ws::ReaderOptions& options) {
  std::uint64_t wire = 0;
  for (const Said& one : said) {
    const bool last = &one == &said.back();
    wire += one.wire_bytes;
    if ((one.kind == Kind::kFailed) != (one.outcome != Outcome::kOk)) return "failed, but of what";
    if ((one.kind == Kind::kFailed || one.kind == Kind::kClose) && !last) return "behind the end";
    if ((one.frames == 0) != (one.kind == Kind::kFailed)) return "a message of no frame";
    if (one.payload.size() > options.message_bytes && one.kind <= Kind::kBinary) return "too long";
    if (one.payload.size() > ws::kMaxControlPayload && one.kind > Kind::kBinary)
      return "a long control frame";
    const bool checked = one.kind == Kind::kText && options.utf8 == ws::Utf8Check::kYes;
    if ((checked || one.kind == Kind::kClose) && !ws::is_utf8(one.payload)) return "no UTF-8";
    if ((one.kind == Kind::kClose) != (one.close_code != 0)) return "a close code of nothing";
  }
  return wire > size ? "more on the wire than there was" : "";
}

}  // namespace

std::string fuzz_frames(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return "";
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  const ws::ReaderOptions options = options_of(data[0]);
  const std::vector<Said> said = read_whole(bytes, options);
  const auto with_words = [&](const std::string& wrong) { return wrong + ": " + in_words(said); };
  if (const std::string wrong = contradiction(said, bytes.size(), options); !wrong.empty())
    return with_words(wrong);

  Rng rng{data[0]};
  std::vector<std::size_t> sizes;
  for (std::size_t at = 0; at < bytes.size(); at += sizes.back()) sizes.push_back(rng.below(20));
  if (read_pieces(bytes, sizes, options) != said) return with_words("not the same in pieces");
  if (bytes.size() > kLongestByteByByte) return "";
  sizes.assign(bytes.size(), 1);
  return read_pieces(bytes, sizes, options) == said ? "" : with_words("not the same byte by byte");
}

}  // namespace gend::test
