// What a report says of sessions and of the ledger of deliveries.
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include "report/live.h"
#include "report/run_result.h"
#include "report/summary_json.h"
#include "report/text.h"

using namespace gend;
using namespace gend::report;
using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;
using stats::Tally;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

ledger::RoomTotals room(std::string name, std::uint64_t delivered, std::uint64_t lost) {
  return {.name = std::move(name), .sent = 10, .joined = 4, .settled = 4,
          .owed = delivered + lost, .delivered = delivered, .lost = lost};
}

// One WebSocket step `/ws` of `talk`, ten seconds: 20 sessions, 18 of them ended, 2 refused with a
// 401 and one with a 403, 1 ended early; 100 messages out, 400 in. Rooms: `quiet` 40 of 40, `lossy`
// 38 of 40 and one late, both in time of their own: quiet 10 ms, lossy 20 ms.
struct Talk {
  stats::Schema schema;
  std::uint32_t sessions, duration, refused, early, errors, sent, received, reach, lost, latency;
  std::uint32_t of_quiet, of_lossy;
  std::unique_ptr<stats::Snapshot> total;
  RunResult result;

  Talk() {
    const auto add = [&](const char* metric) {
      return schema.add(metric, {{"scenario", "talk"}, {"name", "/ws"}});
    };
    const auto add_room = [&](const char* name) {
      return schema.add_facet("delivery_latency", {{"scenario", "talk"}, {"room", name}});
    };
    sessions = add("ws_sessions");
    duration = add("ws_session_duration");
    refused = add("ws_connect_failed");
    early = add("ws_session_failed");
    errors = add("ws_errors");
    sent = add("ws_msgs_sent");
    received = add("ws_msgs_received");
    reach = add("delivery_reach");
    lost = add("delivery_lost");
    latency = add("delivery_latency");
    of_quiet = add_room("quiet");
    of_lossy = add_room("lossy");
    total = std::make_unique<stats::Snapshot>(schema);
    fill(total->recorder);
    result.schema = &schema;
    result.total = total.get();
    result.state = RunState::kFinished;
    result.elapsed = result.planned = 10s;
    result.rooms = {room("quiet", 40, 0), room("lossy", 38, 2)};
    result.rooms[1].late = 1;
    result.rooms[1].spread_max = 5ms;
  }

  void fill(stats::Recorder& r) const {
    r.count(sessions, 20);
    for (int i = 0; i < 18; ++i) r.trend(duration, 4s);
    for (int i = 0; i < 18; ++i) r.rate(early, i == 0);
    for (int i = 0; i < 23; ++i) r.rate(refused, i < 3);
    for (const int status : {401, 401, 403})
      r.tally(errors, Tally::key(Outcome::kStatus4xx, status));
    r.count(sent, 100);
    r.count(received, 400);
    for (int i = 0; i < 80; ++i) {
      r.rate(reach, i >= 2);
      r.rate(lost, i < 2);
    }
    for (int i = 0; i < 40; ++i) r.trend(of_quiet, 10ms);
    for (int i = 0; i < 38; ++i) r.trend(of_lossy, 20ms);
    for (int i = 0; i < 78; ++i) r.trend(latency, i < 40 ? 10ms : 20ms);
  }

  Json summary() const { return summary_json(result); }
  std::string text(std::size_t width = 80) const {
    return summary_text(summary(), {.width = width});
  }
};

}  // namespace

TEST_CASE("deliveries are summed over the rooms, and each room has its own row") {
  const Json delivery = Talk{}.summary()["delivery"];
  const Json& totals = delivery["totals"];
  CHECK(totals["rooms"] == 2);
  CHECK(totals["sent"] == 20);
  CHECK(totals["expected"] == 80);
  CHECK(totals["delivered"] == 78);
  CHECK(totals["lost"] == 2);
  CHECK(totals["late"] == 1);
  CHECK(totals["reach"] == 78.0 / 80);
  CHECK(totals["balanced"] == true);
  CHECK(totals["latency"]["count"] == 78);
  CHECK(totals["spread_max_ms"] == 5.0);
  REQUIRE(delivery["rooms"].size() == 2);
  CHECK(delivery["rooms"][1]["room"] == "lossy");
  CHECK(delivery["rooms"][1]["lost"] == 2);
  CHECK(delivery["rooms"][1]["latency"]["p(95)"].get<double>() ==
        doctest::Approx(20).epsilon(0.004));
  CHECK(delivery["rooms_left_out"] == 0);
}

TEST_CASE("the room that went worst stands first") {
  const std::string text = Talk{}.text();
  CHECK(has(text, "78 of 80 expected deliveries arrived: reach 97.50%"));
  CHECK(has(text, "20 sent to 2 rooms: 2 lost, 0 duplicated, 0 reordered, 1 late"));
  CHECK(text.find("\n    lossy") < text.find("\n    quiet"));
  CHECK_FALSE(has(text, "BALANCE"));
}

TEST_CASE("of many rooms the worst are shown, and the rest is summed up in words") {
  Talk talk;
  for (int i = 0; i < 98; ++i) talk.result.rooms.push_back(room("r" + std::to_string(i), 4, 0));
  CHECK(has(talk.text(), "… and 90 more, all complete, in time and in order"));
  for (auto& each : talk.result.rooms) each.duplicated = 1;
  CHECK(has(talk.text(), "… and 90 more, 90 of them with something lost, late"));
}

