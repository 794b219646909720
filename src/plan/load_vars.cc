#include "plan/load_parts.h"

#include <algorithm>

namespace gend::plan {

namespace {

struct VarText {
  const YamlNode* fallback = nullptr;  // the `default`
  bool secret = false;
};

constexpr Key<VarText> kKeys[] = {
    {"secret", "true or false", "Never printed, stored or exported.",
     [](Reader& r, const YamlNode& n, VarText& into) {
       if (const auto secret = r.boolean(n)) into.secret = *secret;
     }},
    {"default", "text", "The value when nobody gives one; without it the variable is required.",
     [](Reader&, const YamlNode& n, VarText& into) { into.fallback = &n; }},
};

bool is_good_name(Reader& reader, const YamlNode& key) {
  if (is_expression_name(key.text)) {
    reader.complain(key.place, fmt::format("{} is the name of an expression", quote(key.text)),
                    "choose another name");
    return false;
  }
  const Names* names = reader.scope().names;
  if (names != nullptr && names->find_data(key.text) != nullptr) {
    reader.complain(key.place, fmt::format("{} is the name of a data set", quote(key.text)),
                    "choose another name");
    return false;
  }
  if (is_variable_name(key.text)) return true;
  reader.complain(key.place, fmt::format("{} is not a name of a variable", quote(key.text)),
                  "use letters, digits and _, not beginning with a digit");
  return false;
}

VarText read_var(Reader& reader, const YamlNode& node) {
  VarText var;
  switch (node.kind) {
    case YamlNode::Kind::kNull: break;
    case YamlNode::Kind::kScalar: var.fallback = &node; break;
    case YamlNode::Kind::kMapping:
      read_mapping<VarText>(reader, kKeys, node, "a variable", var);
      break;
    case YamlNode::Kind::kSequence:
      reader.complain(node.place,
                      "expected a default, or {secret: true, default: …}, found a list");
      break;
  }
  return var;
}

std::optional<std::string> fallback_of(Reader& reader, const VarText& var) {
  if (var.fallback->kind == YamlNode::Kind::kNull) return "";
  return reader.private_text(*var.fallback, "a default");
}

void resolve(Reader& reader, const YamlNode& key, const VarText& var, const Options& options,
             Profile& profile) {
  const std::string& name = key.text;
  // Declared in any case, so that a complaint here causes no second one where it is used.
  Variable& variable = profile.vars[name];
  variable.secret = var.secret;
  std::optional<std::string> fallback;
  if (var.fallback != nullptr) {
    fallback = fallback_of(reader, var);
    if (var.secret) reader.hide(*var.fallback, "the default of a secret");
  }
  if (const auto set = options.set.find(name); set != options.set.end()) {
    variable.value = set->second;
  } else if (const auto env = options.environment.find(name); env != options.environment.end()) {
    variable.value = env->second;
  } else if (var.fallback == nullptr) {
    reader.complain(
        key.place, fmt::format("variable {} has no value and no default", quote(name)),
        fmt::format("give --set {0}=VALUE, set {0} in the environment, or add a default", name));
  } else if (fallback) {
    variable.value = std::move(*fallback);
  }
}

}  // namespace

void describe_vars(std::vector<Section>& into) {
  into.push_back(section_of<VarText>("variable", kKeys));
}

void read_vars(Reader& reader, const YamlNode& node, const Options& options, Profile& profile) {
  if (!reader.is_mapping(node, "variables (NAME: default)")) return;
  // A default may use the variables above it.
  reader.use(profile.vars);
  for (const YamlNode::Entry& entry : node.entries) {
    if (!is_good_name(reader, *entry.key)) continue;
    const VarText var = read_var(reader, *entry.value);
    resolve(reader, *entry.key, var, options, profile);
  }
}

void check_given_names(const Options& options, const Profile& profile, Reporter& reporter) {
  std::vector<std::string_view> declared;
  for (const auto& [name, value] : profile.vars) declared.push_back(name);
  for (const auto& [name, value] : options.set) {
    if (profile.vars.contains(name)) continue;
    const std::string remedy = declared.empty() ? "it declares none" : hint(name, declared);
    reporter.complain({}, fmt::format("--set {}: the plan declares no such variable", name),
                      remedy);
  }
}

void read_scenario_vars(Reader& reader, const YamlNode& node, Scope& scope) {
  if (!reader.is_mapping(node, "variables (NAME: value)")) return;
  for (const YamlNode::Entry& entry : node.entries) {
    if (!is_good_name(reader, *entry.key)) continue;
    auto value = reader.message(*entry.value, Escaping::kNone, "a value");
    if (!value) continue;
    if (value->text.lifetime != Lifetime::kFixed) {
      reader.complain(entry.value->place, "the value of a variable must be fixed");
      continue;
    }
    scope[entry.key->text] = {fixed_text(value->text), !value->secret.empty()};
  }
}

}  // namespace gend::plan
