#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/outcome.h"
#include "http/known_heads.h"

namespace gend::test {

// Everything a ResponseParser says about one connection's bytes.
struct Facts {
  Outcome outcome = Outcome::kOk;
  bool complete = false;
  bool needed_eof = false;  // only finish() ended it
  int status = 0;
  int minor_version = 0;
  bool keep_alive = false;
  std::uint32_t interim = 0;
  std::uint64_t body_bytes = 0;
  std::size_t consumed = 0;
  std::string headers;
  std::string body;
  std::string noted;  // what is kept whatever is wanted, in one text
};

// Where `bytes` are cut: the sizes of the pieces, one feed() each.
using Pieces = std::vector<std::size_t>;
Pieces whole(std::string_view bytes);
Pieces byte_by_byte(std::string_view bytes);
Pieces split_at_random(std::string_view bytes, std::mt19937_64& random);

enum class Keep : std::uint8_t { kNothing, kAll };
enum class RequestMethod : std::uint8_t { kGet, kHead };

// Feeds the pieces, each right before an unreadable page, and then the end of the connection.
Facts parse(std::string_view bytes, const Pieces& pieces, RequestMethod method, Keep keep,
            http::KnownHeads* known = nullptr);

// Empty when both say the same, else what differs. What was read before a failure was noticed may
// depend on the pieces, so `consumed` counts only for complete responses, and the body not beyond
// kBodyTooLarge.
std::string difference(const Facts& a, const Facts& b);

std::string in_words(const Facts& facts);

}  // namespace gend::test
