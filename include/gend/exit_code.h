#pragma once

namespace gend {

// What genctl returns to the shell. 99 and above are k6's numbers with k6's meanings; 90 to 95 are
// ours and lie outside k6's range. Scripts depend on them: extend, never renumber.
enum class ExitCode : int {
  kPass = 0,
  kUsage = 2,                // the command line could not be understood; nothing was started
  kGeneratorSaturated = 90,  // --strict, and the generator itself was the limit
  kNoDaemon = 91,            // no daemon answers on the control socket
  kBusy = 92,                // the daemon is carrying out another run
  kTargetNotAllowed = 93,    // the target is not on the host's list of allowed targets
  kHostCannotCarry = 94,     // descriptors, ports, memory or kernel: this host cannot carry the plan
  kRunLost = 95,             // the daemon ended while the run was going on
  kThresholdsFailed = 99,
  kBadPlan = 104,
  kInterrupted = 105,   // Ctrl-C, SIGTERM or `genctl stop`
  kAbortedByPlan = 108  // an `abort` step
};

}  // namespace gend
