#include "plan/load_parts.h"

#include <algorithm>

#include "http/chars.h"
#include "http/request.h"

namespace gend::plan {

namespace {

constexpr std::string_view kFormType = "application/x-www-form-urlencoded";

// Media types by the ending of a file's name; what else a server may be sent, the plan says.
struct FileType {
  std::string_view ending, type;
};
constexpr FileType kFileTypes[] = {{".json", "application/json"},
                                   {".xml", "application/xml"},
                                   {".txt", "text/plain"},
                                   {".html", "text/html"},
                                   {".csv", "text/csv"}};

std::string type_of_file(std::string_view name) {
  for (const auto& [ending, type] : kFileTypes) {
    if (name.ends_with(ending)) return std::string{type};
  }
  return "application/octet-stream";
}

void append_pair(Reader& reader, const YamlNode& key, const YamlNode& value, Template& into) {
  const auto name = reader.message(key, Escaping::kQueryValue, "a name");
  const auto text = reader.message(value, Escaping::kQueryValue, "text");
  if (!name || !text) return;
  if (!into.pieces.empty()) append(into, "&");
  append(into, name->text);
  append(into, "=");
  append(into, text->text);
}

// ---- multipart (RFC 7578) -------------------------------------------------------------------

struct PartText {
  Place place;
  std::string name;
  const YamlNode* text = nullptr;
  const YamlNode* file = nullptr;
  std::optional<std::string> filename, type;
};

void read_type(Reader& reader, const YamlNode& node, PartText& into) {
  auto type = reader.text(node, "a content type");
  if (!type) return;
  if (const auto fault = http::field_value_fault(*type)) {
    reader.complain(node.place, fmt::format("content type {}: {}", quote(*type), *fault));
  } else {
    into.type = std::move(*type);
  }
}

constexpr Key<PartText> kPartKeys[] = {
    {"file", "file", "The part's content, from a file.",
     [](Reader&, const YamlNode& n, PartText& into) { into.file = &n; }},
    {"text", "text", "The part's content.",
     [](Reader&, const YamlNode& n, PartText& into) { into.text = &n; }},
    {"filename", "text", "What the server is told the file's name is; the file's own when absent.",
     [](Reader& r, const YamlNode& n, PartText& into) {
       into.filename = r.private_text(n, "a file's name");
     }},
    {"contentType", "text", "Of the part; guessed from a file's ending when absent.", read_type},
};

// As the HTML standard has it (multipart/form-data encoding algorithm).
std::string quoted_parameter(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"')
      out += "%22";
    else if (c == '\r')
      out += "%0D";
    else if (c == '\n')
      out += "%0A";
    else
      out += c;
  }
  return out + "\"";
}

// One part without the boundary before it.
struct Part {
  std::string head;
  Template content;
};

std::string_view base_name(std::string_view file) {
  return file.substr(file.find_last_of('/') + 1);
}

std::optional<Part> part_of(Reader& reader, const PartText& text) {
  Part part;
  part.head = "Content-Disposition: form-data; name=" + quoted_parameter(text.name);
  std::optional<std::string> type = text.type;
  if (text.file != nullptr) {
    const auto file = reader.file(*text.file, "the name of a file");
    if (!file) return std::nullopt;
    const std::string_view own = base_name(file->name);
    part.head += "; filename=" + quoted_parameter(text.filename.value_or(std::string{own}));
    if (!type) type = type_of_file(file->name);
    append(part.content, file->content);
  } else {
    auto content = reader.message(*text.text, Escaping::kNone, "text");
    if (!content) return std::nullopt;
    if (text.filename) part.head += "; filename=" + quoted_parameter(*text.filename);
    part.content = std::move(content->text);
  }
  part.head += "\r\n";
  if (type) part.head += fmt::format("Content-Type: {}\r\n", *type);
  return part;
}

void read_part(Reader& reader, const std::string& name, const YamlNode& node,
               std::vector<Part>& into) {
  PartText text{.place = node.place, .name = name, .filename = {}, .type = {}};
  if (node.kind == YamlNode::Kind::kMapping) {
    read_mapping<PartText>(reader, kPartKeys, node, "a part", text);
    if ((text.file == nullptr) == (text.text == nullptr)) {
      reader.complain(node.place, "a part has one content: `file` or `text`");
      return;
    }
  } else {
    text.text = &node;
  }
  if (auto part = part_of(reader, text)) into.push_back(std::move(*part));
}

bool occurs(const std::string& boundary, const std::vector<Part>& parts) {
  return std::ranges::any_of(parts, [&](const Part& part) {
    return std::ranges::any_of(part.content.pieces, [&](const Piece& piece) {
      return piece.text.find(boundary) != std::string::npos;
    });
  });
}

// The same plan gives the same bytes, so the boundary is no random one.
std::string boundary_of(const std::vector<Part>& parts) {
  for (int salt = 0;; ++salt) {
    std::string boundary = fmt::format("------gend-part-{:08d}", salt);
    if (!occurs(boundary, parts)) return boundary;
  }
}

void read_multipart(Reader& reader, const YamlNode& node, BodyText& into) {
  if (!reader.is_mapping(node, "parts (name: text or {file: path})")) return;
  std::vector<Part> parts;
  for (const YamlNode::Entry& entry : node.entries) {
    const auto name = reader.private_text(*entry.key, "the name of a part");
    if (!name) continue;
    if (entry.value->kind != YamlNode::Kind::kSequence) {
      read_part(reader, *name, *entry.value, parts);
      continue;
    }
    for (const YamlNode* item : entry.value->items) read_part(reader, *name, *item, parts);
  }
  const std::string boundary = boundary_of(parts);
  for (const Part& part : parts) {
    append(into.content, fmt::format("--{}\r\n{}\r\n", boundary, part.head));
    append(into.content, part.content);
    append(into.content, "\r\n");
  }
  append(into.content, fmt::format("--{}--\r\n", boundary));
  into.type = "multipart/form-data; boundary=" + boundary;
}

// ---- the others -----------------------------------------------------------------------------

void read_form(Reader& reader, const YamlNode& node, BodyText& into) {
  into.type = kFormType;
  into.content = read_pairs(reader, node, "a form (name: value)");
}

void read_json(Reader& reader, const YamlNode& node, BodyText& into) {
  into.type = "application/json";
  into.content = json_of(reader, node);
}

void read_text(Reader& reader, const YamlNode& node, BodyText& into) {
  if (node.kind == YamlNode::Kind::kMapping || node.kind == YamlNode::Kind::kSequence) {
    reader.complain(node.place, fmt::format("expected text, found {}", describe(node)),
                    "use `json` for structured bodies");
    return;
  }
  if (auto body = reader.message(node, Escaping::kNone, "text")) {
    into.content = std::move(body->text);
  }
}

void read_file(Reader& reader, const YamlNode& node, BodyText& into) {
  const auto file = reader.file(node, "the name of a file");
  if (!file) return;
  into.type = type_of_file(file->name);
  append(into.content, file->content);
}

struct Kind {
  std::string_view key;
  void (*read)(Reader&, const YamlNode&, BodyText&);
};
constexpr Kind kKinds[] = {{"json", read_json},
                           {"form", read_form},
                           {"body", read_text},
                           {"bodyFile", read_file},
                           {"multipart", read_multipart}};

}  // namespace

Template read_pairs(Reader& reader, const YamlNode& node, std::string_view expected) {
  Template pairs;
  if (!reader.is_mapping(node, expected)) return pairs;
  for (const YamlNode::Entry& entry : node.entries) {
    if (entry.value->kind != YamlNode::Kind::kSequence) {
      append_pair(reader, *entry.key, *entry.value, pairs);
      continue;
    }
    for (const YamlNode* item : entry.value->items) append_pair(reader, *entry.key, *item, pairs);
  }
  return pairs;
}

void read_body(Reader& reader, std::string_view key, const YamlNode& node, HttpText& into) {
  if (into.body) {
    reader.complain(node.place,
                    fmt::format("the request has a body already, given as `{}`", into.body->key),
                    "give one of json, form, body, bodyFile and multipart");
    return;
  }
  into.body = BodyText{.key = std::string{key}, .content = {}, .type = {}};
  const auto kind = std::ranges::find(kKinds, key, &Kind::key);
  kind->read(reader, node, *into.body);
}

void describe_body(std::vector<Section>& into) {
  into.push_back(section_of<PartText>("part", kPartKeys));
}

}  // namespace gend::plan
