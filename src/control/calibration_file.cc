#include "control/calibration_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/write_all.h"
#include "control/fd.h"
#include "doctor/read.h"

namespace gend::control {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = 256 * 1024;

// "E" of "io_uring profile E on 6.18.44 (…)".
std::string profile_in(const std::string& ring) {
  constexpr std::string_view kBefore = "profile ";
  const std::size_t at = ring.find(kBefore);
  return at == ring.npos ? std::string{} : ring.substr(at + kBefore.size(), 1);
}

}  // namespace

std::expected<std::optional<doctor::Calibration>, std::string> CalibrationFile::read() const {
  if (path_.empty()) return std::nullopt;
  std::ifstream in{path_, std::ios::binary};
  std::error_code error;
  if (!in) {
    if (!fs::exists(path_, error) && !error) return std::nullopt;
    return std::unexpected{path_ + ": cannot be read"};
  }
  std::string text(kMostBytes, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  auto calibration = doctor::parse_calibration(text);
  if (!calibration) return std::unexpected{path_ + ": " + calibration.error()};
  return *std::move(calibration);
}

Expected<void> CalibrationFile::write(const doctor::Calibration& calibration) const {
  if (path_.empty())
    return std::unexpected{Error{"this gend keeps nothing on disk",
                                 "start it with --state DIR or --calibration FILE"}};
  const auto failed = [&](const std::string& what) {
    return std::unexpected{Error{what + ": " + std::strerror(errno), {}}};
  };
  std::error_code error;
  const fs::path folder = fs::path{path_}.parent_path();
  if (!folder.empty() && fs::create_directories(folder, error))
    fs::permissions(folder, fs::perms::owner_all, error);
  std::string draft = path_ + ".XXXXXX";
  const Fd file{::mkostemp(draft.data(), O_CLOEXEC)};
  if (!file) return failed(draft);
  const std::string text = doctor::to_json(calibration).dump(2) + "\n";
  if (!write_all(file.get(), text) || ::fsync(file.get()) != 0 ||
      ::rename(draft.c_str(), path_.c_str()) != 0) {
    const auto refusal = failed(path_);
    ::unlink(draft.c_str());
    return refusal;
  }
  return {};
}

doctor::Place place_of(const Engine& engine, const std::string& ring) {
  doctor::Facts facts;
  doctor::read_files("", facts);
  const HostFacts host = engine.host();
  return {.gend = GEND_VERSION,
          .kernel = host.kernel,
          .cpu_model = facts.cpu_model,
          .cpus = static_cast<unsigned>(facts.cpus_online.value_or(host.cpus)),
          .profile = profile_in(ring)};
}

report::CeilingFacts ceiling_of(const doctor::Calibration& calibration, const doctor::Place& now,
                                unsigned shards) {
  const auto seconds = static_cast<std::time_t>(calibration.at_ms / 1000);
  return {.requests_per_second = doctor::shard_ceiling(calibration) * shards,
          .shards = calibration.shards,
          .calibrated_at = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds)),
          .stale = doctor::stale_reasons(calibration, now)};
}

}  // namespace gend::control
