#include "plan/load_parts.h"

#include "base/limits.h"

namespace gend::plan {

namespace {

void read_name(Reader& reader, const YamlNode& node, StageText& into) {
  auto name = reader.text(node, "the name of a stage");
  if (!name) return;
  constexpr std::size_t kNameBytes = 64;
  if (name->empty() || name->size() > kNameBytes) {
    reader.complain(node.place, fmt::format("a stage's name is 1 to {} bytes long", kNameBytes));
  } else if (parse_integer(*name)) {
    reader.complain(node.place, fmt::format("{} is not a name of a stage", quote(*name)),
                    "numbers are what stages without a name are called");
  } else {
    into.name = std::move(*name);
  }
}

constexpr Key<StageText> kKeys[] = {
    {"duration", "duration", "How long the stage takes.",
     [](Reader& r, const YamlNode& n, StageText& into) { into.duration = r.duration(n); }},
    {"target", "users or rate", "Where the load is at its end, reached in a straight line.",
     [](Reader& r, const YamlNode& n, StageText& into) {
       into.target = r.rate(n, "a number of users or a rate");
     }},
    {"name", "text", "What the tag `stage` says; its number when absent.", read_name},
};

}  // namespace

void describe_stages(std::vector<Section>& into) {
  into.push_back(section_of<StageText>("stage", kKeys));
}

void read_stages(Reader& reader, const YamlNode& node, ScenarioText& into) {
  if (!reader.is_sequence(node, "a list of stages ({duration: 1m, target: 10})")) return;
  if (node.items.size() > limits::kStages) {
    reader.complain(node.place,
                    fmt::format("{} stages, at most {}", node.items.size(), limits::kStages));
    return;
  }
  into.has_stages = true;
  for (const YamlNode* item : node.items) {
    StageText stage{.place = item->place, .duration = {}, .target = {}};
    read_mapping<StageText>(reader, kKeys, *item, "a stage ({duration: 1m, target: 10})", stage);
    if (item->kind != YamlNode::Kind::kMapping) continue;
    for (const char* key : {"duration", "target"}) {
      if (item->find(key) == nullptr) {
        reader.complain(item->place, fmt::format("the stage has no `{}`", key));
      }
    }
    into.stages.push_back(std::move(stage));
  }
}

}  // namespace gend::plan
