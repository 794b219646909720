#include <algorithm>

#include "plan/join.h"
#include "plan/load_parts.h"

namespace gend::plan {

namespace {

constexpr std::size_t kNameBytes = 64;

bool is_flow_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytes && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

// The named flow, read where it is called: with the names that hold there.
void read_named(Reader& reader, Place place, const std::string& name, FlowText& into) {
  FlowState& state = reader.flow();
  const auto found = state.flows.find(name);
  if (found == state.flows.end()) {
    std::vector<std::string_view> names;
    for (const auto& [known, node] : state.flows) names.push_back(known);
    reader.complain(place, fmt::format("no flow is called {}", quote(name)),
                    names.empty() ? "declare it in `flows`" : hint(name, names));
    return;
  }
  state.called.insert(name);
  const auto around = std::ranges::find(state.calls, name);
  if (around != state.calls.end()) {
    const std::vector<std::string> cycle{around, state.calls.end()};
    reader.complain(
        place,
        fmt::format("the flow {} calls itself: {} -> {}", quote(name), joined(cycle, " -> "), name),
        "use `loop` to repeat steps");
    return;
  }
  state.calls.push_back(name);
  read_flow(reader, *found->second, into);
  state.calls.pop_back();
}

}  // namespace

void remember_flows(Reader& reader, const YamlNode& node) {
  if (!reader.is_mapping(node, "flows (name: [steps])")) return;
  for (const YamlNode::Entry& entry : node.entries) {
    if (is_flow_name(entry.key->text)) {
      reader.flow().flows[entry.key->text] = entry.value;
    } else {
      reader.complain(entry.key->place,
                      fmt::format("{} is not a name of a flow", quote(entry.key->text)),
                      "use letters, digits, _, - and ., at most 64 of them");
    }
  }
}

void read_uncalled_flows(Reader& reader) {
  const auto flows = reader.flow().flows;
  reader.flow().uncalled = true;
  for (const auto& [name, node] : flows) {
    FlowText ignored;
    if (!reader.flow().called.contains(name)) read_named(reader, node->place, name, ignored);
  }
}

void read_flow_or_name(Reader& reader, const YamlNode& node, std::string& name, FlowText& into) {
  if (node.kind != YamlNode::Kind::kScalar) return read_flow(reader, node, into);
  const auto called = reader.text(node, "the name of a flow");
  if (!called) return;
  if (name.empty()) name = *called;
  read_named(reader, node.place, *called, into);
}

void read_call(Reader& reader, const YamlNode& node, FlowText& into) {
  const auto name = reader.text(node, "the name of a flow");
  if (name) read_named(reader, node.place, *name, into);
}

}  // namespace gend::plan
