// The shop: products, orders, stock, reports, and the limited route.
#include <fmt/format.h>

#include <algorithm>

#include "target/handlers.h"
#include "target/text.h"

namespace gend::target {
namespace {

void append_product(const Call& call, std::uint32_t product, std::string& out) {
  out += fmt::format(R"({{"id":"{}","name":"{}","price_cents":{},"stock":{}}})",
                     demo::product_id(product), call.app.product_names()[product],
                     demo::product_cents(product), call.app.shop.stock(product));
}

std::optional<std::uint32_t> product_in_path(Call& call) {
  const auto product = demo::parse_product(call.parameters[0], call.app.options().sizes);
  if (!product) refuse(call.response, 404, "no such product");
  return product;
}

// A product by its id, or by its number alone.
std::optional<std::uint32_t> product_of(const nlohmann::json& json, const demo::Sizes& sizes) {
  if (!json.is_object()) return std::nullopt;
  const auto id = json.find("product_id");
  if (id == json.end()) return std::nullopt;
  if (id->is_string()) return demo::parse_product(id->get_ref<const std::string&>(), sizes);
  if (id->is_number_unsigned()) return demo::parse_product(id->dump(), sizes);
  return std::nullopt;
}

std::optional<std::int64_t> whole(const nlohmann::json& json, const char* name,
                                  std::int64_t otherwise, std::int64_t least) {
  const auto found = json.find(name);
  if (found == json.end()) return otherwise;
  constexpr std::int64_t kMost = 1'000'000'000;
  if (!found->is_number_integer()) return std::nullopt;
  const auto value = found->get<std::int64_t>();
  return value >= least && value <= kMost ? std::optional{value} : std::nullopt;
}

}  // namespace

void list_products(Call& call) {
  const auto limit = query_number(call, "limit", 20, 200);
  const auto page = limit ? query_number(call, "page", 1, 1'000'000) : std::nullopt;
  const auto cursor = page ? query_cursor(call) : std::nullopt;
  if (!cursor) return;
  auto search = query_value(call.request.query, "search");
  if (!search) search = query_value(call.request.query, "q");
  const std::uint32_t products = call.app.shop.products();
  std::uint64_t skip = (std::uint64_t{*page} - 1) * *limit;
  std::uint32_t product = std::min(*cursor, products), listed = 0;
  std::string& body = call.response.body = "{\"items\":[";
  bool more = false;
  while (++product <= products) {
    if (search && call.app.product_names()[product].find(*search) == std::string::npos) continue;
    if (skip > 0) {
      --skip;
      continue;
    }
    more = listed == *limit;
    if (more) break;
    if (listed++ > 0) body += ',';
    append_product(call, product, body);
  }
  // A cursor names the last product before it.
  body += more ? fmt::format(R"(],"next":"c{}")", product - 1) : R"(],"next":null)";
  body += fmt::format(R"(,"page":{},"limit":{}}})", *page, *limit);
}

void show_product(Call& call) {
  if (const auto product = product_in_path(call))
    append_product(call, *product, call.response.body);
}

void place_order(Call& call) {
  const auto json = json_body(call);
  if (!json) return;
  // {"product_id", "quantity"}, or the same as the one element of "items".
  const auto items = json->is_object() ? json->find("items") : json->end();
  const bool listed = items != json->end() && items->is_array() && items->size() == 1;
  const nlohmann::json& item = listed ? (*items)[0] : *json;
  const auto product = product_of(item, call.app.options().sizes);
  if (!product) return refuse(call.response, 422, "product_id names no product");
  const auto quantity = whole(item, "quantity", 1, 1);
  if (!quantity) return refuse(call.response, 422, "quantity is a number from 1");
  const bool user = call.account && call.account->kind == demo::Kind::kUser;
  const auto order = call.app.shop.buy({.product = *product,
                                        .quantity = static_cast<std::uint32_t>(*quantity),
                                        .user = user ? call.account->number : 0});
  if (!order) return refuse(call.response, 409, "out of stock");
  call.response.status = 201;
  call.response.add_header("Location", fmt::format("/api/orders/{}", *order));
  call.response.body = fmt::format(R"({{"id":{},"product_id":"{}","quantity":{}}})", *order,
                                   demo::product_id(*product), *quantity);
}

void show_order(Call& call) {
  const auto id = number(call.parameters[0], ~std::uint64_t{0});
  const auto order = id ? call.app.shop.order(*id) : std::nullopt;
  if (!order) return refuse(call.response, 404, "no such order");
  call.response.body =
      fmt::format(R"({{"id":{},"product_id":"{}","quantity":{},"user_id":{}}})", *id,
                  demo::product_id(order->product), order->quantity, order->user);
}

void show_stock(Call& call) {
  if (const auto product = product_in_path(call))
    call.response.body = fmt::format(R"({{"product_id":"{}","stock":{}}})",
                                     demo::product_id(*product), call.app.shop.stock(*product));
}

void set_stock(Call& call) {
  const auto json = json_body(call);
  if (!json) return;
  const auto product = product_of(*json, call.app.options().sizes);
  const auto stock = product ? whole(*json, "stock", -1, 0) : std::nullopt;
  if (!product || !stock || *stock < 0)
    return refuse(call.response, 422, "product_id and stock are wanted");
  call.app.shop.set_stock(*product, *stock);
  call.response.body = fmt::format(R"({{"product_id":"{}","stock":{}}})",
                                   demo::product_id(*product), *stock);
}

// Counts what it was given; a stock changes by orders and POST /admin/stock only, so that what was
// sold can be reckoned.
void adjust_inventory(Call& call) {
  const auto json = json_body(call);
  if (!json) return;
  const auto all = json->is_object() ? json->find("adjustments") : json->end();
  if (all == json->end() || !all->is_array())
    return refuse(call.response, 422, "adjustments is an array");
  call.response.body = fmt::format(R"({{"adjusted":{}}})", all->size());
}

void import_bulk(Call& call) {
  const auto json = json_body(call);
  if (!json) return;
  const auto items = json->is_object() ? json->find("items") : json->end();
  const nlohmann::json& list = items == json->end() ? *json : *items;
  if (!list.is_array()) return refuse(call.response, 422, "an array is wanted");
  call.response.status = 201;
  call.response.body = fmt::format(R"({{"imported":{}}})", list.size());
}

void show_report(Call& call) {
  call.response.delay += call.app.options().report_latency.sample(call.lane.rng);
  const std::string name = percent_decoded(call.parameters[0], PlusIs::kPlus);
  std::string& body = call.response.body = "{\"report\":";
  append_json(body, name);
  body += ",\"rows\":[";
  const std::uint32_t rows = std::min<std::uint32_t>(call.app.shop.products(), 20);
  for (std::uint32_t product = 1; product <= rows; ++product) {
    if (product > 1) body += ',';
    append_product(call, product, body);
  }
  body += "]}";
}

void answer_limited(Call& call) {
  const auto limit = query_number(call, "limit", 100, 10'000'000);
  if (!limit) return;
  const auto window = parse_duration(query_value(call.request.query, "window").value_or("60s"));
  if (!window) return refuse(call.response, 400, window.error());
  if (*window < std::chrono::milliseconds{1})
    return refuse(call.response, 400, "a window is 1ms or longer");
  const std::string key = query_value(call.request.query, "key").value_or("");
  Grant grant;
  if (call.app.tenants.take_keyed(key, *limit, *window, call.request.now, grant) ==
      Tenants::Keyed::kTooManyKeys)
    return refuse(call.response, 507, "too many keys: POST /admin/reset does not forget them");
  add_limit_headers(call.response, grant);
  if (!grant.granted) return refuse(call.response, 429, "the limit is used up");
  call.response.body = fmt::format(R"({{"ok":true,"remaining":{}}})", grant.remaining);
}

}  // namespace gend::target
