#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/time.h"
#include "export/destination.h"
#include "export/encoder.h"
#include "export/message.h"
#include "export/second.h"
#include "export/transport.h"

namespace gend::exporter {

// What became of what was handed to one destination.
struct Account {
  std::uint64_t sent = 0, dropped = 0;  // samples: series by moments, lines, metrics
  std::uint64_t seconds_dropped = 0;    // whole seconds that were never encoded
  std::uint64_t requests = 0, failures = 0;
  bool failing = false;  // the latest delivery did not succeed
  std::string trouble;   // the latest failure, in words
};

// Sends one run's seconds to one destination, on a thread of its own. push() never waits: what a
// slow or dead destination cannot take waits in bounded queues, then the oldest goes, counted.
// Between failures it waits from one second up to half a minute.
class Exporter {
 public:
  // The schema and the fence must outlive it. A transport may be given for tests.
  Exporter(Destination destination, const stats::Schema& schema, const Fence& fence);
  Exporter(Destination destination, const stats::Schema& schema,
           std::unique_ptr<Transport> transport);
  ~Exporter();  // gives up at once what still waits
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;

  void push(Second second);
  // No more seconds. What waits has until `at_most` from now; then it is dropped.
  void close(Duration at_most);
  void join();  // after close()

  const Destination& destination() const { return destination_; }
  Account account() const;

 private:
  void run();
  bool take(std::deque<Second>& into);
  void encode(std::deque<Second>& seconds);
  void deliver_waiting();
  void note(const Delivery& delivery, std::uint64_t samples);
  void keep_within_bounds();
  void drop_rest();
  bool is_over() const;

  Destination destination_;
  std::unique_ptr<Encoder> encoder_;
  GiveUp give_up_{kNoEnd};
  std::unique_ptr<Transport> transport_;

  // Of the thread alone.
  std::deque<Message> waiting_;
  std::size_t waiting_bytes_ = 0;
  TimePoint next_try_{};
  Duration back_off_{};
  bool finished_ = false;  // the encoder has given its last

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::deque<Second> queue_;
  bool closing_ = false;
  Account account_;

  std::thread thread_;
};

}  // namespace gend::exporter
