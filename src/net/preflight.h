#pragma once

#include <vector>

#include "net/address.h"

namespace gend::net {

// Of a name's several addresses, those of the family that answers: "localhost" is ::1 and
// 127.0.0.1, and a server may listen on one of them only. Tries a connection to each, one second at
// most, when there is more than one family; the first family that accepts wins. When none does, the
// addresses of the first one stay: what the run then meets is counted, not refused.
std::vector<Address> reachable(const std::vector<Address>& addresses);

}  // namespace gend::net
