#include "export/udp_transport.h"

#include <cerrno>
#include <cstring>
#include <string>

#include <netdb.h>
#include <unistd.h>

#include "base/free.h"

namespace gend::exporter {
namespace {

using Addresses = std::unique_ptr<addrinfo, Free<::freeaddrinfo>>;

class UdpTransport final : public Transport {
 public:
  UdpTransport(const Destination& destination, const Fence& fence)
      : fence_{fence}, address_{destination.address} {}
  ~UdpTransport() override { close(); }
  Delivery deliver(const Message& message) override;

 private:
  Delivery open();
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  const Fence& fence_;
  std::string address_;
  int fd_ = -1;  // connected, so that the kernel tells of refusals
};

Delivery UdpTransport::open() {
  using Result = Delivery::Result;
  const std::size_t colon = address_.rfind(':');
  std::string host = address_.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(host.c_str(), address_.c_str() + colon + 1, &hints, &list);
  const Addresses found{list};
  if (code != 0) return {Result::kAgain, host + ": " + ::gai_strerror(code)};
  std::string words = "its address is not allowed: add it to `allow` in gend.yaml";
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    if (!fence_.allows(*each->ai_addr)) continue;
    fd_ = ::socket(each->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd_ >= 0 && ::connect(fd_, each->ai_addr, each->ai_addrlen) == 0) return {};
    words = std::strerror(errno);
    close();
  }
  return {Result::kAgain, words};
}

Delivery UdpTransport::deliver(const Message& message) {
  if (fd_ < 0)
    if (Delivery opened = open(); opened.result != Delivery::Result::kDone) return opened;
  const ssize_t sent = ::send(fd_, message.bytes.data(), message.bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0) return {};
  const int why = errno;
  // Refused is what became of the datagram before. The name may mean another address by now.
  if (why != EAGAIN && why != ENOBUFS) close();
  // Gone: a server adds up by when it hears of things, so what comes late is wrong.
  return {Delivery::Result::kRefused, std::strerror(why)};
}

}  // namespace

std::unique_ptr<Transport> make_udp(const Destination& destination, const Fence& fence) {
  return std::make_unique<UdpTransport>(destination, fence);
}

}  // namespace gend::exporter
