#pragma once

#include <atomic>
#include <memory>
#include <string>

#include <sys/socket.h>

#include "base/time.h"
#include "export/destination.h"
#include "export/message.h"

namespace gend::exporter {

// Which addresses may be connected to.
class Fence {
 public:
  virtual ~Fence() = default;
  Fence(const Fence&) = delete;
  Fence& operator=(const Fence&) = delete;
  virtual bool allows(const sockaddr& address) const = 0;

 protected:
  Fence() = default;
};

struct Delivery {
  enum class Result : std::uint8_t {
    kDone,
    kAgain,    // nobody there, too slow, 408, 429, 5xx: the same message may be taken later
    kRefused   // it would be refused again
  };
  Result result = Result::kDone;
  std::string words{};  // why not
};

// Brings messages to one destination, one at a time. Used by one thread.
class Transport {
 public:
  virtual ~Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  // Returns within limits::kExportPatience, or soon after the moment to give up.
  virtual Delivery deliver(const Message& message) = 0;

 protected:
  Transport() = default;
};

// When nothing is waited for any longer, ns of MonotonicClock; written by another thread.
using GiveUp = std::atomic<std::int64_t>;
inline constexpr std::int64_t kNoEnd = INT64_MAX;

// Both must outlive the transport.
std::unique_ptr<Transport> make_transport(const Destination& destination, const Fence& fence,
                                          const GiveUp& give_up);

// The addresses that an InfluxDB destination means: http://host:8086/k6 is the database k6, as in
// k6's --out; a path like /write or /api/v2/write is taken as it stands.
struct InfluxUrls {
  std::string write;
  std::string create;  // creates the database; empty: nothing is created
};
InfluxUrls influx_urls(const std::string& address);

}  // namespace gend::exporter
