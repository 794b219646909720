#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// JSON (RFC 8259) read in place: where values end and what members an object has, nothing built and
// nothing allocated. UTF-8 is not looked at: WebSocket has checked it. Nesting is limited
// (limits::kSioDepth).
namespace gend::sio {

// How long the value is that `text` begins with (no spaces before it); 0 when there is none.
std::size_t json_value_size(std::string_view text) noexcept;

// Whether all of `text` is one value. Spaces around it are not allowed: no peer sends any.
bool is_json(std::string_view text) noexcept;

std::string_view without_json_spaces(std::string_view text) noexcept;  // at its front

// The members of an object that is_json(), one after the other.
class JsonMembers {
 public:
  struct Member {
    std::string_view name;   // between the quotes, escapes as they are
    std::string_view value;  // the whole value
  };

  // None when `object` is no object.
  explicit JsonMembers(std::string_view object) noexcept;
  std::optional<Member> next() noexcept;

 private:
  std::string_view left_;
};

// The value of a member; of equal names the last counts, as in JavaScript. Empty when there is
// none.
std::string_view json_member(std::string_view object, std::string_view name) noexcept;

// What stands between the quotes of a string; nothing when `value` is no string. Escapes stay.
std::optional<std::string_view> json_text(std::string_view value) noexcept;

// `raw`: between the quotes of a string that is_json(). A lone surrogate becomes U+FFFD.
bool same_json_text(std::string_view raw, std::string_view plain) noexcept;
void append_json_text(std::string& out, std::string_view raw);

}  // namespace gend::sio
