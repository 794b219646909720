#include "plan/load_parts.h"

#include <algorithm>

#include "base/limits.h"

namespace gend::plan {

namespace {

constexpr std::string_view kForms = "2s, 1s..5s, {exponential: 3s}, {normal: [3s, 1s]}";

std::optional<Duration> duration_of(Reader& reader, const YamlNode& node) {
  const auto duration = reader.duration(node);
  if (!duration) return std::nullopt;
  return duration->value;
}

void read_exponential(Reader& reader, const YamlNode& node, Think& into) {
  if (const auto mean = duration_of(reader, node)) {
    into = {ThinkKind::kExponential, *mean, Duration{}};
  }
}

void read_normal(Reader& reader, const YamlNode& node, Think& into) {
  if (!reader.is_sequence(node, "[mean, deviation]")) return;
  if (node.items.size() != 2) {
    reader.complain(node.place,
                    fmt::format("expected [mean, deviation], found {} values", node.items.size()));
    return;
  }
  const auto mean = duration_of(reader, *node.items[0]);
  const auto deviation = duration_of(reader, *node.items[1]);
  if (mean && deviation) into = {ThinkKind::kNormal, *mean, *deviation};
}

constexpr Key<Think> kKeys[] = {
    {"exponential", "duration", "Exponentially distributed with this mean.", read_exponential},
    {"normal", "[mean, deviation]", "Normally distributed, never below 0.", read_normal},
};

// "2s", "fixed 2s", "1s..5s", "uniform 1s..5s".
std::optional<Think> parse_think(std::string_view text) {
  const auto without = [&](std::string_view word) {
    const bool there = text.starts_with(word);
    if (there) text.remove_prefix(word.size());
    return there;
  };
  const bool uniform = without("uniform "), fixed = !uniform && without("fixed ");
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos ? uniform : fixed) return std::nullopt;
  const auto a = parse_duration(text.substr(0, dots));
  if (!a) return std::nullopt;
  if (dots == std::string_view::npos) return Think{ThinkKind::kFixed, *a, Duration{}};
  const auto b = parse_duration(text.substr(dots + 2));
  if (!b) return std::nullopt;
  return Think{ThinkKind::kUniform, *a, *b};
}

void read_think_text(Reader& reader, const YamlNode& node, Think& into) {
  const auto text = reader.text(node, "a think time");
  if (!text) return;
  const auto think = parse_think(*text);
  if (!think) {
    reader.complain(node.place, fmt::format("{} is not a think time ({})", quote(*text), kForms));
  } else if (think->kind == ThinkKind::kUniform && think->a > think->b) {
    reader.complain(node.place, fmt::format("{} runs backwards", quote(*text)),
                    "write the shorter duration first");
  } else if (std::max(think->a, think->b) > std::chrono::seconds{limits::kDurationSeconds}) {
    reader.complain(node.place, fmt::format("{} is longer than {} days", quote(*text),
                                            limits::kDurationSeconds / 86400));
  } else {
    into = *think;
  }
}

}  // namespace

void describe_think(std::vector<Section>& into) {
  into.push_back(section_of<Think>("think", kKeys));
}

void read_think(Reader& reader, const YamlNode& node, Think& into) {
  if (node.kind != YamlNode::Kind::kMapping) return read_think_text(reader, node, into);
  if (node.entries.size() != 1) {
    reader.complain(node.place, fmt::format("expected one distribution, found {} ({})",
                                            node.entries.size(), kForms));
    return;
  }
  read_mapping<Think>(reader, kKeys, node, "a think time", into);
}

}  // namespace gend::plan
