#include "plan/load_parts.h"

#include <algorithm>

#include "base/limits.h"
#include "http/chars.h"
#include "http/request.h"

namespace gend::plan {

namespace {

constexpr std::string_view kOurHeaders[] = {"content-length", "transfer-encoding", "connection"};

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), http::to_lower);
  return out;
}

bool is_good_header_name(Reader& reader, const YamlNode& key) {
  if (const auto fault = http::field_name_fault(key.text)) {
    reader.complain(key.place, fmt::format("header {}: {}", quote(key.text), *fault));
    return false;
  }
  if (std::ranges::find(kOurHeaders, lower(key.text)) == std::end(kOurHeaders)) return true;
  reader.complain(key.place, fmt::format("the header {} is written by gend", quote(key.text)),
                  lower(key.text) == "connection"
                      ? "use defaults: {connection: {keepAlive: false}} to close connections"
                      : "leave it out");
  return false;
}

}  // namespace

bool is_good_header_value(Reader& reader, const YamlNode& node, const Template& value) {
  for (const Piece& piece : value.pieces) {
    const auto fault = http::field_value_fault(piece.text);
    if (!fault) continue;
    reader.complain(node.place, fmt::format("header value: {}", *fault));
    return false;
  }
  return true;
}

void read_headers(Reader& reader, const YamlNode& node, std::vector<HeaderText>& into) {
  if (!reader.is_mapping(node, "headers (name: value)")) return;
  if (node.entries.size() > limits::kHeaderCount) {
    reader.complain(node.place, fmt::format("{} headers, at most {}", node.entries.size(),
                                            limits::kHeaderCount));
    return;
  }
  for (const YamlNode::Entry& entry : node.entries) {
    if (!is_good_header_name(reader, *entry.key)) continue;
    auto value = reader.message(*entry.value, Escaping::kNone, "the value of a header");
    if (!value || !is_good_header_value(reader, *entry.value, value->text)) continue;
    into.push_back({entry.key->text, std::move(*value), entry.key->place});
  }
}

}  // namespace gend::plan
