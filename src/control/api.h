#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"
#include "control/engine.h"
#include "control/file_store.h"
#include "control/http_server.h"
#include "control/run_request.h"
#include "control/runs.h"

namespace gend::control {

// The control API: which path answers what. No sockets here; `handle` may be called from many
// threads at once. docs/operations.md lists the endpoints.
class Api {
 public:
  Api(Runs& runs, Engine& engine, FileStore& files)
      : runs_{runs}, engine_{engine}, files_{files} {}
  HttpReply handle(const HttpCall& call);
  // Where a file that is sent goes; null for any other request.
  std::unique_ptr<FileStore::Upload> receive(const std::string& method, const std::string& path);

 private:
  struct Route;
  static const Route kRoutes[];

  HttpReply links(const HttpCall&, const std::string&);
  HttpReply version(const HttpCall&, const std::string&);
  HttpReply status(const HttpCall&, const std::string&);
  HttpReply host(const HttpCall& call, const std::string&);
  HttpReply calibrate(const HttpCall& call, const std::string&);
  HttpReply check(const HttpCall&, const std::string&);
  HttpReply explain(const HttpCall&, const std::string&);
  HttpReply metrics(const HttpCall&, const std::string&);
  HttpReply start_run(const HttpCall&, const std::string&);
  HttpReply list_runs(const HttpCall&, const std::string&);
  HttpReply show_run(const HttpCall&, const std::string& id);
  HttpReply remove_run(const HttpCall&, const std::string& id);
  HttpReply summary(const HttpCall&, const std::string& id);
  HttpReply history(const HttpCall&, const std::string& id);
  HttpReply stream(const HttpCall&, const std::string& id);
  HttpReply stop_run(const HttpCall&, const std::string& id);
  HttpReply set_users(const HttpCall&, const std::string& id);
  HttpReply set_rate(const HttpCall&, const std::string& id);
  HttpReply pause_run(const HttpCall&, const std::string& id);
  HttpReply resume_run(const HttpCall&, const std::string& id);
  HttpReply steer(const HttpCall&, const std::string& id, const engine::Command& command);
  HttpReply find_file(const HttpCall&, const std::string& sha256);
  HttpReply keep_file(const HttpCall&, const std::string& sha256);

  // A body that asks for a plan to be compiled, and what came of it.
  struct Compiled {
    RunRequest request;
    std::unique_ptr<const plan::Program> program;
  };
  std::expected<Compiled, Problem> compile(const std::string& body);

  Runs& runs_;
  Engine& engine_;
  FileStore& files_;
  const TimePoint born_ = MonotonicClock::now();
};

HttpServer::Handlers handlers_of(Api& api);

// What the metrics socket answers: GET /metrics and nothing else.
HttpReply handle_metrics(const Runs& runs, const HttpCall& call);

}  // namespace gend::control
