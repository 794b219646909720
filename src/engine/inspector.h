#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/answer.h"
#include "engine/captures.h"
#include "engine/checks.h"
#include "engine/made_up.h"
#include "plan/program.h"
#include "plan/render.h"
#include "stats/snapshot.h"

namespace gend::engine {

// What a step asks of an answer and takes from it.
struct Inspection {
  std::span<const plan::Check> checks{}, expects{};
  std::span<const plan::Capture> captures{};
  bool empty() const { return checks.empty() && expects.empty() && captures.empty(); }
};

struct Inspected {
  std::int32_t first_failed = -1;  // checks first, then expects; -1: none
  bool expects_held = true;
};

// Carries out checks and captures on one answer after the other; a shard has one.
template <class Io>
class Inspector {
 public:
  Inspector(const plan::Program& program, const Io& io) : io_{io}, reader_{program.patterns} {}

  void record_into(stats::Snapshot* snapshot) { into_ = snapshot; }

  // Checks are counted; an `expect` is a check that also ends the iteration. A request without an
  // answer (status 0) fails its checks and leaves what it should have given unset. `request` is
  // null where the answer is a message.
  Inspected look(const Answer& answer, const Inspection& what, const plan::HttpRequest* request,
                 const plan::RenderContext& context) {
    Inspected result;
    reader_.begin(answer);
    std::int32_t index = 0;
    const auto book = [&](const plan::Check& check) {
      const bool held = check_holds(check, request, context);
      into_->recorder.rate(check.series, held);
      if (!held && result.first_failed < 0) result.first_failed = index;
      ++index;
      return held;
    };
    for (const plan::Check& each : what.checks) book(each);
    for (const plan::Check& each : what.expects)
      result.expects_held = book(each) && result.expects_held;
    for (const plan::Capture& each : what.captures) {
      if (answer.status == 0)
        context.values->unset(each.slot);
      else if (take(each, request, *context.values) == Captured::kMissed)
        into_->recorder.count(each.missed);
    }
    return result;
  }

  // For whoever looks at messages one by one: begin() with each, then ask.
  AnswerReader& reader() { return reader_; }
  bool holds_now(const plan::Check& check, const plan::RenderContext& context) {
    return check_holds(check, nullptr, context);
  }

 private:
  Captured take(const plan::Capture& each, const plan::HttpRequest* request,
                plan::Values& values) {
    if constexpr (MakesUpAnswers<Io>) {
      if (request != nullptr && !io_.knows(each.from.part) &&
          io_.is_wanted(*request, reader_.answer().status)) {
        values.set(each.slot, io_.made_up(each));
        return Captured::kValue;
      }
    }
    return capture(each, reader_, values);
  }

  bool check_holds(const plan::Check& check, const plan::HttpRequest* request,
                   const plan::RenderContext& context) {
    if constexpr (MakesUpAnswers<Io>) {
      if (request != nullptr && !io_.knows(check.of.part))
        return io_.is_wanted(*request, reader_.answer().status);
    }
    if (check.text.lifetime == plan::Lifetime::kFixed) {
      const auto& pieces = check.text.pieces;
      return holds(check, reader_,
                   pieces.empty() ? std::string_view{} : std::string_view{pieces.front().text});
    }
    scratch_.clear();
    if (plan::render(check.text, context, scratch_) != plan::RenderFault::kNone) return false;
    return holds(check, reader_, scratch_.view());
  }

  const Io& io_;
  AnswerReader reader_;
  plan::TextBuffer scratch_;
  stats::Snapshot* into_ = nullptr;
};

}  // namespace gend::engine
