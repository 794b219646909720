#include "plan/load_parts.h"

#include <algorithm>
#include <array>

#include "base/limits.h"

namespace gend::plan {

namespace {

enum class Action : std::uint8_t { kHttp, kThink, kNotYet };

// The key that says what a step does; each step has exactly one.
struct ActionKey {
  std::string_view name;
  Action action;
  std::string_view doc;
};
constexpr std::array<ActionKey, 23> kActions{{
    {"get", Action::kHttp, "A GET request."},
    {"post", Action::kHttp, "A POST request."},
    {"put", Action::kHttp, "A PUT request."},
    {"patch", Action::kHttp, "A PATCH request."},
    {"delete", Action::kHttp, "A DELETE request."},
    {"head", Action::kHttp, "A HEAD request."},
    {"options", Action::kHttp, "An OPTIONS request."},
    {"think", Action::kThink, "A pause, as a person would make."},
    {"pace", Action::kNotYet, "Iterations start this far apart."},
    {"spread", Action::kNotYet, "Users begin evenly over this window."},
    {"loop", Action::kNotYet, "Steps repeated."},
    {"if", Action::kNotYet, "Steps under a condition."},
    {"pick", Action::kNotYet, "One of several flows, chosen by weight."},
    {"call", Action::kNotYet, "A named flow."},
    {"group", Action::kNotYet, "Steps measured together."},
    {"burst", Action::kNotYet, "Steps as fast as possible."},
    {"set", Action::kNotYet, "Variables set by the user."},
    {"metric", Action::kNotYet, "A metric of the plan's own."},
    {"fail", Action::kNotYet, "The iteration has failed."},
    {"abort", Action::kNotYet, "The run has failed."},
    {"websocket", Action::kNotYet, "A WebSocket session."},
    {"socketio", Action::kNotYet, "A Socket.IO session."},
    {"sql", Action::kNotYet, "A database query."},
}};

const ActionKey* find_action(std::string_view name) {
  const auto found = std::ranges::find(kActions, name, &ActionKey::name);
  return found == kActions.end() ? nullptr : &*found;
}

void complain_no_action(Reader& reader, const YamlNode& node) {
  std::vector<std::string_view> names;
  for (const ActionKey& action : kActions) names.push_back(action.name);
  for (const YamlNode::Entry& entry : node.entries) {
    const std::string_view near = nearest(entry.key->text, names);
    if (near.empty()) continue;
    reader.complain(entry.key->place, fmt::format("unknown step {}", quote(entry.key->text)),
                    fmt::format("did you mean \"{}\"?", near));
    return;
  }
  reader.complain(node.place, "a step that does nothing known",
                  "begin it with get, post, put, patch, delete, head, options or think");
}

// The entry that says what the step does; nullptr after a complaint.
const YamlNode::Entry* action_of(Reader& reader, const YamlNode& node) {
  const YamlNode::Entry* action = nullptr;
  for (const YamlNode::Entry& entry : node.entries) {
    if (find_action(entry.key->text) == nullptr) continue;
    if (action != nullptr) {
      reader.complain(entry.key->place,
                      fmt::format("a step does one thing: {} or {}", quote(action->key->text),
                                  quote(entry.key->text)),
                      "begin a new step with `-`");
      return nullptr;
    }
    action = &entry;
  }
  if (action == nullptr) complain_no_action(reader, node);
  return action;
}

void read_think_step(Reader& reader, const YamlNode& node, StepText& step) {
  for (const YamlNode::Entry& entry : node.entries) {
    if (entry.key->text == "think") {
      read_think(reader, *entry.value, step.think);
    } else {
      reader.complain(entry.key->place, fmt::format("unknown key {}", quote(entry.key->text)),
                      "`think` takes no other keys; begin a new step with `-`");
    }
  }
}

void read_step(Reader& reader, const YamlNode& node, std::vector<StepText>& into) {
  if (!reader.is_mapping(node, "a step (get: /path, think: 1s, …)")) return;
  const YamlNode::Entry* entry = action_of(reader, node);
  if (entry == nullptr) return;
  StepText step;
  step.place = node.place;
  switch (find_action(entry->key->text)->action) {
    case Action::kNotYet: return reader.not_yet(entry->key->place, entry->key->text);
    case Action::kThink:
      step.kind = StepKind::kThink;
      read_think_step(reader, node, step);
      break;
    case Action::kHttp:
      for (const YamlNode::Entry& e : node.entries) read_http_entry(reader, e, step.http);
      break;
  }
  into.push_back(std::move(step));
}

}  // namespace

void describe_steps(std::vector<Section>& into) {
  Section section{"step", {}};
  for (const ActionKey& key : kActions) {
    section.keys.push_back({key.name, "step", key.doc, key.action != Action::kNotYet});
  }
  into.push_back(std::move(section));
}

void read_flow(Reader& reader, const YamlNode& node, std::vector<StepText>& into) {
  if (!reader.is_sequence(node, "a list of steps")) return;
  if (node.items.size() > limits::kSteps) {
    reader.complain(node.place,
                    fmt::format("{} steps, at most {}", node.items.size(), limits::kSteps));
    return;
  }
  for (const YamlNode* item : node.items) read_step(reader, *item, into);
}

}  // namespace gend::plan
