#include "plan/load_parts.h"

#include "plan/join.h"

namespace gend::plan {

namespace {

constexpr std::string_view kStatusForms = "200, 2xx, [200, 201, 3xx]";

void read_status(Reader& reader, const YamlNode& node, StatusText& into) {
  auto text = reader.text(node, "a status");
  if (!text) return;
  if (const auto range = parse_status(*text)) {
    into.ranges.push_back(*range);
    into.words.push_back(std::move(*text));
  } else {
    reader.complain(node.place, fmt::format("{} is not a status ({})", quote(*text), kStatusForms));
  }
}

}  // namespace

std::optional<std::pair<std::uint16_t, std::uint16_t>> parse_status(std::string_view text) {
  if (text.size() != 3 || text[0] < '1' || text[0] > '9') return std::nullopt;
  const auto hundred = static_cast<std::uint16_t>((text[0] - '0') * 100);
  if (text.substr(1) == "xx") return std::pair{hundred, static_cast<std::uint16_t>(hundred + 99)};
  const auto number = parse_integer(text);
  if (!number || *number < 100) return std::nullopt;
  const auto status = static_cast<std::uint16_t>(*number);
  return std::pair{status, status};
}

StatusText read_statuses(Reader& reader, const YamlNode& node) {
  StatusText statuses;
  if (node.kind != YamlNode::Kind::kSequence) {
    read_status(reader, node, statuses);
    return statuses;
  }
  if (node.items.empty()) {
    reader.complain(node.place, fmt::format("an empty list is not a status ({})", kStatusForms));
  }
  for (const YamlNode* item : node.items) read_status(reader, *item, statuses);
  return statuses;
}

std::string StatusText::shown() const {
  if (words.size() == 1) return words.front();
  const std::vector<std::string> first{words.begin(), words.end() - 1};
  return fmt::format("{} or {}", joined(first), words.back());
}

}  // namespace gend::plan
