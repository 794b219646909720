#include "plan/load_export.h"

#include <algorithm>

#include "base/export_limits.h"
#include "plan/load_parts.h"

namespace gend::plan {

namespace {

struct ExportText {
  Export to;
  int kinds = 0;  // that were named
  std::optional<Place> every, trends, tags, headers, user, password;
};

void read_address(Reader& reader, const YamlNode& node, Export::Kind kind, ExportText& into) {
  ++into.kinds;
  into.to.kind = kind;
  auto address = reader.text(node, "where to export to");
  if (!address) return;
  if (const auto complaint = complaint_of_address(kind, *address)) {
    const bool credentials = address->find('@') != std::string::npos;
    reader.complain(node.place, *complaint,
                    credentials ? "write `user` and `password` beside it" : "");
    return;
  }
  into.to.address = *std::move(address);
}

void read_every(Reader& reader, const YamlNode& node, ExportText& into) {
  into.every = node.place;
  const auto every = reader.duration(node);
  if (!every) return;
  using namespace std::chrono_literals;
  if (every->value < 1s || every->value > 1h)
    reader.complain(node.place, "a time between two exports is from 1s to 1h");
  into.to.every = every->value;
}

// One of two words; false after a complaint.
std::optional<bool> read_either(Reader& reader, const YamlNode& node, std::string_view first,
                                std::string_view second) {
  const auto text = reader.text(node, fmt::format("{} or {}", first, second));
  if (!text) return std::nullopt;
  if (*text == first) return false;
  if (*text == second) return true;
  reader.complain(node.place, fmt::format("{} is neither {} nor {}", quote(*text), first, second),
                  hint(*text, {first, second}));
  return std::nullopt;
}

// As it stands in the exposition formats of Prometheus.
bool is_label(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && name.size() <= kTagBytes && letter(name.front()) &&
         !name.starts_with("__") &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

void read_labels(Reader& reader, const YamlNode& node, ExportText& into) {
  if (!reader.is_mapping(node, "labels (name: value)")) return;
  for (const YamlNode::Entry& entry : node.entries) {
    if (!is_label(entry.key->text)) {
      reader.complain(entry.key->place,
                      fmt::format("{} is not a name of a label", quote(entry.key->text)),
                      "use letters, digits and _, not beginning with a digit or two _");
      continue;
    }
    if (auto value = reader.text(*entry.value, "the value of a label"))
      into.to.labels.emplace_back(entry.key->text, std::move(*value));
  }
}

// Values may be secret, and are kept out of the stored plan.
void read_export_headers(Reader& reader, const YamlNode& node, ExportText& into) {
  into.headers = node.place;
  if (!reader.is_mapping(node, "headers (name: value)")) return;
  for (const YamlNode::Entry& entry : node.entries) {
    const bool token = !entry.key->text.empty() &&
                       std::ranges::all_of(entry.key->text, [](char c) {
                         return c > 0x20 && c < 0x7F && c != ':';
                       });
    if (!token) {
      reader.complain(entry.key->place,
                      fmt::format("{} is not the name of a header", quote(entry.key->text)));
      continue;
    }
    reader.hide(*entry.value, "the value of a header");
    auto value = reader.private_text(*entry.value, "the value of a header");
    if (!value) continue;
    if (value->find_first_of("\r\n") != std::string::npos)
      reader.complain(entry.value->place, "the value of a header holds a line end");
    else
      into.to.headers.emplace_back(entry.key->text, std::move(*value));
  }
}

constexpr Key<ExportText> kKeys[] = {
    {"prometheus", "URL", "Remote write: http://host:9090/api/v1/write.",
     [](Reader& r, const YamlNode& n, ExportText& into) {
       read_address(r, n, Export::Kind::kPrometheus, into);
     }},
    {"influxdb", "URL", "Line protocol: http://host:8086/DATABASE, or a whole write URL.",
     [](Reader& r, const YamlNode& n, ExportText& into) {
       read_address(r, n, Export::Kind::kInfluxdb, into);
     }},
    {"statsd", "text", "StatsD over UDP: host:8125.",
     [](Reader& r, const YamlNode& n, ExportText& into) {
       read_address(r, n, Export::Kind::kStatsd, into);
     }},
    {"every", "duration", "Between two pushes, from 1s; 5s. StatsD has every second.", read_every},
    {"names", "gend or k6", "Whose names metrics have; gend.",
     [](Reader& r, const YamlNode& n, ExportText& into) {
       if (const auto k6 = read_either(r, n, "gend", "k6"))
         into.to.names = *k6 ? Export::Names::kK6 : Export::Names::kGend;
     }},
    {"trends", "buckets or native", "Histograms for Prometheus: classic, or native; buckets.",
     [](Reader& r, const YamlNode& n, ExportText& into) {
       into.trends = n.place;
       if (const auto native = read_either(r, n, "buckets", "native"))
         into.to.trends = *native ? Export::Trends::kNative : Export::Trends::kBuckets;
     }},
    {"tags", "true or false", "StatsD lines carry tags, as Datadog's do; false.",
     [](Reader& r, const YamlNode& n, ExportText& into) {
       into.tags = n.place;
       if (const auto tags = r.boolean(n)) into.to.tags = *tags;
     }},
    {"labels", "mapping of text", "Added to every series.", read_labels},
    {"headers", "mapping of text", "Added to every request; values may be secret.",
     read_export_headers},
    {"user", "text", "Of basic authentication.",
     [](Reader& r, const YamlNode& n, ExportText& into) {
       into.user = n.place;
       if (auto user = r.private_text(n, "a user's name")) into.to.user = std::move(*user);
     }},
    {"password", "text", "Of basic authentication.",
     [](Reader& r, const YamlNode& n, ExportText& into) {
       into.password = n.place;
       r.hide(n, "a password");
       if (auto password = r.private_text(n, "a password"))
         into.to.password = std::move(*password);
     }},
};

// Keys that the kind has no use for.
void complain_of_useless(Reader& reader, const ExportText& text) {
  const bool statsd = text.to.kind == Export::Kind::kStatsd;
  const bool prometheus = text.to.kind == Export::Kind::kPrometheus;
  const auto useless = [&](const std::optional<Place>& place, std::string_view key) {
    if (place)
      reader.complain(*place, fmt::format("`{}` means nothing to this kind of export", key));
  };
  if (!prometheus) useless(text.trends, "trends");
  if (!statsd) return useless(text.tags, "tags");
  useless(text.every, "every");
  useless(text.headers, "headers");
  useless(text.user, "user");
  useless(text.password, "password");
}

void read_one(Reader& reader, const YamlNode& node, std::vector<Export>& into) {
  if (!reader.is_mapping(node, "an export ({prometheus: URL})")) return;
  const std::size_t before = reader.reporter().count();
  ExportText text;
  read_mapping<ExportText>(reader, kKeys, node, "an export", text);
  if (text.kinds != 1) {
    reader.complain(node.place, "an export goes to exactly one of prometheus, influxdb and statsd",
                    "write several entries");
  } else {
    complain_of_useless(reader, text);
  }
  if (text.password && !text.user) reader.complain(*text.password, "`password` without its `user`");
  if (reader.reporter().count() == before) into.push_back(std::move(text.to));
}

}  // namespace

void describe_export(std::vector<Section>& into) {
  into.push_back(section_of<ExportText>("export", kKeys));
}

void read_exports(Reader& reader, const YamlNode& node, std::vector<Export>& into) {
  if (!reader.is_sequence(node, "a list of exports")) return;
  for (const auto& item : node.items) read_one(reader, *item, into);
  if (into.size() > limits::kExports)
    reader.complain(node.place, fmt::format("{} exports, at most {} are possible", into.size(),
                                            limits::kExports));
}

}  // namespace gend::plan
