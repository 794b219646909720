#include "engine/secure_options.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace gend::engine {

tls::Options tls_options(const plan::Program& program, unsigned connections) {
  // Buffers that are kept are 34 KB of a connection; giving them back after each record takes an
  // allocation for each request and one for each answer.
  constexpr unsigned kFew = 1024;
  tls::Options options{
      .verify = program.tls.verify ? tls::Verify::kPeer : tls::Verify::kNothing,
      .resume = program.tls.resume ? tls::Resume::kYes : tls::Resume::kNo,
      .idle_buffers = connections <= kFew ? tls::IdleBuffers::kKeep : tls::IdleBuffers::kRelease,
      .ca_pem = program.tls.ca_pem,
      .certificate_pem = program.tls.certificate_pem,
      .key_pem = program.tls.key_pem,
      .min_version = program.tls.min_version,
      .max_version = program.tls.max_version,
  };
  for (const plan::Endpoint& endpoint : program.endpoints)
    options.servers.push_back(program.tls.server_name.empty() ? endpoint.host
                                                              : program.tls.server_name);
  return options;
}

Expected<std::unique_ptr<NetIo>> secure_io(const plan::Program& program,
                                           const net::IoOptions& options) {
  using Transport = NetIo::Transport;
  std::vector<Transport> endpoints;
  for (const plan::Endpoint& endpoint : program.endpoints)
    endpoints.push_back(endpoint.tls ? Transport::kTls : Transport::kPlain);
  std::unique_ptr<tls::Context> context;
  if (std::ranges::count(endpoints, Transport::kTls) > 0) {
    auto made = tls::Context::create(tls_options(program, options.connections));
    if (!made) return std::unexpected{made.error()};
    context = std::move(*made);
  }
  auto io = net::Io::create(options);
  if (!io) return std::unexpected{io.error()};
  return std::make_unique<NetIo>(std::move(*io), std::move(context), std::move(endpoints),
                                 options.connections);
}

}  // namespace gend::engine
