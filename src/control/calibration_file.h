#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "control/engine.h"
#include "doctor/calibration.h"
#include "report/run_result.h"

// Where a gend keeps what `genctl calibrate` found, and what a run makes of it.
namespace gend::control {

class CalibrationFile {
 public:
  // Empty: this gend keeps nothing.
  explicit CalibrationFile(std::string path = {}) : path_{std::move(path)} {}

  const std::string& path() const { return path_; }
  // Nothing when there is none; the error names the file and what is wrong with it.
  std::expected<std::optional<doctor::Calibration>, std::string> read() const;
  // Whole or not at all, also when the machine goes down in the middle.
  Expected<void> write(const doctor::Calibration& calibration) const;

 private:
  std::string path_;
};

// This gend on this host. `ring`: RingTrial::ring, Driver::ring_description().
doctor::Place place_of(const Engine& engine, const std::string& ring);

// For a report on a run with so many shards.
report::CeilingFacts ceiling_of(const doctor::Calibration& calibration, const doctor::Place& now,
                                unsigned shards);

}  // namespace gend::control
