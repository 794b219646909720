#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace gend::ledger {

// What a sender puts into a message, and a receiver finds again without knowing the message's
// shape. The token is "Q.g", 24 characters of the URL-safe base64 alphabet and a check character:
// letters, digits, '-', '_' and one '.', so it stands unchanged in JSON strings, HTML, URLs, forms
// and headers. The '.' in the marker keeps base64 text from looking like one, and 'Q' is rare.
struct Stamp {
  std::uint32_t run = 0;     // 24 bits: which run of which gend sent it
  std::uint32_t stream = 0;  // 30 bits: which sender in which room
  std::uint64_t number = 0;  // 36 bits: counts the sender's messages to the room, from 0
  Duration at{};             // 54 bits of ns, 208 days: when it was sent, since the board's epoch

  friend bool operator==(const Stamp&, const Stamp&) = default;
};

inline constexpr std::string_view kStampMarker = "Q.g";
inline constexpr std::size_t kStampBytes = 28;
inline constexpr std::uint32_t kRunMask = (1U << 24) - 1;
inline constexpr std::uint64_t kNumbers = std::uint64_t{1} << 36;  // a stamp holds those below

// Writes exactly kStampBytes. Fields must fit their bits (`run` is cut to them).
void write_stamp(const Stamp& stamp, char* to) noexcept;

struct FoundStamp {
  enum class Kind : std::uint8_t {
    kOurs,
    kForeign,  // of another run, or of another gend that shares the target
    kGarbled   // a marker without a valid stamp behind it: changed or cut on its way; no `stamp`
  };
  Kind kind = Kind::kGarbled;
  Stamp stamp{};
};

// The next stamp in `rest`, which then begins behind it; nullopt: none, and `rest` is empty. The
// check character finds every change of one character and every swap of two, and 63 of 64 others.
std::optional<FoundStamp> find_stamp(std::string_view& rest, std::uint32_t run) noexcept;

// All stamps of one whole message (a stamp that is cut by the end of a fragment is garbled). A
// message may carry one twice, as text and as HTML: that is one delivery, so a repetition of one of
// the latest eight is passed over.
class StampFinder {
 public:
  StampFinder(std::string_view message, std::uint32_t run) noexcept : rest_{message}, run_{run} {}

  std::optional<FoundStamp> next() noexcept;

 private:
  bool seen(const Stamp& stamp) noexcept;

  std::string_view rest_;
  std::uint32_t run_;
  std::uint32_t count_ = 0;  // found so far
  std::array<Stamp, 8> latest_;
};

}  // namespace gend::ledger
