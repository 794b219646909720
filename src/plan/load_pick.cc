#include <algorithm>
#include <cmath>

#include "plan/load_parts.h"

namespace gend::plan {

namespace {

struct EntryParts {
  PickText::Entry entry;
  const YamlNode* flow = nullptr;
};

void read_weight(Reader& reader, const YamlNode& node, EntryParts& into) {
  const auto text = reader.text(node, "a weight");
  if (!text) return;
  const auto weight = parse_number(*text);
  if (!weight || *weight < 0) {
    reader.complain(node.place,
                    fmt::format("{} is not a weight (a number, 0 or above)", quote(*text)));
    return;
  }
  into.entry.weight = *weight;
}

constexpr Key<EntryParts> kKeys[] = {
    {"weight", "number", "How often it is chosen, against the sum of all weights.", read_weight},
    {"name", "text", "What reports call it; the flow's name, or its number.",
     [](Reader& r, const YamlNode& n, EntryParts& into) {
       if (auto name = r.text(n, "a name")) into.entry.name = std::move(*name);
     }},
    {"flow", "list of steps, or a flow's name", "What is done when it is chosen.",
     [](Reader&, const YamlNode& n, EntryParts& into) { into.flow = &n; }},
};

void read_entry(Reader& reader, const YamlNode& node, PickText& into) {
  EntryParts parts;
  parts.entry.place = node.place;
  read_mapping<EntryParts>(reader, kKeys, node, "an entry ({weight: 1, flow: name})", parts);
  if (node.kind != YamlNode::Kind::kMapping) return;
  for (const char* key : {"weight", "flow"}) {
    if (node.find(key) == nullptr) {
      reader.complain(node.place, fmt::format("the entry has no `{}`", key));
    }
  }
  if (parts.flow != nullptr) {
    read_flow_or_name(reader, *parts.flow, parts.entry.name, parts.entry.flow);
  }
  if (parts.entry.name.empty()) parts.entry.name = std::to_string(into.entries.size() + 1);
  const auto same = std::ranges::find(into.entries, parts.entry.name, &PickText::Entry::name);
  if (same != into.entries.end()) {
    reader.complain(node.place, fmt::format("two entries are called {}", quote(parts.entry.name)),
                    "give one of them another `name`");
  }
  into.entries.push_back(std::move(parts.entry));
}

}  // namespace

void describe_pick(std::vector<Section>& into) {
  into.push_back(section_of<EntryParts>("entry of pick or mix", kKeys));
}

void read_pick(Reader& reader, const YamlNode& node, PickText& into) {
  if (!reader.is_sequence(node, "a list of entries ({weight: 1, flow: name})")) return;
  const std::size_t before = reader.reporter().count();
  for (const YamlNode* item : node.items) read_entry(reader, *item, into);
  double sum = 0;
  for (const PickText::Entry& entry : into.entries) sum += entry.weight;
  if (!std::isfinite(sum)) reader.complain(node.place, "the weights are too large");
  if (sum > 0 || reader.reporter().count() > before) return;
  reader.complain(node.place, node.items.empty() ? "nothing to choose from"
                                                 : "all weights are 0: nothing is ever chosen");
}

}  // namespace gend::plan
