#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "doctor/facts.h"

// What `genctl calibrate` found out about this host: how many requests gend can generate here.
namespace gend::doctor {

// What a ceiling depends on, besides the number of shards.
struct Place {
  std::string gend, kernel, cpu_model;
  unsigned cpus = 0;     // online
  std::string profile;   // of io_uring: "E"
};

struct Measurement {
  std::string kind;      // "closed", "open", "connections"
  unsigned connections = 0;
  double asked = 0;      // per second; 0: as fast as it goes
  double per_second = 0;  // requests, or connections made
  double cpu_us = 0;     // of gend for each of them; its shards' threads, user and system
  double busiest = 0;    // share of one second that the busiest shard was at work, 0..1
  std::string verdict;   // "CLEAN"
};

struct Calibration {
  Place place;
  unsigned shards = 0;
  std::int64_t at_ms = 0;  // wall clock, since 1970
  std::vector<Measurement> measured;
};

// The most requests per second that were measured, over all shards; 0 without any.
double measured_ceiling(const Calibration& calibration);
// CPU for one request where it cost most of the closed measurements; 0 without any.
double request_cpu_us(const Calibration& calibration);
// What one shard can do at most: a second of CPU over what a request costs, and no less than what
// was measured. The target ran on the same host, so the truth is higher, not lower.
double shard_ceiling(const Calibration& calibration);
// The highest rate of the open model that was kept to; 0: none was.
double open_ceiling(const Calibration& calibration);

// Why it may not hold `now` any more, each in words; empty: it holds.
std::vector<std::string> stale_reasons(const Calibration& calibration, const Place& now);

nlohmann::ordered_json to_json(const Calibration& calibration);
// The error says what is wrong with the text.
std::expected<Calibration, std::string> parse_calibration(const std::string& text);
// Only the measurements: what genctl sends.
std::expected<std::vector<Measurement>, std::string> parse_measurements(
    const nlohmann::ordered_json& list);
nlohmann::ordered_json to_json(const std::vector<Measurement>& measured);

// Looks for the highest rate that is kept to, in a few steps: up from the first guess while it is,
// down while it is not, and then between the two.
class RateSearch {
 public:
  // `guess` per second; no rate above `most` is tried.
  RateSearch(double guess, double most, unsigned steps);
  bool done() const { return left_ == 0; }
  double next() const { return next_; }
  enum class Kept : bool { kNo, kYes };
  void tell(Kept kept);           // of next()
  double best() const { return low_; }  // 0: none was kept

 private:
  double low_ = 0, high_, next_;
  bool failed_ = false;
  unsigned left_;
};

}  // namespace gend::doctor
