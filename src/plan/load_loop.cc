#include <cmath>

#include "plan/load_parts.h"

namespace gend::plan {

namespace {

// Rounds of a loop that only a `while` could end.
constexpr std::uint64_t kWhileRounds = 1000;
// More than any run can make.
constexpr std::uint64_t kNoLimit = 1'000'000'000'000'000;

struct LoopParts {
  Loop loop;
  std::optional<std::uint64_t> max;
  bool over = false;
  std::string item = "item", index = "index";
  const YamlNode* flow = nullptr;
};

void read_max(Reader& reader, const YamlNode& node, LoopParts& into) {
  const IntegerRange range{1, 1'000'000'000, "a number of rounds"};
  if (const auto max = reader.integer(node, range)) {
    into.max = static_cast<std::uint64_t>(max->value);
  }
}

void read_over(Reader& reader, const YamlNode& node, LoopParts& into) {
  into.over = true;
  if (node.kind == YamlNode::Kind::kScalar) {
    auto list = reader.message(node, Escaping::kNone, "a list");
    if (list && list->text.lifetime == Lifetime::kFixed && list->text.pieces.empty()) {
      reader.complain(node.place, "the list is empty");
    } else if (list) {
      into.loop.list = std::move(list->text);
    }
    return;
  }
  if (!reader.is_sequence(node, "a list, or \"${name}\" of a JSON array")) return;
  if (node.items.empty()) reader.complain(node.place, "the list is empty");
  for (const YamlNode* item : node.items) {
    if (item->kind != YamlNode::Kind::kScalar) {
      into.loop.items.push_back(json_of(reader, *item));
    } else if (auto text = reader.message(*item, Escaping::kNone, "an item")) {
      into.loop.items.push_back(std::move(text->text));
    }
  }
}

void read_rate(Reader& reader, const YamlNode& node, LoopParts& into) {
  const auto rate = reader.rate(node, "a rate");
  if (!rate) return;
  into.loop.rate =
      rate->value.count / to_seconds(rate->value.per.value_or(std::chrono::seconds{1}));
  if (into.loop.rate > 0) return;
  reader.complain(node.place, "a `rate` of 0 never begins a round");
}

void read_local(Reader& reader, const YamlNode& node, std::string& into) {
  const auto name = reader.text(node, "a name");
  if (!name) return;
  const bool is_data = reader.scope().names->find_data(*name) != nullptr;
  if (is_variable_name(*name) && !is_expression_name(*name) && !is_data) {
    into = *name;
  } else {
    reader.complain(node.place,
                    fmt::format("{} is {}", quote(*name),
                                is_data ? "the name of a data set" : "not a name of a variable"),
                    is_data ? "choose another name"
                            : "use letters, digits and _, not beginning with a digit");
  }
}

constexpr Key<LoopParts> kKeys[] = {
    {"count", "formula", "Rounds; computed when the loop begins.",
     [](Reader& r, const YamlNode& n, LoopParts& into) {
       into.loop.count = r.formula(n, "a number of rounds");
     }},
    {"while", "formula", "Looked at before each round.",
     [](Reader& r, const YamlNode& n, LoopParts& into) {
       into.loop.condition = r.formula(n, "a condition");
     }},
    {"max", "whole number", "Rounds at most; 1000 when nothing but `while` ends the loop.",
     read_max},
    {"over", "list, or a value that is a JSON array", "One round for each item.", read_over},
    {"as", "name", "What the item of the round is called; item.",
     [](Reader& r, const YamlNode& n, LoopParts& into) { read_local(r, n, into.item); }},
    {"index", "name", "What the number of the round, from 0, is called; index.",
     [](Reader& r, const YamlNode& n, LoopParts& into) { read_local(r, n, into.index); }},
    {"for", "duration", "No round begins later than this after the loop did.",
     [](Reader& r, const YamlNode& n, LoopParts& into) {
       const auto lasting = r.duration(n);
       if (lasting && lasting->value == Duration{}) r.complain(n.place, "it must be longer than 0");
       if (lasting) into.loop.lasting = lasting->value;
     }},
    {"rate", "rate", "Rounds begun per second, on a schedule of their own.", read_rate},
    {"flow", "list of steps, or a flow's name", "What a round does.",
     [](Reader&, const YamlNode& n, LoopParts& into) { into.flow = &n; }},
};

bool can_end(Reader& reader, const YamlNode& node, const LoopParts& parts) {
  const auto given = [&](const char* key) { return node.find(key) != nullptr; };
  if (given("count") && given("over")) {
    reader.complain(node.place, "`count` and `over` both say how many rounds there are",
                    "leave one of them out");
    return false;
  }
  if (given("count") || given("over") || given("while") || given("for")) return true;
  reader.complain(node.place, "a loop that nothing ends",
                  parts.max ? "write `count` instead of `max`" : "give count, while, over or for");
  return false;
}

}  // namespace

void describe_loop(std::vector<Section>& into) {
  into.push_back(section_of<LoopParts>("loop", kKeys));
}

void read_loop(Reader& reader, const YamlNode& node, StepText& into) {
  LoopParts parts;
  if (!reader.is_mapping(node, "a loop ({count: 3, flow: […]})")) return;
  // The condition is looked at before each round, so it knows the names of the rounds.
  const Scope& outer = reader.scope();
  Scope inner = outer;
  const std::size_t depth = reader.flow().loops;
  for (const auto& [key, name] : {std::pair{"as", &parts.item}, std::pair{"index", &parts.index}}) {
    if (const YamlNode* given = node.find(key)) read_local(reader, *given, *name);
  }
  Names& names = *outer.names;
  parts.loop.index_slot = names.slot_of_loop(parts.index, depth);
  inner.locals[parts.index] = parts.loop.index_slot;
  if (node.find("over") != nullptr) {
    parts.loop.item_slot = names.slot_of_loop(parts.item, depth);
    inner.locals[parts.item] = parts.loop.item_slot;
  }
  read_mapping<LoopParts>(reader, kKeys, node, "a loop", parts);
  if (parts.loop.list) parts.loop.list_slot = names.slot_of_loop("(list)", depth);
  const bool ends = can_end(reader, node, parts);
  const bool only_while =
      parts.loop.condition && !parts.loop.count && !parts.over && parts.loop.lasting == Duration{};
  parts.loop.max = parts.max.value_or(only_while ? kWhileRounds : kNoLimit);
  LoopText loop{std::move(parts.loop), {}};
  if (parts.flow == nullptr) {
    reader.complain(node.place, "the loop has no `flow`",
                    "say what a round does: flow: [{get: /}]");
  } else {
    reader.use(inner);
    ++reader.flow().loops;
    std::string name;
    read_flow_or_name(reader, *parts.flow, name, loop.flow);
    --reader.flow().loops;
    reader.use(outer);
  }
  if (ends) into.what = std::move(loop);
}

}  // namespace gend::plan
