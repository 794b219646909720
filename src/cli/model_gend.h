#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/follow.h"
#include "control/fd.h"

namespace gend::cli {

// A gend that carries one plan out in virtual time (gend/simulate.h) and ends: it has no socket,
// gets its request when it starts and answers in lines. It dies with this process.
class ModelGend {
 public:
  static Expected<ModelGend> start(const std::string& request);

  ModelGend(ModelGend&& other) noexcept;
  ModelGend& operator=(ModelGend&&) = delete;
  ~ModelGend();

  // Reads to the end; the value is its last line. Of interrupts the first one ends the simulation
  // where it is, the second kills it. Lines on how far it has come go to `progress`, which may be
  // null.
  struct Progress {
    virtual ~Progress() = default;
    virtual void show(const nlohmann::ordered_json& line) = 0;
  };
  Expected<nlohmann::ordered_json> finish(const Interrupts& interrupts, Progress* progress);

 private:
  ModelGend(pid_t child, control::Fd output) : child_{child}, output_{std::move(output)} {}
  Expected<void> read_some();
  void take_lines(Progress* progress);

  pid_t child_ = -1;
  control::Fd output_;
  std::string text_;  // read and not a whole line yet
  nlohmann::ordered_json last_;
};

}  // namespace gend::cli
