#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/fixtures.h"

namespace gend::cli {

// Where fixtures are written and removed again. A manifest beside them (villages.manifest.json)
// says which files they are and what was in them, so that nothing else is ever touched.
class FixtureFolder {
 public:
  FixtureFolder(std::string path, FixtureKind kind);

  enum class Existing : std::uint8_t { kKept, kReplaced };
  // Writes them all, or none and says why: `kKept` refuses when one of the names is taken by a file
  // that is not what an earlier call left there. Only the owner may read them: they hold tokens.
  Expected<void> write(const std::vector<Fixture>& fixtures, Existing existing);

  struct Removed {
    std::vector<std::string> removed, kept, gone;  // kept: changed since; gone: before
  };
  // Removes what the manifest names, but what has changed since; the folder, when it is empty and
  // write() had made it.
  Expected<Removed> remove();

  std::string path_of(const std::string& name) const { return path_ + "/" + name; }
  const std::string& manifest() const { return manifest_; }  // its name

 private:
  struct Entry {
    std::string name, sha256;
  };
  struct Manifest {
    std::vector<Entry> files;
    bool made_folder = false;
  };
  Expected<Manifest> read_manifest() const;
  Expected<void> put(const std::string& name, const std::string& text) const;

  std::string path_, kind_, manifest_;
};

}  // namespace gend::cli
