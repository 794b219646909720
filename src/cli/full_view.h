#pragma once

#include <string>

#include "cli/follow.h"
#include "cli/full_screen.h"
#include "cli/keys.h"
#include "cli/watch_keys.h"
#include "report/watch_state.h"

namespace gend::cli {

// A run on the whole terminal, with keys to look round and to steer it.
class FullView final : public RunView {
 public:
  FullView(const control::Client& client, std::string run_id, report::Colour colour);

  void show(nlohmann::ordered_json interval) override;
  void clear() override { screen_.leave(); }
  control::Client::Go idle() override;
  int wake_fd() const override;

 private:
  enum class Read : std::uint8_t { kNothing, kKeys, kLeave };
  Read read_keys();
  void read_summary();
  bool note_silence();
  void obey(const Wanted& wanted);
  void send(const char* verb, const std::string& body, const std::string& done);
  void draw();

  control::Client client_;  // one that does not wait for long: the keys must be answered
  const std::string run_id_;
  const report::Colour colour_;
  report::WatchState state_;
  Keys keys_;
  TimePoint heard_, typed_, said_, summary_at_;
  bool news_ = false;
  FullScreen screen_;  // the last: nothing may fail once it is there
};

}  // namespace gend::cli
