#pragma once

#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plan/place.h"
#include "plan/program.h"

namespace gend::plan {

// One complaint about a plan. `str()` is "file:line:column: what; remedy".
struct Complaint {
  std::string file;  // the plan, or a file that it names
  int line = 0;      // from 1; 0: the whole file
  int column = 0;    // from 1; 0: the whole line
  std::string what;    // found and expected
  std::string remedy;  // may be empty
  // The source line with a caret under the place, for mistakes of YAML itself; else empty. Two
  // lines, appended by str().
  std::string excerpt{};
  std::string str() const;
};
using Complaints = std::vector<Complaint>;

struct Options {
  std::map<std::string, std::string> set;          // --set NAME=VALUE
  std::map<std::string, std::string> environment;  // only names declared in `vars` are looked up
  double time_scale = 1;
  double load_scale = 1;
  Segment segment{};
  // What the plan names, by the name it is given there (`data/users.csv`); files_of() lists them.
  std::map<std::string, std::string_view> files{};
  // Of the host that runs the plan: each has a series of its own. 0: not known here.
  unsigned host_cpus = 0;
  std::optional<std::uint64_t> seed;  // chooses the seed when the plan gives none (tests, resume)
};

// The files that a plan names: data, bodies, certificates. For whoever has to fetch them before
// compile(). As far as the plan can be read; what is wrong with it compile() says.
struct FileUse {
  std::string name;  // as the plan says it, variables filled in; relative to the plan's folder
  Place place;
};
std::vector<FileUse> files_of(const std::string& text, const Options& options);

// text -> Profile -> (check) -> Program. All complaints of a plan come at once. Reads no file, no
// clock, no environment but what Options holds.
std::expected<std::unique_ptr<const Program>, Complaints> compile(const std::string& file_name,
                                                                 const std::string& text,
                                                                 const Options& options);

}  // namespace gend::plan
