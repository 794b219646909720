#include "cli/keys.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gend::cli {

namespace {

constexpr char kEsc = '\x1b';
constexpr std::string_view kPasteBegins = "\x1b[200~", kPasteEnds = "\x1b[201~";
// Longer than any key's; what does not end before is no sequence (ECMA-48 sets no limit).
constexpr std::size_t kSequence = 32;

struct Named {
  std::string_view rest;  // after ESC, without parameters that say which modifiers were held
  KeyKind kind;
};
constexpr std::array<Named, 20> kNamed{{
    {"[A", KeyKind::kUp},       {"OA", KeyKind::kUp},      {"[B", KeyKind::kDown},
    {"OB", KeyKind::kDown},     {"[C", KeyKind::kRight},   {"OC", KeyKind::kRight},
    {"[D", KeyKind::kLeft},     {"OD", KeyKind::kLeft},    {"[5~", KeyKind::kPageUp},
    {"[6~", KeyKind::kPageDown}, {"[H", KeyKind::kHome},   {"OH", KeyKind::kHome},
    {"[1~", KeyKind::kHome},    {"[7~", KeyKind::kHome},   {"[F", KeyKind::kEnd},
    {"OF", KeyKind::kEnd},      {"[4~", KeyKind::kEnd},    {"[8~", KeyKind::kEnd},
    {"[Z", KeyKind::kBackTab},  {"OM", KeyKind::kEnter},
}};

// Where a control sequence ends: its final byte is 0x40 to 0x7e (ECMA-48 5.4). 0: not yet.
std::size_t end_of_sequence(std::string_view bytes) {
  if (bytes.size() < 2) return 0;
  if (bytes[1] == 'O') return bytes.size() < 3 ? 0 : 3;  // SS3: one byte more
  if (bytes[1] != '[') return 2;                         // Alt and a key
  for (std::size_t i = 2; i < std::min(bytes.size(), kSequence); ++i)
    if (bytes[i] >= 0x40 && bytes[i] <= 0x7e) return i + 1;
  return bytes.size() >= kSequence ? kSequence : 0;
}

// "[1;5A" is "[A" with Ctrl held, "[5;3~" is "[5~" with Alt.
std::string without_modifiers(std::string_view rest) {
  const std::size_t semicolon = rest.find(';');
  if (semicolon == rest.npos) return std::string{rest};
  std::string_view head = rest.substr(0, semicolon);
  if (rest.back() != '~' && head == "[1") head = "[";
  return std::string{head} + rest.back();
}

std::optional<Key> plain_key(char c) {
  switch (c) {
    case '\t': return Key{KeyKind::kTab};
    case '\r': case '\n': return Key{KeyKind::kEnter};
    case '\b': case 0x7f: return Key{KeyKind::kBackspace};
    default: break;
  }
  if (c >= 0x20 && c < 0x7f) return Key{KeyKind::kText, c};
  return std::nullopt;
}

}  // namespace

void Keys::feed(std::string_view bytes) {
  bytes_ += bytes;
  rested_ = false;
}

void Keys::rest() { rested_ = true; }

// Throws away what is pasted; false: its end has not come yet.
bool Keys::take_paste() {
  const std::size_t end = bytes_.find(kPasteEnds);
  if (end == bytes_.npos) {
    // The beginning of the end may be here already.
    const std::size_t kept = std::min(bytes_.size(), kPasteEnds.size() - 1);
    take(bytes_.size() - kept);
    return false;
  }
  take(end + kPasteEnds.size());
  pasting_ = false;
  return true;
}

std::optional<Key> Keys::take_sequence() {
  const std::size_t end = end_of_sequence(bytes_);
  const std::string rest = without_modifiers(std::string_view{bytes_}.substr(1, end - 1));
  pasting_ = std::string_view{bytes_}.substr(0, end) == kPasteBegins;
  take(end);
  const auto* const found =
      std::ranges::find_if(kNamed, [&](const Named& named) { return named.rest == rest; });
  if (found == kNamed.end()) return std::nullopt;
  return Key{found->kind};
}

std::optional<Key> Keys::next() {
  while (!bytes_.empty()) {
    if (pasting_) {
      if (!take_paste()) return std::nullopt;
      continue;
    }
    std::optional<Key> key;
    if (bytes_[0] != kEsc) {
      key = plain_key(bytes_[0]);
      take(1);
    } else if (bytes_.size() > 1 && bytes_[1] == kEsc) {
      key = Key{KeyKind::kEscape};
      take(1);
    } else if (end_of_sequence(bytes_) == 0) {
      if (!std::exchange(rested_, false)) return std::nullopt;
      key = bytes_.size() == 1 ? std::optional{Key{KeyKind::kEscape}} : std::nullopt;
      bytes_.clear();
    } else {
      key = take_sequence();
    }
    if (key) return key;
  }
  return std::nullopt;
}

}  // namespace gend::cli
