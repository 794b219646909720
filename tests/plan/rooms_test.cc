// Deliveries: their series, of the whole and of each room that is known before the run.
#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "base/limits.h"
#include "sessions_support.h"

using namespace gend;
using namespace gend::plan;
using namespace gend::plan::support;

namespace {

std::string listening(const std::string& room) {
  return with_session("websocket: /ws\n        name: chat",
                      "          - listen: {room: " + room + "}\n");
}

Options with_users(const std::string& csv) {
  static std::string text;
  text = csv;
  Options options;
  options.files["u.csv"] = text;
  return options;
}
const std::string kUsers = "data: {user: {file: u.csv, order: unique}}\n";

}  // namespace

TEST_CASE("deliveries of a session have series with its name; a fixed room has its own beside") {
  const auto program = compiled(listening("v7"));
  const Listen& listen = program->listens.at(0);
  CHECK(text_of(listen.room) == "v7");
  const stats::Series& whole = series_at(*program, stats::Kind::kTrend, listen.series.latency);
  CHECK(whole.metric == "delivery_latency");
  CHECK(tag_of(whole, "name") == "chat");
  CHECK_FALSE(whole.facet);
  CHECK(listen.rooms == std::vector<std::string>{"v7"});
  REQUIRE(listen.room_series.size() == 1);
  const DeliverySeries& room = listen.room_series[0];
  const stats::Series& lost = series_at(*program, stats::Kind::kRate, room.lost);
  CHECK(lost.metric == "delivery_lost");
  CHECK(lost.facet);
  CHECK(lost.tags == stats::Tags{{"room", "v7"}, {"scenario", "s"}});
  CHECK(series_at(*program, stats::Kind::kTrend, room.spread).metric == "delivery_spread");
  CHECK(series_at(*program, stats::Kind::kRate, room.duplicated).metric == "delivery_duplicated");
  CHECK(series_at(*program, stats::Kind::kRate, room.reordered).metric == "delivery_reordered");
  CHECK(series_at(*program, stats::Kind::kRate, room.late).metric == "delivery_late");
  CHECK(series_at(*program, stats::Kind::kRate, room.reach).metric == "delivery_reach");
  CHECK(series_at(*program, stats::Kind::kCounter, room.missed_away).metric ==
        "delivery_missed_away");
}

TEST_CASE("without a `room` there is one, called as the session") {
  const auto program =
      compiled(with_session("websocket: /ws\n        name: chat", "          - listen: {}\n"));
  CHECK(program->listens[0].rooms == std::vector<std::string>{"chat"});
}

TEST_CASE("rooms that columns of one data set name are known before the run") {
  const auto program =
      compiled(kUsers + listening("\"v${user.village}-${user.part}\""),
               with_users("id,village,part\n1,9,a\n2,3,b\n3,9,a\n4,3,a\n"));
  const Listen& listen = program->listens[0];
  CHECK(listen.rooms == std::vector<std::string>{"v3-a", "v3-b", "v9-a"});
  CHECK(listen.room_series.size() == 3);
  for (std::size_t i = 0; i < listen.rooms.size(); ++i) {
    const auto& series =
        series_at(*program, stats::Kind::kTrend, listen.room_series[i].latency);
    CHECK(tag_of(series, "room") == listen.rooms[i]);
  }
  CHECK(program->notes.empty());
}

TEST_CASE("rooms beyond the first ones are counted together, which is said") {
  std::string csv = "id,village\n";
  for (int i = 0; i < 300; ++i) csv += std::to_string(i) + ",v" + std::to_string(1000 + i) + "\n";
  const auto program = compiled(kUsers + listening("\"${user.village}\""), with_users(csv));
  const Listen& listen = program->listens[0];
  REQUIRE(listen.rooms.size() == limits::kTagValues + 1);
  CHECK(listen.room_series.size() == listen.rooms.size());
  CHECK(listen.rooms.front() == "v1000");
  CHECK(listen.rooms[limits::kTagValues - 1] == "v1255");
  CHECK(listen.rooms.back() == "other");
  REQUIRE(program->notes.size() == 1);
  CHECK(program->notes[0] ==
        "\"${user.village}\" names 300 rooms: those beyond the first 256 are counted together, as "
        "\"other\"");
}

