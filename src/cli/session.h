#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "cli/local_daemon.h"
#include "cli/options.h"
#include "control/client.h"

namespace gend::cli {

// A daemon to talk to: the host's, or a private one that lives as long as this object.
class Session {
 public:
  // The daemon on the socket that was named, or on the default one. Error 91 when there is none.
  static Expected<Session> with_daemon(const Options& options);
  // As above; with --local, or when nobody listens on the default socket, a private gend. Says so
  // in one line on standard error.
  static Expected<Session> with_any(const Options& options) {
    return with_any(options, Announce::kYes);
  }
  // Those that name the daemon in what they print need no such line.
  enum class Announce : std::uint8_t { kYes, kNo };
  static Expected<Session> with_any(const Options& options, Announce announce);

  const control::Client& client() const { return client_; }
  bool is_private() const { return local_.has_value(); }
  // The error as it is; of a private gend that is dead, with how it died and the end of its log,
  // which goes with this object.
  Error explained(Error error) const;
  control::Problem explained(control::Problem problem) const;

 private:
  Session(std::optional<LocalDaemon> local, control::Client client)
      : local_{std::move(local)}, client_{std::move(client)} {}
  std::string remedy_after(ExitCode code, std::string remedy) const;

  std::optional<LocalDaemon> local_;
  control::Client client_;
};

}  // namespace gend::cli
