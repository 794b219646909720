#include "plan/load_parts.h"

#include <algorithm>

namespace gend::plan {

namespace {

template <Method kMethod>
void read_url(Reader& reader, const YamlNode& node, HttpText& into) {
  into.method = kMethod;
  read_url(reader, node, into);
}

void read_name(Reader& reader, const YamlNode& node, HttpText& into) {
  into.name = reader.text(node, "the name of the step");
}

void read_query(Reader& reader, const YamlNode& node, HttpText& into) {
  into.query = read_pairs(reader, node, "a query (name: value)");
}

constexpr Key<HttpText> kKeys[] = {
    {"get", "path or URL", "A GET request.", read_url<Method::kGet>},
    {"post", "path or URL", "A POST request.", read_url<Method::kPost>},
    {"put", "path or URL", "A PUT request.", read_url<Method::kPut>},
    {"patch", "path or URL", "A PATCH request.", read_url<Method::kPatch>},
    {"delete", "path or URL", "A DELETE request.", read_url<Method::kDelete>},
    {"head", "path or URL", "A HEAD request.", read_url<Method::kHead>},
    {"options", "path or URL", "An OPTIONS request.", read_url<Method::kOptions>},
    {"name", "text", "The name tag; the URL as written when absent.", read_name},
    {"headers", "mapping of text", "Sent with this request; they replace the defaults.",
     [](Reader& r, const YamlNode& n, HttpText& into) { read_headers(r, n, into.headers); }},
    {"query", "mapping of text or lists", "Appended to the URL, percent-encoded.", read_query},
    {"json", "anything", "The body as JSON; sets content-type.",
     [](Reader& r, const YamlNode& n, HttpText& into) { read_body(r, "json", n, into); }},
    {"form", "mapping of text or lists", "The body as a form; sets content-type.",
     [](Reader& r, const YamlNode& n, HttpText& into) { read_body(r, "form", n, into); }},
    {"body", "text", "The body as it is.",
     [](Reader& r, const YamlNode& n, HttpText& into) { read_body(r, "body", n, into); }},
    {"bodyFile", "file", "The body from a file; content-type by its ending.",
     [](Reader& r, const YamlNode& n, HttpText& into) { read_body(r, "bodyFile", n, into); }},
    {"multipart", "mapping of parts", "The body in parts, files among them (RFC 7578).",
     [](Reader& r, const YamlNode& n, HttpText& into) { read_body(r, "multipart", n, into); }},
    {"auth", "mapping or none", "Credentials; none switches the default off.",
     [](Reader& r, const YamlNode& n, HttpText& into) { read_auth(r, n, into.auth); }},
    {"timeout", "duration or mapping", "How long this request may take.",
     [](Reader& r, const YamlNode& n, HttpText& into) { read_timeout(r, n, into.timeout); }},
    {"redirects", "whole number, true or false", "Redirects to follow at most; 10.",
     [](Reader& r, const YamlNode& n, HttpText& into) { read_redirects(r, n, into.redirects); }},
    {"retry", "mapping", "What to try again, and how often.",
     [](Reader& r, const YamlNode& n, HttpText& into) { read_retry(r, n, into.retry); }},
    {"capture", "mapping of captures", "Variables taken from the response.",
     [](Reader& r, const YamlNode& n, HttpText& into) { read_captures(r, n, into.captures); }},
    {"traceparent", "true or false", "Send a W3C trace context, a new one each time.",
     [](Reader& r, const YamlNode& n, HttpText& into) { into.traceparent = r.boolean(n); }},
    {"requestId", "true or false", "Send an x-request-id, a new one each time.",
     [](Reader& r, const YamlNode& n, HttpText& into) { into.request_id = r.boolean(n); }},
    {"tags", "mapping of text", "On every measurement of the request.",
     [](Reader& r, const YamlNode& n, HttpText& into) { read_tags(r, n, into.tags); }},
    {"check", "mapping of checks", "What should hold of the response; counted, nothing stops.",
     [](Reader& r, const YamlNode& n, HttpText& into) { read_checks(r, n, into.checks); }},
    {"expect", "mapping of checks", "What must hold; the iteration ends when it does not.",
     [](Reader& r, const YamlNode& n, HttpText& into) { read_expect(r, n, into); }},
};

// ---- json -----------------------------------------------------------------------------------

// A number as JSON writes it (RFC 8259, 6), so that the text itself can be sent.
bool is_json_number(std::string_view text) {
  const auto digits = [&] {
    std::size_t n = 0;
    while (n < text.size() && text[n] >= '0' && text[n] <= '9') ++n;
    return n;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t whole = digits();
  if (whole == 0 || (whole > 1 && text[0] == '0')) return false;
  text.remove_prefix(whole);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const std::size_t fraction = digits();
    if (fraction == 0) return false;
    text.remove_prefix(fraction);
  }
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && digits() == text.size();
}

bool renders_number(Source source) {
  return source == Source::kVu || source == Source::kIteration || source == Source::kRandomInt ||
         source == Source::kTimestamp;
}

// Without quotes a value has the type it looks like, after variables are filled in.
bool is_bare_json(const Template& text) {
  if (text.pieces.size() != 1) return false;
  const Piece& piece = text.pieces.front();
  if (piece.source != Source::kLiteral) return renders_number(piece.source);
  return piece.text == "true" || piece.text == "false" || is_json_number(piece.text);
}

void append_json(Reader& reader, const YamlNode& node, Template& to);

void append_json_string(Reader& reader, const YamlNode& node, Template& to) {
  const auto text = reader.message(node, Escaping::kJsonString, "text");
  if (!text) return;
  const bool is_bare = text->is_json || (!node.quoted && is_bare_json(text->text));
  if (is_bare) return append(to, text->text);
  append(to, "\"");
  append(to, text->text);
  append(to, "\"");
}

void append_json_mapping(Reader& reader, const YamlNode& node, Template& to) {
  append(to, "{");
  for (const YamlNode::Entry& entry : node.entries) {
    if (&entry != &node.entries.front()) append(to, ",");
    const auto key = reader.message(*entry.key, Escaping::kJsonString, "a name");
    if (!key) continue;
    if (key->is_json) reader.complain(entry.key->place, "`json()` stands for a value, not a name");
    append(to, "\"");
    append(to, key->text);
    append(to, "\":");
    append_json(reader, *entry.value, to);
  }
  append(to, "}");
}

void append_json(Reader& reader, const YamlNode& node, Template& to) {
  switch (node.kind) {
    case YamlNode::Kind::kNull: return append(to, "null");
    case YamlNode::Kind::kScalar: return append_json_string(reader, node, to);
    case YamlNode::Kind::kMapping: return append_json_mapping(reader, node, to);
    case YamlNode::Kind::kSequence: break;
  }
  append(to, "[");
  for (const YamlNode* item : node.items) {
    if (item != node.items.front()) append(to, ",");
    append_json(reader, *item, to);
  }
  append(to, "]");
}

}  // namespace

Template json_of(Reader& reader, const YamlNode& node) {
  Template json;
  append_json(reader, node, json);
  return json;
}

void describe_http(std::vector<Section>& into) {
  into.push_back(section_of<HttpText>("request", kKeys));
}

void read_url(Reader& reader, const YamlNode& node, HttpText& into) {
  into.place = node.place;
  auto url = reader.message(node, Escaping::kNone, "a path or URL");
  if (!url) return;
  if (url->text.pieces.empty()) {
    reader.complain(node.place, "the path is empty", "write / for the root");
    return;
  }
  into.url = std::move(url->text);
  into.url_secret = std::move(url->secret);
  into.url_source = node.text;
}

void read_http_entry(Reader& reader, const YamlNode::Entry& entry, HttpText& into) {
  read_entry<HttpText>(reader, kKeys, entry, into);
}

}  // namespace gend::plan
