#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "control/engine.h"

namespace gend::test {

// An engine that sends nothing. Its seconds pass when the test says so, at once and without a
// clock.
class FakeEngine final : public control::Engine {
 public:
  // What a second of the run records; called from the run's thread.
  std::function<void(const plan::Program&, stats::Snapshot&)> record;
  std::optional<Error> refuse;    // create() fails with it
  engine::RingTrial rings{"io_uring profile E on 6.1.0-test", 'E', {}, {}};
  bool deaf_to_graceful = false;  // only a stop kNow ends the run

  void pass(int seconds) {
    const std::lock_guard lock{mutex_};
    seconds_ += seconds;
    changed_.notify_all();
  }
  void finish() {
    const std::lock_guard lock{mutex_};
    finished_ = true;
    changed_.notify_all();
  }
  // create() waits until open_gate().
  void close_gate() {
    const std::lock_guard lock{mutex_};
    gate_closed_ = true;
  }
  void open_gate() {
    const std::lock_guard lock{mutex_};
    gate_closed_ = false;
    changed_.notify_all();
  }
  int begun() const {
    const std::lock_guard lock{mutex_};
    return begun_;
  }
  // Waits until there are so many.
  std::vector<engine::Command> commands(std::size_t count) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return commands_.size() >= count; });
    return commands_;
  }
  int created() const {
    const std::lock_guard lock{mutex_};
    return created_;
  }
  std::optional<engine::Fleet::Stop> last_stop() const {
    const std::lock_guard lock{mutex_};
    return last_stop_;
  }

  Expected<std::unique_ptr<control::Driver>> create(const plan::Program& program,
                                                    const engine::FleetOptions&) override {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return !gate_closed_; });
    if (refuse) return std::unexpected{*refuse};
    ++created_;
    seconds_ = 0;
    finished_ = false;
    last_stop_.reset();
    return std::make_unique<Driver>(*this, program);
  }
  HostFacts host() const override {
    return {.kernel = "6.1.0-test",
            .cpus = 4,
            .memory_bytes = 16ULL << 30,
            .memory_available = 8ULL << 30,
            .nofile_soft = 1 << 20,
            .nofile_hard = 1 << 20,
            .memlock_soft = ~0ULL,
            .port_first = 32768,
            .port_last = 60999,
            .io_uring_disabled = 0,
            .seccomp = false};
  }
  engine::RingTrial try_rings(char, unsigned, std::uint64_t) const override { return rings; }
  engine::Capacity needed(const plan::Program&) const override {
    return {.connections = 7, .descriptors = 11, .ports = 7, .ports_available = 28232};
  }

 private:
  class Driver final : public control::Driver {
   public:
    Driver(FakeEngine& engine, const plan::Program& program) : engine_{engine}, program_{program} {}
    void start(TimePoint) override {
      const std::lock_guard lock{engine_.mutex_};
      ++engine_.begun_;
    }
    TimePoint started_at() const override { return TimePoint{std::chrono::hours{1}}; }
    engine::Fleet::Collected collect(stats::Snapshot& into, Duration max_wait) override {
      into.clear();
      std::unique_lock lock{engine_.mutex_};
      engine_.changed_.wait_for(lock, max_wait,
                                [this] { return engine_.seconds_ > 0 || engine_.finished_; });
      if (engine_.seconds_ > 0) {
        --engine_.seconds_;
        into.recorder.from = started_at() + std::chrono::seconds{done_};
        into.recorder.to = started_at() + std::chrono::seconds{++done_};
        if (engine_.record) engine_.record(program_, into);
        return engine::Fleet::Collected::kInterval;
      }
      return engine_.finished_ ? engine::Fleet::Collected::kFinished
                               : engine::Fleet::Collected::kNothing;
    }
    void stop(engine::Fleet::Stop how) override {
      const std::lock_guard lock{engine_.mutex_};
      engine_.last_stop_ = how;
      if (how == engine::Fleet::Stop::kNow || !engine_.deaf_to_graceful) engine_.finished_ = true;
    }
    void command(const engine::Command& command) override {
      const std::lock_guard lock{engine_.mutex_};
      engine_.commands_.push_back(command);
      engine_.changed_.notify_all();
    }
    unsigned shards() const override { return 2; }
    engine::Capacity capacity() const override { return engine_.needed(program_); }
    std::vector<std::string> warnings() const override { return {"a warning of the engine"}; }
    std::string ring_description() const override { return "no ring at all"; }
    std::vector<ledger::RoomTotals> rooms() const override { return {}; }

   private:
    FakeEngine& engine_;
    const plan::Program& program_;
    int done_ = 0;
  };

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int seconds_ = 0, created_ = 0, begun_ = 0;
  std::vector<engine::Command> commands_;
  bool finished_ = false, gate_closed_ = false;
  std::optional<engine::Fleet::Stop> last_stop_;
};

}  // namespace gend::test
