#include "base/limits.h"
#include "plan/load_parts.h"
#include "stats/schema.h"
#include "stats/threshold.h"

namespace gend::plan {

namespace {

// Metrics of the plan language that only parts of it produce which this version does not run. They
// are refused because a threshold on them would pass without having measured anything.
constexpr std::string_view kLaterPrefixes[] = {"sql_"};

struct AssertionText {
  const YamlNode* source = nullptr;
  bool abort_on_fail = false;
  Duration delay_abort_eval{}, window{}, hold{};
};

// A series has one interval a second: nothing shorter can be judged.
void read_span(Reader& reader, const YamlNode& node, Duration& into) {
  const auto span = reader.duration(node);
  if (span && span->value < std::chrono::seconds{1}) {
    reader.complain(node.place, fmt::format("{} is shorter than 1s", quote(node.text)),
                    "measurements are judged once a second");
  } else if (span && span->value > std::chrono::seconds{limits::kWindowSeconds}) {
    reader.complain(node.place, fmt::format("{} is longer than 1h", quote(node.text)),
                    "leave `window` away to judge the whole run");
  } else if (span) {
    into = span->value;
  }
}

constexpr Key<AssertionText> kKeys[] = {
    {"threshold", "assertion", "What must hold: p(95)<300, rate<0.01, drift(med)<0.1, leak<1e6.",
     [](Reader&, const YamlNode& n, AssertionText& into) { into.source = &n; }},
    {"abortOnFail", "true or false", "End the run as soon as it does not hold.",
     [](Reader& r, const YamlNode& n, AssertionText& into) {
       if (const auto abort = r.boolean(n)) into.abort_on_fail = *abort;
     }},
    {"delayAbortEval", "duration", "No abort before the run is this old.",
     [](Reader& r, const YamlNode& n, AssertionText& into) {
       if (const auto delay = r.duration(n)) into.delay_abort_eval = delay->value;
     }},
    {"window", "duration", "Judge only what happened in the last so much time.",
     [](Reader& r, const YamlNode& n, AssertionText& into) { read_span(r, n, into.window); }},
    {"for", "duration", "It counts as failed when it has not held for this long.",
     [](Reader& r, const YamlNode& n, AssertionText& into) { read_span(r, n, into.hold); }},
};

std::optional<stats::Selector> read_selector(Reader& reader, const YamlNode& key) {
  auto selector = stats::parse_selector(key.text);
  if (!selector) {
    reader.complain(reader.place_in(key, selector.error().column), selector.error().message);
    return std::nullopt;
  }
  return std::move(*selector);
}

bool is_measured(Reader& reader, const YamlNode& key, const std::string& metric) {
  for (const std::string_view prefix : kLaterPrefixes) {
    // Others of such a name may be the plan's own.
    const bool ours = stats::find_metric(metric) != nullptr;
    if (!metric.starts_with(prefix) || !ours) continue;
    reader.complain(key.place, fmt::format("`{}` is part of the plan language, but this version of "
                                           "gend does not measure it yet",
                                           metric));
    return false;
  }
  return true;
}

AssertionText read_assertion_text(Reader& reader, const YamlNode& node) {
  AssertionText text;
  if (node.kind != YamlNode::Kind::kMapping) {
    text.source = &node;
    return text;
  }
  read_mapping<AssertionText>(reader, kKeys, node, "an assertion", text);
  if (text.source == nullptr) {
    reader.complain(node.place, "`threshold` is missing", "write {threshold: \"p(95)<300\", …}");
  }
  return text;
}

void read_assertion(Reader& reader, const YamlNode& node, const std::string& key,
                    const Given<stats::Selector>& selector,
                    std::vector<ThresholdText>& into) {
  const AssertionText text = read_assertion_text(reader, node);
  if (text.source == nullptr) return;
  const auto source = reader.text(*text.source, "an assertion");
  if (!source) return;
  const auto complain = [&](const stats::ThresholdError& error) {
    reader.complain(reader.place_in(*text.source, error.column), error.message);
  };
  const auto assertion = stats::parse_assertion(*source);
  if (!assertion) return complain(assertion.error());
  if (assertion->judging != stats::Judging::kLevel && text.window > Duration{})
    reader.complain(text.source->place, "drift and leak look at the whole steady part of the run",
                    "leave `window` away");
  into.push_back({{.source = *source,
                   .selector = key,
                   .parsed = selector.value,
                   .assertion = *assertion,
                   .abort_on_fail = text.abort_on_fail,
                   .delay_abort_eval = text.delay_abort_eval,
                   .window = text.window,
                   .hold = text.hold},
                  selector.place,
                  reader.place_in(*text.source, 0)});
}

void read_metric(Reader& reader, const YamlNode::Entry& entry, std::vector<ThresholdText>& into) {
  auto parsed = read_selector(reader, *entry.key);
  if (!parsed || !is_measured(reader, *entry.key, parsed->metric)) return;
  // Whether anything records it is known when the steps are: compile.cc.
  const Given<stats::Selector> selector{std::move(*parsed), entry.key->place};
  if (entry.value->kind != YamlNode::Kind::kSequence) {
    return read_assertion(reader, *entry.value, entry.key->text, selector, into);
  }
  for (const YamlNode* item : entry.value->items) {
    read_assertion(reader, *item, entry.key->text, selector, into);
  }
}

}  // namespace

void describe_thresholds(std::vector<Section>& into) {
  into.push_back(section_of<AssertionText>("threshold", kKeys));
}

void read_thresholds(Reader& reader, const YamlNode& node, std::vector<ThresholdText>& into) {
  if (!reader.is_mapping(node, "thresholds (metric: [assertion, …])")) return;
  for (const YamlNode::Entry& entry : node.entries) read_metric(reader, entry, into);
}

}  // namespace gend::plan
