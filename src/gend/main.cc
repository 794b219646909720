#include "control/daemon.h"
#include "control/fleet_engine.h"
#include "gend/options.h"

int main(int argc, char** argv) {
  const auto options = gend::parse_daemon_options(argc, argv);
  if (!options) return options.error();
  gend::control::FleetEngine engine;
  return gend::control::run_daemon(*options, engine);
}
