#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"

namespace gend::ring {

// What the kernel offers, found by trying it, not by its version number. The profiles are steps of
// one ladder (docs/architecture.md): A = 6.1, B = 6.6, C = 6.10, D = 6.12, E = 6.15 and later.
enum class Profile : char { kA = 'A', kB = 'B', kC = 'C', kD = 'D', kE = 'E' };

struct Features {
  Profile profile = Profile::kA;
  unsigned setup_flags = 0;    // IORING_SETUP_*, without R_DISABLED
  bool absolute_wait = false;  // D: the wait takes an absolute CLOCK_MONOTONIC deadline
  bool min_wait = false;       // D: batch completions for a bounded time
  bool no_iowait = false;      // E: an idle ring does not show as 100 % iowait
  std::string kernel;          // uname -r

  std::string describe() const;  // "io_uring profile E on 6.18.44 (absolute wait, min wait, …)"
};

// Finds the highest profile that works here, or the one that is asked for ('A'..'E'; 0 = highest).
// Fails with the cause told apart: sysctl, seccomp, container, locked memory, kernel too old.
Expected<Features> probe(char wanted = 0);

// Whether a seccomp filter is installed in this process (/proc/self/status).
bool seccomp_filter_installed();

// What io_uring_setup or a register call failing with this errno means on this host, with a remedy.
Error explain_setup_failure(int error, const char* call, unsigned entries);

}  // namespace gend::ring
