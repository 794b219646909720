#include <algorithm>

#include <fmt/format.h>

#include "base/base64.h"
#include "plan/compile_request.h"

namespace gend::plan {

namespace {

bool same(const Template& a, const Template& b) {
  return std::ranges::equal(a.pieces, b.pieces, [](const Piece& x, const Piece& y) {
    return x.source == y.source && x.text == y.text && x.a == y.a && x.b == y.b &&
           x.escaping == y.escaping;
  });
}

bool same(const Credential& a, const Credential& b) {
  return a.kind == b.kind && same(a.user, b.user) && same(a.password, b.password) &&
         same(a.claims, b.claims) && a.secret == b.secret && a.rsa == b.rsa &&
         a.expires_in == b.expires_in;
}

Lifetime lifetime_of(const Credential& credential) {
  return std::max(
      {credential.user.lifetime, credential.password.lifetime, credential.claims.lifetime});
}

// A token is kept as long as its claims stay, and for one iteration at most when it can expire.
std::uint32_t cache_slot(const Credential& credential, std::size_t index, Program& program) {
  const Lifetime lifetime = lifetime_of(credential);
  if (credential.kind != Credential::Kind::kJwt || lifetime > Lifetime::kPerIteration) {
    return kNoSlot;
  }
  // No variable can have this name.
  const std::uint32_t slot = slot_of(fmt::format("token #{}", index + 1), program);
  program.values[slot].keeps =
      lifetime <= Lifetime::kPerUser && credential.expires_in == Duration{};
  return slot;
}

// Requests that log in alike share a credential, and so a token.
std::uint32_t index_of(const Credential& credential, Program& program) {
  const auto found = std::ranges::find_if(
      program.credentials, [&](const Credential& known) { return same(known, credential); });
  const auto index = static_cast<std::size_t>(found - program.credentials.begin());
  if (found == program.credentials.end()) {
    program.credentials.push_back(credential);
    program.credentials.back().cache_slot = cache_slot(credential, index, program);
  }
  return static_cast<std::uint32_t>(index);
}

}  // namespace

Template authorization_of(const AuthText& auth, Program& program) {
  if (auth.kind == AuthText::Kind::kBearer) return auth.bearer;
  const Credential& credential = auth.credential;
  const bool basic = auth.kind == AuthText::Kind::kBasic;
  Template value;
  append(value, basic ? "Basic " : "Bearer ");
  const Lifetime lifetime = lifetime_of(credential);
  if (basic && lifetime == Lifetime::kFixed) {
    const std::string plain = fixed_text(credential.user) + ":" + fixed_text(credential.password);
    append(value, base64_of(plain, Base64::kStandard));
    return value;
  }
  value.pieces.push_back(
      {.source = Source::kCredential, .text = {}, .a = index_of(credential, program)});
  // A token is made by who sends it, even when its claims never change.
  value.lifetime = std::max(lifetime, Lifetime::kPerUser);
  return value;
}

}  // namespace gend::plan
