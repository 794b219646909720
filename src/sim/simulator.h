#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/shard.h"
#include "plan/program.h"
#include "sim/assumptions.h"
#include "sim/model.h"
#include "sim/model_io.h"
#include "sim/simulation.h"
#include "sim/world.h"
#include "stats/snapshot.h"
#include "stats/threshold_watch.h"

namespace gend::sim {

// Carries a program out in virtual time, as fast as it can: one shard of production on a ModelIo.
// Memory does not grow with the run but by its rows.
class Simulator {
 public:
  // `program` must outlive the simulator and what it tells.
  Simulator(const plan::Program& program, const ModelSpec& model, Duration bucket);

  // At most so many turns of the shard. False when the run is over.
  bool run(std::size_t turns);
  // Cuts everything off at this moment of virtual time.
  void stop() { cut_off(Simulation::End::kStopped); }
  Duration elapsed() const { return world_.now() - TimePoint{}; }

  Simulation tell() &&;

 private:
  // The requests of a scenario, by their place in the program.
  using Requests = std::vector<std::uint32_t>;

  void collect();
  void absorb(stats::Snapshot& interval);
  void cut_off(Simulation::End why);
  void end_row(TimePoint to);
  Row row_of(std::size_t scenario, TimePoint to, const std::vector<std::uint64_t>& sent);
  void tell_totals();
  StepTold step_of(std::uint32_t request) const;

  const plan::Program& program_;
  Assumptions assumptions_;
  ModelTarget target_;
  World world_;
  ModelIo io_;
  engine::Shard<ModelIo> shard_;
  Duration interval_;
  TimePoint wakes_at_{}, row_from_{};
  bool running_ = true;
  std::vector<Requests> requests_;            // by scenario
  std::vector<std::uint64_t> sent_;           // by request, in all rows so far
  std::vector<std::uint64_t> waiting_;        // by scenario: arrivals without a user
  stats::Snapshot row_, total_;               // of the row under way, of the run
  stats::ThresholdWatch watch_;
  Simulation told_;
};

// Simulates the whole of it; `go_on(elapsed)` is asked now and then, and false stops it.
template <class GoOn>
Simulation simulate(const plan::Program& program, const ModelSpec& model, GoOn&& go_on) {
  constexpr std::size_t kTurns = 20'000;  // some milliseconds
  const Duration planned = planned_length(program);
  Duration bucket = bucket_for(planned);
  for (;;) {
    Simulator simulator{program, model, bucket};
    bool stopped = false;
    while (simulator.run(kTurns)) {
      if (!stopped && !go_on(simulator.elapsed())) {
        stopped = true;
        simulator.stop();
      }
    }
    // Iterations that are counted may be over long before their time is: once more, and closer.
    const Duration closer = bucket_for(simulator.elapsed());
    if (stopped || closer * 4 > bucket) return std::move(simulator).tell();
    bucket = closer;
  }
}

}  // namespace gend::sim
