// Two runs that were not made alike differ for reasons that no statistics can see.
#include <set>

#include <fmt/format.h>

#include "report/compare.h"
#include "report/json_read.h"
#include "stats/words.h"

namespace gend::report {
namespace {

constexpr std::string_view kMasked = "\"***\"";  // a secret of the plan

std::string name_of(const History& history) {
  const std::string id = text(at(history.summary, {"run", "id"}));
  return id.empty() ? "a run without a name" : "run " + id;
}

void check_plans(const History& before, const History& after, Objections& into) {
  for (const History* history : {&before, &after})
    if (history->plan_text.empty()) {
      into.push_back(fmt::format("the plan of {} was not kept", name_of(*history)));
      return;
    }
  if (is_same_plan(before.plan_text, after.plan_text) ||
      is_same_plan(after.plan_text, before.plan_text))
    return;
  const std::string a = text(at(before.summary, {"run", "plan"}));
  const std::string b = text(at(after.summary, {"run", "plan"}));
  into.push_back(a == b ? fmt::format("the plan {} was changed between the two runs", a)
                        : fmt::format("they are of different plans: {} and {}", a, b));
}

void check_variables(const Json& before, const Json& after, Objections& into) {
  std::set<std::string> names;
  for (const Json* run : {&before, &after})
    for (const auto& [name, value] : at(*run, "vars").items()) names.insert(name);
  for (const std::string& name : names) {
    const std::string a = text(at(at(before, "vars"), name));
    const std::string b = text(at(at(after, "vars"), name));
    if (a != b)
      into.push_back(fmt::format("the variable {} was \"{}\" and then \"{}\"", name, a, b));
  }
}

void check_scales(const Json& before, const Json& after, Objections& into) {
  for (const char* key : {"time_scale", "load_scale"}) {
    const double a = number(at(before, key)), b = number(at(after, key));
    if (a != b) into.push_back(fmt::format("{} was {:g} and then {:g}", key, a, b));
  }
  const std::string a = text(at(before, "segment")), b = text(at(after, "segment"));
  if (a != b)
    into.push_back(fmt::format("one ran {} of the load, the other {}",
                               a.empty() ? "all" : "part " + a, b.empty() ? "all" : "part " + b));
}

void check_generators(const History& before, const History& after, Objections& into) {
  const Json& a = at(before.summary, "generator");
  const Json& b = at(after.summary, "generator");
  if (text(at(a, "host")) != text(at(b, "host")))
    into.push_back(fmt::format("the load came from different hosts: {} and {}",
                               text(at(a, "host")), text(at(b, "host"))));
  if (count(at(a, "shards")) != count(at(b, "shards")))
    into.push_back(fmt::format("the load came from {} and then from {}",
                               stats::counted(count(at(a, "shards")), "shard"),
                               stats::counted(count(at(b, "shards")), "shard")));
  for (const History* history : {&before, &after})
    if (text(at(history->summary, {"generator", "verdict"})) == "SATURATED")
      into.push_back(fmt::format("{} is SATURATED: the generator was the limit, so its numbers "
                                 "are not the target's", name_of(*history)));
}

void check_steering(const History& before, const History& after, Objections& into) {
  for (const History* history : {&before, &after})
    for (const Json& event : at(history->summary, "events"))
      // What gend itself notes (a source that fell silent, a full disk) is nobody's doing.
      if (const auto by = text(at(event, "by")); !by.empty() && by != "gend") {
        into.push_back(fmt::format("{} was steered while it ran: {}", name_of(*history),
                                   text(at(event, "what"))));
        break;
      }
}

}  // namespace

// Everything between the masks must be there, in order.
bool is_same_plan(std::string_view masked, std::string_view plan_text) {
  std::size_t mask = masked.find(kMasked);
  if (mask == masked.npos) return masked == plan_text;
  if (!plan_text.starts_with(masked.substr(0, mask))) return false;
  plan_text.remove_prefix(mask);
  for (;;) {
    masked.remove_prefix(mask + kMasked.size());
    mask = masked.find(kMasked);
    const std::string_view piece = masked.substr(0, mask);
    if (mask == masked.npos) return plan_text.ends_with(piece);
    const std::size_t found = plan_text.find(piece);
    if (found == plan_text.npos) return false;
    plan_text.remove_prefix(found + piece.size());
  }
}

Objections objections_to_plan(const History& before, const History& after) {
  Objections objections;
  check_plans(before, after, objections);
  const Json& a = at(before.summary, "run");
  const Json& b = at(after.summary, "run");
  check_variables(a, b, objections);
  check_scales(a, b, objections);
  return objections;
}

Objections objections_to(const History& before, const History& after) {
  Objections objections = objections_to_plan(before, after);
  check_generators(before, after, objections);
  check_steering(before, after, objections);
  return objections;
}

}  // namespace gend::report
