#include "cli/fixture_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/write_all.h"
#include "control/fd.h"
#include "control/sha256.h"

namespace gend::cli {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Error failed(const std::string& path, const char* why, std::string remedy = {}) {
  return {fmt::format("{}: {}", path, why), std::move(remedy), ExitCode::kUsage};
}

// The SHA-256 of a plain file; nothing when there is none that can be read.
std::optional<std::string> sha256_of(const std::string& path) {
  const control::Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  control::Sha256 sum;
  std::string piece(256 * 1024, '\0');
  for (;;) {
    const ssize_t n = ::read(fd.get(), piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::nullopt;
    if (n == 0) return sum.hex();
    sum.add({piece.data(), static_cast<std::size_t>(n)});
  }
}

// Something of that name, also a link to nowhere.
bool exists(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

}  // namespace

FixtureFolder::FixtureFolder(std::string path, FixtureKind kind)
    : path_{path.empty() ? "." : std::move(path)},
      kind_{name_of(kind)},
      manifest_{kind_ + ".manifest.json"} {
  while (path_.size() > 1 && path_.ends_with('/')) path_.pop_back();
}

Expected<FixtureFolder::Manifest> FixtureFolder::read_manifest() const {
  const std::string path = path_of(manifest_);
  const control::Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  if (!fd) return std::unexpected{failed(path, std::strerror(errno))};
  std::string text(64 * 1024, '\0');
  const ssize_t size = ::read(fd.get(), text.data(), text.size());
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  const Json json = Json::parse(text, nullptr, false);
  const Error not_ours =
      failed(path, "not written by genctl data", "remove it by hand, if it may go");
  if (!json.is_object() || json.value("kind", Json{}) != kind_ ||
      !json.value("files", Json{}).is_object())
    return std::unexpected{not_ours};
  Manifest manifest;
  manifest.made_folder = json.value("made_folder", Json{}) == true;
  for (const auto& [name, sum] : json["files"].items()) {
    const bool plain = !name.empty() && name[0] != '.' && name.find('/') == name.npos;
    if (!plain || !sum.is_string()) return std::unexpected{not_ours};
    manifest.files.push_back({name, sum.get<std::string>()});
  }
  return manifest;
}

// Beside its place and then into it: a file is whole or not there.
Expected<void> FixtureFolder::put(const std::string& name, const std::string& text) const {
  const std::string path = path_of(name), beside = path + fmt::format(".{}.part", ::getpid());
  const control::Fd fd{::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (!fd) return std::unexpected{failed(beside, std::strerror(errno), "choose another --out")};
  if (!write_all(fd.get(), text) || ::rename(beside.c_str(), path.c_str()) != 0) {
    const Error error = failed(path, std::strerror(errno));
    ::unlink(beside.c_str());
    return std::unexpected{error};
  }
  return {};
}

Expected<void> FixtureFolder::write(const std::vector<Fixture>& fixtures, Existing existing) {
  std::error_code error;
  const bool made = fs::create_directories(path_, error);
  if (error)
    return std::unexpected{failed(path_, error.message().c_str(), "choose another --out")};
  const auto before = read_manifest();
  std::vector<std::string> taken;
  const auto check = [&](const std::string& name) {
    if (!exists(path_of(name))) return;
    const auto is_it = [&](const Entry& entry) { return entry.name == name; };
    if (before) {
      const auto entry = std::find_if(before->files.begin(), before->files.end(), is_it);
      if (entry != before->files.end() && sha256_of(path_of(name)) == entry->sha256) return;
    }
    taken.push_back(path_of(name));
  };
  for (const Fixture& fixture : fixtures) check(fixture.name);
  if (!before && exists(path_of(manifest_))) taken.push_back(path_of(manifest_));
  if (!taken.empty() && existing == Existing::kKept) {
    return std::unexpected{Error{fmt::format("{} exists already, and genctl did not write it so",
                                             fmt::join(taken, ", ")),
                                 "add --force to replace it, or choose another --out",
                                 ExitCode::kUsage}};
  }
  Json files = Json::object();
  for (const Fixture& fixture : fixtures)
    files[fixture.name] = control::sha256_hex(fixture.text);
  const Json json{{"kind", kind_},
                  {"made_folder", made || (before && before->made_folder)},
                  {"files", std::move(files)}};
  // First of all, so that whatever is there can be removed again.
  if (auto done = put(manifest_, json.dump(2) + "\n"); !done) return done;
  for (const Fixture& fixture : fixtures)
    if (auto done = put(fixture.name, fixture.text); !done) return done;
  return {};
}

Expected<FixtureFolder::Removed> FixtureFolder::remove() {
  if (!exists(path_of(manifest_)))
    return std::unexpected{failed(path_of(manifest_), "no such file, so nothing is known to remove",
                                  "--out says where the fixtures are")};
  const auto manifest = read_manifest();
  if (!manifest) return std::unexpected{manifest.error()};
  Removed out;
  for (const Entry& entry : manifest->files) {
    const std::string path = path_of(entry.name);
    if (!exists(path)) {
      out.gone.push_back(path);
    } else if (sha256_of(path) != entry.sha256) {
      out.kept.push_back(path);
    } else if (::unlink(path.c_str()) == 0) {
      out.removed.push_back(path);
    } else {
      return std::unexpected{failed(path, std::strerror(errno))};
    }
  }
  if (::unlink(path_of(manifest_).c_str()) != 0)
    return std::unexpected{failed(path_of(manifest_), std::strerror(errno))};
  if (manifest->made_folder) ::rmdir(path_.c_str());  // fails when something else is in it
  return out;
}

}  // namespace gend::cli
