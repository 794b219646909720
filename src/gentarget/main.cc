// gentarget: the bundled target that every demo, test and benchmark can run against.
#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "net/address.h"
#include "net/host.h"
#include "net/listener.h"
#include "ring/features.h"
#include "target/server.h"

namespace {

int fail(const gend::Error& error) {
  std::fprintf(stderr, "gentarget: %s\n", error.message.c_str());
  if (!error.remedy.empty()) std::fprintf(stderr, "  %s\n", error.remedy.c_str());
  return static_cast<int>(gend::ExitCode::kHostCannotCarry);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "A fast HTTP target for trying out gend. Serves /, /bytes/{n}, /delay/{ms}, "
      "/status/{code}, /stall?ms=N and /counts."};
  std::string listen = "127.0.0.1:8080", profile;
  unsigned threads = 1;
  app.add_option("--listen", listen, "address and port; port 0 lets the kernel choose")
      ->capture_default_str();
  app.add_option("--threads", threads, "one ring and one thread each")
      ->capture_default_str()
      ->check(CLI::Range(1U, 256U));
  app.add_option("--uring-profile", profile, "force a lower io_uring profile, A to E");
  CLI11_PARSE(app, argc, argv);

  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // inherited by the threads below

  auto address = gend::net::parse_endpoint(listen);
  if (!address) return fail(address.error());
  auto features = gend::ring::probe(profile.empty() ? '\0' : profile.front());
  if (!features) return fail(features.error());

  const auto limit = static_cast<unsigned>(
      std::min<std::uint64_t>(gend::net::read_host_facts().nofile_hard, 16384));
  gend::target::Truth truth{threads};
  std::vector<std::unique_ptr<gend::target::Server>> servers;
  for (unsigned i = 0; i < threads; ++i) {
    auto fd = gend::net::listen_on(*address);  // after the first, port 0 has become a number
    if (!fd) return fail(fd.error());
    auto server = gend::target::Server::create(
        {.features = *features, .connections = limit, .listening_fd = *fd, .index = i}, truth);
    if (!server) return fail(server.error());
    servers.push_back(std::move(*server));
  }
  std::vector<std::thread> running;
  for (auto& server : servers)
    running.emplace_back([&server] {
      if (auto done = server->run(); !done) std::exit(fail(done.error()));
    });
  std::printf("gentarget listens on http://%s with %u thread%s\n", address->text().c_str(), threads,
              threads == 1 ? "" : "s");
  std::fflush(stdout);

  int received = 0;
  sigwait(&signals, &received);
  for (auto& server : servers) server->stop();
  for (auto& thread : running) thread.join();
  return 0;
}
