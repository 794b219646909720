#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "control/problem.h"
#include "export/exporter.h"
#include "plan/export.h"
#include "plan/program.h"
#include "report/run_result.h"
#include "stats/snapshot.h"

namespace gend::control {

// The plan's exports and those of --out; or what is wrong with them, beyond what compile() says.
std::expected<std::vector<plan::Export>, Problem> exports_of(std::vector<plan::Export> of_plan,
                                                             const std::vector<std::string>& out);

// The exporters of one run: as many threads as the plan and --out name destinations. Nothing here
// waits for one of them but close().
class Exports {
 public:
  // `shown`: the program's schema as others may see it (report::masked_schema). `allow`: address
  // blocks that may be connected to, as for targets. Program and schema must outlive it.
  Exports(const plan::Program& program, const stats::Schema& shown,
          const std::vector<plan::Export>& exports, const std::vector<std::string>& allow);
  ~Exports();
  Exports(const Exports&) = delete;
  Exports& operator=(const Exports&) = delete;

  bool empty() const { return exporters_.empty(); }
  // What was measured in [from, to) of the run, which stands as `run` says.
  void push(const stats::Snapshot& interval, Duration from, Duration to,
            const report::RunResult& run);
  // What waits has limits::kExportFarewell to be taken.
  void close();

  // What went wrong so far, with how much was dropped.
  std::vector<std::string> warnings() const;
  // Destinations that began or ceased to fail since this was asked last.
  std::vector<report::RunEvent> news(Duration at);

 private:
  const plan::Program& program_;
  std::unique_ptr<const exporter::Fence> fence_;
  std::vector<std::unique_ptr<exporter::Exporter>> exporters_;
  std::vector<bool> failing_;  // as told
  std::size_t told_ = 0;
};

}  // namespace gend::control
