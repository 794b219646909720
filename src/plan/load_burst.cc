#include <algorithm>
#include <array>

#include "base/limits.h"
#include "plan/load_parts.h"

namespace gend::plan {

namespace {

constexpr std::uint32_t kHands = 32;  // unless the plan says otherwise

struct BurstParts {
  Burst burst;
  std::optional<std::uint32_t> concurrency;
  const YamlNode* flow = nullptr;
};

// "status 429", "status 2xx" or "failed": which requests are counted.
bool read_counted(Reader& reader, const YamlNode& node, std::string_view text, BurstCount& into) {
  if (text == "failed") return true;
  if (text.starts_with("status ")) {
    if (const auto range = parse_status(text.substr(7))) {
      into.statuses.push_back(*range);
      return true;
    }
  }
  reader.complain(node.place, fmt::format("{} is no count of a burst (status 429, status 2xx, "
                                          "failed)",
                                          quote(text)));
  return false;
}

struct Comparison {
  std::string_view text;
  Match match;
};
constexpr std::array<Comparison, 6> kComparisons{{{">=", Match::kGreaterEqual},
                                                  {"<=", Match::kLessEqual},
                                                  {"==", Match::kEqual},
                                                  {"!=", Match::kNotEqual},
                                                  {">", Match::kGreater},
                                                  {"<", Match::kLess}}};

// "50", ">= 100".
bool read_number(Reader& reader, const YamlNode& node, BurstCount& into) {
  const auto text = reader.text(node, "a number of requests");
  if (!text) return false;
  std::string_view rest = *text;
  std::string_view shown = "is";
  for (const Comparison& comparison : kComparisons) {
    if (!rest.starts_with(comparison.text)) continue;
    rest.remove_prefix(comparison.text.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    into.match = comparison.match;
    shown = comparison.text;
    break;
  }
  const auto number = parse_number(rest);
  if (!number || *number < 0) {
    reader.complain(node.place, fmt::format("{} is not a number of requests (50, \">= 100\", < 3)",
                                            quote(*text)));
    return false;
  }
  into.number = *number;
  into.name = fmt::format("{} {} {}", into.name, shown, rest);
  return true;
}

void read_checks(Reader& reader, const YamlNode& node, BurstParts& into) {
  if (!reader.is_mapping(node, "checks (status 429: 50)")) return;
  for (const YamlNode::Entry& entry : node.entries) {
    BurstCount count;
    count.name = entry.key->text;
    if (read_counted(reader, *entry.key, entry.key->text, count) &&
        read_number(reader, *entry.value, count)) {
      into.burst.checks.push_back(std::move(count));
    }
  }
}

void read_captures(Reader& reader, const YamlNode& node, BurstParts& into) {
  if (!reader.is_mapping(node, "captures (limited: status 429)")) return;
  for (const YamlNode::Entry& entry : node.entries) {
    BurstCount count;
    count.name = entry.key->text;
    const auto slot = reader.given(*entry.key);
    const auto text = reader.text(*entry.value, "a count of the burst");
    if (!slot || !text || !read_counted(reader, *entry.value, *text, count)) continue;
    count.slot = *slot;
    into.burst.captures.push_back(std::move(count));
  }
}

constexpr Key<BurstParts> kKeys[] = {
    {"count", "whole number", "Rounds in all.",
     [](Reader& r, const YamlNode& n, BurstParts& into) {
       if (const auto count = r.integer(n, {1, 1'000'000, "a number of rounds"})) {
         into.burst.count = static_cast<std::uint64_t>(count->value);
       }
     }},
    {"concurrency", "whole number", "Hands that work at once; the count, at most 32.",
     [](Reader& r, const YamlNode& n, BurstParts& into) {
       const IntegerRange range{1, static_cast<std::int64_t>(limits::kBurstHands),
                                "a number of hands"};
       if (const auto hands = r.integer(n, range)) {
         into.concurrency = static_cast<std::uint32_t>(hands->value);
       }
     }},
    {"flow", "list of steps, or a flow's name", "What a round does.",
     [](Reader&, const YamlNode& n, BurstParts& into) { into.flow = &n; }},
    {"check", "mapping of counts", "What should hold of its requests by status; nothing stops.",
     read_checks},
    {"capture", "mapping of counts", "Counts of its requests by status, kept as values.",
     read_captures},
};

}  // namespace

void describe_burst(std::vector<Section>& into) {
  into.push_back(section_of<BurstParts>("burst", kKeys));
}

void read_burst(Reader& reader, const YamlNode& node, StepText& into) {
  BurstParts parts;
  read_mapping<BurstParts>(reader, kKeys, node, "a burst ({count: 150, flow: […]})", parts);
  if (node.kind != YamlNode::Kind::kMapping) return;
  if (reader.flow().bursts > 0) {
    reader.complain(node.place, "a burst within a burst", "make one burst of the product");
    return;
  }
  if (node.find("count") == nullptr) reader.complain(node.place, "the burst has no `count`");
  const auto fewest =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(parts.burst.count, limits::kBurstHands));
  parts.burst.concurrency = std::min(parts.concurrency.value_or(kHands), fewest);
  BurstText burst{std::move(parts.burst), {}};
  if (parts.flow == nullptr) {
    reader.complain(node.place, "the burst has no `flow`");
  } else {
    ++reader.flow().bursts;
    std::string name;
    read_flow_or_name(reader, *parts.flow, name, burst.flow);
    --reader.flow().bursts;
  }
  into.what = std::move(burst);
}

}  // namespace gend::plan
