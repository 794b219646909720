#include "plan/credentials.h"

#include <charconv>
#include <chrono>
#include <cstring>
#include <string_view>

#include "auth/signer.h"
#include "base/assert.h"
#include "base/base64.h"

namespace gend::plan {
namespace {

// Makes what was written last take the place of everything from `begin` on.
void keep_last(std::size_t begin, std::size_t size, TextBuffer& out) {
  std::memmove(out.data() + begin, out.data() + out.size(), size);
  out.truncate(begin + size);
}

RenderFault render_basic(const Credential& credential, const RenderContext& context,
                         TextBuffer& out) {
  const std::size_t begin = out.size();
  if (const auto fault = render(credential.user, context, out); fault != RenderFault::kNone)
    return fault;
  out.append(":");
  if (const auto fault = render(credential.password, context, out); fault != RenderFault::kNone)
    return fault;
  const std::size_t plain = out.size() - begin;
  char* to = out.reserve(base64_size(plain, Base64::kStandard));
  keep_last(begin, encode_base64({out.data() + begin, plain}, Base64::kStandard, to), out);
  return RenderFault::kNone;
}

void append_number(std::int64_t value, TextBuffer& out) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  out.append({digits, static_cast<std::size_t>(end - digits)});
}

// The claims end with the brace of their object.
void add_times(std::size_t begin, std::int64_t now, std::int64_t lasting, TextBuffer& out) {
  constexpr std::string_view kBlanks = " \t\r\n";
  std::string_view claims{out.data() + begin, out.size() - begin};
  const std::size_t brace = claims.find_last_not_of(kBlanks);
  GEND_ASSERT(brace != claims.npos && claims[brace] == '}');
  const std::size_t last = claims.substr(0, brace).find_last_not_of(kBlanks);
  GEND_ASSERT(last != claims.npos);
  const bool is_empty = claims[last] == '{';
  out.truncate(begin + last + 1);
  out.append(is_empty ? "\"iat\":" : ",\"iat\":");
  append_number(now, out);
  out.append(",\"exp\":");
  append_number(now + lasting, out);
  out.append("}");
}

RenderFault render_jwt(const Credential& credential, const RenderContext& context,
                       TextBuffer& out) {
  const bool is_kept = credential.cache_slot != kNoSlot && context.values != nullptr;
  if (is_kept && context.values->is_set(credential.cache_slot)) {
    out.append(context.values->at(credential.cache_slot));
    return RenderFault::kNone;
  }
  const std::size_t begin = out.size();
  if (const auto fault = render(credential.claims, context, out); fault != RenderFault::kNone)
    return fault;
  if (credential.expires_in > Duration{}) {
    const auto lasting = std::chrono::ceil<std::chrono::seconds>(credential.expires_in).count();
    add_times(begin, context.wall_ms / 1000, lasting, out);
  }
  GEND_ASSERT(context.signers != nullptr);
  const auto index = static_cast<std::size_t>(&credential - context.program->credentials.data());
  const auto algorithm = credential.rsa ? auth::Algorithm::kRs256 : auth::Algorithm::kHs256;
  auth::Signer& signer = context.signers->at(index, algorithm, credential.secret);
  const std::size_t claims = out.size() - begin;
  char* to = out.reserve(signer.token_size(claims));
  keep_last(begin, signer.sign({out.data() + begin, claims}, to), out);
  if (is_kept) context.values->set(credential.cache_slot, out.view().substr(begin));
  return RenderFault::kNone;
}

}  // namespace

RenderFault render_credential(const Credential& credential, const RenderContext& context,
                              TextBuffer& out) {
  switch (credential.kind) {
    case Credential::Kind::kBasic: return render_basic(credential, context, out);
    case Credential::Kind::kJwt: return render_jwt(credential, context, out);
  }
  return RenderFault::kNone;
}

}  // namespace gend::plan
