#include "plan/load_parts.h"

#include <algorithm>

#include <arpa/inet.h>

#include "http/chars.h"
#include "http/url.h"

namespace gend::plan {

namespace {

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
  if (!count || count->value == 1) return;
  reader.complain(node.place, "a user sends one request at a time and has one connection a server",
                  "use more users, or `burst`");
}

void read_redirect_to(Reader& reader, const YamlNode& node, DefaultsText& into) {
  if (!reader.is_sequence(node, "a list of servers (https://sso.example)")) return;
  for (const YamlNode* item : node.items) {
    auto url = reader.text(*item, "a server's URL");
    if (!url) continue;
    const auto parsed = http::parse_url(*url);
    if (!parsed) {
      reader.complain(item->place, fmt::format("{} is not a URL: {}", quote(*url), parsed.error()),
                      "write https://host, perhaps with :port");
    } else if (parsed->target != "/") {
      reader.complain(item->place, fmt::format("{} is more than a server", quote(*url)),
                      fmt::format("write {}", parsed->origin()));
    } else {
      into.redirect_to.push_back({std::move(*url), item->place});
    }
  }
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
    {"auth", "mapping", "Credentials of every request.",
     [](Reader& r, const YamlNode& n, DefaultsText& into) { read_auth(r, n, into.auth); }},
    {"tls", "mapping", "Certificates and their verification.",
     [](Reader& r, const YamlNode& n, DefaultsText& into) { read_tls(r, n, into.tls); }},
    {"connection", "mapping", "How connections are made, see below.",
     [](Reader& r, const YamlNode& n, DefaultsText& into) {
       read_mapping<DefaultsText>(r, kConnectionKeys, n, "a mapping", into);
     }},
    {"retry", "mapping", "What to try again, and how often.",
     [](Reader& r, const YamlNode& n, DefaultsText& into) { read_retry(r, n, into.retry); }},
    {"redirects", "whole number, true or false", "Redirects to follow at most; 10.",
     [](Reader& r, const YamlNode& n, DefaultsText& into) {
       read_redirects(r, n, into.redirects);
     }},
    {"redirectTo", "list of URLs", "Further servers that redirects may lead to.",
     read_redirect_to},
    {"cookies", "perIteration, perUser or off", "How long a user keeps its cookies; perIteration.",
     [](Reader& r, const YamlNode& n, DefaultsText& into) { into.cookies = read_cookies(r, n); }},
    {"traceparent", "true or false", "Send a W3C trace context with every request; false.",
     [](Reader& r, const YamlNode& n, DefaultsText& into) {
       if (const auto send = r.boolean(n)) into.traceparent = *send;
     }},
    {"requestId", "true or false", "Send an x-request-id with every request; false.",
     [](Reader& r, const YamlNode& n, DefaultsText& into) {
       if (const auto send = r.boolean(n)) into.request_id = *send;
     }},
};

}  // namespace

void describe_defaults(std::vector<Section>& into) {
  into.push_back(section_of<DefaultsText>("defaults", kKeys));
  into.push_back(section_of<DefaultsText>("connection", kConnectionKeys));
}

std::optional<Scenario::Cookies> read_cookies(Reader& reader, const YamlNode& node) {
  const auto text = reader.text(node, "perIteration, perUser or off");
  if (!text) return std::nullopt;
  if (*text == "perIteration") return Scenario::Cookies::kPerIteration;
  if (*text == "perUser") return Scenario::Cookies::kPerUser;
  if (*text == "off") return Scenario::Cookies::kOff;
  reader.complain(node.place, fmt::format("{} is not a way to keep cookies", quote(*text)),
                  hint(*text, {"perIteration", "perUser", "off"}));
  return std::nullopt;
}

void read_defaults(Reader& reader, const YamlNode& node, DefaultsText& into) {
  if (!reader.is_mapping(node, "a mapping")) return;
  for (const YamlNode::Entry& entry : node.entries) {
    if (complain_of_insecure(reader, *entry.key)) continue;
    read_entry<DefaultsText>(reader, kKeys, entry, into);
  }
  const auto own = std::ranges::find_if(into.headers, [](const HeaderText& header) {
    return http::equals_ignoring_case(header.name, "authorization");
  });
  if (into.auth && own != into.headers.end()) {
    reader.complain(own->place, "the header authorization, beside `auth`",
                    "leave one of them out");
  }
}

}  // namespace gend::plan
