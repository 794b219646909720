#include "doctor/calibration.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace gend::doctor {

using Json = nlohmann::ordered_json;

namespace {

constexpr int kVersion = 1;
constexpr std::size_t kMostMeasurements = 100;
constexpr double kMostPerSecond = 1e9;

const Json* member(const Json& json, const char* name) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(name);
  return found == json.end() ? nullptr : &*found;
}

std::optional<std::string> text_in(const Json& json, const char* name) {
  const Json* const found = member(json, name);
  if (found == nullptr || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

// Of those that a person may have edited: neither negative nor beyond what can be.
std::optional<double> number_in(const Json& json, const char* name, double most) {
  const Json* const found = member(json, name);
  if (found == nullptr || !found->is_number()) return std::nullopt;
  const double value = found->get<double>();
  if (!std::isfinite(value) || value < 0 || value > most) return std::nullopt;
  return value;
}

std::expected<Measurement, std::string> measurement_of(const Json& json) {
  const auto kind = text_in(json, "kind"), verdict = text_in(json, "verdict");
  const auto connections = number_in(json, "connections", 1e9);
  const auto asked = number_in(json, "asked_per_second", kMostPerSecond);
  const auto per_second = number_in(json, "per_second", kMostPerSecond);
  const auto cpu = number_in(json, "cpu_us", 1e9);
  const auto busiest = number_in(json, "busiest", 2);
  if (!kind || !verdict || !connections || !asked || !per_second || !cpu || !busiest)
    return std::unexpected{"a measurement lacks a member, or one is not what it should be"};
  if (*kind != "closed" && *kind != "open" && *kind != "connections")
    return std::unexpected{"\"" + *kind + "\" is no kind of measurement"};
  return Measurement{*kind, static_cast<unsigned>(*connections), *asked, *per_second, *cpu,
                     *busiest, *verdict};
}

}  // namespace

double measured_ceiling(const Calibration& calibration) {
  double most = 0;
  for (const Measurement& each : calibration.measured)
    if (each.kind != "connections") most = std::max(most, each.per_second);
  return most;
}

double request_cpu_us(const Calibration& calibration) {
  double most = 0;
  for (const Measurement& each : calibration.measured)
    if (each.kind == "closed") most = std::max(most, each.cpu_us);
  return most;
}

double shard_ceiling(const Calibration& calibration) {
  const double cpu_us = request_cpu_us(calibration);
  const double measured = measured_ceiling(calibration) / std::max(calibration.shards, 1U);
  return std::max(cpu_us > 0 ? 1e6 / cpu_us : 0, measured);
}

double open_ceiling(const Calibration& calibration) {
  double most = 0;
  for (const Measurement& each : calibration.measured)
    if (each.kind == "open" && each.verdict == "CLEAN") most = std::max(most, each.asked);
  return most;
}

std::vector<std::string> stale_reasons(const Calibration& calibration, const Place& now) {
  std::vector<std::string> reasons;
  const auto compare = [&](const char* what, const std::string& then, const std::string& is) {
    if (then != is)
      reasons.push_back(fmt::format("{} {} then, {} now", what, then.empty() ? "unknown" : then,
                                    is.empty() ? "unknown" : is));
  };
  const Place& then = calibration.place;
  compare("gend", then.gend, now.gend);
  compare("kernel", then.kernel, now.kernel);
  compare("processor", then.cpu_model, now.cpu_model);
  if (then.cpus != now.cpus)
    reasons.push_back(fmt::format("{} processors then, {} now", then.cpus, now.cpus));
  compare("io_uring profile", then.profile, now.profile);
  return reasons;
}

Json to_json(const std::vector<Measurement>& measured) {
  Json list = Json::array();
  for (const Measurement& each : measured)
    list.push_back({{"kind", each.kind},
                    {"connections", each.connections},
                    {"asked_per_second", each.asked},
                    {"per_second", each.per_second},
                    {"cpu_us", each.cpu_us},
                    {"busiest", each.busiest},
                    {"verdict", each.verdict}});
  return list;
}

Json to_json(const Calibration& calibration) {
  const Place& place = calibration.place;
  return {{"calibration", kVersion},
          {"gend", place.gend},
          {"kernel", place.kernel},
          {"cpu", place.cpu_model},
          {"cpus", place.cpus},
          {"profile", place.profile},
          {"shards", calibration.shards},
          {"calibrated_ms", calibration.at_ms},
          {"measured_requests_per_second", measured_ceiling(calibration)},
          {"cpu_us_per_request", request_cpu_us(calibration)},
          {"shard_requests_per_second", shard_ceiling(calibration)},
          {"measured", to_json(calibration.measured)}};
}

std::expected<std::vector<Measurement>, std::string> parse_measurements(const Json& list) {
  if (!list.is_array() || list.empty() || list.size() > kMostMeasurements)
    return std::unexpected{"\"measured\" must be a list of measurements"};
  std::vector<Measurement> all;
  for (const Json& each : list) {
    auto one = measurement_of(each);
    if (!one) return std::unexpected{one.error()};
    all.push_back(*std::move(one));
  }
  return all;
}

std::expected<Calibration, std::string> parse_calibration(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::unexpected{"it is no JSON object"};
  if (number_in(json, "calibration", 1e6) != kVersion)
    return std::unexpected{"it is no calibration of a version that this gend knows"};
  const auto gend = text_in(json, "gend"), kernel = text_in(json, "kernel");
  const auto cpu = text_in(json, "cpu"), profile = text_in(json, "profile");
  const auto cpus = number_in(json, "cpus", 1e6), shards = number_in(json, "shards", 1e6);
  const auto at = number_in(json, "calibrated_ms", 1e15);
  if (!gend || !kernel || !cpu || !profile || !cpus || !shards || *shards < 1 || !at)
    return std::unexpected{"a member is missing, or is not what it should be"};
  const Json* const list = member(json, "measured");
  auto measured = parse_measurements(list == nullptr ? Json{} : *list);
  if (!measured) return std::unexpected{measured.error()};
  Calibration calibration{{*gend, *kernel, *cpu, static_cast<unsigned>(*cpus), *profile},
                          static_cast<unsigned>(*shards), static_cast<std::int64_t>(*at),
                          *std::move(measured)};
  if (shard_ceiling(calibration) <= 0) return std::unexpected{"nothing was measured in it"};
  return calibration;
}

RateSearch::RateSearch(double guess, double most, unsigned steps)
    : high_{most}, next_{std::min(guess, most)}, left_{steps} {}

void RateSearch::tell(Kept kept) {
  if (left_ == 0) return;
  --left_;
  if (kept == Kept::kYes) low_ = next_;
  else {
    high_ = next_;
    failed_ = true;
  }
  // Upwards in steps of a quarter until one fails, then halves of what is left.
  next_ = failed_ ? (low_ + high_) / 2 : std::min(low_ * 1.25, high_);
  if (high_ - low_ < high_ / 50) left_ = 0;
}

}  // namespace gend::doctor
