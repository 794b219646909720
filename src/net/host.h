#pragma once

#include "base/host_facts.h"

namespace gend::net {

// Reads what this process may use of its host: limits with getrlimit (never believed from a unit
// file, which systemd may be unable to honour), the rest from /proc.
HostFacts read_host_facts();

}  // namespace gend::net
