#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "control/engine.h"
#include "control/http_server.h"
#include "control/runs.h"

namespace gend::control {

// The control API: which path answers what. No sockets here; `handle` may be called from many
// threads at once. docs/operations.md lists the endpoints.
class Api {
 public:
  Api(Runs& runs, Engine& engine) : runs_{runs}, engine_{engine} {}
  HttpReply handle(const HttpCall& call);

 private:
  struct Route;
  static const Route kRoutes[];

  HttpReply links(const HttpCall&, const std::string&);
  HttpReply version(const HttpCall&, const std::string&);
  HttpReply status(const HttpCall&, const std::string&);
  HttpReply check(const HttpCall&, const std::string&);
  HttpReply explain(const HttpCall&, const std::string&);
  HttpReply metrics(const HttpCall&, const std::string&);
  HttpReply start_run(const HttpCall&, const std::string&);
  HttpReply list_runs(const HttpCall&, const std::string&);
  HttpReply show_run(const HttpCall&, const std::string& id);
  HttpReply summary(const HttpCall&, const std::string& id);
  HttpReply stream(const HttpCall&, const std::string& id);
  HttpReply stop_run(const HttpCall&, const std::string& id);

  Runs& runs_;
  Engine& engine_;
  const TimePoint born_ = MonotonicClock::now();
};

// What the metrics socket answers: GET /metrics and nothing else.
HttpReply handle_metrics(const Runs& runs, const HttpCall& call);

}  // namespace gend::control
