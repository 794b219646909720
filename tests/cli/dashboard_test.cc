// The dashboard with nobody behind it: what it answers, and to whom. With a daemon and a browser it is
// in tests/e2e/dashboard_test.py.
#include "cli/dashboard_site.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

using namespace gend;
using namespace std::chrono_literals;
using control::HttpCall;
using control::HttpReply;
using nlohmann::json;

namespace {

const std::string kToken(32, 'a');
constexpr const char* kNobody = "/nonexistent/gend.sock";

struct Site {
  HttpReply ask(const std::string& method, const std::string& path,
                const std::string& host = "127.0.0.1:7") {
    return cli::answer(dashboard, door, {.method = method, .path = path, .query = {}, .body = "{}",
                                         .host = host, .peer = {}, .upload = nullptr});
  }
  std::string inside(const std::string& name) { return "/" + kToken + "/" + name; }

  const cli::Door door{kToken, 7};
  cli::Dashboard dashboard{kNobody, "20261121-1-x"};
};

std::string header(const HttpReply& reply, const std::string& name) {
  for (const auto& [key, value] : reply.headers)
    if (key == name) return value;
  return {};
}

}  // namespace

TEST_CASE("without the token nothing is there, by no method") {
  Site site;
  for (const std::string& path : {std::string{"/"}, std::string{"/data"}, "/" + kToken,
                                  "/" + std::string(32, 'b') + "/"})
    for (const char* method : {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"}) {
      const HttpReply reply = site.ask(method, path);
      CHECK_MESSAGE(reply.status == 404, method, " ", path);
      CHECK(reply.body == "not found\n");
    }
}

TEST_CASE("behind the token there are the page, its data, its events and the commands") {
  Site site;
  CHECK(site.ask("GET", site.inside("")).status == 200);
  CHECK(site.ask("GET", site.inside("data")).status == 200);
  for (const char* each : {"x", "pag", "stop", "data/", "../data", "favicon.ico"})
    CHECK_MESSAGE(site.ask("GET", site.inside(each)).status == 404, each);
  for (const char* each : {"", "data", "events", "rm", "history"})
    CHECK_MESSAGE(site.ask("POST", site.inside(each)).status == 404, each);
}

TEST_CASE("a name of the web that leads here is refused, also with the token") {
  Site site;
  for (const char* path : {"", "data", "events"})
    CHECK(site.ask("GET", site.inside(path), "evil.example:7").status == 421);
  CHECK(site.ask("POST", site.inside("stop"), "evil.example:7").status == 421);
}

TEST_CASE("nobody else may read an answer, frame the page, keep it or hear its address") {
  Site site;
  for (const std::string& path : {site.inside(""), site.inside("data"), std::string{"/"}}) {
    const HttpReply reply = site.ask("GET", path);
    CHECK(header(reply, "Cache-Control") == "no-store");
    CHECK(header(reply, "Referrer-Policy") == "no-referrer");
    CHECK(header(reply, "X-Content-Type-Options") == "nosniff");
    CHECK(header(reply, "Content-Security-Policy") == "frame-ancestors 'none'");
    for (const auto& [key, value] : reply.headers)
      CHECK_MESSAGE(!key.starts_with("Access-Control"), key);
  }
}

TEST_CASE("a daemon that is not there is said on the page, in its events and to its commands") {
  Site site;
  const HttpReply refused = site.ask("POST", site.inside("stop"));
  CHECK(refused.status == 502);
  CHECK(refused.content_type == "application/problem+json");
  CHECK(json::parse(refused.body)["detail"].get<std::string>().find(kNobody) !=
        std::string::npos);

  HttpReply events = site.ask("GET", site.inside("events"));
  CHECK(events.content_type == "text/event-stream");
  REQUIRE(events.stream != nullptr);
  using Got = control::StreamHub::Subscription::Got;
  std::string line;
  // Its thread has looked at the daemon, or will soon: the state is told when it changes.
  while (line.find("\"lost\"") == std::string::npos)
    REQUIRE(events.stream->next(line, 10s) == Got::kLine);
  CHECK(line.starts_with("event: run\ndata: {\"state\":\"lost\",\"why\":"));
  CHECK(line.ends_with("\n\n"));

  const HttpReply page = site.ask("GET", site.inside(""));
  CHECK(page.content_type == "text/html; charset=utf-8");
  CHECK(page.body.find("connect-src 'self'") != std::string::npos);
  const json data = json::parse(site.ask("GET", site.inside("data")).body);
  CHECK(data["live"]["id"] == "20261121-1-x");
  CHECK(data["summary"] == nullptr);
}

TEST_CASE("a dashboard is served on 127.0.0.1 only, on a port of its own") {
  const auto first = cli::DashboardServer::start(kNobody, "x", 0);
  const auto second = cli::DashboardServer::start(kNobody, "x", 0);
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK((*first)->url().starts_with("http://127.0.0.1:"));
  CHECK((*first)->url() != (*second)->url());
}
