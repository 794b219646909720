#include <algorithm>

#include "plan/load_parts.h"

namespace gend::plan {

namespace {

struct BranchParts {
  std::optional<Formula> condition;
  FlowText then, otherwise;
};

template <FlowText BranchParts::*kFlow>
void read_side(Reader& reader, const YamlNode& node, BranchParts& into) {
  std::string name;
  read_flow_or_name(reader, node, name, into.*kFlow);
}

constexpr Key<BranchParts> kBranchKeys[] = {
    {"if", "formula", "The condition.",
     [](Reader& r, const YamlNode& n, BranchParts& into) {
       into.condition = r.formula(n, "a condition");
     }},
    {"then", "list of steps, or a flow's name", "Done when it holds.",
     read_side<&BranchParts::then>},
    {"else", "list of steps, or a flow's name", "Done when it does not.",
     read_side<&BranchParts::otherwise>},
};

struct GroupParts {
  std::string name;
  const YamlNode* flow = nullptr;
};

void read_group_name(Reader& reader, const YamlNode& node, GroupParts& into) {
  auto name = reader.text(node, "the name of the group");
  if (!name) return;
  constexpr std::size_t kNameBytes = 128;
  // k6's rule: `::` stands between the names of groups within groups.
  if (name->empty() || name->size() > kNameBytes || name->find("::") != std::string::npos) {
    reader.complain(node.place, fmt::format("{} is not a name of a group", quote(*name)),
                    "use 1 to 128 bytes without ::");
    return;
  }
  into.name = std::move(*name);
}

constexpr Key<GroupParts> kGroupKeys[] = {
    {"name", "text", "What reports call it.", read_group_name},
    {"flow", "list of steps, or a flow's name", "What is measured together.",
     [](Reader&, const YamlNode& n, GroupParts& into) { into.flow = &n; }},
};

}  // namespace

void describe_branch(std::vector<Section>& into) {
  into.push_back(section_of<BranchParts>("if", kBranchKeys));
  into.push_back(section_of<GroupParts>("group", kGroupKeys));
}

void read_branch(Reader& reader, const YamlNode& step, StepText& into) {
  BranchParts parts;
  read_mapping<BranchParts>(reader, kBranchKeys, step, "a step", parts);
  if (step.find("then") == nullptr && step.find("else") == nullptr) {
    reader.complain(step.place, "the condition has neither `then` nor `else`");
  }
  if (parts.condition) {
    into.what =
        BranchText{std::move(*parts.condition), std::move(parts.then), std::move(parts.otherwise)};
  }
}

void read_group(Reader& reader, const YamlNode& node, StepText& into) {
  GroupParts parts;
  read_mapping<GroupParts>(reader, kGroupKeys, node, "a group ({name: checkout, flow: […]})",
                           parts);
  if (node.kind != YamlNode::Kind::kMapping) return;
  GroupText group;
  if (parts.flow == nullptr) {
    reader.complain(node.place, "the group has no `flow`");
  } else {
    read_flow_or_name(reader, *parts.flow, parts.name, group.flow);
  }
  if (node.find("name") == nullptr && parts.name.empty()) {
    reader.complain(node.place, "the group has no `name`");
  }
  group.name = std::move(parts.name);
  into.what = std::move(group);
}

}  // namespace gend::plan
