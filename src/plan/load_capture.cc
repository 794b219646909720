#include "plan/load_parts.h"

#include <algorithm>

#include "http/chars.h"
#include "http/request.h"

namespace gend::plan {

namespace {

constexpr std::string_view kForms =
    "json PATH, header NAME, cookie NAME, regex RE, body, status, url";

struct CaptureParts {
  const YamlNode* from = nullptr;
  std::optional<std::string> fallback;
};

constexpr Key<CaptureParts> kKeys[] = {
    {"from", "part of the response", "json PATH, header NAME, cookie NAME, regex RE, body, status "
     "or url.",
     [](Reader&, const YamlNode& n, CaptureParts& into) { into.from = &n; }},
    {"default", "text or nothing", "What the variable gets when nothing matches.",
     [](Reader& r, const YamlNode& n, CaptureParts& into) {
       if (n.kind == YamlNode::Kind::kNull)
         into.fallback = "";
       else
         into.fallback = r.private_text(n, "a default");
     }},
};

struct Word {
  std::string_view name;
  Part part;
  bool takes_name;
};
constexpr Word kWords[] = {{"json", Part::kJson, true},     {"header", Part::kHeader, true},
                           {"cookie", Part::kCookie, true}, {"regex", Part::kRegex, true},
                           {"body", Part::kBody, false},    {"status", Part::kStatus, false},
                           {"url", Part::kUrl, false}};

void complain_of_form(Reader& reader, const YamlNode& node) {
  const std::string_view word =
      std::string_view{node.text}.substr(0, node.text.find_first_of(" \t"));
  std::vector<std::string_view> names;
  for (const Word& known : kWords) names.push_back(known.name);
  const std::string_view near = nearest(word, names);
  reader.complain(node.place,
                  fmt::format("{} is no part of a response ({})", quote(node.text), kForms),
                  near.empty() ? "" : fmt::format("did you mean \"{}\"?", near));
}

}  // namespace

void read_capture(Reader& reader, const YamlNode::Entry& entry, std::vector<CaptureText>& into) {
  const auto slot = reader.given(*entry.key);
  if (!slot) return;
  CaptureParts parts;
  if (entry.value->kind == YamlNode::Kind::kMapping) {
    read_mapping<CaptureParts>(reader, kKeys, *entry.value, "a mapping", parts);
    if (parts.from == nullptr) {
      reader.complain(entry.value->place, "`from` is missing",
                      "write {from: json $.name, default: …}");
      return;
    }
  } else {
    parts.from = entry.value;
  }
  const YamlNode& from = *parts.from;
  if (from.kind != YamlNode::Kind::kScalar) {
    reader.complain(from.place, fmt::format("expected a part of the response ({}), found {}",
                                            kForms, describe(from)));
    return;
  }
  CaptureText text;
  text.capture.name = entry.key->text;
  text.capture.slot = *slot;
  text.capture.has_fallback = parts.fallback.has_value();
  text.capture.fallback = parts.fallback.value_or("");
  const auto word = std::ranges::find_if(kWords, [&](const Word& w) {
    return is_form(from.text, w.name) && (w.takes_name || http::trim_blanks(from.text) == w.name);
  });
  if (word == std::end(kWords)) return complain_of_form(reader, from);
  text.capture.from.part = word->part;
  if (!word->takes_name ||
      read_extraction(reader, from, word->name, text.capture.from, text.pattern)) {
    into.push_back(std::move(text));
  }
}

namespace {

bool read_field_name(Reader& reader, const YamlNode& node, std::string_view word,
                     std::string_view name, Extraction& into) {
  if (const auto fault = http::field_name_fault(name)) {
    reader.complain(node.place, fmt::format("{} {}: {}", word, quote(name), *fault));
    return false;
  }
  into.name = name;
  // Names of headers know no capitals, those of cookies do.
  if (into.part == Part::kHeader) {
    std::ranges::transform(into.name, into.name.begin(), http::to_lower);
  }
  return true;
}

bool read_path(Reader& reader, const YamlNode& node, std::string_view path, std::size_t offset,
               Extraction& into) {
  auto parsed = extract::parse_json_path(path);
  if (parsed) {
    into.path = std::move(*parsed);
    return true;
  }
  reader.complain(reader.place_in(node, offset + parsed.error().offset),
                  fmt::format("JSON path {}: {}", quote(path), parsed.error().what));
  return false;
}

}  // namespace

bool is_form(std::string_view text, std::string_view word) {
  text = http::trim_blanks(text);
  if (!text.starts_with(word)) return false;
  return text.size() == word.size() || http::is_blank(text[word.size()]);
}

bool is_good_pattern(Reader& reader, const YamlNode& node, std::string_view pattern) {
  const auto compiled = extract::Pattern::compile(pattern);
  if (compiled) return true;
  reader.complain(node.place, fmt::format("{} is not a regular expression: {}", quote(pattern),
                                          compiled.error()),
                  "see RE2's syntax");
  return false;
}

bool read_extraction(Reader& reader, const YamlNode& node, std::string_view word,
                     Extraction& into, std::string& pattern) {
  const std::string_view all = node.text;
  const std::string_view rest =
      http::trim_blanks(http::trim_blanks(all).substr(word.size()));
  const auto offset = static_cast<std::size_t>(rest.data() - all.data());
  switch (into.part) {
    case Part::kJson:
      if (!rest.empty()) return read_path(reader, node, rest, offset, into);
      reader.complain(node.place, "`json` needs a path", "write json $.name");
      return false;
    case Part::kRegex:
      if (rest.empty()) {
        reader.complain(node.place, "`regex` needs an expression", "write regex id=(\\d+)");
        return false;
      }
      pattern = rest;
      return is_good_pattern(reader, node, rest);
    case Part::kHeader:
    case Part::kCookie:
      if (!rest.empty()) return read_field_name(reader, node, word, rest, into);
      reader.complain(node.place, fmt::format("`{}` needs a name", word),
                      fmt::format("write {} NAME", word));
      return false;
    case Part::kStatus:
    case Part::kLatency:
    case Part::kBody:
    case Part::kSize:
    case Part::kUrl: break;
  }
  return true;
}

void describe_capture(std::vector<Section>& into) {
  into.push_back(section_of<CaptureParts>("capture", kKeys));
}

void read_captures(Reader& reader, const YamlNode& node, std::vector<CaptureText>& into) {
  if (!reader.is_mapping(node, "captures (name: json $.path)")) return;
  for (const YamlNode::Entry& entry : node.entries) read_capture(reader, entry, into);
}

}  // namespace gend::plan
