#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"
#include "control/run.h"

namespace gend::control {

// A run as it is kept after its end: how it stood, and its summary as JSON.
struct RunRecord {
  RunStatus status;
  std::string summary;   // report::summary_json; empty when it was refused before it began
};

// "<state>/runs/<id>.json", one file a run. Every write is atomic and durable: a temporary file,
// fsync, rename, fsync of the directory. A run that goes on is written too, every few seconds, so
// that a crash of the daemon leaves what was measured until then.
class RunStore {
 public:
  // Makes "<state>/runs" when it is missing.
  static Expected<RunStore> open(const std::string& state_directory);

  Expected<void> write(const RunRecord& record) const;
  // The newest `limit` records, oldest first. A run that was going on when it was last written did
  // not survive its daemon: it comes back as failed, with exit code 95. Files that cannot be read
  // are logged and left where they are.
  std::vector<RunRecord> newest(std::size_t limit) const;
  bool has(const std::string& id) const;
  std::string path_of(const std::string& id) const;

 private:
  explicit RunStore(std::string directory) : directory_{std::move(directory)} {}
  std::string directory_;
};

}  // namespace gend::control