TEST_CASE("rooms that only the run knows have no series of their own, which is said") {
  for (const std::string room : {"\"${vu}\"", "\"${got}\"", "\"${user.village}-${n}\""}) {
    CAPTURE(room);
    const auto program = compiled(
        "data:\n  user: {file: u.csv, order: unique}\n  n: {range: [1, 3], order: random}\n" +
            with_session("websocket: /ws",
                         "          - receive: {capture: {got: json $.room}}\n"
                         "          - listen: {room: " + room + "}\n"),
        with_users("id,village\n1,9\n2,9\n"));
    CHECK(program->listens[0].rooms.empty());
    CHECK(program->listens[0].room_series.empty());
    const auto says = [](const std::string& note) {
      return holds(note, "are known in the run only");
    };
    CHECK(std::ranges::count_if(program->notes, says) == 1);
  }
}

TEST_CASE("thresholds can name what sessions measure") {
  const std::string thresholds =
      "thresholds:\n"
      "  ws_connect_failed: rate<0.01\n"
      "  ws_session_duration: p(95)<100\n"
      "  \"ws_errors{error:timeout}\": count==0\n"
      "  \"ws_errors{name:chat}\": count==0\n"
      "  delivery_lost: rate==0\n"
      "  \"delivery_latency{room:v7}\": p(95)<200\n"
      "  \"delivery_latency{room:v7,scenario:s}\": p(95)<200\n"
      "  \"delivery_reach{name:chat}\": rate>0.99\n";
  CHECK(complaints(thresholds + listening("v7")).empty());
  CHECK(compiled(thresholds + listening("v7"))->thresholds.size() == 8);
}

TEST_CASE("a threshold that no session answers is refused, with what to use") {
  const auto said = [](const std::string& selector, const std::string& assertion,
                       const std::string& plan) {
    const Lines lines = complaints("thresholds: {\"" + selector + "\": " + assertion + "}\n" + plan);
    return lines.size() == 1 ? lines[0] : std::to_string(lines.size()) + " complaints";
  };
  const std::string http = with_flow("      - get: /\n");
  CHECK(said("ws_connecting", "p(95)<1", http) ==
        "p.yaml:1:14: nothing in the plan is measured as ws_connecting; use a `websocket` step");
  CHECK(said("ws_sessions", "count>1", http) ==
        "p.yaml:1:14: nothing in the plan is measured as ws_sessions; use a `websocket` or a "
        "`socketio` step");
  CHECK(said("sio_ack", "p(95)<1", http) ==
        "p.yaml:1:14: nothing in the plan is measured as sio_ack; give an `emit` an `ack`");
  CHECK(said("delivery_lost", "rate<1", http) ==
        "p.yaml:1:14: nothing in the plan is measured as delivery_lost; use a `listen`");
  CHECK(said("ws_msg_duration", "p(95)<1", with_flow("      - {websocket: /ws, flow: []}\n")) ==
        "p.yaml:1:14: nothing in the plan is measured as ws_msg_duration; use a `receive`, or a "
        "`send` with a `reply`");
  CHECK(said("delivery_lost{room:v8}", "rate<1", listening("v7")) ==
        "p.yaml:1:14: nothing in the plan has the tag room:v8; did you mean \"v7\"?");
  CHECK(said("ws_sessions{room:v7}", "count>1", listening("v7")) ==
        "p.yaml:1:14: ws_sessions has no tag \"room\"; deliveries have it: delivery_latency, "
        "delivery_lost and so on");
}

TEST_CASE("a room's name stands in reports, so it must be one") {
  const Lines lines = complaints(kUsers + listening("\"${user.village}\""),
                                 with_users("id,village\n1,a\n2,\n"));
  CHECK(lines == Lines{"p.yaml:11:21: \"\" cannot be a room's name: it is empty; change the data, "
                       "or the room"});
}
