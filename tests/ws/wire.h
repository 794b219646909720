#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ws/message_reader.h"

namespace gend::test {

// A frame as servers send it: not masked. `first` is the whole first byte, so that tests can break
// rules; the length takes the shortest form.
std::string server_frame(unsigned first, std::string_view payload);

// What a reader said, with everything copied. Of items that need more nothing is kept.
struct Said {
  ws::MessageReader::Kind kind{};
  Outcome outcome = Outcome::kOk;
  std::uint16_t close_code = 0;
  std::uint32_t frames = 0;
  std::uint64_t wire_bytes = 0;
  std::string payload;
  friend bool operator==(const Said&, const Said&) = default;
};
std::string in_words(const std::vector<Said>& said);

// Reads `bytes` in pieces of those sizes, and what is left as one; each piece stands right before
// memory that cannot be read. Compressed messages are inflated. Checks that nothing is borrowed at
// the end.
std::vector<Said> read_pieces(std::string_view bytes, const std::vector<std::size_t>& sizes,
                              const ws::ReaderOptions& options = {});
// As one piece.
std::vector<Said> read_whole(std::string_view bytes, const ws::ReaderOptions& options = {});
// As one piece, byte by byte and in two pieces cut at every place: empty when all are the same.
std::string split_difference(std::string_view bytes, const ws::ReaderOptions& options = {});

}  // namespace gend::test
