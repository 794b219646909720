#include "target/app.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <utility>

#include <nlohmann/json.hpp>

#include "demo/token.h"
#include "target/handlers.h"
#include "target/route.h"
#include "target/router.h"
#include "target/text.h"

namespace gend::target {
namespace {

TenantLimits with_defaults(TenantLimits limits) {
  for (std::size_t i = 0; i < demo::kTiers; ++i)
    if (limits.of_tier[i] == 0)
      limits.of_tier[i] = demo::default_limit(static_cast<demo::Tier>(i));
  return limits;
}

void apply(const Failures::One& failure, Response& response) {
  response.fault = failure.fault;
  if (failure.status == 0) return;
  response.headers.append("X-Injected: failure\r\n");
  refuse(response, failure.status, "injected failure");
}

}  // namespace

void refuse(Response& response, int status, std::string_view why) {
  response.status = status;
  response.body = "{\"error\":";
  append_json(response.body, why);
  response.body += "}\n";
}

App::App(AppOptions options, Truth& truth)
    : villages{options.sizes},
      shop{options.sizes, options.stock},
      tenants{options.sizes, with_defaults(options.limits)},
      people{options.sizes, options.activity_rows},
      world{truth.threads(), options.seed},
      options_{std::move(options)},
      truth_{truth} {
  for (std::uint32_t i = 0; i <= options_.sizes.products; ++i)
    product_names_.push_back(demo::product_name(i));
  world.faults.set(options_.delivery);
  if (options_.leak_mb_per_minute > 0)
    leak.set(options_.leak_mb_per_minute, MonotonicClock::now());
}

Lane App::lane(unsigned index) const {
  return {.index = index, .rng = Rng::for_stream(options_.seed, index)};
}

void App::inject(const Request& request, Response& response) {
  if (const auto id = request.header("x-request-id"); !id.empty())
    response.add_header("X-Request-Id", id);
  constexpr auto kMostMs = static_cast<std::uint64_t>(kLongestDelay / std::chrono::milliseconds{1});
  if (const auto ms = number(request.header("x-delay-ms"), kMostMs))
    response.delay += std::chrono::milliseconds{static_cast<std::int64_t>(*ms)};
  if (const auto what = request.header("x-fail"); !what.empty())
    if (const auto failure = parse_failure(what)) apply(*failure, response);
}

// Latency and failures, as the request or the configuration wants them; true: it is answered.
bool App::spoil(const Request& request, Response& response, Lane& lane) const {
  response.delay = options_.latency.sample(lane.rng);
  inject(request, response);
  if (response.status != 200 || response.fault != Fault::kNone) return true;
  const auto* failure = options_.failures.sample(lane.rng);
  if (failure != nullptr) apply(*failure, response);
  return failure != nullptr;
}

std::size_t App::handle(const Request& request, Response& response, Lane& lane) {
  response.clear();
  const std::uint64_t id = ++lane.requests;
  const Match found = match(request.method, request.path);
  const bool known = found.kind == Match::Kind::kFound;
  const bool control = known && routes()[found.route].needs == Needs::kControl;
  if (request.header("x-request-id").empty())
    response.headers += fmt::format("X-Request-Id: {:x}-{:x}-{:x}\r\n", request.unix_ms,
                                    lane.index, id);
  if (control)
    response.headers += "Cache-Control: no-store\r\n";
  else if (spoil(request, response, lane))
    return known ? found.route : kNoRoute;
  if (known) {
    Call call{*this, request, response, lane, found.parameters};
    answer(call, routes()[found.route]);
  } else if (found.kind == Match::Kind::kOtherMethod) {
    refuse(response, 405, "this path takes other methods");
  } else {
    refuse(response, 404, "no such path");
  }
  return found.route;
}

void App::answer(Call& call, const RouteRow& row) {
  if (row.needs == Needs::kControl) return row.handle(call);
  demo::Account account;
  switch (read_token(call.request, account)) {
    case Credentials::kInvalid:
      call.response.headers += "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n";
      return refuse(call.response, 401, "the token is not valid, or has expired");
    case Credentials::kNone:
      if (row.needs == Needs::kNothing) break;
      call.response.headers += "WWW-Authenticate: Bearer\r\n";
      return refuse(call.response, 401, "a token is needed: POST /auth/login");
    case Credentials::kValid:
      call.account = account;
      people.hit(account);
      break;
  }
  if (row.needs == Needs::kAdmin && call.account->kind != demo::Kind::kAdmin)
    return refuse(call.response, 403, "for the administrator only");
  if (within_limit(call)) row.handle(call);
}

// A tenant is named by its token, its key or its id, in this order.
bool App::within_limit(Call& call) {
  std::optional<demo::Account> tenant;
  const auto key = call.request.header("x-api-key"), id = call.request.header("x-tenant");
  if (call.account && call.account->kind == demo::Kind::kTenant)
    tenant = call.account;
  else if (!key.empty())
    tenant = demo::parse_api_key(key, options_.sizes);
  else if (!id.empty())
    tenant = demo::parse_tenant(id, options_.sizes);
  else
    return true;
  if (!tenant) {
    refuse(call.response, 401, "no such tenant");
    return false;
  }
  const Grant grant = tenants.take(*tenant, call.request.now);
  add_limit_headers(call.response, grant);
  if (!grant.granted) refuse(call.response, 429, "the tenant's limit is used up");
  return grant.granted;
}

App::Credentials App::read_token(const Request& request, demo::Account& account) const {
  const std::string_view header = request.header("authorization");
  if (!header.starts_with("Bearer ") && !header.starts_with("bearer ")) return Credentials::kNone;
  return check_token(header.substr(7), request.unix_ms, account);
}

App::Credentials App::check_token(std::string_view token, std::int64_t unix_ms,
                                  demo::Account& account) const {
  const auto claims = demo::verified_claims(token, options_.jwt_secret);
  if (!claims) return Credentials::kInvalid;
  const auto json = nlohmann::json::parse(*claims, nullptr, false);
  if (!json.is_object()) return Credentials::kInvalid;
  const double now = static_cast<double>(unix_ms) / 1000;
  const auto time = [&](const char* name, double otherwise) {
    const auto found = json.find(name);
    return found != json.end() && found->is_number() ? found->get<double>() : otherwise;
  };
  if (now >= time("exp", now + 1) || now < time("nbf", now)) return Credentials::kInvalid;
  const auto subject = json.find("sub");
  if (subject == json.end() || !subject->is_string()) return Credentials::kInvalid;
  const auto found =
      demo::parse_subject(subject->get_ref<const std::string&>(), options_.sizes);
  if (!found) return Credentials::kInvalid;
  account = *found;
  return Credentials::kValid;
}

std::string App::token_for(const demo::Account& account, std::int64_t unix_ms) const {
  const std::int64_t now = unix_ms / 1000;
  const auto life = std::chrono::duration_cast<std::chrono::seconds>(options_.token_life).count();
  return demo::sign_token(demo::claims_of(account, options_.sizes, now, now + life),
                          options_.jwt_secret);
}

std::string App::counts() const {
  constexpr auto kForm =
      R"(,"routes":{{{}}},{},"tenants":{{{}}},"updates":{},"pages":{},"ingested":{})";
  return fmt::format(kForm, truth_.routes_json(), shop.json(), tenants.json(), villages.posted(),
                     people.pages(), ingested.load()) +
         world.counts();
}

void App::clear_counts() {
  shop.clear_counts();
  tenants.clear_counts();
  people.clear_counts();
  villages.clear_counts();
  world.clear_counts();
  ingested = 0;
}

void App::reset() {
  shop.restock();
  tenants.refill();
  villages.clear();
  clear_counts();
  truth_.reset();
}

}  // namespace gend::target
