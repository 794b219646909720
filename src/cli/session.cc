#include "cli/session.h"

#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include "control/unix_socket.h"
#include "gend/control_api.h"

namespace gend::cli {

Expected<Session> Session::with_daemon(const Options& options) {
  control::Client client{options.socket.value_or(kDefaultControlSocket)};
  if (const auto reachable = client.probe(); !reachable)
    return std::unexpected{reachable.error()};
  return Session{std::nullopt, std::move(client)};
}

Expected<Session> Session::with_any(const Options& options, Announce announce) {
  if (!options.local) {
    const int error = options.socket ? 0 : control::probe_socket(kDefaultControlSocket);
    // A daemon without permission for us is a daemon: going round it would hide the mistake.
    const bool nobody = error == ENOENT || error == ECONNREFUSED;
    if (!nobody) return with_daemon(options);
    if (options.detach)
      return std::unexpected{Error{"no gend answers, and a private one cannot outlive genctl",
                                   "systemctl start gend, or leave --detach out",
                                   ExitCode::kNoDaemon}};
    if (announce == Announce::kYes)
      std::fputs("genctl: no daemon answers; starting a private gend (--local)\n",
                 stderr);
  }
  auto local = LocalDaemon::start({options.shards, options.uring_profile});
  if (!local) return std::unexpected{local.error()};
  control::Client client{local->socket_path()};
  return Session{std::move(*local), std::move(client)};
}

std::string Session::remedy_after(ExitCode code, std::string remedy) const {
  const bool lost = code == ExitCode::kRunLost || code == ExitCode::kNoDaemon;
  if (!local_ || !lost) return remedy;
  std::string words = local_->obituary();
  return words.empty() ? remedy : words;
}

Error Session::explained(Error error) const {
  error.remedy = remedy_after(error.code, std::move(error.remedy));
  return error;
}

control::Problem Session::explained(control::Problem problem) const {
  problem.remedy = remedy_after(problem.exit_code, std::move(problem.remedy));
  return problem;
}

}  // namespace gend::cli
