#include <algorithm>

#include "plan/executors.h"
#include "plan/load_parts.h"

namespace gend::plan {

namespace {

// What k6 and Artillery call things that are written differently here.
struct ForeignKey {
  std::string_view name, instead;
};
constexpr ForeignKey kForeignKeys[] = {
    {"exec", "write the steps as `flow`, or name one of `flows`: flow: [{call: name}]"},
    {"env", "use `vars`"},
    {"options", "write its keys into the scenario or into `defaults`"},
    {"weight", "make one scenario with a `mix`: [{weight: 90, flow: …}, …]"},
    {"engine", "steps say themselves what they speak"},
    {"arrivalRate", "use executor: constant-arrival-rate with `rate`"},
    {"arrivalCount", "use executor: constant-arrival-rate with `rate`"},
    {"rampTo", "use executor: ramping-arrival-rate with `stages`"},
    {"maxVusers", "use `maxVUs`"},
    {"phases", "use `stages`, with an executor that ramps"},
    {"beforeScenario", "use a `once` step: a user does it in its first iteration"},
    {"afterScenario", "write the steps at the end of the `flow`"},
};

}  // namespace

bool complain_of_foreign_key(Reader& reader, const YamlNode& key) {
  const auto foreign = std::ranges::find(kForeignKeys, key.text, &ForeignKey::name);
  if (foreign == std::end(kForeignKeys)) return false;
  reader.complain(key.place, fmt::format("a scenario has no {}", quote(key.text)),
                  std::string{foreign->instead});
  return true;
}

void read_executor(Reader& reader, const YamlNode& node, ScenarioText& into) {
  const auto name = reader.text(node, "the name of an executor");
  if (!name) return;
  const auto all = executors();
  const auto found = std::ranges::find(all, *name, &ExecutorKeys::name);
  if (found != all.end()) {
    into.executor = Given<Executor>{found->executor, node.place};
    return;
  }
  std::vector<std::string_view> names;
  for (const ExecutorKeys& keys : all) names.push_back(keys.name);
  reader.complain(node.place, fmt::format("unknown executor {}", quote(*name)),
                  hint(*name, names));
}

void read_arrivals(Reader& reader, const YamlNode& node, ScenarioText& into) {
  const auto value = reader.text(node, "even or poisson");
  if (!value || *value == "even") return;
  if (*value == "poisson") {
    into.arrivals = Arrivals::kPoisson;
  } else {
    reader.complain(node.place, fmt::format("{} is not a way to arrive", quote(*value)),
                    hint(*value, {"even", "poisson"}));
  }
}

bool ScenarioText::is_open_model() const {
  if (executor->value == Executor::kExternallyControlled) return find_key("rate") != nullptr;
  return plan::is_open_model(executor->value);
}

}  // namespace gend::plan
