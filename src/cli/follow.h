#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/screen.h"
#include "control/client.h"

namespace gend::cli {

enum class OnInterrupt : std::uint8_t {
  kStopRun,  // the first one ends the run gracefully, the second cuts it off, the third leaves
  kLeave     // the run goes on
};

// Counts SIGINT, SIGTERM and SIGHUP from its construction on, so that none is lost between the
// moment a run is asked for and the moment it is followed.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  int count() const;
};

struct Followed {
  std::optional<nlohmann::ordered_json> summary;  // empty: we left before the end
};

// Watches a run to its end. `progress` may be null (--quiet). Error 95 when the daemon goes away.
Expected<Followed> follow(const control::Client& client, const std::string& run_id,
                          Progress* progress, const Interrupts& interrupts, OnInterrupt policy);

}  // namespace gend::cli
