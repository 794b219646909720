#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>
#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "control/api.h"
#include "control/client.h"
#include "control/fake_engine.h"
#include "control/http_server.h"
#include "control/plans.h"
#include "control/raw_client.h"
#include "control/run_request.h"
#include "control/sha256.h"
#include "control/stores.h"
#include "control/temp_dir.h"
#include "control/unix_socket.h"
#include "report/history.h"
#include "support/seed.h"

using namespace gend;
using nlohmann::json;

namespace {

constexpr std::size_t kBody = 64 * 1024;

// The whole control side on a real socket, with an engine that sends nothing.
struct Daemon {
  explicit Daemon(unsigned idle_seconds = 1) {
    auto owned = control::OwnedSocket::listen_on(path, {});
    REQUIRE(owned.has_value());
    socket = std::make_unique<control::OwnedSocket>(std::move(*owned));
    auto made = control::HttpServer::start(
        control::Fd{socket->release_listener()},
        control::handlers_of(api),
        {.connections = 8, .body_bytes = kBody, .idle_seconds = idle_seconds});
    REQUIRE(made.has_value());
    server = std::move(*made);
  }
  ~Daemon() { engine.open_gate(); }

  control::Reply get(const std::string& to) { return value(client.get(to)); }
  control::Reply post(const std::string& to, const std::string& body) {
    return value(client.post(to, body));
  }
  static control::Reply value(Expected<control::Reply> reply) {
    REQUIRE_MESSAGE(reply.has_value(), reply.error().message);
    return *std::move(reply);
  }
  // Clients that went away hold their connections until the server notices. Returns when one was
  // answered; the next may find all places taken again, this one's among them.
  void wait_for_room() {
    for (;;) {
      const auto reply = client.get("/v1/version");
      if (reply && reply->status == 200) return;
      std::this_thread::yield();
    }
  }
  std::string start() {
    const control::Reply reply = post("/v1/runs", request());
    REQUIRE_MESSAGE(reply.status == 201, reply.body);
    return json::parse(reply.body)["id"];
  }
  static std::string request(const std::string& text = test::plan_text()) {
    control::RunRequest made;
    made.plan_name = "small.yaml";
    made.plan_text = text;
    return control::to_json(made);
  }

  const test::TempDir dir;
  const std::string path = dir / "control.sock";
  test::FakeEngine engine;
  control::Runs runs{engine, test::with_scratch()};
  control::FileStore files{{.file_bytes = 4 * 1024 * 1024}};
  control::Api api{runs, engine, files};
  std::unique_ptr<control::OwnedSocket> socket;
  std::unique_ptr<control::HttpServer> server;
  control::Client client{path};
};

control::Client::Follower reader(std::vector<json>& lines,
                                 std::atomic<std::size_t>* count = nullptr) {
  return {.on_line =
              [&lines, count](std::string_view line) {
                lines.push_back(json::parse(line));
                if (count) ++*count;
              },
          .on_idle = [] { return control::Client::Go::kOn; }};
}

}  // namespace

