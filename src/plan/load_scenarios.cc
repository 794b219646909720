#include "plan/load_parts.h"

#include <algorithm>

#include "base/limits.h"
#include "plan/executors.h"

namespace gend::plan {

namespace {

constexpr IntegerRange kUserRange{0, static_cast<std::int64_t>(limits::kUsers),
                                  "a number of users"};

void read_executor(Reader& reader, const YamlNode& node, ScenarioText& into) {
  const auto name = reader.text(node, "the name of an executor");
  if (!name) return;
  const auto all = executors();
  const auto found = std::ranges::find(all, *name, &ExecutorKeys::name);
  if (found == all.end()) {
    std::vector<std::string_view> names;
    for (const ExecutorKeys& keys : all) names.push_back(keys.name);
    reader.complain(node.place, fmt::format("unknown executor {}", quote(*name)),
                    hint(*name, names));
  } else if (!found->executor) {
    reader.not_yet(node.place, found->name);
  } else {
    into.executor = Given<Executor>{*found->executor, node.place};
  }
}

void read_arrivals(Reader& reader, const YamlNode& node, ScenarioText&) {
  const auto value = reader.text(node, "even or poisson");
  if (!value || *value == "even") return;
  if (*value == "poisson") return reader.not_yet(node.place, "arrivals: poisson");
  reader.complain(node.place, fmt::format("{} is not a way to arrive (even)", quote(*value)));
}

constexpr Key<ScenarioText> kKeys[] = {
    {"executor", "executor", "How load is made over time; the names are k6's.", read_executor},
    {"vus", "whole number", "Users at once; 1.",
     [](Reader& r, const YamlNode& n, ScenarioText& s) { s.vus = r.integer(n, kUserRange); }},
    {"duration", "duration", "How long the scenario runs.",
     [](Reader& r, const YamlNode& n, ScenarioText& s) { s.duration = r.duration(n); }},
    {"startVUs", "whole number", "Users at the beginning; 1.",
     [](Reader& r, const YamlNode& n, ScenarioText& s) { s.start_vus = r.integer(n, kUserRange); }},
    {"stages", "list of stages", "Where the load goes, one straight line after the other.",
     [](Reader& r, const YamlNode& n, ScenarioText& s) { read_stages(r, n, s); }},
    {"gracefulRampDown", "duration",
     "How long a user that is not needed any more may go on with its iteration; 30s.",
     [](Reader& r, const YamlNode& n, ScenarioText& s) { s.graceful_ramp_down = r.duration(n); }},
    {"startTime", "duration", "When the scenario begins, counted from the start of the run; 0s.",
     [](Reader& r, const YamlNode& n, ScenarioText& s) { s.start_time = r.duration(n); }},
    {"gracefulStop", "duration", "How long iterations may go on after the scenario's end; 30s.",
     [](Reader& r, const YamlNode& n, ScenarioText& s) { s.graceful_stop = r.duration(n); }},
    {"rate", "rate", "Iterations begun per timeUnit.",
     [](Reader& r, const YamlNode& n, ScenarioText& s) { s.rate = r.rate(n, "a rate"); }},
    {"startRate", "rate", "Iterations begun per timeUnit at the beginning; 0.",
     [](Reader& r, const YamlNode& n, ScenarioText& s) { s.start_rate = r.rate(n, "a rate"); }},
    {"timeUnit", "duration", "What rates are counted in; 1s.",
     [](Reader& r, const YamlNode& n, ScenarioText& s) { s.time_unit = r.duration(n); }},
    {"preAllocatedVUs", "whole number", "Users made before the run.",
     [](Reader& r, const YamlNode& n, ScenarioText& s) {
       s.pre_allocated_vus = r.integer(n, kUserRange);
     }},
    {"maxVUs", "whole number",
     "Users that may exist: preAllocatedVUs when that is given, else sized from the plan.",
     [](Reader& r, const YamlNode& n, ScenarioText& s) { s.max_vus = r.integer(n, kUserRange); }},
    {"arrivals", "even", "How arrivals follow each other.", read_arrivals},
    {"tags", "mapping of text", "On every measurement of the scenario.",
     [](Reader& r, const YamlNode& n, ScenarioText& s) { read_tags(r, n, s.tags); }},
    {"vars", "mapping of text", "Variables of this scenario only.",
     // Read before everything else of the scenario.
     [](Reader&, const YamlNode&, ScenarioText&) {}},
    {"flow", "list of steps", "What one iteration does.",
     [](Reader& r, const YamlNode& n, ScenarioText& s) { read_flow(r, n, s.flow); }},
    {"iterations", "whole number", "Iterations in all, or of each user.", nullptr},
    {"maxDuration", "duration", "When iterations are given up.", nullptr},
    {"mix", "list of weighted flows", "Several flows, chosen by weight.", nullptr},
};

void read_scenario(Reader& reader, const YamlNode::Entry& entry, Profile& profile) {
  ScenarioText scenario;
  scenario.name = entry.key->text;
  scenario.place = entry.key->place;
  const YamlNode& node = *entry.value;
  if (!reader.is_mapping(node, "a scenario (a mapping with `executor` and `flow`)")) return;
  Scope scope = profile.vars;
  if (const YamlNode* vars = node.find("vars")) read_scenario_vars(reader, *vars, scope);
  reader.use(scope);
  profile.data_of_all.merge(profile.names->take_used());
  for (const YamlNode::Entry& e : node.entries) {
    scenario.keys.emplace_back(e.key->text, e.key->place);
  }
  read_mapping<ScenarioText>(reader, kKeys, node, "a scenario", scenario);
  reader.use(profile.vars);
  scenario.data = profile.names->take_used();
  profile.scenarios.push_back(std::move(scenario));
}

bool is_scenario_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

// Tags that gend sets itself; the value is what to use instead.
struct OwnTag {
  std::string_view name, instead;
};
constexpr OwnTag kOwnTags[] = {
    {"scenario", ""}, {"name", "use the step's `name`"}, {"method", ""}, {"status", ""},
    {"error", ""},    {"expected_response", ""},         {"check", ""},  {"group", ""}};

bool is_good_tag_name(Reader& reader, const YamlNode& key) {
  const auto own = std::ranges::find(kOwnTags, key.text, &OwnTag::name);
  if (own != std::end(kOwnTags)) {
    reader.complain(key.place, fmt::format("the tag {} is set by gend", quote(key.text)),
                    std::string{own->instead});
    return false;
  }
  if (is_variable_name(key.text) && key.text.size() <= kTagBytes) return true;
  reader.complain(key.place, fmt::format("{} is not a name of a tag", quote(key.text)),
                  "use letters, digits and _, not beginning with a digit");
  return false;
}

}  // namespace

const Place* ScenarioText::find_key(std::string_view key) const {
  const auto found =
      std::ranges::find(keys, key, [](const auto& k) -> std::string_view { return k.first; });
  return found == keys.end() ? nullptr : &found->second;
}

void describe_scenarios(std::vector<Section>& into) {
  into.push_back(section_of<ScenarioText>("scenario", kKeys));
}

namespace {

// What is not fixed must be one column of data: all its values are known before the run.
bool is_column_tag(Reader& reader, const YamlNode& node, const Filled& value) {
  const auto& pieces = value.text.pieces;
  if (pieces.size() == 1 && pieces.front().source == Source::kColumn) return true;
  reader.complain(node.place,
                  fmt::format("{} is not known before the run, the value of a tag must be",
                              quote(node.text)),
                  "use declared variables, or one column of data and nothing else: "
                  "\"${user.tier}\"");
  return false;
}

}  // namespace

void read_tags(Reader& reader, const YamlNode& node, TagsText& into) {
  if (!reader.is_mapping(node, "tags (name: value)")) return;
  for (const YamlNode::Entry& entry : node.entries) {
    if (!is_good_tag_name(reader, *entry.key)) continue;
    auto filled = reader.message(*entry.value, Escaping::kNone, "the value of a tag");
    if (!filled) continue;
    if (filled->text.lifetime != Lifetime::kFixed) {
      if (is_column_tag(reader, *entry.value, *filled))
        into[entry.key->text] = std::move(filled->text);
      continue;
    }
    const auto value = reader.text(*entry.value, "the value of a tag");
    if (!value) continue;
    if (value->size() > kTagBytes) {
      reader.complain(entry.value->place,
                      fmt::format("a tag of {} bytes, at most {}", value->size(), kTagBytes));
      continue;
    }
    Template& tag = into[entry.key->text];
    tag = {};
    append(tag, *value);
  }
}

void read_scenarios(Reader& reader, const YamlNode& node, Profile& into) {
  into.scenarios_place = node.place;
  if (!reader.is_mapping(node, "scenarios (name: {executor: …, flow: …})")) return;
  if (node.entries.empty()) reader.complain(node.place, "no scenario is given");
  if (node.entries.size() > limits::kScenarios) {
    reader.complain(node.place, fmt::format("{} scenarios, at most {}", node.entries.size(),
                                            limits::kScenarios));
    return;
  }
  for (const YamlNode::Entry& entry : node.entries) {
    if (is_scenario_name(entry.key->text)) {
      read_scenario(reader, entry, into);
    } else {
      reader.complain(entry.key->place,
                      fmt::format("{} is not a name of a scenario", quote(entry.key->text)),
                      "use letters, digits, _, - and ., at most 64 of them");
    }
  }
}

}  // namespace gend::plan
