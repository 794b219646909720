#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/limits.h"
#include "base/outcome.h"
#include "base/time.h"

namespace gend::stats {

// The beginning of a text, kept without a heap.
template <std::size_t kMost>
struct ShortText {
  std::array<char, kMost> bytes{};
  std::uint16_t size = 0;
  bool cut = false;  // there was more

  void append(std::string_view text) noexcept {
    const std::size_t room = std::min(text.size(), kMost - size);
    if (room > 0) std::memcpy(bytes.data() + size, text.data(), room);
    size = static_cast<std::uint16_t>(size + room);
    cut |= room < text.size();
  }
  std::string_view view() const noexcept { return {bytes.data(), size}; }
};

// One request that is worth looking at, with what helps to find it in the target's own logs. What a
// server sent stands here as it came: reports mask it (report/mask.h).
struct Sample {
  Duration at{};  // since the start of the run: when it was due
  Duration slowness{};  // what slow ones are ranked by: response time (open model) or service time
  std::uint16_t scenario = 0;
  std::uint16_t attempt = 1;      // from 1; above: a retry
  std::uint32_t request = 0;      // index into the program's requests
  std::uint32_t user = 0;         // its number, as ${vu} has it
  std::uint64_t iteration = 0;
  std::uint16_t status = 0;       // 0: no answer
  Outcome outcome = Outcome::kOk;
  std::int32_t failed_check = -1;  // the first that failed: index into its checks, then its expects
  Duration blocked{}, connecting{}, tls{}, sending{}, waiting{}, receiving{};
  Duration service{}, response{};
  ShortText<limits::kSampleTarget> target{};  // "GET /a?b": method and path as sent
  ShortText<limits::kSampleRequestId> request_id{};      // of the response's headers
  ShortText<limits::kSampleTraceparent> traceparent{};
  ShortText<limits::kSampleBody> body{};      // the beginning of the answer's
};

// The slowest requests and some of those that failed, of one interval or of a whole run. Fixed
// size. The same requests give the same samples, in whatever order their shards are merged.
class Samples {
 public:
  // Whether a request this slow is among the slowest so far. Looked at after every request.
  bool wants_slow(Duration slowness) const noexcept {
    return slow_count_ < limits::kSlowSamples ||
           slowness > slow_[limits::kSlowSamples - 1].slowness;
  }
  void offer_slow(const Sample& sample) noexcept;

  // Call once for every failed request: it is counted. Of each way in which a request fails (its
  // outcome and status) the first three are kept, and new ways before repetitions.
  bool wants_failed(std::uint32_t request, Outcome outcome, std::uint16_t status) noexcept;
  void offer_failed(const Sample& sample) noexcept;

  void merge(const Samples& other) noexcept;
  void clear() noexcept;

  std::size_t slow_count() const noexcept { return slow_count_; }
  const Sample& slow(std::size_t i) const noexcept { return slow_[i]; }  // the slowest first
  std::size_t failed_count() const noexcept { return failed_count_; }
  const Sample& failed(std::size_t i) const noexcept { return failed_[i]; }  // the first due first
  std::uint64_t failed_seen() const noexcept { return failed_seen_; }

 private:
  std::array<Sample, limits::kSlowSamples> slow_{};
  std::array<Sample, limits::kFailedSamples> failed_{};
  std::size_t slow_count_ = 0, failed_count_ = 0;
  std::uint64_t failed_seen_ = 0;
};

}  // namespace gend::stats
