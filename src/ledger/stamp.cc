#include "ledger/stamp.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"

namespace gend::ledger {

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kDigits = 24;  // 6 bits each: 144 bits
constexpr std::size_t kDigitsPerWord = 8;
constexpr std::uint64_t kWordMask = (std::uint64_t{1} << 48) - 1;
constexpr std::uint64_t kTimeMask = (std::uint64_t{1} << 54) - 1;
constexpr std::uint8_t kNoDigit = 64;
static_assert(kStampBytes == kStampMarker.size() + kDigits + 1);

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  return values;
}
constexpr std::array<std::uint8_t, 256> kValues = make_values();

// A Reed-Solomon check symbol over GF(64) (x^6 + x + 1): each place has a weight of its own, so no
// single change and no swap of two characters goes unnoticed. Begins at 1, or all 'A' would pass.
constexpr std::uint8_t kCheckStart = 1;
constexpr std::uint8_t add_to_check(std::uint8_t check, std::uint8_t digit) {
  const unsigned doubled = static_cast<unsigned>(check) << 1;
  return static_cast<std::uint8_t>((doubled ^ ((doubled & 64) != 0 ? 0x43U : 0U)) ^ digit);
}
constexpr std::uint8_t finish_check(std::uint8_t check) {
  return add_to_check(check, 0);  // so that the last digit's weight is not the check's own
}

using Words = std::array<std::uint64_t, 3>;

Words pack(const Stamp& stamp) {
  const auto at = static_cast<std::uint64_t>(stamp.at.count()) & kTimeMask;
  const std::uint64_t run = stamp.run & kRunMask;
  return {run << 24 | stamp.stream >> 6,
          static_cast<std::uint64_t>(stamp.stream & 63) << 42 | stamp.number << 6 | at >> 48,
          at & kWordMask};
}

Stamp unpack(const Words& words) {
  Stamp stamp;
  stamp.run = static_cast<std::uint32_t>(words[0] >> 24);
  stamp.stream = static_cast<std::uint32_t>((words[0] & 0xFFFFFF) << 6 | words[1] >> 42);
  stamp.number = words[1] >> 6 & (kNumbers - 1);
  stamp.at = Duration{static_cast<std::int64_t>((words[1] & 63) << 48 | words[2])};
  return stamp;
}

// `text` begins behind the marker and has what a stamp needs.
std::optional<Stamp> read(const char* text) {
  Words words{};
  std::uint8_t check = kCheckStart;
  for (std::size_t i = 0; i < kDigits; ++i) {
    const std::uint8_t digit = kValues[static_cast<unsigned char>(text[i])];
    if (digit == kNoDigit) return std::nullopt;
    words[i / kDigitsPerWord] = words[i / kDigitsPerWord] << 6 | digit;
    check = add_to_check(check, digit);
  }
  if (kValues[static_cast<unsigned char>(text[kDigits])] != finish_check(check))
    return std::nullopt;
  return unpack(words);
}

}  // namespace

void write_stamp(const Stamp& stamp, char* to) noexcept {
  GEND_ASSERT(stamp.number < kNumbers && stamp.stream < (1U << 30) && stamp.at.count() >= 0);
  std::memcpy(to, kStampMarker.data(), kStampMarker.size());
  to += kStampMarker.size();
  std::uint8_t check = kCheckStart;
  for (const std::uint64_t word : pack(stamp))
    for (int shift = 42; shift >= 0; shift -= 6) {
      const auto digit = static_cast<std::uint8_t>(word >> shift & 63);
      check = add_to_check(check, digit);
      *to++ = kAlphabet[digit];
    }
  *to = kAlphabet[finish_check(check)];
}

std::optional<FoundStamp> find_stamp(std::string_view& rest, std::uint32_t run) noexcept {
  while (rest.size() >= kStampMarker.size()) {
    const void* at = std::memchr(rest.data(), kStampMarker[0], rest.size());
    if (at == nullptr) break;
    rest.remove_prefix(static_cast<std::size_t>(static_cast<const char*>(at) - rest.data()));
    if (!rest.starts_with(kStampMarker)) {
      rest.remove_prefix(1);
      continue;
    }
    const std::string_view found = rest;
    rest.remove_prefix(kStampMarker.size());
    if (found.size() < kStampBytes) return FoundStamp{};
    const auto stamp = read(rest.data());
    if (!stamp) return FoundStamp{};  // a whole stamp may still stand within what was broken
    rest.remove_prefix(kStampBytes - kStampMarker.size());
    const bool ours = stamp->run == (run & kRunMask);
    return FoundStamp{ours ? FoundStamp::Kind::kOurs : FoundStamp::Kind::kForeign, *stamp};
  }
  rest = {};
  return std::nullopt;
}

bool StampFinder::seen(const Stamp& stamp) noexcept {
  const std::size_t known = std::min<std::size_t>(count_, latest_.size());
  for (std::size_t i = 0; i < known; ++i)
    if (latest_[i] == stamp) return true;
  latest_[count_++ % latest_.size()] = stamp;
  return false;
}

std::optional<FoundStamp> StampFinder::next() noexcept {
  while (auto found = find_stamp(rest_, run_)) {
    if (found->kind == FoundStamp::Kind::kGarbled || !seen(found->stamp)) return found;
  }
  return std::nullopt;
}

}  // namespace gend::ledger
