#pragma once

#include <memory>
#include <string>
#include <vector>

#include "control/allow_list.h"
#include "observe/host.h"
#include "observe/poller.h"
#include "plan/program.h"
#include "report/run_result.h"
#include "stats/recorder.h"

namespace gend::control {

// What is watched beside the load: the sources of the plan's `observe`, and this host. Used from
// the run's thread; the sources are asked from one of their own.
class Watching {
 public:
  // `allow`: the address blocks that may be asked, as for targets. The program must outlive this.
  Watching(const plan::Program& program, const std::vector<std::string>& allow);

  void begin();
  void end();  // sources are asked no more
  // Enters what was measured since the last time.
  void sample(stats::Recorder& interval, TimePoint now);
  // What happened to sources since the last time, for the list of events.
  std::vector<report::RunEvent> news(TimePoint run_began);
  // How the sources have done so far.
  std::vector<report::ObservedFacts> facts(TimePoint run_began) const;

 private:
  const std::vector<observe::Source>& sources_;
  AllowList allowed_;
  observe::Trust trust_;
  observe::HostMeter host_;
  TimePoint host_read_{};
  std::vector<observe::Change> changes_;
  observe::Poller poller_;  // the last: its thread uses the others
};

// What the report says of sources that did not answer: one sentence for each.
std::vector<std::string> warnings_on(const std::vector<report::ObservedFacts>& sources);

}  // namespace gend::control
