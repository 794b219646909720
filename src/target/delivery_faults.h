#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <mutex>
#include <string>
#include <string_view>

#include "base/time.h"
#include "target/behaviour.h"

namespace gend::target {

// What becomes of one delivery: of one message to one receiver.
struct Fate {
  enum class Kind : std::uint8_t {
    kDeliver,
    kDrop,
    kDuplicate,  // sent twice in a row
    kReorder,    // held back until a later one of the same sender in that room was sent
    kDelay
  };
  Kind kind = Kind::kDeliver;
  Duration hold{};  // sent that much later
};

// How often deliveries go wrong, and how: shares of all of them, and no delivery goes wrong twice.
struct DeliveryFaults {
  double drop = 0, duplicate = 0, reorder = 0, delay_share = 0;
  Duration delay{};
  Latency latency{};  // of every delivery, whatever else becomes of it

  bool none() const {
    return drop + duplicate + reorder + delay_share == 0 && latency.kind == Latency::Kind::kNone;
  }
  // The same seed, message and receiver meet the same fate, whenever and on whichever thread.
  Fate fate(std::uint64_t seed, std::uint64_t sender, std::uint64_t sequence,
            std::uint64_t receiver) const;
};

// A held back delivery that nothing follows is sent at last.
inline constexpr Duration kReorderPatience = std::chrono::seconds{1};

std::expected<double, std::string> parse_share(std::string_view text);  // "0.01"
// "0.03:500ms" into delay_share and delay; empty: none.
std::expected<void, std::string> parse_delay(std::string_view text, DeliveryFaults& faults);
// A sentence when the shares are more than 1 together; empty otherwise.
std::string check_shares(const DeliveryFaults& faults);
// {"drop":0.01,"duplicate":…,"reorder":…,"delay":"0.03:500ms","latency":"uniform 1ms 50ms"}; what
// is not named is off.
std::expected<DeliveryFaults, std::string> faults_from_json(std::string_view text);
std::string faults_to_json(const DeliveryFaults& faults);

// The faults that hold now. Set seldom; each thread keeps a copy and sees whether it is the latest.
class FaultSetting {
 public:
  void set(const DeliveryFaults& faults);
  DeliveryFaults get() const;
  // Copies the faults into `mine` when they are not those of `version`, which is raised.
  void refresh(DeliveryFaults& mine, std::uint64_t& version) const;

 private:
  mutable std::mutex mutex_;
  DeliveryFaults faults_;
  std::atomic<std::uint64_t> version_{1};
};

}  // namespace gend::target
