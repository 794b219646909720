#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gend::extract {

// A regular expression in RE2's syntax: linear in the text, whatever the text (RE2, not
// backtracking). Immutable, may be used from all shards.
class Pattern {
 public:
  // The error is RE2's own sentence.
  static std::expected<std::unique_ptr<const Pattern>, std::string> compile(std::string_view text);
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  bool matches(std::string_view text) const;  // anywhere in it
  // The first group of the first match, or the whole match when the pattern has no group.
  std::optional<std::string_view> find(std::string_view text) const;
  const std::string& source() const;

 private:
  struct Impl;
  explicit Pattern(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gend::extract
