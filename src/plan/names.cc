#include "plan/names.h"

#include <algorithm>

namespace gend::plan {

void Names::collect(const YamlNode& root) {
  if (root.kind != YamlNode::Kind::kMapping) return;
  if (const YamlNode* flows = root.find("flows");
      flows != nullptr && flows->kind == YamlNode::Kind::kMapping) {
    for (const YamlNode::Entry& entry : flows->entries) collect_steps(entry.value);
  }
  const YamlNode* scenarios = root.find("scenarios");
  if (scenarios == nullptr || scenarios->kind != YamlNode::Kind::kMapping) return;
  for (const YamlNode::Entry& entry : scenarios->entries) {
    if (entry.value->kind != YamlNode::Kind::kMapping) continue;
    collect_steps(entry.value->find("flow"));
    collect_steps(entry.value->find("mix"));
  }
}

// Also of entries of `pick` and `mix`, whose steps stand under `flow`.
void Names::collect_steps(const YamlNode* flow) {
  if (flow == nullptr || flow->kind != YamlNode::Kind::kSequence) return;
  for (const YamlNode* item : flow->items) {
    if (item->kind == YamlNode::Kind::kMapping) collect_step(*item);
  }
}

void Names::collect_step(const YamlNode& step) {
  for (const char* key : {"capture", "set"}) collect_keys(step.find(key));
  for (const char* key : {"then", "else", "once", "pick", "flow"}) collect_steps(step.find(key));
  for (const char* key : {"loop", "group", "burst", "receive", "ack"}) {
    const YamlNode* body = step.find(key);
    if (body == nullptr || body->kind != YamlNode::Kind::kMapping) continue;
    collect_steps(body->find("flow"));
    collect_keys(body->find("capture"));
  }
}

void Names::collect_keys(const YamlNode* mapping) {
  if (mapping == nullptr || mapping->kind != YamlNode::Kind::kMapping) return;
  for (const YamlNode::Entry& entry : mapping->entries) given_[entry.key->text] = true;
}

std::vector<std::string_view> Names::given() const {
  std::vector<std::string_view> out;
  for (const auto& [name, known] : given_) out.push_back(name);
  return out;
}

std::uint32_t Names::slot_of(std::string_view name, const Variable* initial) {
  std::pair<std::string, std::string> key{name, "none"};
  if (initial != nullptr) key.second = "from " + initial->value;
  const auto [place, is_new] =
      slots_.try_emplace(std::move(key), static_cast<std::uint32_t>(values_.size()));
  if (is_new) {
    Value& value = values_.emplace_back();
    value.name = name;
    value.has_initial = initial != nullptr;
    if (initial != nullptr) value.initial = initial->value;
  }
  return place->second;
}

std::uint32_t Names::slot_of_loop(std::string_view name, std::size_t depth) {
  const auto [place, is_new] =
      slots_.try_emplace({std::string{name}, "loop " + std::to_string(depth)},
                         static_cast<std::uint32_t>(values_.size()));
  if (is_new) values_.emplace_back().name = name;
  return place->second;
}

std::uint32_t Names::hidden_slot(std::string_view why) {
  values_.emplace_back().name = why;
  return static_cast<std::uint32_t>(values_.size() - 1);
}

const DataName* Names::find_data(std::string_view name) const {
  const auto found = std::ranges::find(data, name, &DataName::name);
  return found == data.end() ? nullptr : &*found;
}

void Names::use(const DataName& name) {
  const auto index = static_cast<std::size_t>(&name - data.data());
  data[index].used = true;
  used_.insert(index);
}

}  // namespace gend::plan
