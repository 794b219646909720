#include "cli/dashboard_site.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include "cli/limits.h"
#include "control/loopback.h"
#include "report/page.h"

namespace gend::cli {

namespace {

using namespace std::chrono_literals;
using control::HttpCall;
using control::HttpReply;

constexpr Duration kFirstData = 5s;  // a page that is asked for before there is anything waits
constexpr std::array<std::string_view, 5> kCommands{"stop", "pause", "resume", "users", "rate"};

HttpReply plain(int status, std::string words) {
  HttpReply reply;
  reply.status = status;
  reply.content_type = "text/plain; charset=utf-8";
  reply.body = std::move(words);
  return reply;
}

HttpReply page(Dashboard& dashboard) {
  dashboard.wait_for_data(kFirstData);
  HttpReply reply;
  reply.content_type = "text/html; charset=utf-8";
  reply.body = report::live_page_html(dashboard.data());
  return reply;
}

HttpReply events(Dashboard& dashboard) {
  HttpReply reply;
  reply.content_type = "text/event-stream";
  reply.stream = dashboard.subscribe();
  return reply;
}

HttpReply answer_inside(Dashboard& dashboard, const HttpCall& call, const std::string& name) {
  if (call.method == "GET") {
    if (name.empty()) return page(dashboard);
    if (name == "events") return events(dashboard);
    if (name == "data") {
      HttpReply reply;
      reply.body = dashboard.data();
      return reply;
    }
  }
  if (call.method == "POST" && std::ranges::find(kCommands, name) != kCommands.end())
    return dashboard.command(name, call.body);
  return plain(404, "not found\n");
}

}  // namespace

HttpReply answer(Dashboard& dashboard, const Door& door, const HttpCall& call) {
  const auto name = door.inside(call.path);
  HttpReply reply = !door.is_for_us(call.host) ? plain(421, "this is not the host you look for\n")
                    : name                     ? answer_inside(dashboard, call, *name)
                                               : plain(404, "not found\n");
  // The token is in the address: nobody who is linked to shall see it, and nothing of it be kept.
  for (const auto& [header, value] :
       {std::pair{"Cache-Control", "no-store"}, std::pair{"Referrer-Policy", "no-referrer"},
        std::pair{"X-Content-Type-Options", "nosniff"},
        std::pair{"Cross-Origin-Resource-Policy", "same-origin"},
        std::pair{"Cross-Origin-Opener-Policy", "same-origin"},
        std::pair{"Content-Security-Policy", "frame-ancestors 'none'"}})
    reply.headers.emplace_back(header, value);
  return reply;
}

DashboardServer::DashboardServer(const std::string& socket_path, const std::string& run_id,
                                 Door door)
    : door_{std::move(door)}, dashboard_{socket_path, run_id} {}

DashboardServer::~DashboardServer() {
  dashboard_.end_streams();
  server_.reset();
}

Expected<std::unique_ptr<DashboardServer>> DashboardServer::start(const std::string& socket_path,
                                                                  const std::string& run_id,
                                                                  std::uint16_t port) {
  auto token = random_token();
  if (!token)
    return std::unexpected{Error{"the kernel gives no random numbers (getrandom)", {},
                                 ExitCode::kHostCannotCarry}};
  auto listening = control::listen_on_loopback(port);
  if (!listening) return std::unexpected{std::move(listening.error())};
  std::unique_ptr<DashboardServer> made{new DashboardServer{
      socket_path, run_id, Door{*std::move(token), listening->port}}};
  auto server = control::HttpServer::start(
      std::move(listening->listener),
      {.handle = [self = made.get()](const HttpCall& call) {
        return answer(self->dashboard_, self->door_, call);
      }},
      {.connections = limits::kDashboardClients, .body_bytes = limits::kDashboardBodyBytes});
  if (!server) return std::unexpected{std::move(server.error())};
  made->server_ = *std::move(server);
  return made;
}

}  // namespace gend::cli
