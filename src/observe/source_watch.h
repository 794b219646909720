#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "observe/answer_reader.h"
#include "observe/source.h"

namespace gend::observe {

struct Value {
  std::uint32_t slot = 0;
  double value = 0;
};

// Something worth telling a person, once: a source stopped answering, or came back.
struct Change {
  TimePoint at{};
  std::string words;
};

// How a source has done so far.
struct Status {
  std::uint64_t polls = 0, failed = 0;
  bool answers = true;     // the latest poll; true before the first
  std::string last_fault;  // of the latest poll that failed
  TimePoint failed_at{};
};

// Follows one source from poll to poll. Fed by whoever polls; tells what it read and what changed.
class SourceWatch {
 public:
  explicit SourceWatch(const Source& source);  // which must outlive it

  void answered(std::string& body, TimePoint at);
  void failed(std::string why, TimePoint at);

  std::vector<Value> take_values() { return std::exchange(values_, {}); }
  std::vector<Change> take_changes() { return std::exchange(changes_, {}); }
  const Status& status() const { return status_; }

 private:
  void note(TimePoint at, std::string words);

  const Source& source_;
  AnswerReader reader_;
  std::vector<std::string> faults_;  // of each series in the latest answer; empty: none
  Status status_;
  TimePoint silent_since_{};
  std::size_t told_ = 0;
  std::vector<Value> values_;
  std::vector<Change> changes_;
};

}  // namespace gend::observe