TEST_CASE("every answer names the version of the API, also errors") {
  Daemon daemon;
  for (const char* path : {"/v1/version", "/nowhere"}) {
    test::RawClient raw{daemon.path};
    REQUIRE(
        raw.send(std::string{"GET "} + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    CHECK(raw.read_all().find("gend-api: 1\r\n") != std::string::npos);
  }
}

TEST_CASE("the root links to everything, and every link without an id answers") {
  Daemon daemon;
  const json root = json::parse(daemon.get("/").body);
  CHECK(root["links"].size() == 22);
  for (const json& link : root["links"]) {
    const std::string path = link["path"];
    if (link["method"] != "GET" || path.find("{id}") != path.npos) continue;
    CHECK_MESSAGE(daemon.get(path).status == 200, path);
  }
}

TEST_CASE("unknown paths, methods and runs are problem documents with the right status") {
  Daemon daemon;
  const auto kind = [](const control::Reply& reply) { return control::problem_of(reply).type; };
  CHECK(daemon.get("/v2/runs").status == 404);
  CHECK(kind(daemon.get("/v1/runs/none")) == "not-found");
  CHECK(daemon.get("/v1/runs/none/summary").status == 404);
  CHECK(daemon.get("/v1/runs/none/stream").status == 404);
  CHECK(daemon.post("/v1/runs/none/stop", "").status == 404);
  CHECK(daemon.get("/v1/runs/a/b/summary").status == 404);
  const control::Reply wrong = daemon.post("/v1/status", "{}");
  CHECK(wrong.status == 405);
  CHECK(kind(wrong) == "method-not-allowed");
}

TEST_CASE("a bad plan is 422 with every complaint and its place; nothing is started") {
  Daemon daemon;
  const std::string bad = "name: x\ntarget: http://127.0.0.1:9\nscenarioes: {}\ntreshold: 1\n";
  for (const char* path : {"/v1/check", "/v1/explain", "/v1/runs"}) {
    const control::Reply reply = daemon.post(path, Daemon::request(bad));
    CHECK(reply.status == 422);
    const control::Problem problem = control::problem_of(reply);
    CHECK(problem.exit_code == ExitCode::kBadPlan);
    CHECK(problem.errors.size() >= 2);
    CHECK(problem.errors.front().starts_with("small.yaml:"));
  }
  CHECK(daemon.engine.created() == 0);
}

TEST_CASE("check and explain answer about a good plan without starting it") {
  Daemon daemon;
  const json checked = json::parse(daemon.post("/v1/check", Daemon::request()).body);
  CHECK(checked["ok"] == true);
  CHECK(checked["program"]["planned_s"] == 10);
  const json explained = json::parse(daemon.post("/v1/explain", Daemon::request()).body);
  CHECK_FALSE(explained["text"].get<std::string>().empty());
  CHECK(explained["needs"]["connections"] == 7);
  CHECK(explained["host"]["kernel"] == "6.1.0-test");
  CHECK(daemon.engine.created() == 0);
}

TEST_CASE("a file is sent once, however much larger than another body, and is there from then on") {
  Daemon daemon;
  std::string content(3 * 1024 * 1024, 'x');
  Rng random{test::seed()};
  for (char& c : content) c = static_cast<char>(random());
  const std::string path = "/v1/files/" + control::sha256_hex(content);
  CHECK(Daemon::value(daemon.client.head(path)).status == 404);
  CHECK(Daemon::value(daemon.client.put(path, content)).status == 201);
  CHECK(Daemon::value(daemon.client.head(path)).status == 200);
  const auto lease = daemon.files.find(control::sha256_hex(content));
  REQUIRE(lease.has_value());
  CHECK(lease->content() == content);
}

TEST_CASE("a file that is too large, has another content or no proper name is refused") {
  Daemon daemon;
  const std::string large(4 * 1024 * 1024 + 1, 'x');
  const auto put = [&](const std::string& name, const std::string& content) {
    return Daemon::value(daemon.client.put("/v1/files/" + name, content));
  };
  CHECK(put(control::sha256_hex(large), large).status == 413);
  CHECK(put(control::sha256_hex("b"), "a").status == 422);
  CHECK(put("users.csv", "a").status == 400);
  CHECK(daemon.files.count() == 0);
  CHECK(put(control::sha256_hex(""), "").status == 201);
}

TEST_CASE("a client that goes away in the middle of a file leaves nothing behind") {
  Daemon daemon;
  const std::string name = control::sha256_hex(std::string(1000, 'x'));
  {
    test::RawClient raw{daemon.path};
    REQUIRE(raw.send("PUT /v1/files/" + name +
                     " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" +
                     std::string(500, 'x')));
  }
  daemon.wait_for_room();
  CHECK(daemon.files.count() == 0);
}

TEST_CASE("a plan with a file that the daemon does not have is told to send it first") {
  Daemon daemon;
  control::RunRequest made;
  made.plan_name = "small.yaml";
  made.plan_text = test::plan_text();
  made.files = {{"data/users.csv", control::sha256_hex("a\n1\n")}};
  const std::string body = control::to_json(made);
  for (const char* path : {"/v1/check", "/v1/explain", "/v1/runs"}) {
    const control::Reply reply = daemon.post(path, body);
    CHECK(reply.status == 409);
    const control::Problem problem = control::problem_of(reply);
    CHECK(problem.type == "file-not-here");
    CHECK(problem.detail.starts_with("data/users.csv: "));
  }
  CHECK(Daemon::value(daemon.client.put("/v1/files/" + made.files["data/users.csv"], "a\n1\n"))
            .status == 201);
  CHECK(daemon.post("/v1/check", body).status == 200);
}

TEST_CASE("the load of a plan that is not externally controlled cannot be changed") {
  Daemon daemon;
  const std::string run = "/v1/runs/" + daemon.start();
  for (const auto& [verb, body] : {std::pair{"/users", R"({"users": 1})"},
                                   {"/rate", R"({"rate": "600/min"})"}, {"/pause", ""},
                                   {"/resume", ""}}) {
    const control::Reply reply = daemon.post(run + verb, body);
    CHECK(reply.status == 409);
    CHECK(control::problem_of(reply).detail ==
          "the plan has no scenario with the executor externally-controlled");
    CHECK(daemon.post("/v1/runs/none" + std::string{verb}, body).status == 404);
  }
  for (const char* body : {"", "{}", R"({"users": "1"})", R"({"users": 1, "x": 2})", "[]"})
    CHECK(daemon.post(run + "/users", body).status == 400);
  for (const char* body : {"", R"({"rate": 1})", R"({"rate": "fast"})"})
    CHECK(daemon.post(run + "/rate", body).status == 400);
}

TEST_CASE("a run that shall begin in the past or too far ahead is refused") {
  Daemon daemon;
  control::RunRequest made;
  made.plan_name = "small.yaml";
  made.plan_text = test::plan_text();
  for (const char* at : {"2001-01-01T00:00:00Z", "+25h", "soon", ""}) {
    made.start_at = at;
    CHECK(daemon.post("/v1/runs", control::to_json(made)).status == 400);
  }
  made.start_at = "+1h";
  const control::Reply reply = daemon.post("/v1/runs", control::to_json(made));
  REQUIRE(reply.status == 201);
  const json status = json::parse(reply.body);
  CHECK(status["state"] == "waiting");
  CHECK(status["waiting_until"].get<std::string>().ends_with("Z"));
  CHECK(daemon.engine.begun() == 0);
}

TEST_CASE("a run is started, shown, streamed, stopped, and its owner is who connected") {
  Daemon daemon;
  const std::string id = daemon.start();
  const json shown = json::parse(daemon.get("/v1/runs/" + id).body);
  CHECK(shown["state"] == "running");
  CHECK(shown["owner"].get<std::string>().find("uid " + std::to_string(::getuid())) !=
        std::string::npos);
  CHECK(json::parse(daemon.get("/v1/status").body)["run"]["id"] == id);

  std::vector<json> lines;
  std::atomic<std::size_t> count = 0;
  std::thread watcher{[&] {
    const control::Client own{daemon.path};
    CHECK(own.follow("/v1/runs/" + id + "/stream", reader(lines, &count)).has_value());
  }};
  while (daemon.runs.streams().subscribers() == 0) std::this_thread::yield();
  daemon.engine.pass(3);
  while (count < 3) std::this_thread::yield();
  CHECK(daemon.post("/v1/runs/" + id + "/stop", R"({"mode":"graceful"})").status == 202);
  watcher.join();
  REQUIRE(lines.size() == 4);
  CHECK(lines.back()["final"]["run"]["exit_code"] == 105);
  CHECK(json::parse(daemon.get("/v1/runs/" + id + "/summary").body) == lines.back()["final"]);
  CHECK(daemon.post("/v1/runs/" + id + "/stop", "").status == 409);
  CHECK(json::parse(daemon.get("/v1/runs").body)["runs"].size() == 1);
}

TEST_CASE("a stop that says neither graceful nor now is refused") {
  Daemon daemon;
  const std::string id = daemon.start();
  for (const char* body : {"{}", "now", R"({"mode":"soon"})", R"({"mode":"now","x":1})"})
    CHECK_MESSAGE(daemon.post("/v1/runs/" + id + "/stop", body).status == 400, std::string{body});
  CHECK(daemon.runs.active().has_value());
}

TEST_CASE("a host that cannot carry the plan is 503, a forbidden target 403, with the remedy") {
  Daemon daemon;
  daemon.engine.refuse = Error{"needs 9", "raise it", ExitCode::kHostCannotCarry};
  control::Reply reply = daemon.post("/v1/runs", Daemon::request());
  CHECK(reply.status == 503);
  CHECK(control::problem_of(reply).remedy == "raise it");
  daemon.engine.refuse = Error{"not on the list", "list it", ExitCode::kTargetNotAllowed};
  reply = daemon.post("/v1/runs", Daemon::request());
  CHECK(reply.status == 403);
  CHECK(control::problem_of(reply).exit_code == ExitCode::kTargetNotAllowed);
}

TEST_CASE("of two clients that start at once one gets 201 and the other 409") {
  Daemon daemon;
  daemon.engine.close_gate();
  std::atomic<int> created = 0, busy = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 2; ++i)
    clients.emplace_back([&] {
      const control::Client own{daemon.path};
      const auto reply = own.post("/v1/runs", Daemon::request());
      if (reply && reply->status == 201) ++created;
      if (reply && reply->status == 409) ++busy;
    });
  while (busy == 0) std::this_thread::yield();
  daemon.engine.open_gate();
  for (std::thread& each : clients) each.join();
  CHECK(created == 1);
  CHECK(busy == 1);
}

TEST_CASE("a client that never reads its stream does not hold up the run") {
  Daemon daemon{30};
  const std::string id = daemon.start();
  test::RawClient deaf{daemon.path};
  REQUIRE(deaf.send("GET /v1/runs/" + id + "/stream HTTP/1.1\r\nHost: x\r\n\r\n"));
  while (daemon.runs.streams().subscribers() == 0) std::this_thread::yield();
  // Far more than the queue and the socket's buffers hold together; the run goes through all of it.
  daemon.engine.pass(5000);
  daemon.engine.finish();
  const auto reply = daemon.client.follow(
      "/v1/runs/" + id + "/stream",
      {.on_line = [](std::string_view) {}, .on_idle = [] { return control::Client::Go::kOn; }});
  REQUIRE(reply.has_value());
  CHECK(json::parse(daemon.get("/v1/runs/" + id).body)["elapsed_s"] == 5000);
  CHECK(daemon.runs.streams().skipped() > 0);
}

TEST_CASE("a client that dies in its stream leaves the run alone") {
  Daemon daemon;
  const std::string id = daemon.start();
  {
    test::RawClient dying{daemon.path};
    REQUIRE(dying.send("GET /v1/runs/" + id + "/stream HTTP/1.1\r\nHost: x\r\n\r\n"));
    while (daemon.runs.streams().subscribers() == 0) std::this_thread::yield();
  }
  // Every line is a chance for the server to notice.
  while (daemon.runs.streams().subscribers() > 0) {
    daemon.engine.pass(1);
    std::this_thread::yield();
  }
  CHECK(daemon.runs.active().has_value());
}

TEST_CASE("half a request is closed after the idle time, and others are served meanwhile") {
  Daemon daemon;
  test::RawClient half{daemon.path};
  REQUIRE(half.send("POST /v1/runs HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"plan\""));
  CHECK(daemon.get("/v1/version").status == 200);
  half.read_all();
  CHECK(daemon.engine.created() == 0);
}

TEST_CASE("a body over the limit is 413, whether or not its length was announced") {
  Daemon daemon;
  const control::Reply reply = daemon.post("/v1/runs", std::string(kBody + 1, 'x'));
  CHECK(reply.status == 413);
  test::RawClient chunked{daemon.path};
  chunked.send(
      "POST /v1/runs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
      "Connection: close\r\n\r\n20000\r\n" +
      std::string(0x20000, 'x') + "\r\n0\r\n\r\n");
  CHECK(chunked.read_all().starts_with("HTTP/1.1 413"));
}

TEST_CASE("a body without end is cut off") {
  Daemon daemon;
  test::RawClient endless{daemon.path};
  endless.send("POST /v1/runs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "8000\r\n" + std::string(0x8000, 'x') + "\r\n";
  std::size_t sent = 0;
  while (endless.send(chunk) && sent < 64 * kBody) sent += chunk.size();
  CHECK(sent < 64 * kBody);
}

TEST_CASE("random bytes never stop the daemon") {
  Daemon daemon;
  Rng rng{test::seed()};
  for (int i = 0; i < 200; ++i) {
    test::RawClient raw{daemon.path};
    std::string bytes = i % 2 ? "POST /v1/runs HTTP/1.1\r\nContent-Length: 40\r\n\r\n" : "";
    for (std::uint64_t n = rng.below(300); n > 0; --n) bytes += static_cast<char>(rng.below(256));
    raw.send(bytes);
  }
  daemon.wait_for_room();  // and answers
  CHECK(daemon.engine.created() == 0);
}

TEST_CASE("more connections than allowed are closed, and there is room again when they go") {
  Daemon daemon{30};
  {
    std::vector<std::unique_ptr<test::RawClient>> hogs;
    for (int i = 0; i < 40; ++i) {
      hogs.push_back(std::make_unique<test::RawClient>(daemon.path));
      hogs.back()->send("GET / HTTP/1.1\r\n");
    }
  }
  daemon.wait_for_room();  // and answers
}

TEST_CASE("the metrics socket gives metrics and nothing else") {
  Daemon daemon;
  const auto status = [&](const char* method, const char* path) {
    return control::handle_metrics(daemon.runs,
                                   {.method = method, .path = path, .body = {}, .peer = {}})
        .status;
  };
  CHECK(status("GET", "/metrics") == 200);
  CHECK(status("POST", "/metrics") == 405);
  CHECK(status("GET", "/v1/status") == 404);
  CHECK(status("POST", "/v1/runs") == 404);
}

TEST_CASE("without a daemon the client says 91 and what to do") {
  const test::TempDir dir;
  const control::Client client{dir / "none.sock"};
  const auto reply = client.get("/v1/status");
  REQUIRE_FALSE(reply.has_value());
  CHECK(reply.error().code == ExitCode::kNoDaemon);
  CHECK(reply.error().message.find(dir / "none.sock") != std::string::npos);
  CHECK_FALSE(reply.error().remedy.empty());
}

TEST_CASE("a daemon that goes away in the middle of a stream is 95") {
  const test::TempDir dir;
  auto owned = control::OwnedSocket::listen_on(dir / "s", {});
  REQUIRE(owned.has_value());
  std::thread dying{[&] {
    // The first connection is the client's look whether anybody listens.
    control::Fd probe{::accept(owned->fd(), nullptr, nullptr)};
    control::Fd call{::accept(owned->fd(), nullptr, nullptr)};
    char buffer[4096];
    CHECK(::recv(call.get(), buffer, sizeof buffer, 0) > 0);
    const std::string answer =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}\n{\"\r\n";
    CHECK(::send(call.get(), answer.data(), answer.size(), 0) ==
          static_cast<ssize_t>(answer.size()));
  }};
  std::vector<json> lines;
  const control::Client client{dir / "s"};
  const auto reply = client.follow("/v1/runs/x/stream", reader(lines));
  dying.join();
  REQUIRE_FALSE(reply.has_value());
  CHECK(reply.error().code == ExitCode::kRunLost);
  CHECK(lines.size() == 1);
}

TEST_CASE("history takes from_ns, and says what it is when it is none") {
  Daemon daemon;
  const std::string id = daemon.start();
  daemon.engine.pass(3);
  daemon.engine.finish();
  std::vector<json> lines;
  REQUIRE(daemon.client.follow("/v1/runs/" + id + "/stream", reader(lines)).has_value());
  const std::string path = "/v1/runs/" + id + "/history";
  for (const char* query : {"?from_ns=-1", "?from_ns=", "?from_ns", "?from_ns=1s", "?from_ns=1.5",
                            "?from_ns=99999999999999999999", "?after=1", "?from_ns=1&x=2"}) {
    const control::Reply reply = daemon.get(path + query);
    CHECK_MESSAGE(reply.status == 400, query);
    CHECK(reply.body.find("from_ns=N") != std::string::npos);
  }
  const control::Reply all = daemon.get(path), none = daemon.get(path + "?from_ns=3000000000");
  CHECK(all.status == 200);
  CHECK(none.status == 200);
  CHECK(report::decode_history(all.body)->frames.size() == 3);
  CHECK(report::decode_history(none.body)->frames.empty());
}

TEST_CASE("a GET that is left comes back without an answer") {
  Daemon daemon;
  const auto left =
      daemon.client.get("/v1/version", [] { return control::Client::Go::kAway; });
  REQUIRE(left.has_value());
  CHECK_FALSE(left->ok());
}

TEST_CASE("a call knows by which name its server was called") {
  const test::TempDir dir;
  auto owned = control::OwnedSocket::listen_on(dir / "s", {});
  REQUIRE(owned.has_value());
  std::string host;
  auto server = control::HttpServer::start(control::Fd{owned->release_listener()},
                                           {.handle = [&](const control::HttpCall& call) {
                                             host = call.host;
                                             return control::HttpReply{};
                                           }});
  REQUIRE(server.has_value());
  test::RawClient raw{dir / "s"};
  REQUIRE(raw.send("GET / HTTP/1.1\r\nHost: evil.example:80\r\nConnection: close\r\n\r\n"));
  raw.read_all();
  CHECK(host == "evil.example:80");
}
