#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "cli/dashboard.h"
#include "cli/door.h"
#include "control/http_server.h"

namespace gend::cli {

// What the dashboard answers: below /TOKEN/ the page (GET), `data` and `events` (GET), and `stop`,
// `pause`, `resume`, `users`, `rate` (POST). Whoever calls it by another name is refused;
// everything else is not there.
control::HttpReply answer(Dashboard& dashboard, const Door& door, const control::HttpCall& call);

// A dashboard on 127.0.0.1, served until this object goes.
class DashboardServer {
 public:
  static Expected<std::unique_ptr<DashboardServer>> start(const std::string& socket_path,
                                                          const std::string& run_id,
                                                          std::uint16_t port);
  ~DashboardServer();
  DashboardServer(const DashboardServer&) = delete;
  DashboardServer& operator=(const DashboardServer&) = delete;

  std::string url() const { return door_.url(); }
  Dashboard& dashboard() { return dashboard_; }

 private:
  DashboardServer(const std::string& socket_path, const std::string& run_id, Door door);
  Door door_;
  Dashboard dashboard_;
  std::unique_ptr<control::HttpServer> server_;  // uses both
};

}  // namespace gend::cli
