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
#include "target/app.h"
#include "target/behaviour.h"
#include "target/delivery_faults.h"
#include "target/server.h"

namespace {

int fail(const gend::Error& error) {
  std::fprintf(stderr, "gentarget: %s\n", error.message.c_str());
  if (!error.remedy.empty()) std::fprintf(stderr, "  %s\n", error.remedy.c_str());
  return static_cast<int>(gend::ExitCode::kHostCannotCarry);
}


// The demo application's part of the command line.
struct AppFlags {
  gend::target::AppOptions options;
  std::string latency, report_latency{"normal 100ms 20ms"}, failures, limits, window{"1s"};
  std::string token_life{"24h"};
  std::string drop{"0"}, duplicate{"0"}, reorder{"0"}, delay, delivery_latency;
  std::string sio_interval{"25s"}, sio_timeout{"20s"}, sio_auth{"villages"};

  void add_to(CLI::App& app);
  // Reads the texts; a sentence about what is wrong, empty when nothing is.
  std::string read();

 private:
  std::string read_delivery();
  std::string read_sio();
};

void AppFlags::add_to(CLI::App& app) {
  const auto add = [&](const char* name, auto& value, const char* help) {
    return app.add_option(name, value, help)->capture_default_str()->group("Demo application");
  };
  add("--jwt-secret", options.jwt_secret, "signs and checks tokens (HS256)")
      ->envname("GEND_JWT_SECRET");
  add("--token-life", token_life, "how long a token of POST /auth/login is valid");
  add("--villages", options.sizes.villages, "villages")->check(CLI::Range(1U, 100'000U));
  add("--users-per-village", options.sizes.users_per_village, "users of each")
      ->check(CLI::Range(1U, 1000U));
  add("--products", options.sizes.products, "products")->check(CLI::Range(1U, 1'000'000U));
  add("--stock", options.stock, "stock of every product")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000'000}));
  add("--activity-rows", options.activity_rows, "rows of everybody's profile activity")
      ->check(CLI::Range(1U, 1'000'000U));
  add("--limits", limits, "tokens of a tier: free=20,starter=200,professional=2000,…");
  add("--limit-window", window, "how often those tokens are refilled");
  add("--latency", latency,
      "\"fixed 5ms\", \"uniform 1ms 5ms\", \"normal 20ms 5ms\" or \"exp 10ms\"");
  add("--report-latency", report_latency, "of reports, on top of that");
  add("--fail", failures, "SHARE:WHAT,…: a status from 400, close, reset or hang: \"0.01:503\"");
  add("--leak", options.leak_mb_per_minute, "memory to lose, MB a minute")
      ->check(CLI::Range(0.0, 1e6));
  add("--seed", options.seed, "of everything that is drawn");
  const auto deliver = [&](const char* name, auto& value, const char* help) {
    app.add_option(name, value, help)->capture_default_str()->group("Deliveries to rooms");
  };
  deliver("--deliver-drop", drop, "share that is not sent");
  deliver("--deliver-duplicate", duplicate, "share that is sent twice in a row");
  deliver("--deliver-reorder", reorder, "share held back until the sender's next one was sent");
  deliver("--deliver-delay", delay, "SHARE:DURATION, sent that much later: 0.03:500ms");
  deliver("--deliver-latency", delivery_latency, "of every delivery, as --latency");
  app.add_option("--sio-ping-interval", sio_interval, "from a pong to the next ping")
      ->capture_default_str()->group("Socket.IO");
  app.add_option("--sio-ping-timeout", sio_timeout, "for the pong, before the client is dropped")
      ->capture_default_str()->group("Socket.IO");
  app.add_option("--sio-auth", sio_auth, "namespaces that need a token: none, villages, all")
      ->capture_default_str()->group("Socket.IO");
}

std::string AppFlags::read_sio() {
  using namespace gend::target;
  constexpr auto kMs = std::chrono::milliseconds{1};
  const auto interval = parse_duration(sio_interval), timeout = parse_duration(sio_timeout);
  if (!interval || *interval < kMs)
    return "--sio-ping-interval: \"" + sio_interval + "\" is not a duration of at least 1ms";
  if (!timeout || *timeout < kMs)
    return "--sio-ping-timeout: \"" + sio_timeout + "\" is not a duration of at least 1ms";
  options.sio.times = {.ping_interval_ms = *interval / kMs, .ping_timeout_ms = *timeout / kMs};
  if (sio_auth != "none" && sio_auth != "villages" && sio_auth != "all")
    return "--sio-auth: \"" + sio_auth + "\" is none of none, villages, all";
  options.sio.auth = sio_auth == "none"  ? SioAuth::kNone
                     : sio_auth == "all" ? SioAuth::kAll
                                         : SioAuth::kVillages;
  return {};
}

std::string AppFlags::read_delivery() {
  using namespace gend::target;
  DeliveryFaults& faults = options.delivery;
  struct Share {
    const char* name;
    const std::string& text;
    double& value;
  };
  for (const Share& each : {Share{"--deliver-drop", drop, faults.drop},
                            Share{"--deliver-duplicate", duplicate, faults.duplicate},
                            Share{"--deliver-reorder", reorder, faults.reorder}}) {
    const auto share = parse_share(each.text);
    if (!share) return std::string{each.name} + ": " + share.error();
    each.value = *share;
  }
  if (const auto read = parse_delay(delay, faults); !read)
    return "--deliver-delay: " + read.error();
  if (!delivery_latency.empty()) {
    const auto parsed = parse_latency(delivery_latency);
    if (!parsed) return "--deliver-latency: " + parsed.error();
    faults.latency = *parsed;
  }
  const std::string wrong = check_shares(faults);
  return wrong.empty() ? wrong : "--deliver-…: " + wrong;
}

std::string AppFlags::read() {
  using namespace gend::target;
  if (!latency.empty()) {
    const auto parsed = parse_latency(latency);
    if (!parsed) return "--latency: " + parsed.error();
    options.latency = *parsed;
  }
  const auto report = parse_latency(report_latency);
  if (!report) return "--report-latency: " + report.error();
  options.report_latency = *report;
  const auto fail = parse_failures(failures);
  if (!fail) return "--fail: " + fail.error();
  options.failures = *fail;
  const auto length = parse_duration(window);
  if (!length || *length < std::chrono::milliseconds{1})
    return "--limit-window: \"" + window + "\" is not a duration of at least 1ms";
  options.limits.window = *length;
  const auto life = parse_duration(token_life);
  if (!life) return "--token-life: " + life.error();
  options.token_life = *life;
  const auto tiers = parse_limits(limits);
  if (!tiers) return "--limits: " + tiers.error();
  options.limits.of_tier = *tiers;
  // Each person's rows are counted one by one.
  constexpr std::uint64_t kMostRows = 1'000'000'000;
  const std::uint64_t people = std::uint64_t{options.sizes.villages} *
                                   options.sizes.users_per_village +
                               options.sizes.all_members();
  if (people * options.activity_rows > kMostRows)
    return "--activity-rows times all users is more than 1,000,000,000";
  const std::string delivery = read_delivery();
  return delivery.empty() ? read_sio() : delivery;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "A fast HTTP target for trying out gend. Serves /, /bytes/{n}, /delay/{ms}, "
      "/status/{code}, /stall?ms=N, /counts, and a demo application: docs/gentarget.md."};
  std::string listen = "127.0.0.1:8080", profile;
  unsigned threads = 1;
  app.add_option("--listen", listen, "address and port; port 0 lets the kernel choose")
      ->capture_default_str();
  app.add_option("--threads", threads, "one ring and one thread each")
      ->capture_default_str()
      ->check(CLI::Range(1U, 256U));
  app.add_option("--uring-profile", profile, "force a lower io_uring profile, A to E");
  AppFlags flags;
  flags.add_to(app);
  CLI11_PARSE(app, argc, argv);
  if (const std::string wrong = flags.read(); !wrong.empty()) {
    std::fprintf(stderr, "gentarget: %s\n", wrong.c_str());
    return static_cast<int>(gend::ExitCode::kUsage);
  }

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
  gend::target::App demo{flags.options, truth};
  std::vector<std::unique_ptr<gend::target::Server>> servers;
  for (unsigned i = 0; i < threads; ++i) {
    auto fd = gend::net::listen_on(*address);  // after the first, port 0 has become a number
    if (!fd) return fail(fd.error());
    auto server = gend::target::Server::create(
        {.features = *features, .connections = limit, .listening_fd = *fd, .index = i,
         .app = &demo}, truth);
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
