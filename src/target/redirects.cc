// Answers that lead elsewhere.
#include <fmt/format.h>

#include <algorithm>

#include "target/handlers.h"
#include "target/text.h"

namespace gend::target {
namespace {

void lead_to(Call& call, int status, std::string_view where) {
  call.response.status = status;
  call.response.add_header("Location", where);
}

}  // namespace

void redirect_hops(Call& call) {
  const auto hops = number(call.parameters[0], 1000);
  if (!hops) return refuse(call.response, 400, "hops are a number from 0 to 1000");
  if (*hops > 0) return lead_to(call, 302, fmt::format("/redirect/{}", *hops - 1));
  call.response.body = R"({"arrived":true})";
}

void redirect_to(Call& call) {
  const auto url = query_value(call.request.query, "url");
  if (!url || url->empty()) return refuse(call.response, 400, "url is wanted");
  if (std::any_of(url->begin(), url->end(),
                  [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return refuse(call.response, 400, "url has control characters");
  const auto status = number(query_value(call.request.query, "status").value_or("302"), 308);
  if (!status || *status < 300) return refuse(call.response, 400, "status is from 300 to 308");
  lead_to(call, static_cast<int>(*status), *url);
}

void redirect_loop(Call& call) {
  lead_to(call, 302, "/redirect-loop");
}

}  // namespace gend::target
