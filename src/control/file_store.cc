#include "control/file_store.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

namespace gend::control {

struct FileStore::File {
  Fd fd;
  void* mapped = nullptr;  // null: an empty file, which cannot be mapped
  std::size_t size = 0;
  int leases = 0;
  std::uint64_t last_use = 0;

  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (mapped) ::munmap(mapped, size);
  }
};

namespace {

// A file without a name. On a disk, so that the kernel may write it out when memory is short; where
// there is none that can do it, in memory.
Fd nameless_file() {
  for (const char* directory : {"/var/tmp", "/tmp"}) {
    Fd fd{::open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
    if (fd) return fd;
  }
  return Fd{::memfd_create("gend-upload", MFD_CLOEXEC)};
}

Problem no_room(std::string detail) {
  return {.status = 507, .type = "no-room", .title = "The daemon has no room for this file",
          .detail = std::move(detail), .remedy = {}, .errors = {},
          .exit_code = ExitCode::kHostCannotCarry};
}

}  // namespace

FileStore::FileStore(const FileLimits& limits) : limits_{limits} {}
FileStore::~FileStore() = default;

FileStore::Lease::Lease(Lease&& other) noexcept
    : store_{other.store_}, file_{std::exchange(other.file_, nullptr)} {}

FileStore::Lease::~Lease() {
  if (!file_) return;
  const std::lock_guard lock{store_->mutex_};
  --file_->leases;
}

std::string_view FileStore::Lease::content() const {
  return {static_cast<const char*>(file_->mapped), file_->size};
}

std::optional<FileStore::Lease> FileStore::find(const std::string& sha256) {
  const std::lock_guard lock{mutex_};
  const auto found = files_.find(sha256);
  if (found == files_.end()) return std::nullopt;
  File& file = *found->second;
  ++file.leases;
  file.last_use = ++uses_;
  return Lease{*this, file};
}

std::unique_ptr<FileStore::Upload> FileStore::receive(std::string sha256) {
  return std::unique_ptr<Upload>{new Upload{*this, std::move(sha256)}};
}

FileStore::Upload::Upload(FileStore& store, std::string sha256)
    : store_{store}, sha256_{std::move(sha256)}, fd_{nameless_file()} {
  if (!fd_) failure_ = no_room(std::strerror(errno));
}

FileStore::Upload::~Upload() = default;

void FileStore::Upload::add(std::string_view bytes) {
  size_ += bytes.size();
  if (failure_ || size_ > store_.limits_.file_bytes) return;
  hash_.add(bytes);
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      failure_ = no_room(std::strerror(errno));
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::expected<void, Problem> FileStore::Upload::finish() {
  if (failure_) return std::unexpected{*failure_};
  if (size_ > store_.limits_.file_bytes)
    return std::unexpected{Problem{
        .status = 413, .type = "too-large", .title = "The file is too large",
        .detail = fmt::format("the file has {} bytes, at most {} are taken", size_,
                              store_.limits_.file_bytes),
        .remedy = "split it", .errors = {}, .exit_code = ExitCode::kUsage}};
  if (const std::string found = hash_.hex(); found != sha256_)
    return std::unexpected{Problem{
        .status = 422, .type = "other-content", .title = "The file is not what its name says",
        .detail = fmt::format("the SHA-256 of what arrived is {}, expected {}", found, sha256_),
        .remedy = "was it changed while it was sent? try again", .errors = {},
        .exit_code = ExitCode::kUsage}};
  return store_.keep(sha256_, std::move(fd_), size_);
}

std::expected<void, Problem> FileStore::keep(const std::string& sha256, Fd fd, std::size_t size) {
  auto file = std::make_unique<File>();
  file->size = size;
  if (size > 0) {
    void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
    if (mapped == MAP_FAILED) return std::unexpected{no_room(std::strerror(errno))};
    file->mapped = mapped;
  }
  file->fd = std::move(fd);
  const std::lock_guard lock{mutex_};
  if (files_.contains(sha256)) return {};  // two clients sent it at once
  if (!make_room(size))
    return std::unexpected{no_room(
        fmt::format("the file has {} bytes; {} of {} are taken by {} files, which are in use",
                    size, bytes_, limits_.bytes, files_.size()))};
  file->last_use = ++uses_;
  bytes_ += size;
  files_.emplace(sha256, std::move(file));
  return {};
}

bool FileStore::make_room(std::size_t size) {
  while (files_.size() >= limits_.files || bytes_ + size > limits_.bytes) {
    auto oldest = files_.end();
    for (auto each = files_.begin(); each != files_.end(); ++each)
      if (each->second->leases == 0 &&
          (oldest == files_.end() || each->second->last_use < oldest->second->last_use))
        oldest = each;
    if (oldest == files_.end()) return false;
    bytes_ -= oldest->second->size;
    files_.erase(oldest);
  }
  return true;
}

std::size_t FileStore::count() const {
  const std::lock_guard lock{mutex_};
  return files_.size();
}

std::size_t FileStore::bytes() const {
  const std::lock_guard lock{mutex_};
  return bytes_;
}

}  // namespace gend::control
