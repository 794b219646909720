#include "control/run_store.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/fd.h"
#include "control/status_json.h"

namespace gend::control {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// A record is a summary and little else; a file beyond this is not ours.
constexpr std::uintmax_t kRecordBytes = 64 * 1024 * 1024;

Error failed(const std::string& path, const char* what) {
  return {path + ": " + what + ": " + std::strerror(errno), {}, ExitCode::kHostCannotCarry};
}

Expected<void> write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected{failed(path, "cannot be written")};
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Expected<void> write_durably(const std::string& path, std::string_view text) {
  Fd fd{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640)};
  if (!fd) return std::unexpected{failed(path, "cannot be made")};
  if (auto written = write_all(fd.get(), text, path); !written) return written;
  if (::fsync(fd.get()) != 0) return std::unexpected{failed(path, "fsync()")};
  // close() can report what a network file system kept to itself until now.
  if (::close(fd.release()) != 0) return std::unexpected{failed(path, "close()")};
  return {};
}

Expected<void> sync_directory(const std::string& path) {
  Fd fd{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd || ::fsync(fd.get()) != 0) return std::unexpected{failed(path, "fsync()")};
  return {};
}

std::string read_small(const fs::path& path) {
  std::error_code error;
  if (fs::file_size(path, error) > kRecordBytes || error) return {};
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::optional<RunRecord> record_of(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("run")) return std::nullopt;
  auto status = status_from_json(json["run"]);
  if (!status) return std::nullopt;
  RunRecord record{.status = std::move(*status), .summary = {}};
  if (const auto it = json.find("summary"); it != json.end() && it->is_object())
    record.summary = it->dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  return record;
}

// The daemon that wrote it ended before the run did.
void mark_lost(RunRecord& record) {
  switch (record.status.state) {
    case report::RunState::kFinished:
    case report::RunState::kFailed: return;
    case report::RunState::kStarting:
    case report::RunState::kWaiting:
    case report::RunState::kRunning:
    case report::RunState::kStopping: break;
  }
  record.status.state = report::RunState::kFailed;
  record.status.exit_code = ExitCode::kRunLost;
  record.status.end_reason = "the daemon ended during the run; results are complete up to " +
                             std::to_string(to_seconds(record.status.elapsed)) + " s";
}

}  // namespace

Expected<RunStore> RunStore::open(const std::string& state_directory) {
  const std::string directory = state_directory + "/runs";
  std::error_code error;
  fs::create_directories(directory, error);
  if (error || ::access(directory.c_str(), W_OK | X_OK) != 0)
    return std::unexpected{Error{directory + ": results cannot be written: " +
                                     (error ? error.message() : std::strerror(errno)),
                                 "give gend a directory of its own with --state",
                                 ExitCode::kHostCannotCarry}};
  return RunStore{directory};
}

std::string RunStore::path_of(const std::string& id) const {
  return directory_ + "/" + id + ".json";
}

bool RunStore::has(const std::string& id) const {
  std::error_code error;
  return fs::exists(path_of(id), error);
}

Expected<void> RunStore::write(const RunRecord& record) const {
  Json json{{"run", to_json(record.status)}};
  // Parsed, not pasted: a record must be one JSON document whatever the summary's layout.
  json["summary"] = Json::parse(record.summary, nullptr, false);
  if (json["summary"].is_discarded()) json["summary"] = nullptr;
  const std::string text = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";

  const std::string path = path_of(record.status.id), temporary = path + ".tmp";
  if (auto written = write_durably(temporary, text); !written) {
    ::unlink(temporary.c_str());
    return written;
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0)
    return std::unexpected{failed(path, "rename()")};
  return sync_directory(directory_);
}

std::vector<RunRecord> RunStore::newest(std::size_t limit) const {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator it{directory_, error}, end; !error && it != end; it.increment(error))
    if (it->path().extension() == ".json") files.push_back(it->path());
  // Ids begin with the date and time, so names sort by age.
  std::sort(files.begin(), files.end());
  if (files.size() > limit) files.erase(files.begin(), files.end() - static_cast<long>(limit));

  std::vector<RunRecord> records;
  for (const fs::path& path : files) {
    auto record = record_of(read_small(path));
    if (!record) {
      spdlog::warn("{}: is no run's record; left alone", path.string());
      continue;
    }
    mark_lost(*record);
    records.push_back(std::move(*record));
  }
  return records;
}

}  // namespace gend::control
