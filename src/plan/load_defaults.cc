#include "plan/load_parts.h"

#include <algorithm>

#include <arpa/inet.h>

#include "base/limits.h"
#include "http/chars.h"
#include "http/request.h"

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

// "10.0.0.1", "::1", "127.0.0.0/28".
bool is_address_block(const std::string& text) {
  const std::size_t slash = text.find('/');
  const std::string address = text.substr(0, slash);
  unsigned char bytes[16];
  const bool v4 = inet_pton(AF_INET, address.c_str(), bytes) == 1;
  if (!v4 && inet_pton(AF_INET6, address.c_str(), bytes) != 1) return false;
  if (slash == std::string::npos) return true;
  const auto length = parse_integer(std::string_view{text}.substr(slash + 1));
  return length && *length >= 0 && *length <= (v4 ? 32 : 128);
}

void read_source_addresses(Reader& reader, const YamlNode& node, DefaultsText& into) {
  if (!reader.is_sequence(node, "a list of addresses")) return;
  for (const YamlNode* item : node.items) {
    auto text = reader.text(*item, "an address or block");
    if (!text) continue;
    if (is_address_block(*text)) {
      into.source_addresses.push_back(std::move(*text));
    } else {
      reader.complain(item->place, fmt::format("{} is not an address (10.0.0.5, 127.0.0.0/28, ::1)",
                                               quote(*text)));
    }
  }
}

void read_per_user(Reader& reader, const YamlNode& node, DefaultsText&) {
  const auto count = reader.integer(node, {1, 64, "a number of connections"});
  if (count && count->value != 1) reader.not_yet(node.place, "perUser");
}

constexpr Key<DefaultsText> kConnectionKeys[] = {
    {"keepAlive", "true or false", "Keep connections open between requests; true.",
     [](Reader& r, const YamlNode& n, DefaultsText& into) {
       if (const auto keep = r.boolean(n)) into.keep_alive = *keep;
     }},
    {"perUser", "whole number", "Connections of one user; 1.", read_per_user},
    {"sourceAddresses", "list of addresses",
     "Addresses of this host, or blocks of them, to connect from.", read_source_addresses},
};

constexpr Key<DefaultsText> kKeys[] = {
    {"timeout", "duration or mapping", "How long a request may take, see below.",
     [](Reader& r, const YamlNode& n, DefaultsText& into) { read_timeout(r, n, into.timeout); }},
    {"headers", "mapping of text", "Sent with every request.",
     [](Reader& r, const YamlNode& n, DefaultsText& into) { read_headers(r, n, into.headers); }},
    {"tls", "mapping", "Certificates and their verification.", nullptr},
    {"connection", "mapping", "How connections are made, see below.",
     [](Reader& r, const YamlNode& n, DefaultsText& into) {
       read_mapping<DefaultsText>(r, kConnectionKeys, n, "a mapping", into);
     }},
    {"retry", "mapping", "What to try again, and how often.", nullptr},
};

constexpr std::string_view kOurHeaders[] = {"content-length", "transfer-encoding", "connection"};

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), http::to_lower);
  return out;
}

bool is_good_header_name(Reader& reader, const YamlNode& key) {
  if (const auto fault = http::field_name_fault(key.text)) {
    reader.complain(key.place, fmt::format("header {}: {}", quote(key.text), *fault));
    return false;
  }
  if (std::ranges::find(kOurHeaders, lower(key.text)) == std::end(kOurHeaders)) return true;
  reader.complain(key.place, fmt::format("the header {} is written by gend", quote(key.text)),
                  lower(key.text) == "connection"
                      ? "use defaults: {connection: {keepAlive: false}} to close connections"
                      : "leave it out");
  return false;
}

bool is_good_header_value(Reader& reader, const YamlNode& node, const Template& value) {
  for (const Piece& piece : value.pieces) {
    const auto fault = http::field_value_fault(piece.text);
    if (!fault) continue;
    reader.complain(node.place, fmt::format("header value: {}", *fault));
    return false;
  }
  return true;
}

}  // namespace

void describe_defaults(std::vector<Section>& into) {
  into.push_back(section_of<DefaultsText>("defaults", kKeys));
  into.push_back(section_of<TimeoutText>("timeout", kTimeoutKeys));
  into.push_back(section_of<DefaultsText>("connection", kConnectionKeys));
}

void read_defaults(Reader& reader, const YamlNode& node, DefaultsText& into) {
  read_mapping<DefaultsText>(reader, kKeys, node, "a mapping", into);
}

void read_timeout(Reader& reader, const YamlNode& node, TimeoutText& into) {
  if (node.kind == YamlNode::Kind::kMapping) {
    read_mapping<TimeoutText>(reader, kTimeoutKeys, node, "a mapping", into);
  } else {
    read_positive(reader, node, into.total);
  }
}

void read_headers(Reader& reader, const YamlNode& node, std::vector<HeaderText>& into) {
  if (!reader.is_mapping(node, "headers (name: value)")) return;
  if (node.entries.size() > limits::kHeaderCount) {
    reader.complain(node.place, fmt::format("{} headers, at most {}", node.entries.size(),
                                            limits::kHeaderCount));
    return;
  }
  for (const YamlNode::Entry& entry : node.entries) {
    if (!is_good_header_name(reader, *entry.key)) continue;
    auto value = reader.message(*entry.value, Escaping::kNone, "the value of a header");
    if (!value || !is_good_header_value(reader, *entry.value, value->text)) continue;
    into.push_back({entry.key->text, std::move(*value), entry.key->place});
  }
}

}  // namespace gend::plan
