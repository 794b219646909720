#include "plan/load_parts.h"

namespace gend::plan {

namespace {

void read_positive(Reader& reader, const YamlNode& node, std::optional<Given<Duration>>& into) {
  const auto duration = reader.duration(node);
  if (duration && duration->value == Duration{}) {
    reader.complain(node.place, "a timeout of 0 would fail every request", "leave it out");
    return;
  }
  into = duration;
}

constexpr Key<TimeoutText> kTimeoutKeys[] = {
    {"connect", "duration", "Until the TCP connection stands; 10s, or the total when shorter.",
     [](Reader& r, const YamlNode& n, TimeoutText& t) { read_positive(r, n, t.connect); }},
    {"firstByte", "duration", "Until the first byte of the response; only the total when absent.",
     [](Reader& r, const YamlNode& n, TimeoutText& t) { read_positive(r, n, t.first_byte); }},
    {"total", "duration", "Until the response is whole; 60s.",
     [](Reader& r, const YamlNode& n, TimeoutText& t) { read_positive(r, n, t.total); }},
};

}  // namespace

void describe_timeout(std::vector<Section>& into) {
  into.push_back(section_of<TimeoutText>("timeout", kTimeoutKeys));
}

void read_timeout(Reader& reader, const YamlNode& node, TimeoutText& into) {
  if (node.kind == YamlNode::Kind::kMapping) {
    read_mapping<TimeoutText>(reader, kTimeoutKeys, node, "a mapping", into);
  } else {
    read_positive(reader, node, into.total);
  }
}

}  // namespace gend::plan
