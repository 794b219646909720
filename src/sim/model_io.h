#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "engine/vu.h"
#include "plan/program.h"
#include "sim/assumptions.h"
#include "sim/io.h"
#include "sim/level_meter.h"
#include "sim/world.h"

namespace gend::sim {

// The rows of one data set that were used. Sets too large for a bit each are not followed.
class RowMarks {
 public:
  explicit RowMarks(std::uint64_t rows) : marks_(rows <= limits::kRowsMarked ? rows : 0) {}
  void mark(std::uint64_t row) {
    if (marks_.empty()) return;
    used_ += marks_[row] ? 0 : 1;
    marks_[row] = true;
  }
  std::uint64_t used() const { return used_; }

 private:
  std::vector<bool> marks_;
  std::uint64_t used_ = 0;
};

// Requests in each second of virtual time; only the highest number of them is kept.
class PeakRate {
 public:
  void add(TimePoint at) {
    const auto second = at.time_since_epoch() / std::chrono::seconds{1};
    if (second != second_) count_ = 0;
    second_ = second;
    if (++count_ <= peak_) return;
    peak_ = count_;
    peak_at_ = TimePoint{std::chrono::seconds{second}};
  }
  std::uint64_t peak() const { return peak_; }
  TimePoint peak_at() const { return peak_at_; }  // the beginning of its second

 private:
  std::int64_t second_ = -1;
  std::uint64_t count_ = 0, peak_ = 0;
  TimePoint peak_at_{};
};

// sim::Io for a plan whose target is a model: makes up the answers that the plan wants
// (engine/made_up.h), and follows what a simulation tells of.
class ModelIo : public Io {
 public:
  static constexpr bool kMakesUpAnswers = true;

  // Both must outlive it.
  ModelIo(World& world, const plan::Program& program, const Assumptions& assumptions,
          std::size_t connections);

  void asking(net::ConnectionId id, const engine::Vu& vu, const engine::Vu& user,
              const plan::HttpRequest& request);
  void users_at_work(std::uint16_t scenario, std::uint64_t busy);
  bool knows(plan::Part part) const { return is_known(part); }
  bool is_wanted(const plan::HttpRequest& request, int status) const {
    return status == assumptions_.statuses[index_of(request)];
  }
  std::string_view made_up(const plan::Capture& capture) const {
    return assumptions_.values[capture.slot];
  }
  std::span<const std::uint64_t> rounds_of_loops() const { return assumptions_.rounds; }

  // One scenario, or all of them together.
  struct Followed {
    LevelMeter users;
    PeakRate requests;
    std::uint64_t most_users = 0;
    TimePoint most_users_at{};
    void users_are(std::uint64_t busy, TimePoint now);
  };
  Followed& scenario(std::size_t index) { return scenarios_[index]; }
  Followed& all() { return all_; }
  LevelMeter& requests_under_way(std::size_t scenario) { return under_way()[scenario]; }
  const std::vector<RowMarks>& rows() const { return rows_; }  // by data set
  // Requests sent since the last call, by their place in the program; those of `until` and later
  // are left for the next one.
  std::vector<std::uint64_t> take_sent();
  void count_until(TimePoint until) { until_ = until; }

 private:
  std::size_t index_of(const plan::HttpRequest& request) const {
    return static_cast<std::size_t>(&request - program_.requests.data());
  }

  const plan::Program& program_;
  const Assumptions& assumptions_;
  const World& clock_;
  std::vector<Followed> scenarios_;
  Followed all_;
  std::vector<RowMarks> rows_;
  TimePoint until_ = kNever;
  std::vector<std::uint64_t> sent_, sent_later_;
};

}  // namespace gend::sim
