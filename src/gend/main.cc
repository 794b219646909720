#include "control/daemon.h"
#include "control/fleet_engine.h"
#include "gend/options.h"
#include "gend/simulate.h"

int main(int argc, char** argv) {
  const auto options = gend::parse_options(argc, argv);
  if (!options) return options.error();
  if (options->task == gend::Task::kSimulate) return gend::run_simulation();
  gend::control::FleetEngine engine;
  return gend::control::run_daemon(options->daemon, engine);
}
