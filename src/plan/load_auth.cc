#include "plan/load_parts.h"

#include <algorithm>

#include "auth/signer.h"

namespace gend::plan {

namespace {

struct BasicText {
  const YamlNode* user = nullptr;
  const YamlNode* password = nullptr;
};

struct JwtText {
  const YamlNode* secret = nullptr;
  const YamlNode* key = nullptr;
  const YamlNode* key_file = nullptr;
  const YamlNode* claims = nullptr;
  const YamlNode* algorithm = nullptr;
  std::optional<Given<Duration>> expires_in;
};

constexpr Key<BasicText> kBasicKeys[] = {
    {"user", "text", "The user's name.",
     [](Reader&, const YamlNode& n, BasicText& into) { into.user = &n; }},
    {"password", "text", "The password.",
     [](Reader&, const YamlNode& n, BasicText& into) { into.password = &n; }},
};

void read_expires_in(Reader& reader, const YamlNode& node, JwtText& into) {
  const auto given = reader.duration(node);
  if (given && given->value < std::chrono::seconds{1}) {
    reader.complain(node.place, "a token that expires in less than 1s");
    return;
  }
  into.expires_in = given;
}

constexpr Key<JwtText> kJwtKeys[] = {
    {"secret", "text", "The shared key of HS256.",
     [](Reader&, const YamlNode& n, JwtText& into) { into.secret = &n; }},
    {"key", "text", "The private key of RS256, in PEM.",
     [](Reader&, const YamlNode& n, JwtText& into) { into.key = &n; }},
    {"keyFile", "file", "The same from a file.",
     [](Reader&, const YamlNode& n, JwtText& into) { into.key_file = &n; }},
    {"claims", "mapping", "What the token says, as in `json`.",
     [](Reader&, const YamlNode& n, JwtText& into) { into.claims = &n; }},
    {"algorithm", "HS256 or RS256", "HS256 with `secret`, else RS256, when absent.",
     [](Reader&, const YamlNode& n, JwtText& into) { into.algorithm = &n; }},
    {"expiresIn", "duration", "Adds the claims iat and exp; not scaled by --time-scale.",
     read_expires_in},
};

void read_bearer(Reader& reader, const YamlNode& node, AuthText& into) {
  into.kind = AuthText::Kind::kBearer;
  auto token = reader.message(node, Escaping::kNone, "a token");
  if (!token || !is_good_header_value(reader, node, token->text)) return;
  reader.hide(node, "a token");
  append(into.bearer, "Bearer ");
  append(into.bearer, token->text);
}

void read_basic(Reader& reader, const YamlNode& node, AuthText& into) {
  into.kind = AuthText::Kind::kBasic;
  into.credential.kind = Credential::Kind::kBasic;
  BasicText text;
  read_mapping<BasicText>(reader, kBasicKeys, node, "{user: …, password: …}", text);
  if (node.kind != YamlNode::Kind::kMapping) return;
  if (text.user == nullptr || text.password == nullptr) {
    reader.complain(node.place, "`user` and `password` are needed", "write {user: …, password: …}");
    return;
  }
  auto user = reader.message(*text.user, Escaping::kNone, "a user's name");
  auto password = reader.message(*text.password, Escaping::kNone, "a password");
  if (!user || !password) return;
  reader.hide(*text.password, "a password");
  for (const Piece& piece : user->text.pieces) {
    if (piece.text.find(':') == std::string::npos) continue;
    reader.complain(text.user->place, "a user's name cannot hold a colon (RFC 7617)");
    return;
  }
  into.credential.user = std::move(user->text);
  into.credential.password = std::move(password->text);
}

void use_key(Reader& reader, Place place, std::string key, Credential& into) {
  if (const auto checked = auth::check_rsa_key(key)) {
    into.secret = std::move(key);
  } else {
    reader.complain(place, "not a key to sign with: " + checked.error(),
                    "it begins with -----BEGIN PRIVATE KEY----- or -----BEGIN RSA PRIVATE "
                    "KEY-----");
  }
}

void read_key(Reader& reader, const JwtText& text, Credential& into) {
  if (text.secret != nullptr) {
    reader.hide(*text.secret, "a secret");
    auto secret = reader.private_text(*text.secret, "a secret");
    if (!secret) return;
    if (secret->empty()) reader.complain(text.secret->place, "the secret is empty");
    into.secret = std::move(*secret);
  } else if (text.key_file != nullptr) {
    const auto file = reader.file(*text.key_file, "the name of a file");
    if (file) use_key(reader, text.key_file->place, std::string{file->content}, into);
  } else {
    reader.hide(*text.key, "a key");
    auto key = reader.private_text(*text.key, "a key");
    if (key) use_key(reader, text.key->place, std::move(*key), into);
  }
}

// Whether the algorithm and the key fit; false after a complaint.
bool read_algorithm(Reader& reader, const YamlNode& node, const JwtText& text, Credential& into) {
  const int keys =
      int{text.secret != nullptr} + int{text.key != nullptr} + int{text.key_file != nullptr};
  if (keys != 1) {
    reader.complain(node.place, fmt::format("expected one key, found {}", keys),
                    "give `secret` (HS256), or `key` or `keyFile` (RS256)");
    return false;
  }
  into.rsa = text.secret == nullptr;
  if (text.algorithm == nullptr) return true;
  const auto name = reader.text(*text.algorithm, "HS256 or RS256");
  if (!name) return false;
  if (*name != "HS256" && *name != "RS256") {
    reader.complain(text.algorithm->place,
                    fmt::format("{} is not an algorithm that gend signs with", quote(*name)),
                    hint(*name, {"HS256", "RS256"}));
    return false;
  }
  if ((*name == "RS256") == into.rsa) return true;
  reader.complain(text.algorithm->place,
                  into.rsa ? "HS256 needs `secret`" : "RS256 needs `key` or `keyFile`");
  return false;
}

void read_claims(Reader& reader, const JwtText& text, Credential& into) {
  if (text.claims == nullptr) {
    append(into.claims, "{}");
    return;
  }
  if (!reader.is_mapping(*text.claims, "claims (name: value)")) return;
  for (const YamlNode::Entry& entry : text.claims->entries) {
    const bool ours = entry.key->text == "exp" || entry.key->text == "iat";
    if (!text.expires_in || !ours) continue;
    reader.complain(entry.key->place,
                    fmt::format("the claim {} is set by `expiresIn`", quote(entry.key->text)),
                    "leave one of them out");
  }
  into.claims = json_of(reader, *text.claims);
}

void read_jwt(Reader& reader, const YamlNode& node, AuthText& into) {
  into.kind = AuthText::Kind::kJwt;
  into.credential.kind = Credential::Kind::kJwt;
  JwtText text;
  read_mapping<JwtText>(reader, kJwtKeys, node, "a mapping ({secret: …, claims: {…}})", text);
  if (node.kind != YamlNode::Kind::kMapping) return;
  if (read_algorithm(reader, node, text, into.credential)) read_key(reader, text, into.credential);
  read_claims(reader, text, into.credential);
  if (text.expires_in) into.credential.expires_in = text.expires_in->value;
}

constexpr Key<AuthText> kKeys[] = {
    {"bearer", "text", "Authorization: Bearer and this token.", read_bearer},
    {"basic", "mapping", "Authorization: Basic, of a user and a password.", read_basic},
    {"jwt", "mapping", "Authorization: Bearer and a JSON Web Token that gend signs.", read_jwt},
};

}  // namespace

void describe_auth(std::vector<Section>& into) {
  into.push_back(section_of<AuthText>("auth", kKeys));
  into.push_back(section_of<BasicText>("basic", kBasicKeys));
  into.push_back(section_of<JwtText>("jwt", kJwtKeys));
}

void read_auth(Reader& reader, const YamlNode& node, std::optional<AuthText>& into) {
  AuthText auth;
  auth.place = node.place;
  const bool none = node.kind == YamlNode::Kind::kScalar && node.text == "none";
  if (!none) {
    if (!reader.is_mapping(node, "{bearer: …}, {basic: …}, {jwt: …} or none")) return;
    if (node.entries.size() != 1) {
      reader.complain(node.place,
                      fmt::format("expected one way to log in, found {}", node.entries.size()),
                      "write {bearer: …}, {basic: …}, {jwt: …} or none");
      return;
    }
    read_mapping<AuthText>(reader, kKeys, node, "a mapping", auth);
  }
  into = std::move(auth);
}

}  // namespace gend::plan
