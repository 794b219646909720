// Requests given back, as they were understood.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "target/handlers.h"
#include "target/text.h"

namespace gend::target {
namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// The parameter of a header such as Content-Type: a; name=value or a; name="value".
std::string parameter(std::string_view header, std::string_view name) {
  std::size_t at = 0;
  while ((at = header.find(';', at)) != header.npos) {
    ++at;
    while (at < header.size() && header[at] == ' ') ++at;
    const std::string_view rest = header.substr(at);
    if (lower(rest.substr(0, name.size())) != name || !rest.substr(name.size()).starts_with('='))
      continue;
    std::string_view value = rest.substr(name.size() + 1);
    if (value.starts_with('"')) return std::string{value.substr(1, value.find('"', 1) - 1)};
    value = value.substr(0, value.find(';'));
    while (value.ends_with(' ')) value.remove_suffix(1);
    return std::string{value};
  }
  return {};
}

struct Part {
  std::string_view head, body;
};

// One part, up to the delimiter; false when the message ends before it (RFC 2046 5.1.1).
bool take_part(std::string_view& rest, std::string_view delimiter, Part& part) {
  const std::size_t end = rest.find(delimiter);
  if (end == rest.npos || !rest.starts_with("\r\n")) return false;
  std::string_view whole = rest.substr(2, end < 2 ? 0 : end - 2);
  rest.remove_prefix(end + delimiter.size());
  if (whole.starts_with("\r\n")) {
    part = {{}, whole.substr(2)};
    return true;
  }
  const std::size_t blank = whole.find("\r\n\r\n");
  if (blank == whole.npos) return false;
  part = {whole.substr(0, blank + 2), whole.substr(blank + 4)};
  return true;
}

std::string_view header_of(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(head.size(), line.size() + 2));
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    if (lower(line.substr(0, name.size())) != name) continue;
    std::string_view value = line.substr(name.size() + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    return value;
  }
  return {};
}

std::string describe(const Part& part) {
  constexpr std::size_t kMostShown = 64 * 1024;
  const std::string_view disposition = header_of(part.head, "content-disposition");
  std::string text = "{\"name\":" + json_text(parameter(disposition, "name"));
  if (const auto file = parameter(disposition, "filename"); !file.empty())
    text += ",\"filename\":" + json_text(file);
  if (const auto type = header_of(part.head, "content-type"); !type.empty())
    text += ",\"content_type\":" + json_text(type);
  return text + fmt::format(",\"bytes\":{},\"text\":{}}}", part.body.size(),
                            json_text(part.body.substr(0, kMostShown)));
}

}  // namespace

void echo(Call& call) {
  std::string& body = call.response.body;
  body = "{\"method\":" + json_text(call.request.method) +
         ",\"path\":" + json_text(call.request.path) +
         ",\"query\":" + json_text(call.request.query) + ",\"headers\":{";
  std::string_view lines = call.request.kept->headers;
  std::vector<std::pair<std::string, std::string>> all;  // by lower-case name; equal names joined
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    const std::size_t colon = line.find(": ");
    if (colon == line.npos) continue;
    const std::string name = lower(line.substr(0, colon));
    const auto same = std::find_if(all.begin(), all.end(),
                                   [&](const auto& each) { return each.first == name; });
    if (same == all.end())
      all.emplace_back(name, line.substr(colon + 2));
    else
      same->second.append(", ").append(line.substr(colon + 2));
  }
  for (std::size_t i = 0; i < all.size(); ++i)
    body += (i == 0 ? "" : ",") + json_text(all[i].first) + ":" + json_text(all[i].second);
  body += fmt::format("}},\"bytes\":{},\"body\":{}}}", call.request.body().size(),
                      json_text(call.request.body()));
}

void echo_form(Call& call) {
  const auto type = lower(call.request.header("content-type"));
  if (!type.starts_with("application/x-www-form-urlencoded"))
    return refuse(call.response, 415, "a form is wanted: application/x-www-form-urlencoded");
  std::string& body = call.response.body = "{\"fields\":[";
  const char* separator = "";
  for_each_pair(call.request.body(), [&](const std::string& name, const std::string& value) {
    body += fmt::format("{}[{},{}]", separator, json_text(name), json_text(value));
    separator = ",";
  });
  body += "]}";
}

void echo_multipart(Call& call) {
  const std::string_view type = call.request.header("content-type");
  const std::string boundary = parameter(type, "boundary");
  if (!lower(type).starts_with("multipart/form-data") || boundary.empty() || boundary.size() > 70)
    return refuse(call.response, 415, "multipart/form-data with a boundary is wanted");
  const std::string delimiter = "\r\n--" + boundary;
  std::string_view rest = call.request.body();
  const std::size_t first = rest.starts_with(delimiter.substr(2)) ? 0 : rest.find(delimiter);
  if (first == rest.npos) return refuse(call.response, 400, "the boundary does not occur");
  rest.remove_prefix(first + delimiter.size() - (first == 0 ? 2 : 0));
  std::string& body = call.response.body = "{\"parts\":[";
  for (const char* separator = ""; !rest.starts_with("--"); separator = ",") {
    Part part;
    if (!take_part(rest, delimiter, part))
      return refuse(call.response, 400, "a part is not complete");
    body += separator + describe(part);
  }
  body += "]}";
}

}  // namespace gend::target
