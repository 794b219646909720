#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plan/compile_facets.h"
#include "plan/compile_request.h"
#include "plan/compile_rooms.h"
#include "plan/compile_series.h"
#include "plan/profile.h"
#include "plan/program.h"
#include "plan/reporter.h"

namespace gend::plan {

// Writes flows as steps behind each other, resolves what leads where, and makes the series of what
// they measure.
class FlowCompiler {
 public:
  FlowCompiler(const Profile& profile, const Options& options, RequestCompiler& requests,
               Reporter& reporter, Program& program)
      : options_{options},
        requests_{requests},
        reporter_{reporter},
        program_{program},
        facets_{profile, program, reporter},
        rooms_{profile, program, reporter} {}

  // Fills what the scenario's flow decides: first_step, mix, registers, burst_hands.
  void add(const ScenarioText& text, Scenario& scenario);

 private:
  // A way out of a step that leads to whatever comes next.
  struct Exit {
    enum class Way : std::uint8_t { kSuccess, kFailure, kBoth, kTarget };
    std::uint32_t step = 0;
    Way way = Way::kBoth;
    std::size_t target = 0;  // kTarget: of the pick
  };
  using Exits = std::vector<Exit>;
  // Registers live as long as what they belong to; those of others are used again.
  struct Registers {
    explicit Registers(FlowCompiler& flows) : owner{flows}, before{flows.registers_} {}
    ~Registers() { owner.registers_ = before; }
    Registers(const Registers&) = delete;
    Registers& operator=(const Registers&) = delete;
    std::uint32_t take() {
      const std::uint32_t taken = owner.registers_++;
      owner.registers_used_ = std::max(owner.registers_used_, owner.registers_);
      return taken;
    }
    FlowCompiler& owner;
    std::uint32_t before;
  };

  std::uint32_t next_step() const { return static_cast<std::uint32_t>(program_.steps.size()); }
  // Puts a step where `from` leads to; its index.
  std::uint32_t emit(StepKind kind, std::size_t body, const Exits& from);
  void lead(const Exits& from, std::uint32_t to);
  // The flow behind `from`, and the ways out of it.
  Exits add_flow(const FlowText& flow, Exits from);
  Exits add_inner(const FlowText& flow, Exits from);  // one level deeper
  Exits add_step(const StepText& step, const Exits& from);
  Exits add_what(const HttpText& http, const Exits& from);
  Exits add_what(const Think& think, const Exits& from);
  Exits add_what(const WaitText& wait, const Exits& from);
  Exits add_what(const LoopText& loop, const Exits& from);
  Exits add_what(const BranchText& branch, const Exits& from);
  Exits add_what(const PickText& pick, const Exits& from);
  Exits add_what(const GroupText& group, const Exits& from);
  Exits add_what(const BurstText& burst, const Exits& from);
  Exits add_what(const OnceText& once, const Exits& from);
  Exits add_what(const SetText& set, const Exits& from);
  Exits add_what(const MetricText& metric, const Exits& from);
  Exits add_what(const EndText& end, const Exits& from);
  Exits add_what(const SessionText& session, const Exits& from);
  Exits add_what(const SendText& send, const Exits& from);
  Exits add_what(const EmitText& emit, const Exits& from);
  Exits add_what(const ReceiveText& receive, const Exits& from);
  Exits add_what(const ListenText& listen, const Exits& from);
  Exits add_what(const CloseText& close, const Exits& from);
  Exits add_what(const UseText& use, const Exits& from);
  Exits add_group(const std::string& name, const FlowText& flow, const Exits& from);
  // The scenario's tags, with those of the groups around.
  TagValues tags() const;
  // Those of a step: the scenario's, its own, and of the groups around.
  TagValues tags_of_step(const TagsText& of_step) const;
  // Of the session at this place among those around; with its scenario and its name.
  TagValues tags_of_session(std::size_t session) const;
  std::uint32_t index_of(std::size_t session) const { return sessions_[session].index; }
  void note_fixed_mask(const Session& session);
  std::uint32_t last_listen(std::uint32_t open, std::uint32_t session) const;

  const Options& options_;
  RequestCompiler& requests_;
  Reporter& reporter_;
  Program& program_;
  FacetCompiler facets_;
  RoomCompiler rooms_;
  const ScenarioText* scenario_ = nullptr;
  std::uint32_t registers_ = 0, registers_used_ = 0;
  std::uint32_t burst_hands_ = 0;
  std::uint32_t depth_ = 0;
  std::optional<std::uint16_t> stage_facet_;  // of the scenario
  Scenario::Cookies cookies_ = Scenario::Cookies::kPerIteration;
  std::string group_;                // "::a::b"; empty outside of groups
  std::string mix_flow_;             // of a `mix`: the flow around
  struct SessionAround {
    std::uint32_t index = 0;  // into Program::sessions
    const SessionText* text = nullptr;
    std::vector<std::uint32_t> closes;  // its kClose steps
  };
  std::vector<SessionAround> sessions_;  // around this place, the outermost first
  std::uint32_t sessions_used_ = 0;
  std::vector<std::uint32_t> ends_;  // steps whose failure ends the iteration, or a burst's round
};

}  // namespace gend::plan
