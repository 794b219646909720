// What a TLS connection costs the client in memory while it is idle: gend's own sockets and TLS
// against a server that is another process.
//
//     tls_memory PORT CONNECTIONS keep|release     (a server with any certificate on 127.0.0.1)
//
// Prints the resident bytes of this process for each connection, after one request and answer on
// every one of them.
#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include "engine/secure_io.h"
#include "net/address.h"
#include "net/io.h"
#include "ring/features.h"
#include "tls/context.h"

using namespace gend;
using namespace std::chrono_literals;
using NetIo = engine::SecureIo<net::Io>;

namespace {

long resident() {
  std::ifstream in{"/proc/self/statm"};
  long size = 0, pages = 0;
  in >> size >> pages;
  return pages * ::sysconf(_SC_PAGESIZE);
}

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

std::unique_ptr<NetIo> make_io(const std::string& port, unsigned connections,
                               tls::IdleBuffers buffers) {
  auto context = tls::Context::create({.verify = tls::Verify::kNothing,
                                       .resume = tls::Resume::kNo,
                                       .idle_buffers = buffers,
                                       .servers = {"127.0.0.1"}});
  auto features = ring::probe(0);
  auto address = net::parse_endpoint("127.0.0.1:" + port);
  if (!context || !features || !address) give_up("no TLS, no io_uring or no address");
  net::IoOptions options{.features = *features, .connections = connections};
  options.endpoints = {{*address}};
  auto io = net::Io::create(options);
  if (!io) give_up(io.error().message);
  auto made = std::make_unique<NetIo>(std::move(*io), std::move(*context),
                                      std::vector{NetIo::Transport::kTls}, connections);
  if (auto enabled = made->enable(); !enabled) give_up(enabled.error().message);
  return made;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) give_up("usage: tls_memory PORT CONNECTIONS keep|release");
  const auto connections = static_cast<unsigned>(std::atoi(argv[2]));
  const auto io = make_io(argv[1], connections,
                          std::string_view{argv[3]} == "keep" ? tls::IdleBuffers::kKeep
                                                              : tls::IdleBuffers::kRelease);
  static constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  constexpr unsigned kAtOnce = 16;
  unsigned answered = 0;
  const auto on_event = [&](const net::Event& event) {
    switch (event.kind) {
      case net::EventKind::kConnected:
        return io->send(event.connection, kRequest.data(), kRequest.size());
      case net::EventKind::kReceived: ++answered; return;
      case net::EventKind::kSent: return;
      case net::EventKind::kConnectFailed:
      case net::EventKind::kClosed:
      case net::EventKind::kFailed:
      case net::EventKind::kTlsFailed:
      case net::EventKind::kAccepted: give_up("a connection was lost");
    }
  };
  io->wait({.deadline = io->now()}, on_event);
  const long before = resident();
  for (unsigned i = 0; i < connections; ++i) {
    if (io->open(i, 0) == net::kNoConnection) give_up("no slot");
    // A few at a time, as a ramp would: a herd would leave its own peak behind.
    while (answered + kAtOnce <= i) io->wait({.deadline = io->now() + 100ms}, on_event);
  }
  while (answered < connections) io->wait({.deadline = io->now() + 100ms}, on_event);
  ::malloc_trim(0);  // what OpenSSL gave back is not what a connection costs
  const long after = resident();
  std::printf("%u connections, buffers %s: %ld bytes each\n", connections, argv[3],
              (after - before) / static_cast<long>(connections));
}
