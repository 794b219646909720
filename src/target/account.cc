// Who somebody is: login, tokens, cookies, and what only the administrator may see.
#include <fmt/format.h>

#include <algorithm>

#include "base/base64.h"
#include "base/rng.h"
#include "target/handlers.h"
#include "target/text.h"

namespace gend::target {
namespace {

std::string describe(const demo::Account& account, const demo::Sizes& sizes) {
  std::string text =
      fmt::format(R"({{"id":{},"subject":"{}","email":"{}")", account.number,
                  demo::subject_of(account), demo::email_of(account, sizes));
  switch (account.kind) {
    case demo::Kind::kUser:
      return text + fmt::format(R"(,"role":"user","village_id":{}}})",
                                demo::village_of(account.number, sizes));
    case demo::Kind::kMember:
      return text + fmt::format(R"(,"role":"member","community_id":{}}})",
                                demo::community_of(account.number, sizes));
    case demo::Kind::kTenant:
      return text + fmt::format(R"(,"role":"tenant","tenant_id":"{}","tier":"{}"}})",
                                demo::tenant_id(account.tier, account.number),
                                demo::name_of(account.tier));
    case demo::Kind::kAdmin: break;
  }
  return text + R"(,"role":"admin"})";
}

// A cookie that only this server can have made: its number and a mark of the number.
std::string session_text(std::uint64_t number, std::uint64_t seed) {
  std::uint64_t state = seed ^ number * 0x9e3779b97f4a7c15ULL;
  return fmt::format("{}.{:016x}", number, splitmix64(state));
}

std::optional<std::uint64_t> session_of(const Call& call) {
  const auto sid = cookie_value(call.request.header("cookie"), "sid");
  const auto found = number(sid.substr(0, sid.find('.')), ~std::uint64_t{0});
  if (!found || session_text(*found, call.app.options().seed) != sid) return std::nullopt;
  return found;
}

}  // namespace

void login(Call& call) {
  const auto json = json_body(call);
  if (!json) return;
  const auto text = [&](const char* name) {
    const auto found = json->is_object() ? json->find(name) : json->end();
    return found != json->end() && found->is_string() ? found->get<std::string>() : std::string{};
  };
  const demo::Sizes& sizes = call.app.options().sizes;
  const auto account = demo::parse_email(text("email"), sizes);
  if (!account || demo::password_of(*account) != text("password"))
    return refuse(call.response, 401, "wrong email or password");
  call.app.people.hit(*account);
  const auto life =
      std::chrono::duration_cast<std::chrono::seconds>(call.app.options().token_life);
  call.response.body = fmt::format(
      R"({{"token":"{}","token_type":"Bearer","expires_in":{},"user":{}}})",
      call.app.token_for(*account, call.request.unix_ms), life.count(), describe(*account, sizes));
}

void who_am_i(Call& call) {
  call.response.body = describe(*call.account, call.app.options().sizes);
}

void list_users(Call& call) {
  const auto limit = query_number(call, "limit", 50, 200);
  const auto from = limit ? query_cursor(call) : std::nullopt;
  if (!from) return;
  const demo::Sizes& sizes = call.app.options().sizes;
  const std::uint32_t first = std::min(*from, sizes.users());
  const std::uint32_t end = std::min(sizes.users(), first + *limit);
  std::string& body = call.response.body = "{\"items\":[";
  for (std::uint32_t user = first + 1; user <= end; ++user)
    body += (user == first + 1 ? "" : ",") + describe({.number = user}, sizes);
  body += end < sizes.users() ? fmt::format(R"(],"next":"c{}")", end) : R"(],"next":null)";
  body += fmt::format(R"(,"total":{}}})", sizes.users());
}

void begin_session(Call& call) {
  const std::uint64_t number = call.app.sessions.fetch_add(1) + 1;
  call.response.status = 201;
  call.response.add_header(
      "Set-Cookie", "sid=" + session_text(number, call.app.options().seed) + "; Path=/; HttpOnly");
  call.response.body = fmt::format(R"({{"session":{}}})", number);
}

void show_session(Call& call) {
  const auto session = session_of(call);
  if (!session) return refuse(call.response, 401, "no session: POST /session");
  call.response.body = fmt::format(R"({{"session":{}}})", *session);
}

void end_session(Call& call) {
  if (!session_of(call)) return refuse(call.response, 401, "no session: POST /session");
  call.response.status = 204;
  call.response.add_header("Set-Cookie", "sid=; Path=/; HttpOnly; Max-Age=0");
}

void check_basic(Call& call) {
  const std::string wanted = percent_decoded(call.parameters[0], PlusIs::kPlus) + ':' +
                             percent_decoded(call.parameters[1], PlusIs::kPlus);
  if (call.request.header("authorization") != "Basic " + base64_of(wanted, Base64::kStandard)) {
    call.response.add_header("WWW-Authenticate", "Basic realm=\"gentarget\"");
    return refuse(call.response, 401, "wrong user or password");
  }
  call.response.body = R"({"authenticated":true})";
}

}  // namespace gend::target
