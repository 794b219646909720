#include "gend/options.h"

#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "gend/exit_code.h"

namespace gend {

std::expected<Options, int> parse_options(int argc, const char* const* argv) {
  Options parsed;
  control::DaemonOptions& options = parsed.daemon;
  std::string profile;
  CLI::App app{"gend generates load; genctl tells it what and how much (version " GEND_VERSION ")",
               "gend"};
  app.set_version_flag("--version", "gend " GEND_VERSION);
  app.add_option("--config", options.config, "configuration file (/etc/gend/gend.yaml)")
      ->type_name("FILE");
  app.add_option("--control", options.control, "control socket to make (/run/gend/control.sock)")
      ->type_name("PATH");
  app.add_option("--metrics", options.metrics, "metrics socket to make (/run/gend/metrics.sock)")
      ->type_name("PATH");
  app.add_option("--state", options.state, "directory for results; without it they stay in memory")
      ->type_name("DIR");
  app.add_option("--calibration", options.calibration,
                 "file of genctl calibrate; default: calibration.json in the directory for results")
      ->type_name("FILE");
  app.add_option("--shards", options.shards, "threads that generate load; 0: one for each CPU")
      ->check(CLI::Range(0u, 256u));
  app.add_option("--uring-profile", profile, "force an io_uring profile instead of probing")
      ->check(CLI::IsMember({"A", "B", "C", "D", "E"}));
  app.add_flag("--no-pin", options.no_pin, "leave it to the kernel where the threads run");
  app.add_option("--private", options.private_fd, "end when the pipe on this descriptor is closed")
      ->type_name("FD")
      ->check(CLI::Range(3, 1 << 20));
  bool simulate = false;
  app.add_flag("--simulate", simulate, "carry out a plan in virtual time (genctl simulate)")
      ->group("");  // for genctl, not for people
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const bool asked = e.get_exit_code() == 0;
    app.exit(e);
    return std::unexpected{asked ? 0 : std::to_underlying(ExitCode::kUsage)};
  }
  if (!profile.empty()) options.uring_profile = profile.front();
  if (simulate) parsed.task = Task::kSimulate;
  return parsed;
}

}  // namespace gend
