#include "plan/load_parts.h"

#include <algorithm>

#include "base/limits.h"

namespace gend::plan {

namespace {

constexpr IntegerRange kUserRange{0, static_cast<std::int64_t>(limits::kUsers),
                                  "a number of users"};
constexpr IntegerRange kIterationRange{1, static_cast<std::int64_t>(limits::kIterations),
                                       "a number of iterations"};

void read_scenario_cookies(Reader& reader, const YamlNode& node, ScenarioText& into) {
  into.cookies = read_cookies(reader, node);
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
    {"arrivals", "even or poisson",
     "How arrivals follow each other: evenly, or at random as independent visitors do; even.",
     read_arrivals},
    {"iterations", "whole number",
     "Iterations of all users together (shared-iterations) or of each (per-vu-iterations); 1.",
     [](Reader& r, const YamlNode& n, ScenarioText& s) {
       s.iterations = r.integer(n, kIterationRange);
     }},
    {"maxDuration", "duration", "When iterations that have not begun are given up; 10m.",
     [](Reader& r, const YamlNode& n, ScenarioText& s) { s.max_duration = r.duration(n); }},
    {"cookies", "perIteration, perUser or off",
     "How long a user keeps its cookies, over the defaults.", read_scenario_cookies},
    {"tags", "mapping of text", "On every measurement of the scenario.",
     [](Reader& r, const YamlNode& n, ScenarioText& s) { read_tags(r, n, s.tags); }},
    {"vars", "mapping of text", "Variables of this scenario only.",
     // Read before everything else of the scenario.
     [](Reader&, const YamlNode&, ScenarioText&) {}},
    {"flow", "list of steps", "What one iteration does.",
     [](Reader& r, const YamlNode& n, ScenarioText& s) { read_flow(r, n, s.flow); }},
    {"mix", "list of weighted flows",
     "Instead of `flow`: several, of which each iteration does one, chosen by weight.",
     [](Reader& r, const YamlNode& n, ScenarioText& s) { read_pick(r, n, s.mix.emplace()); }},
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
  for (const YamlNode::Entry& e : node.entries) {
    if (!complain_of_foreign_key(reader, *e.key)) {
      read_entry<ScenarioText>(reader, kKeys, e, scenario);
    }
  }
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

}  // namespace

const Place* ScenarioText::find_key(std::string_view key) const {
  const auto found =
      std::ranges::find(keys, key, [](const auto& k) -> std::string_view { return k.first; });
  return found == keys.end() ? nullptr : &found->second;
}

void describe_scenarios(std::vector<Section>& into) {
  into.push_back(section_of<ScenarioText>("scenario", kKeys));
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
