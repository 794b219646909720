#include <algorithm>

#include "plan/formula_parse.h"
#include "plan/load_parts.h"

namespace gend::plan {

namespace {

// ---- set ------------------------------------------------------------------------------------

struct SetParts {
  std::optional<Template> text;
  std::optional<Formula> formula;
};

void read_set_text(Reader& reader, const YamlNode& node, SetParts& into) {
  if (auto text = reader.message(node, Escaping::kNone, "a value"))
    into.text = std::move(text->text);
}

constexpr Key<SetParts> kSetKeys[] = {
    {"text", "text", "The value is this text, whatever it looks like.", read_set_text},
    {"formula", "formula", "The value is what this computes.",
     [](Reader& r, const YamlNode& n, SetParts& into) {
       into.formula = r.formula(n, "a formula");
     }},
};

// A text that computes something is a formula, any other a text.
void read_set_scalar(Reader& reader, const YamlNode& node, SetParts& into) {
  if (node.kind == YamlNode::Kind::kNull) {
    into.text = Template{};
    return;
  }
  auto parsed = parse_formula(node.text, reader.scope());
  if (parsed && parsed->has_operator) {
    into.formula = std::move(parsed->formula);
  } else {
    read_set_text(reader, node, into);
  }
}

void read_assignment(Reader& reader, const YamlNode::Entry& entry, SetText& into) {
  const auto slot = reader.given(*entry.key);
  SetParts parts;
  const YamlNode& node = *entry.value;
  const bool typed = node.kind == YamlNode::Kind::kMapping && node.entries.size() == 1 &&
                     (node.find("text") != nullptr || node.find("formula") != nullptr);
  if (typed) {
    read_mapping<SetParts>(reader, kSetKeys, node, "a value", parts);
  } else if (node.kind == YamlNode::Kind::kMapping || node.kind == YamlNode::Kind::kSequence) {
    parts.text = json_of(reader, node);
  } else {
    read_set_scalar(reader, node, parts);
  }
  if (!slot || (!parts.text && !parts.formula)) return;
  into.assignments.push_back(
      {*slot, std::move(parts.text).value_or(Template{}), std::move(parts.formula)});
}

// ---- metric ---------------------------------------------------------------------------------

struct MetricParts {
  MetricText metric;
  std::size_t kinds = 0;  // given
};

bool is_metric_name(std::string_view name) {
  constexpr std::size_t kNameBytes = 128;
  return is_variable_name(name) && name.size() <= kNameBytes;
}

void read_metric_name(Reader& reader, const YamlNode& node, MetricParts& into) {
  auto name = reader.text(node, "the name of the metric");
  if (!name) return;
  into.metric.place = node.place;
  if (stats::find_metric(*name) != nullptr) {
    reader.complain(node.place, fmt::format("{} is a metric of gend's own", quote(*name)),
                    "choose another name");
  } else if (name->starts_with(stats::kObservePrefix)) {
    reader.complain(node.place, fmt::format("{} would be a metric of `observe`", quote(*name)),
                    "choose a name that does not begin with observe_");
  } else if (!is_metric_name(*name)) {
    reader.complain(node.place, fmt::format("{} is not a name of a metric", quote(*name)),
                    "use letters, digits and _, not beginning with a digit, at most 128 of them");
  } else {
    into.metric.name = std::move(*name);
  }
}

template <CustomKind kKind>
void read_kind(Reader& reader, const YamlNode& node, MetricParts& into) {
  ++into.kinds;
  into.metric.kind = kKind;
  if (auto value = reader.formula(node, "a value")) into.metric.value = std::move(*value);
}

constexpr Key<MetricParts> kMetricKeys[] = {
    {"name", "text", "Its name, as in thresholds.", read_metric_name},
    {"counter", "formula", "Adds this to a sum.", read_kind<CustomKind::kCounter>},
    {"gauge", "formula", "Sets a level.", read_kind<CustomKind::kGauge>},
    {"rate", "formula", "One sample of a share: whether this is true.",
     read_kind<CustomKind::kRate>},
    {"trend", "formula", "One sample of a distribution.", read_kind<CustomKind::kTrend>},
    {"time", "true or false", "The values are times in milliseconds.",
     [](Reader& r, const YamlNode& n, MetricParts& into) {
       const auto time = r.boolean(n);
       if (time && *time) into.metric.contains = stats::Contains::kTime;
     }},
};

}  // namespace

void describe_values(std::vector<Section>& into) {
  into.push_back(section_of<SetParts>("set", kSetKeys));
  into.push_back(section_of<MetricParts>("metric", kMetricKeys));
}

void read_set(Reader& reader, const YamlNode& node, StepText& into) {
  if (!reader.is_mapping(node, "values (name: value)")) return;
  SetText set;
  for (const YamlNode::Entry& entry : node.entries) read_assignment(reader, entry, set);
  into.what = std::move(set);
}

void read_metric(Reader& reader, const YamlNode& node, StepText& into) {
  MetricParts parts;
  read_mapping<MetricParts>(reader, kMetricKeys, node, "a metric ({name: basket, trend: \"${n}\"})",
                            parts);
  if (node.kind != YamlNode::Kind::kMapping) return;
  if (node.find("name") == nullptr) reader.complain(node.place, "the metric has no `name`");
  if (parts.kinds != 1) {
    reader.complain(node.place, "a metric is one of counter, gauge, rate and trend");
  }
  into.what = std::move(parts.metric);
}

}  // namespace gend::plan
