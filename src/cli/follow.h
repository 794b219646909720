#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "control/client.h"

namespace gend::cli {

// Who shows a run while it is followed.
class RunView {
 public:
  virtual ~RunView() = default;
  virtual void show(nlohmann::ordered_json interval) = 0;
  virtual void clear() = 0;  // what follows is written by others
  // At least ten times a second, and when wake_fd() can be read; kAway: it is to be left.
  virtual control::Client::Go idle() { return control::Client::Go::kOn; }
  virtual int wake_fd() const { return -1; }
};

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

// Watches a run to its end. `view` may be null (--quiet). Error 95 when the daemon goes away.
Expected<Followed> follow(const control::Client& client, const std::string& run_id,
                          RunView* view, const Interrupts& interrupts, OnInterrupt policy);

}  // namespace gend::cli
