#include "control/allow_list.h"

#include <algorithm>
#include <cstring>

#include <netinet/in.h>

namespace gend::control {

AllowList::AllowList(const std::vector<std::string>& blocks) {
  for (const std::string& text : blocks)
    if (auto block = net::Block::parse(text)) blocks_.push_back(*block);
}

bool AllowList::allows(const sockaddr* address, socklen_t length) const {
  net::Address asked;
  if (length > sizeof asked.storage) return false;
  std::memcpy(&asked.storage, address, length);
  asked.length = length;
  return std::ranges::any_of(blocks_,
                             [&](const net::Block& block) { return block.contains(asked); });
}

bool AllowList::allows(const sockaddr& address) const {
  switch (address.sa_family) {
    case AF_INET: return allows(&address, sizeof(sockaddr_in));
    case AF_INET6: return allows(&address, sizeof(sockaddr_in6));
    default: return false;
  }
}

}  // namespace gend::control
