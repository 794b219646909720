// Villages and profiles: what a logged-in user reads and posts.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/rng.h"
#include "target/handlers.h"
#include "target/text.h"

namespace gend::target {
namespace {

constexpr std::size_t kMostText = 10'000;

std::optional<std::uint32_t> village_in_path(Call& call) {
  const auto id = number(call.parameters[0], call.app.options().sizes.villages);
  if (id && *id > 0) return static_cast<std::uint32_t>(*id);
  refuse(call.response, 404, "no such village");
  return std::nullopt;
}

bool is_member(const Call& call, std::uint32_t village) {
  return call.account->kind == demo::Kind::kUser &&
         demo::village_of(call.account->number, call.app.options().sizes) == village;
}

}  // namespace

void show_village(Call& call) {
  const auto village = village_in_path(call);
  if (!village) return;
  const std::uint32_t people = call.app.options().sizes.users_per_village;
  std::string& body = call.response.body;
  body = fmt::format(R"({{"id":{},"name":"Village {}","population":{},"updates":{},"members":[)",
                     *village, *village, people, call.app.villages.count(*village));
  for (std::uint32_t i = 1; i <= people; ++i)
    body += fmt::format("{}{}", i == 1 ? "" : ",", (*village - 1) * people + i);
  body += "]}";
}

void list_updates(Call& call) {
  const auto village = village_in_path(call);
  const auto limit = village ? query_number(call, "limit", 20, 100) : std::nullopt;
  const auto after = limit ? query_cursor(call) : std::nullopt;
  if (!after) return;
  std::string& body = call.response.body = "{\"items\":[";
  const std::uint64_t next = call.app.villages.list(*village, *after, *limit, body);
  body += next == 0 ? R"(],"next":null})" : fmt::format(R"(],"next":"c{}"}})", next);
}

void post_update(Call& call) {
  const auto village = village_in_path(call);
  if (!village) return;
  if (!is_member(call, *village))
    return refuse(call.response, 403, "only members of the village may post");
  const auto json = json_body(call);
  if (!json) return;
  const auto text = json->is_object() ? json->find("text") : json->end();
  if (text == json->end() || !text->is_string() || text->get_ref<const std::string&>().empty())
    return refuse(call.response, 422, "text is missing");
  const auto& said = text->get_ref<const std::string&>();
  if (said.size() > kMostText) return refuse(call.response, 422, "text is too long");
  const std::uint64_t id = call.app.villages.post(*village, call.account->number, said);
  call.response.status = 201;
  call.response.body = fmt::format(R"({{"id":{},"village_id":{}}})", id, *village);
}

void list_resources(Call& call) {
  const auto village = village_in_path(call);
  if (!village) return;
  Rng rng = Rng::for_stream(call.app.options().seed, *village);
  std::string& body = call.response.body;
  body = fmt::format(R"({{"village_id":{},"items":[)", *village);
  const char* separator = "";
  for (const char* name : {"wood", "clay", "iron", "wheat", "gold"}) {
    body += fmt::format(R"({}{{"name":"{}","amount":{}}})", separator, name, rng.below(10'000));
    separator = ",";
  }
  body += "]}";
}

void list_activity(Call& call) {
  const auto size = query_value(call.request.query, "page_size")
                        ? query_number(call, "page_size", 50, 200)
                        : query_number(call, "limit", 50, 200);
  const auto cursor = size ? query_cursor(call) : std::nullopt;
  if (!cursor) return;
  constexpr std::array kKinds{"post", "comment", "reaction", "points"};
  const std::uint32_t rows = call.app.people.rows();
  const std::uint32_t from = std::min(*cursor, rows), to = std::min(rows, from + *size);
  std::string& body = call.response.body = "{\"items\":[";
  const std::string subject = demo::subject_of(*call.account);
  for (std::uint32_t row = from; row < to; ++row)
    body += fmt::format(R"({}{{"id":"{}-{}","type":"{}","points":{},"created_at":{}}})",
                        row == from ? "" : ",", subject, row, kKinds[row % kKinds.size()], row % 6,
                        1'767'225'600 - std::int64_t{row} * 600);
  body += to < rows ? fmt::format(R"(],"next":"c{}")", to) : std::string{R"(],"next":null)"};
  body += fmt::format(R"(,"page_size":{},"total":{}}})", *size, rows);
  call.app.people.served(*call.account, from, to);
}

}  // namespace gend::target
