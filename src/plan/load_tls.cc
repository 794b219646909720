#include "plan/load_parts.h"

#include <algorithm>

namespace gend::plan {

namespace {

struct TlsText {
  Tls tls;
  std::optional<Place> certificate, key, min_version;
};

// A PEM file that holds a block of this kind ("CERTIFICATE", "PRIVATE KEY").
void read_pem(Reader& reader, const YamlNode& node, std::string_view block, std::string& into) {
  const auto file = reader.file(node, "the name of a file");
  if (!file) return;
  const std::size_t begin = file->content.find("-----BEGIN ");
  const bool has_block = begin != std::string_view::npos &&
                         file->content.find(block, begin) != std::string_view::npos;
  if (has_block) {
    into = file->content;
    return;
  }
  reader.complain(node.place, fmt::format("{} holds no {} in PEM", quote(file->name),
                                          block == "CERTIFICATE" ? "certificate" : "private key"),
                  "it has a line like -----BEGIN " + std::string{block} + "-----");
}

void read_version(Reader& reader, const YamlNode& node, int& into) {
  const auto text = reader.text(node, "a version of TLS");
  if (!text) return;
  if (*text == "1.2")
    into = 12;
  else if (*text == "1.3")
    into = 13;
  else
    reader.complain(node.place, fmt::format("{} is not a version of TLS (1.2, 1.3)", quote(*text)));
}

void read_server_name(Reader& reader, const YamlNode& node, Tls& into) {
  auto name = reader.text(node, "the name of a server");
  if (!name) return;
  const bool host = !name->empty() && name->find_first_of(":/ \t@") == std::string::npos;
  if (host) {
    into.server_name = std::move(*name);
  } else {
    reader.complain(node.place, fmt::format("{} is not the name of a server", quote(*name)),
                    "write a host alone: app.example.org");
  }
}

constexpr Key<TlsText> kKeys[] = {
    {"verify", "true or false", "Refuse servers whose certificate is not trusted; true.",
     [](Reader& r, const YamlNode& n, TlsText& into) {
       if (const auto verify = r.boolean(n)) into.tls.verify = *verify;
     }},
    {"ca", "file", "Certificates to trust, in PEM; the host's store when absent.",
     [](Reader& r, const YamlNode& n, TlsText& into) {
       read_pem(r, n, "CERTIFICATE", into.tls.ca_pem);
     }},
    {"cert", "file", "The client's own certificate, in PEM, chain included.",
     [](Reader& r, const YamlNode& n, TlsText& into) {
       into.certificate = n.place;
       read_pem(r, n, "CERTIFICATE", into.tls.certificate_pem);
     }},
    {"key", "file", "The private key of `cert`, in PEM.",
     [](Reader& r, const YamlNode& n, TlsText& into) {
       into.key = n.place;
       read_pem(r, n, "PRIVATE KEY", into.tls.key_pem);
     }},
    {"serverName", "text", "Asked for and verified instead of the URL's host.",
     [](Reader& r, const YamlNode& n, TlsText& into) { read_server_name(r, n, into.tls); }},
    {"resume", "true or false", "Resume sessions where the server allows it; true.",
     [](Reader& r, const YamlNode& n, TlsText& into) {
       if (const auto resume = r.boolean(n)) into.tls.resume = *resume;
     }},
    {"minVersion", "1.2 or 1.3", "The oldest version that is spoken.",
     [](Reader& r, const YamlNode& n, TlsText& into) {
       into.min_version = n.place;
       read_version(r, n, into.tls.min_version);
     }},
    {"maxVersion", "1.2 or 1.3", "The newest version that is spoken.",
     [](Reader& r, const YamlNode& n, TlsText& into) {
       read_version(r, n, into.tls.max_version);
     }},
};

}  // namespace

void describe_tls(std::vector<Section>& into) {
  into.push_back(section_of<TlsText>("tls", kKeys));
}

void read_tls(Reader& reader, const YamlNode& node, Tls& into) {
  if (!reader.is_mapping(node, "a mapping")) return;
  TlsText text;
  for (const YamlNode::Entry& entry : node.entries) {
    if (complain_of_insecure(reader, *entry.key)) continue;
    read_entry<TlsText>(reader, kKeys, entry, text);
  }
  if (text.certificate && !text.key) {
    reader.complain(*text.certificate, "`cert` without its `key`");
  }
  if (text.key && !text.certificate) reader.complain(*text.key, "`key` without its `cert`");
  const Tls& tls = text.tls;
  if (tls.max_version != 0 && tls.min_version > tls.max_version) {
    reader.complain(*text.min_version, "`minVersion` is above `maxVersion`");
  }
  into = std::move(text.tls);
}

bool complain_of_insecure(Reader& reader, const YamlNode& key) {
  constexpr std::string_view kWords[] = {"insecure", "insecureSkipTLSVerify", "insecureSkipVerify"};
  if (std::ranges::find(kWords, key.text) == std::end(kWords)) return false;
  reader.complain(key.place, fmt::format("unknown key {}", quote(key.text)),
                  "write tls: {verify: false}");
  return true;
}

}  // namespace gend::plan