TEST_CASE("beyond ten thousand rooms the worst are kept, and the others counted") {
  Talk talk;
  for (int i = 0; i < 10'000; ++i) talk.result.rooms.push_back(room("r", 4, 0));
  const Json delivery = talk.summary()["delivery"];
  CHECK(delivery["rooms"].size() == 10'000);
  CHECK(delivery["rooms_left_out"] == 2);
  CHECK(delivery["rooms"][1]["room"] == "lossy");
  CHECK(delivery["totals"]["rooms"] == 10'002);
}

TEST_CASE("books that do not balance are said loudly, and only when they are closed") {
  Talk talk;
  talk.result.rooms[0].owed += 1;
  CHECK(talk.summary()["delivery"]["totals"]["balanced"] == false);
  CHECK(talk.summary()["delivery"]["totals"]["unbalanced_rooms"] == 1);
  CHECK(has(talk.text(), "THE BOOKS OF 1 ROOM DO NOT BALANCE"));
  talk.result.state = RunState::kRunning;
  CHECK(talk.summary()["delivery"]["totals"]["balanced"].is_null());
  CHECK_FALSE(has(talk.text(), "BALANCE"));
}

TEST_CASE("what is in none of the columns is said in words") {
  Talk talk;
  for (const auto* words : {"carried a stamp of another run", "a number that cannot be",
                            "were not owed them", "were sent while their receiver"})
    CHECK_FALSE(has(talk.text(120), words));
  auto& books = talk.result.rooms[0];
  books.foreign = books.garbled = books.not_owed = books.unclear = 3;
  books.missed_away = 3;
  books.owed += 3;
  for (const auto* words : {"3 carried a stamp of another run", "a number that cannot be",
                            "were not owed them", "3 were sent while their receiver"})
    CHECK(has(talk.text(120), words));
}

TEST_CASE("a room's name shows no secret and plays no tricks") {
  Talk talk;
  talk.result.secrets = {"s3cret-village"};
  talk.result.rooms[0].name = "room-s3cret-village";
  talk.result.rooms[1].name = "a\x1b[2J\nFAKE<b>";
  CHECK_FALSE(has(json_text(talk.summary()), "s3cret"));
  CHECK(has(talk.text(), "room-***"));
  CHECK_FALSE(has(talk.text(), "\x1b"));
  CHECK_FALSE(has(talk.text(), "\nFAKE"));
}

TEST_CASE("a refused handshake shows its status") {
  const Talk talk;
  const Json summary = talk.summary();
  CHECK(summary["errors"]["status.4xx"]["count"] == 3);
  CHECK(summary["errors"]["status.4xx"]["statuses"] == Json{{"401", 2}, {"403", 1}});
  CHECK(summary["sessions"][0]["statuses"] == Json{{"401", 2}, {"403", 1}});
  CHECK(has(talk.text(), "401 ×2, 403"));
}

TEST_CASE("sessions are counted by step") {
  Talk talk;
  const Json step = talk.summary()["sessions"][0];
  CHECK(step["name"] == "/ws");
  CHECK(step["protocol"] == "websocket");
  CHECK(step["opened"] == 20);
  CHECK(step["open"] == 2);
  CHECK(step["connect_failed"] == 3);
  CHECK(step["connects"] == 23);
  CHECK(step["ended_early"] == 1);
  CHECK(step["sent_per_s"] == 10.0);
  CHECK(step["received_per_s"] == 40.0);
  CHECK(has(talk.text(100),
            "20 opened, 2 open; 3 failed to connect, 1 ended early, 0 reconnected"));
}

TEST_CASE("several session steps have a table") {
  Talk talk;
  talk.schema.add("ws_sessions", {{"scenario", "talk"}, {"name", "/other"}});
  stats::Snapshot total{talk.schema};
  talk.fill(total.recorder);
  talk.result.total = &total;
  CHECK(has(talk.text(), "\n    /other"));
}

TEST_CASE("no line about deliveries and sessions is wider than the terminal") {
  Talk talk;
  talk.result.rooms[0].name = std::string(200, 'n');
  talk.result.rooms[0].garbled = 5;
  for (const std::size_t width : {72u, 80u, 100u, 120u}) {
    std::istringstream lines{talk.text(width)};
    for (std::string line; std::getline(lines, line);) {
      CAPTURE(line);
      CHECK(columns_of(line) <= width);
    }
  }
}

TEST_CASE("calls of the kernel are told per message where there are only messages") {
  Talk talk;
  talk.total->health.syscalls = 50;
  CHECK(talk.summary()["generator"]["syscalls_per_operation"] == 0.1);
  CHECK(has(talk.text(), "system calls per message.....: 0.10"));
}

TEST_CASE("who watches sessions sees messages and deliveries, not requests that are not made") {
  Talk talk;
  talk.result.state = RunState::kRunning;
  const Json json = interval_json(talk.result);
  CHECK(json["sessions"]["open"] == 2);
  CHECK(json["latency"] == "delivery");
  const std::string line = live_line(json);
  CHECK(has(line, " sessions=2 out=10/s in=40/s deliveries=7.80/s lost=2 errors=3 delivery: p50="));
  CHECK_FALSE(has(line, "requests"));
  const std::string view = live_view(json, {.width = 100});
  CHECK(has(view, "2      sessions"));
  CHECK_FALSE(has(view, "requests"));
  CHECK(std::ranges::count(view, '\n') == 4);
}
