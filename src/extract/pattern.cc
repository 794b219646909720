#include "extract/pattern.h"

#include <array>
#include <utility>

#include <re2/re2.h>

#include "extract/utf8.h"

namespace gend::extract {
namespace {

constexpr std::int64_t kMemory = 8 * 1024 * 1024;  // of one compiled expression with its automata

re2::RE2::Options options(re2::RE2::Options::Encoding encoding) {
  re2::RE2::Options out;
  out.set_encoding(encoding);
  out.set_log_errors(false);
  out.set_max_mem(kMemory);
  return out;
}

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

struct Pattern::Impl {
  explicit Impl(std::string_view text)
      : source{text},
        utf8{piece(source), options(re2::RE2::Options::EncodingUTF8)},
        latin1{piece(source), options(re2::RE2::Options::EncodingLatin1)} {}

  // In text that is not UTF-8 every byte is a character, or `.` would not match it.
  const re2::RE2& for_text(std::string_view text) const {
    return !latin1.ok() || is_utf8(text) ? utf8 : latin1;
  }

  std::string source;
  re2::RE2 utf8, latin1;
};

Pattern::Pattern(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Pattern::~Pattern() = default;

std::expected<std::unique_ptr<const Pattern>, std::string> Pattern::compile(std::string_view text) {
  auto impl = std::make_unique<Impl>(text);
  if (!impl->utf8.ok()) return std::unexpected{impl->utf8.error()};
  return std::unique_ptr<const Pattern>{new Pattern{std::move(impl)}};
}

bool Pattern::matches(std::string_view text) const {
  return impl_->for_text(text).Match(piece(text), 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

std::optional<std::string_view> Pattern::find(std::string_view text) const {
  const re2::RE2& re = impl_->for_text(text);
  std::array<re2::StringPiece, 2> found;
  const int wanted = re.NumberOfCapturingGroups() > 0 ? 2 : 1;
  if (!re.Match(piece(text), 0, text.size(), re2::RE2::UNANCHORED, found.data(), wanted))
    return std::nullopt;
  const re2::StringPiece& group = found[static_cast<std::size_t>(wanted) - 1];
  if (group.data() == nullptr) return std::nullopt;  // the group is no part of this match
  return std::string_view{group.data(), group.size()};
}

const std::string& Pattern::source() const { return impl_->source; }

}  // namespace gend::extract
