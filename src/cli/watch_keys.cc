#include "cli/watch_keys.h"

#include <algorithm>
#include <cctype>
#include <limits>
#include <utility>

namespace gend::cli {

namespace {

using report::Asking;
using report::WatchPanel;
using report::WatchState;

constexpr std::size_t kTyped = 20;  // characters of a number or a rate

void show_panel(WatchState& state, std::size_t panel) {
  state.panel = static_cast<WatchPanel>(panel % report::kWatchPanels);
  state.scroll = 0;
}

void next_panel(WatchState& state, std::size_t by) {
  show_panel(state, static_cast<std::size_t>(state.panel) + by);
}

bool may_be_typed(Asking asking, char c) {
  if (std::isdigit(static_cast<unsigned char>(c)) != 0) return true;
  const bool rate = std::islower(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '/';
  return asking == Asking::kRate && rate;
}

Wanted answer_number(WatchState& state, const Key& key) {
  if (key.kind == KeyKind::kText) {
    if (may_be_typed(state.asking, key.text) && state.typed.size() < kTyped)
      state.typed += key.text;
  } else if (key.kind == KeyKind::kBackspace) {
    if (!state.typed.empty()) state.typed.pop_back();
  } else if (key.kind == KeyKind::kEscape) {
    state.asking = Asking::kNothing;
    state.typed.clear();
  } else if (key.kind == KeyKind::kEnter) {
    const Asking asked = std::exchange(state.asking, Asking::kNothing);
    if (state.typed.empty()) return {};
    return {asked == Asking::kUsers ? Wish::kUsers : Wish::kRate, std::exchange(state.typed, {})};
  }
  return {};
}

Wanted answer_yes_or_no(WatchState& state, const Key& key) {
  const Asking asked = std::exchange(state.asking, Asking::kNothing);
  if (key != Key{KeyKind::kText, 'y'}) return {};
  return {asked == Asking::kStopNow ? Wish::kStopNow : Wish::kStop, {}};
}

Wanted ask_or_refuse(WatchState& state, Asking asking, bool allowed, const char* what) {
  if (allowed) state.asking = asking;
  else state.message = std::string{"no scenario of this plan is externally-controlled by "} + what;
  return {};
}

Wanted pause_or_resume(WatchState& state) {
  if (!report::controls_of(state.summary).pause) {
    state.message = "only externally-controlled scenarios can pause; this plan has none";
    return {};
  }
  return {report::truth(report::at(state.interval, "paused")) ? Wish::kResume : Wish::kPause, {}};
}

Wanted press_letter(WatchState& state, char c) {
  if (c >= '1' && c < static_cast<char>('1' + report::kWatchPanels))
    show_panel(state, static_cast<std::size_t>(c - '1'));
  switch (c) {
    case 'q': return {Wish::kLeave, {}};
    case '?': case 'h': state.help = true; return {};
    case 's':
      state.asking = report::text(report::at(state.interval, "state")) == "stopping"
                         ? Asking::kStopNow
                         : Asking::kStop;
      return {};
    case 'p': return pause_or_resume(state);
    case 'u':
      return ask_or_refuse(state, Asking::kUsers, report::controls_of(state.summary).users,
                           "users");
    case 'r':
      return ask_or_refuse(state, Asking::kRate, report::controls_of(state.summary).rate,
                           "a rate");
    default: return {};
  }
}

}  // namespace

Wanted press(WatchState& state, const Key& key, std::size_t page) {
  state.message.clear();
  if (state.asking == Asking::kUsers || state.asking == Asking::kRate)
    return answer_number(state, key);
  if (state.asking != Asking::kNothing) return answer_yes_or_no(state, key);
  if (state.help && key != Key{KeyKind::kText, 'q'}) {
    state.help = false;
    return {};
  }
  const auto up = [&](std::size_t lines) { state.scroll -= std::min(state.scroll, lines); };
  switch (key.kind) {
    case KeyKind::kText: return press_letter(state, key.text);
    case KeyKind::kTab: case KeyKind::kRight: next_panel(state, 1); break;
    case KeyKind::kBackTab: case KeyKind::kLeft:
      next_panel(state, report::kWatchPanels - 1);
      break;
    case KeyKind::kUp: up(1); break;
    case KeyKind::kDown: state.scroll += 1; break;
    case KeyKind::kPageUp: up(page); break;
    case KeyKind::kPageDown: state.scroll += page; break;
    case KeyKind::kHome: state.scroll = 0; break;
    // Drawing brings it back to where the panel ends.
    case KeyKind::kEnd: state.scroll = std::numeric_limits<std::size_t>::max() / 2; break;
    case KeyKind::kEnter: case KeyKind::kBackspace: case KeyKind::kEscape: break;
  }
  return {};
}

}  // namespace gend::cli
