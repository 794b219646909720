#pragma once

#include <memory>
#include <string>
#include <vector>

#include "export/destination.h"
#include "export/message.h"
#include "export/second.h"
#include "stats/schema.h"

namespace gend::exporter {

// Seconds of one run to messages for one destination. Pure: no clock, no network. Remote write sums
// up, since Prometheus wants counters; the others pass on what each second brought.
class Encoder {
 public:
  virtual ~Encoder() = default;
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  // In order. Appends what is to be sent now, in order, perhaps nothing.
  virtual void add(const Second& second, std::vector<Message>& out) = 0;
  // The run is over: appends the rest.
  virtual void finish(std::vector<Message>& out) = 0;

 protected:
  Encoder() = default;
};

// The schema must outlive it.
std::unique_ptr<Encoder> make_encoder(const Destination& destination, const stats::Schema& schema);

}  // namespace gend::exporter
