#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "plan/http_text.h"
#include "plan/place.h"
#include "plan/program.h"
#include "plan/session_text.h"

// What a plan's text says of flows: steps, typed and with places. Flows that are called stand where
// they are called.
namespace gend::plan {

struct StepText;
using FlowText = std::vector<StepText>;

struct WaitText {
  StepKind kind = StepKind::kPace;  // or kSpread
  Duration duration{};
};
struct LoopText {
  Loop loop;
  FlowText flow;
};
struct BranchText {
  Formula condition;
  FlowText then, otherwise;
};
struct PickText {
  struct Entry {
    Place place;
    double weight = 0;
    std::string name;
    FlowText flow;
  };
  std::vector<Entry> entries;
};
struct GroupText {
  std::string name;  // of this one alone
  FlowText flow;
};
struct BurstText {
  Burst burst;
  FlowText flow;
};
struct OnceText {
  FlowText flow;
};
struct SetText {
  std::vector<Assignment> assignments;
};
struct MetricText {
  std::string name;
  Place place;
  CustomKind kind = CustomKind::kCounter;
  stats::Contains contains = stats::Contains::kDefault;
  Formula value;
};
struct EndText {
  StepKind kind = StepKind::kFail;  // or kAbort
  std::string message;
};

struct SessionText {
  HttpText handshake;
  Session session;  // its settings
  FlowText flow;
};

struct StepText {
  Place place;
  std::variant<std::unique_ptr<HttpText>, Think, WaitText, LoopText, BranchText, PickText,
               GroupText, BurstText, OnceText, SetText, MetricText, EndText,
               std::unique_ptr<SessionText>, SendText, EmitText, std::unique_ptr<ReceiveText>,
               ListenText, CloseText, UseText>
      what;
};

// Calls `visit` with every step of the flow, steps within steps included.
template <class Visit>
void for_each_step(const FlowText& flow, const Visit& visit);

namespace detail {
template <class Visit>
void walk_inner(const StepText& step, const Visit& visit) {
  if (const auto* loop = std::get_if<LoopText>(&step.what)) for_each_step(loop->flow, visit);
  if (const auto* group = std::get_if<GroupText>(&step.what)) for_each_step(group->flow, visit);
  if (const auto* burst = std::get_if<BurstText>(&step.what)) for_each_step(burst->flow, visit);
  if (const auto* once = std::get_if<OnceText>(&step.what)) for_each_step(once->flow, visit);
  if (const auto* session = std::get_if<std::unique_ptr<SessionText>>(&step.what))
    for_each_step((*session)->flow, visit);
  if (const auto* branch = std::get_if<BranchText>(&step.what)) {
    for_each_step(branch->then, visit);
    for_each_step(branch->otherwise, visit);
  }
  if (const auto* pick = std::get_if<PickText>(&step.what)) {
    for (const PickText::Entry& entry : pick->entries) for_each_step(entry.flow, visit);
  }
}
}  // namespace detail

template <class Visit>
void for_each_step(const FlowText& flow, const Visit& visit) {
  for (const StepText& step : flow) {
    visit(step);
    detail::walk_inner(step, visit);
  }
}

}  // namespace gend::plan
