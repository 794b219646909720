#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/rng.h"
#include "base/time.h"
#include "demo/population.h"
#include "target/behaviour.h"
#include "target/leak.h"
#include "target/message.h"
#include "target/people.h"
#include "target/shop.h"
#include "target/sio_packet.h"
#include "target/tenants.h"
#include "target/truth.h"
#include "target/villages.h"
#include "target/world.h"

namespace gend::target {

struct AppOptions {
  demo::Sizes sizes{};
  std::uint64_t seed = 1;
  std::string jwt_secret{demo::kDefaultSecret};
  std::int64_t stock = 1000;  // of every product
  TenantLimits limits{};      // 0: the tier's own
  std::uint32_t activity_rows = 1000;
  Duration token_life{std::chrono::hours{24}};
  Latency latency{};         // of every answer of the application
  Latency report_latency{};  // of reports, on top of that
  Failures failures{};
  double leak_mb_per_minute = 0;
  DeliveryFaults delivery{};  // of messages to rooms
  SioOptions sio{};
};

// What belongs to one thread that answers: its chances, and numbers of requests.
struct Lane {
  unsigned index = 0;
  Rng rng{0};
  std::uint64_t requests = 0;
};

// The demo application: accounts, villages, a shop, tenants, profiles, metrics. All threads share
// one; a request is carried out at once and its answer may be held back (Response::delay).
class App {
 public:
  App(AppOptions options, Truth& truth);

  Lane lane(unsigned index) const;

  // Fills `response` (cleared before); returns the route, for the counts.
  std::size_t handle(const Request& request, Response& response, Lane& lane);
  // What X-Delay-Ms, X-Fail and X-Request-Id say, for routes that are not the application's.
  static void inject(const Request& request, Response& response);

  // ,"routes":{…},"orders":{…},…: what the application adds to the counts.
  std::string counts() const;
  void clear_counts();
  void reset();  // everything as it was at start, the counts too

  // What Authorization says: nobody, somebody, or something that is not valid (any more).
  enum class Credentials : std::uint8_t { kNone, kValid, kInvalid };
  Credentials read_token(const Request& request, demo::Account& account) const;
  Credentials check_token(std::string_view token, std::int64_t unix_ms,
                          demo::Account& account) const;
  std::string token_for(const demo::Account& account, std::int64_t unix_ms) const;

  const AppOptions& options() const { return options_; }
  Truth& truth() { return truth_; }
  const std::vector<std::string>& product_names() const { return product_names_; }

  Villages villages;
  Shop shop;
  Tenants tenants;
  People people;
  Leak leak;
  World world;
  std::atomic<std::uint64_t> ingested{0};  // data points of POST /api/metrics
  std::atomic<std::uint64_t> sessions{0};

 private:
  bool spoil(const Request& request, Response& response, Lane& lane) const;
  void answer(struct Call& call, const struct RouteRow& row);
  bool within_limit(struct Call& call);

  AppOptions options_;
  Truth& truth_;
  std::vector<std::string> product_names_;
};

}  // namespace gend::target
