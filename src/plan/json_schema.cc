#include "plan/json_schema.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/assert.h"
#include "plan/executors.h"
#include "plan/key_table.h"
#include "plan/units.h"

namespace gend::plan {

namespace {

using Json = nlohmann::ordered_json;

// References are URLs.
std::string id_of(std::string_view section) {
  std::string id{section};
  std::ranges::replace(id, ' ', '-');
  return id;
}
Json ref(std::string_view section) {
  return {{"$ref", "#/definitions/" + id_of(section)}};
}
Json any_of(std::initializer_list<Json> forms) {
  Json all = Json::array();
  for (const Json& form : forms) all.push_back(form);
  return {{"anyOf", std::move(all)}};
}
Json list_of(const Json& item) {
  return {{"type", "array"}, {"items", item}};
}
Json mapping_of(const Json& value) {
  return {{"type", "object"}, {"additionalProperties", value}};
}
// A text of this form, or one whose variables make it so.
Json text_like(std::string_view form) {
  return {{"type", "string"}, {"pattern", std::string{form} + "|\\$\\{"}};
}

// A scalar of a plan is text, whatever YAML takes it for.
Json scalars() {
  Json out;
  out["text"] = {{"type", {"string", "number", "boolean"}}};
  out["duration"] =
      any_of({text_like("^([0-9]+(\\.[0-9]+)?(ns|us|ms|s|m|h|d))+$|^0$"), {{"const", 0}}});
  out["whole"] = any_of({{{"type", "integer"}, {"minimum", 0}}, text_like("^[0-9]+$")});
  out["number"] = any_of({{{"type", "number"}, {"minimum", 0}}, text_like("^[0-9.eE+-]+$")});
  out["rate"] = any_of({{{"type", "number"}, {"minimum", 0}},
                        text_like("^[0-9.eE+-]+ *(/ *(s|m|min|h))?$")});
  out["boolean"] = any_of({{{"type", "boolean"}}, text_like("^(true|false)$")});
  out["flow"] = list_of(ref("step"));
  return out;
}

// "even or poisson", "none, full or equal": the words, when the text is a choice of words.
std::vector<std::string_view> choices(std::string_view type) {
  std::vector<std::string_view> words;
  while (!type.empty()) {
    const std::size_t comma = type.find(", "), last = type.find(" or ");
    const std::size_t end = std::min(comma, last);
    words.push_back(type.substr(0, end));
    if (end == std::string_view::npos) break;
    type.remove_prefix(end + (comma < last ? 2 : 4));
  }
  return words;
}

template <class Words>
Json one_of(const Words& words) {
  Json all = Json::array();
  for (const std::string_view word : words) {
    all.push_back(std::string{word});
    if (const auto number = parse_number(word)) all.push_back(*number);
  }
  return any_of({{{"enum", all}}, {{"type", "string"}, {"pattern", "\\$\\{"}}});
}

Json executor_names() {
  std::vector<std::string_view> names;
  for (const ExecutorKeys& keys : executors()) names.push_back(keys.name);
  return one_of(names);
}

// What a key of this type may hold; the types are the words that the tables of keys use.
struct Type {
  std::string_view words;
  Json (*schema)();
};
Json text() { return ref("text"); }
Json texts() { return list_of(ref("text")); }
Json flow_or_name() { return any_of({ref("flow"), ref("text")}); }
Json text_or_list() { return any_of({ref("text"), list_of(ref("text"))}); }

const std::vector<Type> kTypes{
    {"text", text},
    {"file", text},
    {"URL", text},
    {"path or URL", text},
    {"name", text},
    {"formula", text},
    {"assertion", text},
    {"limit", text},
    {"text match", text},
    {"part of the response", text},
    {"size", text},
    {"text or list", text_or_list},
    {"text or message", [] { return any_of({ref("text"), ref("send")}); }},
    {"list or text", [] { return any_of({ref("text"), {{"type", "array"}}}); }},
    {"binary", [] { return any_of({ref("text"), ref("binary")}); }},
    {"mapping or false",
     [] { return any_of({ref("reconnect"), {{"enum", {false, "false"}}}}); }},
    {"text or nothing", [] { return any_of({ref("text"), {{"type", "null"}}}); }},
    {"anything", [] { return Json::object(); }},
    {"duration", [] { return ref("duration"); }},
    {"rate", [] { return ref("rate"); }},
    {"users or rate", [] { return ref("rate"); }},
    {"whole number", [] { return ref("whole"); }},
    {"number", [] { return ref("number"); }},
    {"true or false", [] { return ref("boolean"); }},
    {"whole number, true or false", [] { return any_of({ref("whole"), ref("boolean")}); }},
    {"executor", executor_names},
    {"value or match", [] { return any_of({ref("text"), {{"type", "null"}}}); }},
    {"status or list", text_or_list},
    {"list", text_or_list},
    {"list, or a value that is a JSON array",
     [] { return any_of({ref("text"), {{"type", "array"}}}); }},
    {"list of addresses", texts},
    {"list of URLs", texts},
    {"list of two whole numbers",
     [] {
       return Json{{"type", "array"}, {"items", {{"type", {"integer", "string"}}}},
                   {"minItems", 2}, {"maxItems", 2}};
     }},
    {"[mean, deviation]",
     [] {
       Json pair = list_of(ref("duration"));
       pair["minItems"] = pair["maxItems"] = 2;
       return pair;
     }},
    {"think time", [] { return any_of({ref("text"), ref("think")}); }},
    {"duration or mapping", [] { return any_of({ref("duration"), ref("timeout")}); }},
    {"mapping or none", [] { return any_of({{{"const", "none"}}, ref("auth")}); }},
    {"list of steps", [] { return ref("flow"); }},
    {"list of steps, or a flow's name", flow_or_name},
    {"list of exports", [] { return list_of(ref("export")); }},
    {"list of stages", [] { return list_of(ref("stage")); }},
    {"list of weighted flows", [] { return list_of(ref("entry of pick or mix")); }},
    {"mapping of values", [] { return mapping_of(Json::object()); }},
    {"mapping of text", [] { return mapping_of(ref("text")); }},
    {"mapping of counts", [] { return mapping_of(ref("text")); }},
    {"mapping of text or lists",
     [] { return mapping_of(any_of({ref("text"), list_of(ref("text"))})); }},
    {"mapping of variables",
     [] { return mapping_of(any_of({ref("text"), {{"type", "null"}}, ref("variable")})); }},
    {"mapping of sources", [] { return mapping_of(ref("source")); }},
    {"mapping of data sets", [] { return mapping_of(ref("data")); }},
    {"mapping of flows", [] { return mapping_of(ref("flow")); }},
    {"mapping of scenarios", [] { return mapping_of(ref("scenario")); }},
    {"mapping of captures", [] { return mapping_of(any_of({ref("text"), ref("capture")})); }},
    {"mapping of checks", [] { return ref("check"); }},
    {"mapping of metric to assertions",
     [] {
       return mapping_of(any_of({ref("text"), ref("threshold"),
                                 list_of(any_of({ref("text"), ref("threshold")}))}));
     }},
    {"mapping of parts",
     [] {
       return mapping_of(any_of(
           {ref("text"), ref("part"), list_of(any_of({ref("text"), ref("part")}))}));
     }},
};

bool is_section(const std::vector<Section>& sections, std::string_view name) {
  return std::ranges::find(sections, name, &Section::name) != sections.end();
}

Json value_of(const KeyDoc& key, const std::vector<Section>& sections) {
  // A mapping whose keys are a section of their own is called as that; others hold anything.
  if (key.type == "mapping")
    return is_section(sections, key.name) ? ref(key.name) : Json{{"type", "object"}};
  if (key.type == "mapping or nothing") return any_of({ref(key.name), {{"type", "null"}}});
  const auto known = std::ranges::find(kTypes, key.type, &Type::words);
  if (known != kTypes.end()) return known->schema();
  const auto words = choices(key.type);
  GEND_ASSERT(words.size() > 1);  // a type that this file does not know
  return one_of(words);
}

Json described(const KeyDoc& key, const std::vector<Section>& sections) {
  Json value = value_of(key, sections);
  // Beside a $ref nothing else counts in draft 7.
  if (value.contains("$ref")) value = Json{{"allOf", Json::array({value})}};
  Json out{{"description", std::string{key.doc}}};
  out.update(value);
  return out;
}

// Keys that a section cannot do without.
struct Required {
  std::string_view section;
  std::vector<const char*> keys;
};
Json required_of(std::string_view section) {
  static const std::vector<Required> all{
      {"plan", {"scenarios"}},      {"scenario", {"executor"}},
      {"stage", {"duration", "target"}}, {"entry of pick or mix", {"weight", "flow"}},
      {"threshold", {"threshold"}}, {"loop", {"flow"}},
      {"group", {"flow"}},          {"burst", {"count", "flow"}},
      {"metric", {"name"}},         {"basic", {"user", "password"}},
      {"capture", {"from"}},        {"websocket", {"websocket", "flow"}},
      {"source", {"series"}},
      {"socketio", {"socketio", "flow"}}, {"emit", {"emit"}},
      {"reply", {"key", "is"}},     {"reconnect", {"max"}}};
  const auto found = std::ranges::find(all, section, &Required::section);
  return found == all.end() ? Json::array() : Json(found->keys);
}

Json object_of(const Section& section, const std::vector<Section>& sections) {
  Json properties = Json::object(), patterns = Json::object();
  for (const KeyDoc& key : section.keys) {
    if (!key.runs) continue;
    // "header NAME": a key that begins with a word.
    const std::size_t blank = key.name.find(' ');
    const Json value = described(key, sections);
    if (blank == std::string_view::npos)
      properties[std::string{key.name}] = value;
    else
      patterns["^" + std::string{key.name.substr(0, blank)} + "[ \\t]"] = value;
  }
  Json out{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  if (!patterns.empty()) out["patternProperties"] = patterns;
  if (const Json required = required_of(section.name); !required.empty())
    out["required"] = required;
  return out;
}

// Steps whose keys stand beside what they do; they are sections of their own, in no other place.
constexpr std::array<std::string_view, 3> kWholeSteps{"websocket", "socketio", "emit"};
bool has_siblings(std::string_view action) {
  return std::ranges::find(kWholeSteps, action) != kWholeSteps.end();
}

// Some action's key, with the keys that it takes.
Json step_of(const std::vector<Section>& sections) {
  const Section& actions = *std::ranges::find(sections, "step", &Section::name);
  const Section& request = *std::ranges::find(sections, "request", &Section::name);
  const Section& branch = *std::ranges::find(sections, "if", &Section::name);
  Json http = object_of(request, sections), methods = Json::array(), forms = Json::array();
  for (const KeyDoc& action : actions.keys) {
    if (!action.runs || action.name == "if") continue;
    const std::string name{action.name};
    if (std::ranges::find(request.keys, action.name, &KeyDoc::name) != request.keys.end()) {
      methods.push_back({{"required", {name}}});
      continue;
    }
    if (has_siblings(action.name)) {
      forms.push_back(object_of(*std::ranges::find(sections, action.name, &Section::name),
                                sections));
      continue;
    }
    forms.push_back({{"type", "object"},
                     {"properties", {{name, described(action, sections)}}},
                     {"required", {name}},
                     {"additionalProperties", false}});
  }
  http["oneOf"] = methods;
  Json condition = object_of(branch, sections);
  condition["required"] = {"if"};
  condition["anyOf"] = {{{"required", {"then"}}}, {{"required", {"else"}}}};
  forms.insert(forms.begin(), {http, condition});
  return {{"anyOf", forms}};
}

}  // namespace

std::string json_schema() {
  const std::vector<Section> sections = language();
  Json definitions = scalars();
  for (const Section& section : sections) {
    // The top of the schema, parts of a step, and what has the keys of `check`.
    constexpr std::array<std::string_view, 4> kElsewhere{"plan", "request", "if", "expect"};
    const bool elsewhere =
        std::ranges::find(kElsewhere, section.name) != kElsewhere.end() ||
        has_siblings(section.name);
    if (elsewhere) continue;
    definitions[id_of(section.name)] =
        section.name == "step" ? step_of(sections) : object_of(section, sections);
  }
  Json& scenario = definitions["scenario"];
  scenario["oneOf"] = {{{"required", {"flow"}}}, {{"required", {"mix"}}}};
  Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
              {"title", "A plan for gend"}};
  schema.update(object_of(*std::ranges::find(sections, "plan", &Section::name), sections));
  schema["definitions"] = definitions;
  return schema.dump(1) + "\n";
}

}  // namespace gend::plan
