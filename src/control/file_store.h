#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "control/fd.h"
#include "control/problem.h"
#include "control/sha256.h"

namespace gend::control {

struct FileLimits {
  std::size_t file_bytes = limits::kDataFileBytes;
  std::size_t bytes = limits::kStoredFileBytes;  // of all files
  std::size_t files = limits::kStoredFiles;
};

// Files that clients sent, by the SHA-256 of what is in them: the daemon may not read its users'
// files itself. Each is a temporary file without a name, mapped: it is page cache rather than
// memory of the process, and nothing is left of it when the daemon ends in any way. The one that
// was not used for the longest time makes room for a new one. Used from many threads at once.
class FileStore {
  struct File;

 public:
  explicit FileStore(const FileLimits& limits = {});
  ~FileStore();
  FileStore(const FileStore&) = delete;
  FileStore& operator=(const FileStore&) = delete;

  // A file that stays as long as this does.
  class Lease {
   public:
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    std::string_view content() const;

   private:
    friend class FileStore;
    Lease(FileStore& store, File& file) : store_{&store}, file_{&file} {}
    FileStore* store_;
    File* file_;  // null: moved from
  };
  // Nothing when it is not here. Counts as a use.
  std::optional<Lease> find(const std::string& sha256);

  // A file that is being sent. What goes wrong is kept until it is whole: a client sends first and
  // reads then.
  class Upload {
   public:
    ~Upload();
    void add(std::string_view bytes);
    // Whole: keeps the file. 422 when it is not what its name says, 413 too large, 507 no room.
    std::expected<void, Problem> finish();

   private:
    friend class FileStore;
    Upload(FileStore& store, std::string sha256);
    FileStore& store_;
    const std::string sha256_;
    Fd fd_;
    Sha256 hash_;
    std::size_t size_ = 0;
    std::optional<Problem> failure_;
  };
  std::unique_ptr<Upload> receive(std::string sha256);

  std::size_t count() const;
  std::size_t bytes() const;

 private:
  std::expected<void, Problem> keep(const std::string& sha256, Fd fd, std::size_t size);
  bool make_room(std::size_t size);  // needs the lock

  const FileLimits limits_;
  mutable std::mutex mutex_;  // guards all below
  std::map<std::string, std::unique_ptr<File>> files_;
  std::size_t bytes_ = 0;
  std::uint64_t uses_ = 0;
};

}  // namespace gend::control
