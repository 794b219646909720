#include "http/reference.h"

#include <algorithm>
#include <string>

#include "http/chars.h"

namespace gend::http {
namespace {

constexpr auto npos = std::string_view::npos;

constexpr bool is_letter(char c) {
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'z';
}

// The size of "scheme:" at the front, 0 when there is none (RFC 3986 3.1).
std::size_t scheme_size(std::string_view text) {
  if (text.empty() || !is_letter(text[0])) return 0;
  std::size_t i = 1;
  while (i < text.size() && (is_letter(text[i]) || is_digit(text[i]) || text[i] == '+' ||
                             text[i] == '-' || text[i] == '.'))
    ++i;
  return i < text.size() && text[i] == ':' ? i + 1 : 0;
}

void remove_last_segment(std::string& path) {
  const std::size_t slash = path.rfind('/');
  path.erase(slash == std::string::npos ? 0 : slash);
}

// RFC 3986 5.2.4.
std::string remove_dot_segments(std::string_view in) {
  std::string out;
  while (!in.empty()) {
    if (in.starts_with("../")) {
      in.remove_prefix(3);
    } else if (in.starts_with("./")) {
      in.remove_prefix(2);
    } else if (in.starts_with("/./")) {
      in.remove_prefix(2);
    } else if (in == "/.") {
      in = "/";
    } else if (in.starts_with("/../")) {
      in.remove_prefix(3);
      remove_last_segment(out);
    } else if (in == "/..") {
      in = "/";
      remove_last_segment(out);
    } else if (in == "." || in == "..") {
      in = {};
    } else {
      const std::size_t end = in.find('/', 1);
      out.append(in.substr(0, end));
      in.remove_prefix(end == npos ? in.size() : end);
    }
  }
  return out;
}

std::expected<Url, ReferenceFault> parsed(const std::string& text) {
  auto url = parse_url(text);
  if (!url) return std::unexpected{ReferenceFault::kInvalid};
  return *std::move(url);
}

// RFC 3986 5.2.3.
std::string merged(std::string_view base_path, std::string_view path) {
  std::string out{base_path.substr(0, base_path.rfind('/') + 1)};
  return out.append(path);
}

}  // namespace

bool is_plain_path(std::string_view reference) {
  if (!reference.starts_with('/') || reference.starts_with("//")) return false;
  const std::string_view path = reference.substr(0, reference.find('?'));
  if (path.find("/.") != npos) return false;  // perhaps a dot segment
  return std::all_of(reference.begin(), reference.end(), [](char c) {
    constexpr std::string_view kMarks = "-._~%!$&()*+,;=:@/?";  // RFC 3986 pchar, without '
    return is_letter(c) || is_digit(c) || kMarks.find(c) != npos;
  });
}

std::expected<Url, ReferenceFault> resolve_reference(const Url& base, std::string_view reference) {
  reference = reference.substr(0, reference.find('#'));
  const std::size_t scheme = scheme_size(reference);
  if (scheme != 0 && !equals_ignoring_case(reference.substr(0, scheme), "http:") &&
      !equals_ignoring_case(reference.substr(0, scheme), "https:"))
    return std::unexpected{ReferenceFault::kOtherScheme};

  const std::string_view rest = reference.substr(scheme);
  const std::size_t mark = rest.find('?');
  std::string_view path = rest.substr(0, mark);
  const std::string_view query = mark == npos ? std::string_view{} : rest.substr(mark);
  if (scheme != 0 || path.starts_with("//")) {
    if (!path.starts_with("//")) return std::unexpected{ReferenceFault::kInvalid};
    const std::size_t end = std::min(path.find('/', 2), path.size());
    std::string text = scheme != 0 ? std::string{reference.substr(0, scheme)}
                                   : std::string{name_of(base.scheme)} + ":";
    text.append(path.substr(0, end)).append(remove_dot_segments(path.substr(end))).append(query);
    return parsed(text);
  }

  const std::string_view base_path = std::string_view{base.target}.substr(0, base.target.find('?'));
  std::string target;
  if (path.empty())
    target = mark == npos ? base.target : std::string{base_path}.append(query);
  else
    target = remove_dot_segments(path.starts_with('/') ? std::string{path}
                                                       : merged(base_path, path))
                 .append(query);
  return parsed(base.origin() + target);
}

}  // namespace gend::http
