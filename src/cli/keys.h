#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gend::cli {

enum class KeyKind : std::uint8_t {
  kText, kUp, kDown, kLeft, kRight, kPageUp, kPageDown, kHome, kEnd, kTab, kBackTab, kEnter,
  kBackspace, kEscape
};

struct Key {
  KeyKind kind = KeyKind::kText;
  char text = 0;  // kText: printable ASCII
  bool operator==(const Key&) const = default;
};

// Keys from the bytes that a terminal sends, however they are split over reads. Sequences that mean
// nothing here, control characters, what is not ASCII and what was pasted are left out: a pasted
// text shall not stop a run.
class Keys {
 public:
  void feed(std::string_view bytes);
  // Nothing has come for a while: an ESC that still waits for its sequence was the key itself.
  void rest();
  std::optional<Key> next();
  bool is_waiting() const { return !bytes_.empty(); }

 private:
  void take(std::size_t n) { bytes_.erase(0, n); }
  bool take_paste();
  std::optional<Key> take_sequence();

  std::string bytes_;
  bool pasting_ = false, rested_ = false;
};

}  // namespace gend::cli
