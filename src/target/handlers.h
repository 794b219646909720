#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "demo/population.h"
#include "target/app.h"
#include "target/message.h"

namespace gend::target {

// One call of a handler: what it may look at, and where its answer goes.
struct Call {
  App& app;
  const Request& request;
  Response& response;
  Lane& lane;
  std::array<std::string_view, 2> parameters{};
  std::optional<demo::Account> account{};
};

// Answers with {"error": why}.
void refuse(Response& response, int status, std::string_view why);

// X-RateLimit-*, and Retry-After when it is not granted.
void add_limit_headers(Response& response, const Grant& grant);

// The body as JSON; nothing, and the answer is 400, when it is none.
std::optional<nlohmann::json> json_body(Call& call);

// A number of the query from 1 to `most`, or `otherwise`; nothing, and the answer is 400, when it
// is there and none.
std::optional<std::uint32_t> query_number(Call& call, std::string_view name,
                                          std::uint32_t otherwise, std::uint32_t most);
// The position that "c17" names, 0 without a cursor; nothing, and the answer is 400, otherwise.
std::optional<std::uint32_t> query_cursor(Call& call);

// account.cc
void login(Call& call);
void who_am_i(Call& call);
void list_users(Call& call);
void begin_session(Call& call);
void show_session(Call& call);
void end_session(Call& call);
void check_basic(Call& call);

// village_handlers.cc
void show_village(Call& call);
void list_updates(Call& call);
void post_update(Call& call);
void list_resources(Call& call);
void list_activity(Call& call);

// shop_handlers.cc
void list_products(Call& call);
void show_product(Call& call);
void place_order(Call& call);
void show_order(Call& call);
void show_stock(Call& call);
void set_stock(Call& call);
void adjust_inventory(Call& call);
void import_bulk(Call& call);
void show_report(Call& call);
void answer_limited(Call& call);

// metrics.cc
void ingest_metrics(Call& call);
void show_metrics(Call& call);
void show_dashboard(Call& call);
void expose_metrics(Call& call);
void set_leak(Call& call);
void reset_everything(Call& call);
void count_users(Call& call);
void count_seconds(Call& call);
void answer_health(Call& call);

// redirects.cc
void redirect_hops(Call& call);
void redirect_to(Call& call);
void redirect_loop(Call& call);

// encodings.cc
void answer_encoded(Call& call);
void answer_bomb(Call& call);

// echo.cc
void echo(Call& call);
void echo_form(Call& call);
void echo_multipart(Call& call);

// session_handlers.cc
void open_echo(Call& call);
void open_rooms(Call& call);
void open_feed(Call& call);
void open_engine(Call& call);
void show_faults(Call& call);
void set_faults(Call& call);

}  // namespace gend::target
