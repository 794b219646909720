#pragma once

#include <sys/socket.h>

#include <memory>
#include <vector>

#include "observe/source_watch.h"

namespace gend::observe {

// Which addresses may be asked: this host's list of allowed targets. Used from the poller's thread.
class AddressRule {
 public:
  virtual ~AddressRule() = default;
  virtual bool allows(const sockaddr* address, socklen_t length) const = 0;
};

// Asks the sources of a plan, each as often as it says, from a thread of its own. Nothing that a
// source does, or fails to do, holds anybody else up.
class Poller {
 public:
  // All must outlive it.
  Poller(const std::vector<Source>& sources, const Trust& trust, const AddressRule& rule);
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void start();  // asks each source at once, and from then on; once
  void stop();   // cuts off what is under way; for good

  struct News {
    std::vector<Value> values;    // of one series in the order in which they came
    std::vector<Change> changes;  // of one source in their order
  };
  News take();  // since the last time
  std::vector<Status> statuses() const;  // in the order of the sources

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gend::observe
